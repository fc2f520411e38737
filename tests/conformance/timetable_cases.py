"""The timetable under its conformance cases: one function a group, and what they compare.

A function takes a case and returns the result in the form of its `expect`.
"""

import hashlib
import importlib
import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any, TypeAlias

import msgspec

from timetable.admission import HORIZON_DAYS, admitted, begins_on, next_window
from timetable.calendar import Calendar, Restriction
from timetable.calendars import Calendars
from timetable.cron import next_starts
from timetable.crontab import convert
from timetable.errors import CronUnreadable
from timetable.local import DAY, SECOND_US, day_offset_s
from timetable.repetition import CycleState, first, following, from_text, starting, to_text
from timetable.schedule import Plan, Schedule
from timetable.scheme import AdmissionTimeScheme, CycleSchedule
from timetable.start_rows import Row
from timetable.starts import start_rows
from timetable.starts import starts as schedule_starts

CASES = Path(__file__).parent / "timetable"
HORIZON_US = HORIZON_DAYS * DAY * SECOND_US

Document: TypeAlias = dict[str, Any]


def read_timetable_cases(folder: Path = CASES) -> Iterator[tuple[str, str, Document]]:
    """Yield group, name and case of all files of a folder, in the order of `GROUPS`."""
    for group in GROUPS:
        path = folder / f"{group}.json"
        for case in json.loads(path.read_text()) if path.exists() else ():
            yield group, case["name"], case


def problems_of(group: str, case: Document) -> list[str]:
    """Return what is different from the case's `expect`, nothing if it is right."""
    expect = case["expect"]
    got = GROUPS[group](case)
    if group == "plan_scale":
        return [f"{k} is {got[k]!r}"[:300] for k in got if k in expect and got[k] != expect[k]]
    if isinstance(expect, dict) and "count" in expect and isinstance(got, list):
        return [] if _digest(got) == expect["sha256"] else _told(expect, got)
    return [] if got == expect else _told(expect, got)


def _told(expect: Any, got: Any) -> list[str]:
    if isinstance(expect, list) and isinstance(got, list):
        missing = [x for x in expect if x not in got][:5]
        return [f"missing {missing}, surplus {[x for x in got if x not in expect][:5]}"]
    return [f"expected {expect}, got {got}"[:300]]


