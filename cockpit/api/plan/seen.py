"""Planned orders as the API shows them, with why the late ones have not started."""

import datetime as dt
from collections.abc import Mapping, Sequence

from django.conf import settings
from django.db.models import Count
from msgspec.structs import replace

from cockpit.access.gate import rows
from cockpit.access.policy import Account
from cockpit.api.plan.bodies import CycleSeen, PlannedSeen, StartSeen
from dailyplan.cycle import starts_of
from dailyplan.given import Given
from dailyplan.models import SubmittedStart
from dailyplan.new_orders import given_by_id
from dailyplan.origin import microseconds, order_id
from dailyplan.plan_settings import PlanConfig
from dailyplan.sealing import secret_variables
from dailyplan.selecting import Listed
from dailyplan.state import Flag, PlanState, name_of
from dailyplan.tables import moment
from engine.order.secret import hidden_variables
from history.models import OrderRun

MOST_STARTS = 5_000
_FLAGS = (Flag.START, Flag.PARAMETERS, Flag.HELD, Flag.COPIED, Flag.GENERATED)
_NOT_SUBMITTED = "It has not been submitted."
_HELD = "A person took it back; nobody submits it but a person."
_WAITS = "The controller has it and it has not started."


def planned_seen(
    found: Sequence[Listed], account: Account, config: PlanConfig, now: dt.datetime
) -> list[PlannedSeen]:
    """Return rows for the API, with one query for each kind of thing that they refer to."""
    given = given_by_id(row.parameterisation for row in found)
    cycles = _cycles([row for row in found if row.repeat_s is not None], account)
    overdue = {row: _is_overdue(row, config, now) for row in found}
    reasons = _reasons([r for r in found if overdue[r]], given, account)
    secret = secret_variables(g.workflow for g in given.values() if g.variables)
    return [
        _seen(
            row,
            _as_shown(given[row.parameterisation], secret),
            cycles.get((row.day, row.origin), {}),
            is_overdue=overdue[row],
            why=reasons.get((row.day, row.origin), ""),
        )
        for row in found
    ]


def _as_shown(given: Given, secret: Mapping[str, frozenset[str]]) -> Given:
    """Return what an order is given without its secret values."""
    if not given.variables:
        return given
    names = secret.get(given.workflow, frozenset())
    return replace(given, variables=hidden_variables(given.variables, names))


def starts_seen(
    row: Listed, account: Account, config: PlanConfig, now: dt.datetime
) -> list[StartSeen]:
    """Return the starts of a cyclic row, up to a limit."""
    if row.repeat_s is None or row.end_at is None:
        return []
    name = given_by_id([row.parameterisation])[row.parameterisation].order_name
    known = {
        start.start_at: start
        for start in rows(SubmittedStart, account).filter(day=row.day, origin=row.origin)
    }
    grid = starts_of(
        microseconds(row.start_at), microseconds(row.end_at), row.repeat_s, row.left_out or ()
    )
    moments = sorted({*(moment(at) for at in grid[:MOST_STARTS]), *known})
    return [_start(row, at, name, known.get(at), config, now) for at in moments]


def id_of(row: Listed, order_name: str) -> str:
    """Return the id of a row's order; of a cyclic row that of its first start."""
    first_us = microseconds(row.start_at) if row.repeat_s is not None else None
    return order_id(row.day, row.origin, order_name, first_us)


def _start(
    row: Listed,
    at: dt.datetime,
    name: str,
    known: SubmittedStart | None,
    config: PlanConfig,
    now: dt.datetime,
) -> StartSeen:
    waits = known is None or known.state == PlanState.SUBMITTED
    due = at + dt.timedelta(seconds=config.late_tolerance_s)
    return StartSeen(
        id=order_id(row.day, row.origin, name, microseconds(at)),
        start=at,
        state=name_of(known.state if known else PlanState.PLANNED),  # type: ignore[arg-type]
        late=(waits and due < now and row.state != PlanState.REMOVED) or bool(known and known.late),
        started=known.started_at if known else None,
        ended=known.ended_at if known else None,
        problem=known.problem if known else None,
    )


