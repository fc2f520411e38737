"""Planning days by hand: also far ones, also schedules that plan nothing themselves."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date

import msgspec

from dailyplan import submissions, tables
from dailyplan.difference import Bounds, Difference, Key, Row, difference
from dailyplan.given import Given, ids_of
from dailyplan.intents import PLAN_ROWS
from dailyplan.models import Parameterisation
from dailyplan.origin import microseconds
from dailyplan.released import Released, ReleasedSchedule
from dailyplan.state import Flag, PlanState
from dailyplan.statements import Transaction, fetched
from dailyplan.submissions import ORDERS_A_SLICE
from dailyplan.submit import submit_rows
from dailyplan.verbs.acting import Asked
from dailyplan.wanted import givens_of, wanted_rows
from timetable.errors import TimetableError
from timetable.schedule import Plan, Schedule


class Generate(msgspec.Struct, frozen=True, kw_only=True):
    """Which days of which schedules are planned.

    Empty names mean all. `overwrite` plans anew what people changed or removed there, but not what
    is with the controller. `include_late` plans starts that are past.
    """

    days: tuple[date, ...]
    schedules: tuple[str, ...] = ()
    workflows: tuple[str, ...] = ()
    folder: str = ""
    overwrite: bool = False
    submit: bool = False
    also_not_automatic: bool = False
    include_late: bool = False


class Generated(msgspec.Struct, frozen=True):
    """What generating did, or would do: rows added, deleted and submitted, and what went wrong."""

    schedules: int
    added: int
    deleted: int
    submitted: int
    problems: tuple[str, ...] = ()


class _Found(msgspec.Struct, frozen=True):
    name: str
    difference: Difference
    keys: tuple[Key, ...]


def chosen(
    generate: Generate, released: Released, may: Callable[[str], bool]
) -> list[ReleasedSchedule]:
    """Return the schedules concerned; `may` tells whether a workflow may be planned."""
    found = []
    for name, one in sorted(released.schedules.items()):
        if one.schedule is None or not (one.automatic or generate.also_not_automatic):
            continue
        if generate.schedules and not {name, one.path} & set(generate.schedules):
            continue
        inside = f"{generate.folder.strip('/')}/" if generate.folder else ""
        paths = released.workflows_of(one.schedule)
        named = {part for pair in paths for part in pair}
        fits = not generate.workflows or bool(named & set(generate.workflows))
        if fits and one.path.startswith(inside) and all(may(path) for _, path in paths):
            found.append(one)
    return found


def generate(
    wanted: Generate,
    schedules: Iterable[ReleasedSchedule],
    released: Released,
    asked: Asked,
    transaction: Transaction,
) -> Generated:
    """Plan days by hand, one schedule in a transaction, and return what that did."""
    problems: list[str] = []
    added = deleted = submitted = count = 0
    for one in schedules:
        assert one.schedule is not None  # noqa: S101  # chosen ones have a document
        try:
            with transaction():
                found = _found(wanted, one, one.schedule, released, asked)
                count += 1
                added += len(found.difference.insert)
                deleted += len(found.difference.delete)
                if not asked.dry_run:
                    submitted += _write(wanted, found, asked)
        except (TimetableError, ArithmeticError, LookupError, ValueError) as problem:
            problems.append(f"{one.path}: {problem}")
    return Generated(count, added, deleted, submitted, tuple(problems))


def _found(
    wanted: Generate,
    one: ReleasedSchedule,
    schedule: Schedule,
    released: Released,
    asked: Asked,
) -> _Found:
    config = asked.config
    givens = _givens(wanted, one, schedule, released)
    days = set(wanted.days)
    rows = [
        row
        for row in wanted_rows(
            schedule, released.calendars, givens, first=min(days), last=max(days),
            plan=Plan(time_zone=config.time_zone, period_begin=config.period_begin),
        )
        if row.day in days
    ]  # fmt: skip
    existing = _existing(one.name, days)
    if wanted.overwrite:
        old = [row for row in existing.values() if row.state in _REPLACED]
        existing = {key: row for key, row in existing.items() if row.state not in _REPLACED}
    else:
        old = []
    from_us = 0 if wanted.include_late else microseconds(asked.now)
    found = difference(rows, ids_of(givens), existing, Bounds(from_us=from_us, submit=False))
    keys = tuple((row.day, row.origin) for row in rows)
    return _Found(one.name, Difference(insert=found.insert, delete=old), keys)


_REPLACED = frozenset({PlanState.PLANNED, PlanState.REMOVED})


def _givens(
    wanted: Generate, one: ReleasedSchedule, schedule: Schedule, released: Released
) -> tuple[Given, ...]:
    pairs = released.workflows_of(schedule)
    if wanted.workflows:
        pairs = [pair for pair in pairs if set(pair) & set(wanted.workflows)]
    return givens_of(one.name, one.path, schedule, pairs)


def _existing(name: str, days: set[date]) -> dict[Key, Row]:
    ids = list(Parameterisation.objects.filter(schedule=name).values_list("id", flat=True))
    rows = tables.rows_of(ids, min(days), max(days))
    return {(row.day, row.origin): row for row in rows if row.day in days}


def _write(wanted: Generate, found: _Found, asked: Asked) -> int:
    old = [(row.day, row.origin) for row in found.difference.delete]
    tables.delete_untouched(old)
    tables.insert_new(found.difference.insert, int(Flag.GENERATED))
    fetched("SELECT pg_notify(%s, '')", [PLAN_ROWS])
    return _submit(found.keys, asked) if wanted.submit else 0


def _submit(keys: Sequence[Key], asked: Asked) -> int:
    submission = submissions.begin(
        submissions.SUBMIT, account=asked.account, now=asked.now, comment=asked.comment
    )
    return sum(
        submit_rows(keys[at : at + ORDERS_A_SLICE], submission, asked.config, asked.now)
        for at in range(0, len(keys), ORDERS_A_SLICE)
    )
