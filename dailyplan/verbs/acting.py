"""Verbs on slices of planned orders, each slice in the transaction that its caller has opened."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from controller.commands import ask
from dailyplan import submissions, tables
from dailyplan.difference import Key, Row, TakeBack
from dailyplan.intents import CHANNEL, PLAN_ROWS
from dailyplan.new_orders import ids_of_rows
from dailyplan.plan_settings import PlanConfig
from dailyplan.state import Flag, PlanState, name_of
from dailyplan.statements import changed, fetched
from dailyplan.stopping import cancel_starts, fresh_starts
from dailyplan.submissions import begin
from dailyplan.submit import submit_rows
from dailyplan.take_back import has_intent, order_names, take_back
from dailyplan.verbs import asking as v
from dailyplan.verbs.changing import change
from dailyplan.verbs.copying import copy
from dailyplan.verbs.deciding import refusal
from engine.order.requests import ContinueOrders


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks, when and why, and the settings in force."""

    account: str
    now: datetime
    config: PlanConfig
    comment: str = ""
    dry_run: bool = False


class Effect(msgspec.Struct, frozen=True):
    """What became of one row, or would become of it. `state` is the one it is in then."""

    row: Row
    ok: bool
    code: str
    sentence: str
    state: str


def act(verb: v.PlanVerb, keys: Sequence[Key], asked: Asked) -> list[Effect]:
    """Carry a verb out on rows that exist, up to a slice of them; each is answered for itself.

    Rows are locked in the order of their keys, decided, and written guarded by their states.
    """
    rows = tables.rows_at(keys, lock=not asked.dry_run)
    busy = has_intent([(row.day, row.origin) for row in rows])
    fit: list[Row] = []
    effects: list[Effect] = []
    for row in rows:
        why = refusal(row, verb, taken_back=(row.day, row.origin) in busy)
        if why is None:
            fit.append(row)
        else:
            state = name_of(row.state)
            effects.append(Effect(row, ok=False, code=why.code, sentence=why.sentence, state=state))
    if fit and not asked.dry_run:
        _ACTS[type(verb)](verb, fit, asked)
        fetched("SELECT pg_notify(%s, ''), pg_notify(%s, '')", [CHANNEL, PLAN_ROWS])
    after = {} if asked.dry_run else _states(fit)
    effects += [_accepted(row, verb, after) for row in fit]
    return effects


def _accepted(row: Row, verb: v.PlanVerb, after: Mapping[Key, int]) -> Effect:
    state = after.get((row.day, row.origin), row.state)
    return Effect(row, ok=True, code="accepted", sentence=_said(row, verb), state=name_of(state))


def _said(row: Row, verb: v.PlanVerb) -> str:
    submitted = row.state == PlanState.SUBMITTED
    match verb:
        case v.Cancel():
            return "It is taken back, unless it starts before." if submitted else "It is planned."
        case v.Copy():
            return f"It is planned for {verb.day}."
        case v.Change(stick_to_day=False):
            return "It is changed, and moves to the plan of the day on which it then starts."
        case v.Change() if submitted and not row.is_cyclic:
            return "It is taken back and submitted anew, unless it starts before."
        case _:
            return _SAID[type(verb)]


_SAID: Mapping[type, str] = {
    v.Submit: "It is submitted.",
    v.Remove: "It is removed and stays so.",
    v.Restore: "It is in the plan again.",
    v.LetRun: "It starts now.",
    v.Change: "It is changed.",
}


def _states(rows: Sequence[Row]) -> dict[Key, int]:
    found = tables.rows_at([(row.day, row.origin) for row in rows])
    return {(row.day, row.origin): row.state for row in found}


def _keys(rows: Sequence[Row]) -> list[Key]:
    return [(row.day, row.origin) for row in rows]


def _submit(verb: v.Submit, rows: Sequence[Row], asked: Asked) -> None:
    submission = begin(
        submissions.SUBMIT, account=asked.account, now=asked.now, comment=asked.comment
    )
    submit_rows(_keys(rows), submission, asked.config, asked.now, also_missed=verb.include_late)


