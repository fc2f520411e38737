"""What a deployment would do to the plan, told before it is done. Nothing is changed."""

from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime

import msgspec

from dailyplan.plan_settings import PlanConfig
from dailyplan.released import Released, ReleasedSchedule, bare
from dailyplan.wanted import givens_of, wanted_rows
from timetable.calendar import Calendar
from timetable.calendars import Calendars
from timetable.errors import TimetableError
from timetable.schedule import Plan, Schedule


class DayEffect(msgspec.Struct, frozen=True):
    """How many orders of a schedule a day gains, loses and keeps with other parameters."""

    day: date
    schedule: str
    gained: int
    lost: int
    changed: int


class Effects(msgspec.Struct, frozen=True):
    """The days that change, and schedules that could not be planned any more."""

    days: list[DayEffect]
    problems: dict[str, str]


class Coming(msgspec.Struct, frozen=True, kw_only=True):
    """What a deployment brings: documents by path, None for what is revoked."""

    schedules: Mapping[str, Schedule | None] = {}
    calendars: Mapping[str, Calendar | None] = {}


def effects(
    coming: Coming,
    released: Released,
    config: PlanConfig,
    *,
    first: date,
    last: date,
    from_at: datetime,
) -> Effects:
    """Return what the plan of these days would gain, lose and change, from a moment on.

    Only schedules that are planned automatically, before or after, count.
    """
    after = _with(released, coming)
    from_us = int(from_at.timestamp()) * 1_000_000
    days: list[DayEffect] = []
    problems: dict[str, str] = {}
    for name in sorted(released.schedules.keys() | after.schedules.keys()):
        old, new = released.schedules.get(name), after.schedules.get(name)
        if old and new and released.digest(old) == after.digest(new):
            continue
        path = (new or old).path  # type: ignore[union-attr]
        was = _starts(old, released, config, first, last)
        will = _starts(new, after, config, first, last)
        if isinstance(will, str):
            problems[path] = will
            continue
        days += _compared(path, {} if isinstance(was, str) else was, will, from_us)
    return Effects(days, problems)


_Starts = dict[tuple[date, str, str], dict[int, bytes]]


def _starts(
    one: ReleasedSchedule | None, released: Released, config: PlanConfig, first: date, last: date
) -> _Starts | str:
    found: _Starts = {}
    if one is None or one.schedule is None or not one.automatic:
        return found
    givens = givens_of(one.name, one.path, one.schedule, released.workflows_of(one.schedule))
    told = [msgspec.msgpack.encode(given) for given in givens]
    plan = Plan(time_zone=config.time_zone, period_begin=config.period_begin)
    try:
        rows = wanted_rows(
            one.schedule, released.calendars, givens, first=first, last=last, plan=plan
        )
    except (TimetableError, ArithmeticError, LookupError, ValueError) as problem:
        return str(problem)
    for row in rows:
        given = givens[row.given]
        starts = found.setdefault((row.day, given.workflow_name, given.order_name), {})
        step = max(row.repeat_s, 1) * 1_000_000
        grid = range(row.start_us, row.end_us, step) if row.repeat_s else (row.start_us,)
        for at in grid:
            if at not in row.left_out:
                starts[at] = told[row.given]
    return found


def _compared(path: str, was: _Starts, will: _Starts, from_us: int) -> list[DayEffect]:
    counts: dict[date, Counter[str]] = {}
    for key in was.keys() | will.keys():
        old = {at: told for at, told in was.get(key, {}).items() if at >= from_us}
        new = {at: told for at, told in will.get(key, {}).items() if at >= from_us}
        count = counts.setdefault(key[0], Counter())
        count["gained"] += len(new.keys() - old.keys())
        count["lost"] += len(old.keys() - new.keys())
        count["changed"] += sum(old[at] != new[at] for at in old.keys() & new.keys())
    return [
        DayEffect(day, path, count["gained"], count["lost"], count["changed"])
        for day, count in sorted(counts.items())
        if count.total()
    ]


def _with(released: Released, coming: Coming) -> Released:
    schedules = dict(released.schedules)
    for path, schedule in coming.schedules.items():
        schedules.pop(bare(path), None)
        if schedule is not None:
            schedules[bare(path)] = ReleasedSchedule(bare(path), path, "coming", schedule)
    documents = dict(released.calendars.documents)
    versions, paths = dict(released.calendar_versions), dict(released.calendar_paths)
    for path, calendar in coming.calendars.items():
        for name in (path, bare(path)):
            documents.pop(name, None)
            versions[name], paths[name] = "coming", path
            if calendar is not None:
                documents[name] = calendar
    return Released(schedules, Calendars(documents), versions, paths, released.workflows)