def _seen(
    row: Listed, given: Given, cycle: Mapping[int, int], *, is_overdue: bool, why: str
) -> PlannedSeen:
    is_cyclic = row.repeat_s is not None
    return PlannedSeen(
        id=id_of(row, given.order_name),
        day=row.day,
        state=name_of(row.state),  # type: ignore[arg-type]  # the names are those of the states
        schedule=given.schedule_path,
        workflow=given.workflow,
        name=given.order_name,
        start=row.start_at,
        late=row.late or is_overdue,
        why=why,
        submits=row.submit,
        changed=[str(flag.name).lower() for flag in _FLAGS if row.flags & flag],
        priority=given.priority,
        tags=list(given.tags),
        cycle=_cycle(row, cycle) if is_cyclic else None,
        started=row.started_at,
        ended=row.ended_at,
        problem=row.problem,
        variables=given.variables,
        start_position=_place(given.start_position),
        end_positions=[_place(p) or "" for p in given.end_positions],
        block_position=_place(given.block_position),
        force_admission=given.force_admission,
    )


def _place(place: object) -> str | list[int | str] | None:
    if place is None or isinstance(place, str):
        return place
    return list(place)  # type: ignore[call-overload, no-any-return]  # a tuple of its parts


def _cycle(row: Listed, counts: Mapping[int, int]) -> CycleSeen:
    return CycleSeen(
        end=row.end_at or row.start_at,
        repeat_s=row.repeat_s or 0,
        orders=row.orders or 0,
        next=row.next_at,
        submitted=counts.get(PlanState.SUBMITTED, 0),
        started=counts.get(PlanState.STARTED, 0),
        finished=counts.get(PlanState.FINISHED, 0),
        failed=counts.get(PlanState.FAILED, 0),
        cancelled=counts.get(PlanState.CANCELLED, 0),
    )


def _cycles(found: Sequence[Listed], account: Account) -> dict[tuple[dt.date, int], dict[int, int]]:
    if not found:
        return {}
    starts = rows(SubmittedStart, account).filter(
        day__in={row.day for row in found}, origin__in={row.origin for row in found}
    )
    counts: dict[tuple[dt.date, int], dict[int, int]] = {}
    for day, origin, state, n in starts.values_list("day", "origin", "state").annotate(
        n=Count("start_at")
    ):
        counts.setdefault((day, origin), {})[state] = n
    return counts


def _is_overdue(row: Listed, config: PlanConfig, now: dt.datetime) -> bool:
    if row.state not in (PlanState.PLANNED, PlanState.SUBMITTED):
        return False
    if row.repeat_s is not None and row.state == PlanState.SUBMITTED:
        return False  # its starts tell for themselves
    due = max(row.start_at, row.next_at or row.start_at)
    return due + dt.timedelta(seconds=config.late_tolerance_s) < now


def _reasons(
    overdue: Sequence[Listed], given: Mapping[int, Given], account: Account
) -> dict[tuple[dt.date, int], str]:
    """Return why overdue rows have not started: what the controller's order waits for."""
    found: dict[tuple[dt.date, int], str] = {}
    submitted: dict[str, tuple[dt.date, int]] = {}
    for row in overdue:
        if row.state == PlanState.SUBMITTED:
            name = given[row.parameterisation].order_name
            submitted[order_id(row.day, row.origin, name)] = (row.day, row.origin)
        else:
            kept = _HELD if row.flags & Flag.HELD else _NOT_SUBMITTED
            found[row.day, row.origin] = row.problem or kept
    runs = rows(OrderRun, account).filter(
        controller=settings.STELLWERK_CONTROLLER_ID, order_id__in=list(submitted), live=True
    )
    told = {run.order_id: _told(run) for run in runs}
    return found | {key: told.get(i, _WAITS) for i, key in submitted.items()}


def _told(run: OrderRun) -> str:
    held = " It is suspended." if run.suspended else ""
    return f"It is {run.state}{f': {run.reason}' if run.reason else ''}.{held}"