def _cancel(_verb: v.Cancel, rows: Sequence[Row], asked: Asked) -> None:
    single = [r for r in rows if r.state == PlanState.SUBMITTED and not r.is_cyclic]
    take_back(
        [TakeBack(row, "hold", row.parameterisation) for row in single],
        account=asked.account, now=asked.now, comment=asked.comment, flags=Flag.HELD,
    )  # fmt: skip
    _hold([row for row in rows if row.state != PlanState.SUBMITTED])
    _cancel_cycles([r for r in rows if r.state == PlanState.SUBMITTED and r.is_cyclic], asked)


def _cancel_cycles(rows: Sequence[Row], asked: Asked) -> None:
    """Let cyclic rows submit nothing more, and take back what has not started."""
    by_key = {(row.day, row.origin): row for row in rows}
    starts = fresh_starts(list(by_key), _LONG_AGO)
    _hold(rows)
    cancel_starts(
        [(by_key[day, origin], start_at) for day, origin, start_at in starts],
        account=asked.account, now=asked.now, comment=asked.comment,
    )  # fmt: skip


def _hold(rows: Sequence[Row]) -> None:
    _write(
        rows,
        "state = 0, submit = false, flags = t.flags | 4, part = NULL, started_at = NULL,"
        " ended_at = NULL, problem = NULL, late = false",
    )


def _remove(_verb: v.Remove, rows: Sequence[Row], _asked: Asked) -> None:
    _write(rows, "state = 9")


def _restore(_verb: v.Restore, rows: Sequence[Row], _asked: Asked) -> None:
    _write(rows, "state = 0")


def _let_run(_verb: v.LetRun, rows: Sequence[Row], asked: Asked) -> None:
    planned = [row for row in rows if row.state == PlanState.PLANNED]
    if planned:
        change(v.Change(start_now=True), planned, asked.now, asked.config, account=asked.account)
        _submit(v.Submit(), planned, asked)
    waiting = [row for row in rows if row.state == PlanState.SUBMITTED]
    if waiting:
        names = order_names([row.parameterisation for row in waiting])
        ids = ids_of_rows([(r.day, r.origin, r.parameterisation) for r in waiting], names)
        ask(ContinueOrders(tuple(ids)), account=asked.account)


def _copy(verb: v.Copy, rows: Sequence[Row], asked: Asked) -> None:
    submission = begin(
        submissions.COPY, account=asked.account, now=asked.now, comment=asked.comment
    )
    made = copy(rows, verb.day, asked.config, key=str(submission.pk), now=asked.now)
    if verb.submit:
        submission = begin(submissions.SUBMIT, account=asked.account, now=asked.now)
        submit_rows(made, submission, asked.config, asked.now)


def _change(verb: v.Change, rows: Sequence[Row], asked: Asked) -> None:
    change(verb, rows, asked.now, asked.config, account=asked.account, comment=asked.comment)


def _write(rows: Sequence[Row], setting: str) -> int:
    """Write rows that are in the state in which they were decided."""
    if not rows:
        return 0
    return changed(
        f"UPDATE dailyplan_plannedorder t SET {setting}"  # noqa: S608  # from literals alone
        " FROM unnest(%s::date[], %s::bigint[], %s::int[]) AS u (day, origin, state)"
        " WHERE t.day = u.day AND t.origin = u.origin AND t.state = u.state",
        [*tables.columns_of(_keys(rows)), [row.state for row in rows]],
    )


_LONG_AGO = tables.moment(0)

_ACTS: Mapping[type, Callable[[Any, Sequence[Row], Asked], None]] = {
    v.Submit: _submit,
    v.Cancel: _cancel,
    v.Remove: _remove,
    v.Restore: _restore,
    v.LetRun: _let_run,
    v.Copy: _copy,
    v.Change: _change,
}