def _digest(lines: list[str]) -> str:
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def iso(at_us: int) -> str:
    """Return `2026-03-02T08:00:00Z`."""
    return datetime.fromtimestamp(at_us // SECOND_US, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def us(text: str) -> int:
    """Return the microseconds of `2026-03-02T08:00:00Z`."""
    return int(datetime.fromisoformat(text).timestamp()) * SECOND_US


def calendars(case: Document) -> list[str]:
    """Return the days of a calendar."""
    return _days(case, Restriction())


def restrictions(case: Document) -> list[str]:
    """Return the days that a restriction leaves."""
    return _days(case, msgspec.convert(case["restrictions"], Restriction))


def _days(case: Document, restriction: Restriction) -> list[str]:
    calendar = msgspec.convert(case["calendar"], Calendar)
    begin, end = map(date.fromisoformat, case["range"])
    found = _calendars(case).days_of(calendar, begin, end, restriction)
    return [day.isoformat() for day in found]


def _calendars(case: Document) -> Calendars:
    return Calendars(msgspec.convert(case.get("calendars", {}), dict[str, Calendar]))


def schedules(case: Document) -> list[str]:
    """Return the starts of a schedule."""
    begin, end = map(date.fromisoformat, case.get("range") or [case["day"]] * 2)
    schedule = msgspec.convert(case["schedule"], Schedule)
    plan = msgspec.convert(case["plan"], Plan)
    return [iso(at) for at in schedule_starts(schedule, _calendars(case), begin, end, plan)]


def cron(case: Document) -> list[str] | Document:
    """Return the next moments of a cron expression."""
    try:
        found = next_starts(case["cron"], case["timeZone"], us(case["from"]))
    except CronUnreadable:
        return {"error": True}
    return [iso(at) for at in islice(found, case["count"])]


def crontab(case: Document) -> list[str]:
    """Return the starts of what a line of a crontab is converted to."""
    begin, end = map(us, case["range"])
    converted = convert(case["crontab"], case["timeZone"])
    # What is stored is the document.
    schedule = msgspec.convert(msgspec.to_builtins(converted.schedule), Schedule)
    days = [date.fromisoformat(text[:10]) for text in case["range"]]
    around = days[0] - timedelta(days=2), days[1] + timedelta(days=2)
    found = schedule_starts(schedule, Calendars(converted.calendars), *around)
    return [iso(at) for at in found if begin <= at < end]


def plan_scale(case: Document) -> Document:
    """Return counts and digest of the plan of a load."""
    load = generated(case)
    begin, end = map(date.fromisoformat, load["range"])
    days = [begin + timedelta(days=i) for i in range((end - begin).days + 1)]
    known = _calendars(load)
    plan = msgspec.convert(load["plan"], Plan)
    schedules = msgspec.convert(load["schedules"], dict[str, Schedule])
    planned = {name: start_rows(s, known, begin, end, plan) for name, s in schedules.items()}
    return {"documents_sha256": _load_digest(load), **_counted(planned, days)}


def generated(case: Document) -> Document:
    """Return the load that a case of plan_scale names."""
    given = case["generator"]
    made: Document = _generator().load(
        given["seed"], given["schedules"], given["start"], given["days"], given["period_begin"]
    )
    return made


def _load_digest(load: Document) -> str:
    return str(_generator().digest(load))


def _generator() -> Any:
    return importlib.import_module("tests.conformance.timetable.gen_plan_load")


def _counted(planned: dict[str, list[Row]], days: list[date]) -> Document:
    per_day = dict.fromkeys((day.isoformat() for day in days), 0)
    lines: set[str] = set()
    of_schedule: dict[str, int] = {}
    for name, rows in planned.items():
        moments = {at for row in rows for at in row.starts()}
        of_schedule[name] = len(moments)
        lines.update(f"{name}|{iso(at)}" for at in moments)
        for row in rows:
            per_day[row.day.isoformat()] += row.count
    return {
        "starts": len(lines),
        "schedules_with_starts": sum(count > 0 for count in of_schedule.values()),
        "sha256": _digest(sorted(lines)),
        "per_day": per_day,
        "first_schedules": dict(list(of_schedule.items())[:10]),
    }


def admission(case: Document) -> Document:
    """Return whether something is admitted, until when, or when next."""
    scheme = msgspec.convert(case["scheme"], AdmissionTimeScheme)
    zone, now = case["timeZone"], us(case["now"])
    offset = day_offset_s(case.get("dayOffset"))
    window = admitted(scheme, zone, now, day_offset_s=offset)
    coming = next_window(scheme, zone, now, day_offset_s=offset)
    skip = case.get("skipIfNoAdmissionForOrderDay", False) and not begins_on(
        scheme, zone, case["order_date"], offset
    )
    ends = window is not None and window.end_us - now < HORIZON_US
    return {
        "open": window is not None,
        "until": iso(window.end_us) if window and ends else None,
        "next_open": iso(coming.begin_us) if coming and not window else None,
        "skip": skip,
    }


def cycles(case: Document) -> list[str]:
    """Return when the bodies of a cycle start."""
    return [iso(at) for at in _cycle_starts(case)]


def _cycle_starts(case: Document) -> list[int]:
    schedule = msgspec.convert(case["cycle"]["schedule"], CycleSchedule)
    zone, offset = case["timeZone"], day_offset_s(case.get("dayOffset"))
    delays = iter(case.get("startDelays", []))
    now = us(case["arrival"])
    state = first(
        schedule,
        zone,
        case["order_date"],
        now,
        only_one_period=case["cycle"].get("onlyOnePeriod", False),
        day_offset_s=offset,
    )
    found: list[int] = []
    while state is not None:
        state = from_text(to_text(state))
        now = max(now, state.next_us) + next(delays, 0) * SECOND_US
        state = starting(schedule, state, now, zone, day_offset_s=offset)
        if state is None or state.next_us > now:
            continue
        found.append(now)
        now += _duration(case, len(found))
        state = _not_past(following(schedule, state, now, zone, day_offset_s=offset), now)
    return found


def _duration(case: Document, number: int) -> int:
    durations: list[int] = case["durations"]
    return durations[min(number, len(durations)) - 1] * SECOND_US


def _not_past(state: CycleState | None, now: int) -> CycleState | None:
    assert state is None or state.next_us >= now
    return state


GROUPS: dict[str, Callable[[Document], Any]] = {
    "calendars": calendars,
    "restrictions": restrictions,
    "schedules": schedules,
    "admission": admission,
    "cycles": cycles,
    "cron": cron,
    "crontab": crontab,
    "plan_scale": plan_scale,
}
