"""The lanes of a timeline: what the island draws, as one value for a part of a day.

Knows no request. Where more lies in view than anybody can see, lanes say how dense it lies.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec

from cockpit.access.gate import rows
from cockpit.access.policy import Account
from cockpit.api.plan.seen import id_of
from cockpit.api.uses import deployed_relations
from cockpit.pages.addresses import workflow_at
from cockpit.pages.plan_bars import Bar, Foreseen, Tick, bar_of, ms, packed, ticks_of
from cockpit.pages.plan_lines import LOOKS
from dailyplan.given import Given
from dailyplan.grouping import groups_named, is_late
from dailyplan.lanes import (
    Dense,
    Start,
    View,
    by_tag,
    density,
    durations,
    rows_in_view,
    starts_in_view,
)
from dailyplan.models import ForecastOrder
from dailyplan.new_orders import given_by_id
from dailyplan.origin import microseconds, order_id
from dailyplan.plan_settings import PlanConfig
from dailyplan.selecting import Listed
from dailyplan.state import PlanState
from engine.world import names_of

LANES = 40
SLOTS = 48
_MOST_WORKFLOWS = 2_000
_MIN_SLOT = timedelta(minutes=1)
BYS = ("workflow", "schedule", "agent", "tag")


class Slot(msgspec.Struct, frozen=True):
    """How many orders begin in a slot, by the most urgent state among them."""

    at: int
    n: int
    s: str


class Lane(msgspec.Struct, frozen=True):
    """A row of the timeline: bars and ticks, or slots where there is too much; `rows` within."""

    name: str
    href: str
    count: int
    rows: int
    bars: list[Bar] = []
    ticks: list[Tick] = []
    slots: list[Slot] = []


class Lanes(msgspec.Struct, frozen=True):
    """The lanes of a page, and the cursor of the next; `slot` is the length of slots, 0 for bars.

    `capped`: a slot with so many orders of one kind may have more.
    """

    lanes: list[Lane]
    after: str
    slot: int
    capped: int


class Asked(NamedTuple):
    """What is asked of lanes: a view, its settings and moment, and the page of lanes."""

    view: View
    config: PlanConfig
    now: datetime
    by: str
    after: str


_Group = tuple[str, list[int]]


def lanes_of(account: Account, asked: Asked) -> Lanes:
    """Return the lanes of a view."""
    groups = _groups(account, asked)
    shown, more = groups[:LANES], len(groups) > LANES
    ids = sorted({number for _, numbers in shown for number in numbers})
    after = shown[-1][0] if more else ""
    found = rows_in_view(asked.view, ids) if ids else []
    if found is None:
        slot = max(_MIN_SLOT, (asked.view.end - asked.view.begin) / SLOTS)
        dense, cap = density(asked.view, ids, slot)
        lanes = [_dense(asked, group, dense) for group in shown]
        return Lanes(lanes, after, ms_of(slot), cap)
    lanes = list(_drawn(account, asked, shown, found))
    return Lanes(lanes, after, 0, 0)


def ms_of(span: timedelta) -> int:
    """Return a duration in milliseconds."""
    return span // timedelta(milliseconds=1)


def _groups(account: Account, asked: Asked) -> list[_Group]:
    wanted, limit = asked.view.wanted, LANES + 1
    if asked.by == "tag":
        return by_tag(wanted, after=asked.after, limit=limit)
    if asked.by != "agent":
        by = "schedule" if asked.by == "schedule" else "workflow"
        return groups_named(wanted, by, after=asked.after, limit=limit)  # type: ignore[arg-type]
    workflows = groups_named(wanted, "workflow", limit=_MOST_WORKFLOWS)
    found: dict[str, list[int]] = {}
    agents = _agents_of(account)
    for path, ids in workflows:
        for agent in agents.get(path, ("no agent",)):
            found.setdefault(agent, []).extend(ids)
    return [group for group in sorted(found.items()) if group[0] > asked.after][:limit]


def _agents_of(account: Account) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for path, relations in deployed_relations(account):
        agents = tuple(relations.agents) or ("no agent",)
        found |= dict.fromkeys(names_of(path), agents)
    return found


def _dense(asked: Asked, group: _Group, dense: Sequence[Dense]) -> Lane:
    ids = set(group[1])
    counts: dict[datetime, dict[int, int]] = {}
    for one in dense:
        if one.parameterisation in ids:
            states = counts.setdefault(one.slot, {})
            states[one.state] = states.get(one.state, 0) + one.rows
    slots = [
        Slot(ms(slot), sum(states.values()), LOOKS[_urgent(states)])
        for slot, states in sorted(counts.items())
    ]
    return Lane(group[0], _href(asked, group[0]), sum(s.n for s in slots), 1, slots=slots)


_URGENCY = (
    PlanState.FAILED, PlanState.STARTED, PlanState.SUBMITTED, PlanState.PLANNED, PlanState.FINISHED,
)  # fmt: skip


def _urgent(states: Mapping[int, int]) -> PlanState:
    return next((state for state in _URGENCY if state in states), PlanState.CANCELLED)


class _Known(NamedTuple):
    """What is known of the rows in view beside themselves."""

    given: Mapping[int, Given]
    foreseen: Mapping[str, Foreseen]
    runs: Mapping[int, list[float]]
    starts: Mapping[tuple[object, int], list[Start]]


def _drawn(
    account: Account, asked: Asked, groups: Sequence[_Group], found: Sequence[Listed]
) -> Iterator[Lane]:
    known = _known(account, asked, found)
    by_parameters: dict[int, list[Listed]] = {}
    for row in found:
        by_parameters.setdefault(row.parameterisation, []).append(row)
    least = ms_of(asked.view.end - asked.view.begin) // 220
    for name, ids in groups:
        mine = [row for number in ids for row in by_parameters.get(number, ())]
        yield _lane(asked, (name, ids), mine, known, least)


def _lane(
    asked: Asked, group: _Group, mine: Sequence[Listed], known: _Known, least_ms: int
) -> Lane:
    runs = [s for number in group[1] for s in known.runs.get(number, ())]
    single = [row for row in mine if row.repeat_s is None]
    bars, rows_within = packed((_bar(asked, row, known, runs) for row in single), least_ms)
    ticks: list[Tick] = []
    slots: list[Slot] = []
    for row in mine:
        if row.repeat_s is not None:
            made = _ticks(asked, row, known)
            ticks += made or []
            slots += _crowded(asked, row) if made is None else []
    return Lane(
        name=group[0],
        href=_href(asked, group[0]),
        count=len(single) + len(ticks) + sum(slot.n for slot in slots),
        rows=rows_within,
        bars=bars,
        ticks=sorted(ticks, key=lambda tick: tick.at),
        slots=slots,
    )


def _bar(asked: Asked, row: Listed, known: _Known, runs: Sequence[float]) -> Bar:
    given = known.given[row.parameterisation]
    due = asked.now - timedelta(seconds=asked.config.late_tolerance_s)
    named = id_of(row, given.order_name)
    return bar_of(
        row, order_id=named, name=given.order_name, look=LOOKS[PlanState(row.state)],
        late=is_late(row, due), now=asked.now, foreseen=known.foreseen.get(named), runs=runs,
    )  # fmt: skip


def _ticks(asked: Asked, row: Listed, known: _Known) -> list[Tick] | None:
    starts = known.starts.get((row.day, row.origin), [])
    looks = {microseconds(one.start_at): LOOKS[PlanState(one.state)] for one in starts}
    look = LOOKS[PlanState(row.state)] if row.state == PlanState.REMOVED else "planned"
    return ticks_of(row, asked.view.begin, asked.view.end, looks, look)


def _crowded(asked: Asked, row: Listed) -> list[Slot]:
    """Return slots of a cyclic row that starts too often to be drawn one by one."""
    slot = max(_MIN_SLOT, (asked.view.end - asked.view.begin) / SLOTS)
    begin, end = (
        max(row.start_at, asked.view.begin),
        min(row.end_at or row.start_at, asked.view.end),
    )
    each = max(1, int(slot.total_seconds() // max(row.repeat_s or 1, 1)))
    found, at = [], begin
    while at < end:
        found.append(Slot(ms(at), each, LOOKS[PlanState(row.state)]))
        at += slot
    return found


def _known(account: Account, asked: Asked, found: Sequence[Listed]) -> _Known:
    given = given_by_id(row.parameterisation for row in found)
    cyclic = [row for row in found if row.repeat_s is not None]
    starts: dict[tuple[object, int], list[Start]] = {}
    for one in starts_in_view(asked.view, cyclic) if cyclic else ():
        starts.setdefault((one.day, one.origin), []).append(one)
    is_open = (PlanState.PLANNED, PlanState.SUBMITTED, PlanState.STARTED)
    waiting = [row for row in found if row.repeat_s is None and row.state in is_open]
    ids = [order_id(row.day, row.origin, given[row.parameterisation].order_name) for row in waiting]
    numbers = sorted({row.parameterisation for row in waiting})
    last = asked.config.day_of(asked.now)
    return _Known(
        given, _foreseen(account, ids), durations(numbers, last) if numbers else {}, starts
    )


def _foreseen(account: Account, ids: Sequence[str]) -> dict[str, Foreseen]:
    if not ids:
        return {}
    found = rows(ForecastOrder, account).filter(order_id__in=ids, child=False)
    return {
        one.order_id: Foreseen(
            one.begins_at, one.ends_at, one.ends_late_at, one.deadline_at, one.late
        )
        for one in found.defer("body")
    }


def _href(asked: Asked, name: str) -> str:
    return workflow_at(name) if asked.by == "workflow" and "/" in name else ""
