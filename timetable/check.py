"""Reads calendars and schedules and says everything that is wrong with them.

Reading compares shapes; checking asks whether the whole makes sense, and whether the calendars that
are named exist. What passes both never raises when days or starts are asked for.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Generic, TypeVar

import msgspec

from timetable.calendar import (
    Calendar,
    CalendarType,
    Easter,
    Frequencies,
    Holidays,
    MonthDays,
    Months,
    Repetition,
    Weekdays,
    Windowed,
)
from timetable.errors import NationalCalendarUnknown, ZoneUnknown
from timetable.local import zone_named
from timetable.national import national_holidays
from timetable.period_parts import seconds
from timetable.problem import Path, Problem, problem, shown
from timetable.schedule import AssignedCalendar, Period, Schedule
from timetable.shape import Shape

T = TypeVar("T", bound=msgspec.Struct)
Known = Mapping[str, Calendar]
"""The calendars that may be named."""


class Reading(msgspec.Struct, Generic[T], frozen=True):
    """A document as a value, None if its shape is wrong; then the problems say how.

    `partial` is then what can be read, to check it further, and `unread` the places of which
    nothing is known.
    """

    document: T | None
    problems: tuple[Problem, ...] = ()
    partial: T | None = None
    unread: frozenset[str] = frozenset()


def read_calendar(data: bytes | Mapping[str, Any]) -> Reading[Calendar]:
    """Return a calendar from JSON text or from plain values."""
    return _read(data, Calendar)


def read_schedule(data: bytes | Mapping[str, Any]) -> Reading[Schedule]:
    """Return a schedule from JSON text or from plain values."""
    return _read(data, Schedule)


def check_calendar(calendar: Calendar, known: Known | None = None, name: str = "") -> list[Problem]:
    """Return what makes no sense in a calendar.

    Args:
        calendar: as read.
        known: the other calendars; None leaves out whether those that are named exist.
        name: of this calendar, to find out whether it excludes itself.
    """
    found = [*_window_problems(calendar, ())]
    for field in ("includes", "excludes"):
        found += _rule_problems(getattr(calendar, field), (field,))
    if not any(getattr(calendar.includes, kind) for kind in _KINDS):
        sentence = "A calendar without rules that include days has none."
        found.append(problem(("includes",), "calendar-empty", sentence))
    if known is not None:
        found += _excluded_problems(calendar.excludes, known, ("excludes",))
        found += _circle_problems(calendar, known, name)
    return found


def check_schedule(schedule: Schedule, known: Known | None = None) -> list[Problem]:
    """Return what makes no sense in a schedule.

    Args:
        schedule: as read.
        known: all calendars; None leaves out whether those that are named exist.
    """
    found = [*_workflow_problems(schedule)]
    if not schedule.calendars:
        sentence = "A schedule without a calendar never starts anything."
        found.append(problem(("calendars",), "calendar-missing", sentence))
    for i, entry in enumerate(schedule.calendars):
        found += _entry_problems(entry, known, ("calendars", i))
    for i, named in enumerate(schedule.non_working_day_calendars):
        path: Path = ("nonWorkingDayCalendars", i, "calendarName")
        found += _name_problems(named.calendar_name, CalendarType.NON_WORKING, known, path)
    return found


_ADDED_ON_EXPORT = frozenset({"TYPE", "version", "versionId", "path", "name"})
"""Fields that JS7 writes into archives; they say nothing."""

_KINDS = tuple(
    field for field in Frequencies.__struct_fields__ if field != "non_working_day_calendars"
)
_NESTED = ("weekdays", "monthdays", "ultimos", "repetitions")


def _read(data: bytes | Mapping[str, Any], kind: type[T]) -> Reading[T]:
    try:
        plain = msgspec.json.decode(data) if isinstance(data, bytes) else data
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as e:
        return Reading(None, (problem((), "no-json", f"This is no JSON: {e}."),))
    shape = Shape()
    value = msgspec.convert(shape.fitted(kind, plain, (), _ADDED_ON_EXPORT), kind)
    if not shape.problems:
        return Reading(value)
    return Reading(None, tuple(shape.problems), value, frozenset(shape.unread))


def _rule_problems(rules: Frequencies, path: Path) -> Iterator[Problem]:
    for kind in _KINDS:
        for i, rule in enumerate(getattr(rules, kind)):
            yield from _one_rule_problems(rule, (*path, kind, i))
    if rules.non_working_day_calendars and path[-1] == "includes":
        sentence = "Calendars of non-working days can be excluded, not included."
        yield problem((*path, "nonWorkingDayCalendars"), "not-supported", sentence)


def _one_rule_problems(rule: object, path: Path) -> Iterator[Problem]:
    if isinstance(rule, Windowed):
        yield from _window_problems(rule, path)
    if isinstance(rule, Months):
        for kind in _NESTED:
            for i, inner in enumerate(getattr(rule, kind)):
                yield from _one_rule_problems(inner, (*path, kind, i))
    if missing := _missing(rule):
        yield problem(path, "rule-empty", f"This rule fits no day: {missing}.")
    if isinstance(rule, Repetition) and rule.from_day is None:
        sentence = "A repetition needs the day from which it counts."
        yield problem((*path, "from"), "field-missing", sentence)
    if isinstance(rule, Holidays) and rule.national_calendar and not rule.dates:
        yield from _national_problems(rule.national_calendar, path)


def _missing(rule: object) -> str | None:
    match rule:
        case Weekdays(days=()) | Easter(days=()):
            return "it names no days"
        case MonthDays(days=(), weekly_days=()):
            return "it names neither days nor weeklyDays"
        case Months(months=()):
            return "it names no months"
        case Months() if not any(getattr(rule, kind) for kind in _NESTED):
            return f"within the months it needs one of {', '.join(_NESTED)}"
        case Holidays(dates=()) if not rule.national_calendar:
            return "it has neither dates nor a nationalCalendar"
        case _:
            return None


def _national_problems(label: str, path: Path) -> Iterator[Problem]:
    try:
        national_holidays(label, ())
    except NationalCalendarUnknown:
        sentence = f"There is no national calendar {shown(label)}; one is named DE or DE-BY."
        yield problem((*path, "nationalCalendar"), "national-calendar-unknown", sentence)


def _window_problems(rule: Windowed, path: Path) -> Iterator[Problem]:
    if rule.from_day and rule.to_day and rule.from_day > rule.to_day:
        sentence = f"The end {rule.to_day} is before the begin {rule.from_day}."
        yield problem((*path, "to"), "window-reversed", sentence)


def _excluded_problems(rules: Frequencies, known: Known | None, path: Path) -> Iterator[Problem]:
    for i, name in enumerate(rules.non_working_day_calendars):
        place: Path = (*path, "nonWorkingDayCalendars", i)
        yield from _name_problems(name, CalendarType.NON_WORKING, known, place)


def _name_problems(
    name: str, wanted: CalendarType, known: Known | None, path: Path
) -> Iterator[Problem]:
    if known is None:
        return
    if name not in known:
        yield problem(path, "calendar-unknown", f"There is no calendar {shown(name)}.")
    elif known[name].type is not wanted:
        kind = "non-working" if wanted is CalendarType.NON_WORKING else "working"
        sentence = f"{shown(name)} is no calendar of {kind} days."
        yield problem(path, "calendar-type", sentence)


def _circle_problems(calendar: Calendar, known: Known, name: str) -> Iterator[Problem]:
    """Yield one problem if following what is excluded leads back to a calendar on the way."""
    way, stack = [name], [iter(calendar.excludes.non_working_day_calendars)]
    done: set[str] = set()
    while stack:
        excluded = next(stack[-1], None)
        if excluded is None:
            stack.pop()
            done.add(way.pop())
        elif excluded in way:
            circle = ", ".join(map(shown, [*way[way.index(excluded) :], excluded]))
            sentence = f"These calendars exclude each other in a circle: {circle}."
            yield problem(("excludes", "nonWorkingDayCalendars"), "calendar-circle", sentence)
            return
        elif excluded in known and excluded not in done:
            way.append(excluded)
            stack.append(iter(known[excluded].excludes.non_working_day_calendars))


def _workflow_problems(schedule: Schedule) -> Iterator[Problem]:
    if not schedule.workflows:
        sentence = "A schedule needs a workflow."
        yield problem(("workflowNames",), "workflow-missing", sentence)
    if schedule.workflow_name and schedule.workflow_names:
        sentence = "Either workflowName or workflowNames, not both."
        yield problem(("workflowName",), "workflow-twice", sentence)
    names = [orders.order_name for orders in schedule.order_parameterisations]
    for i, orders in enumerate(schedule.order_parameterisations):
        path: Path = ("orderParameterisations", i)
        if orders.variables and len(schedule.workflows) > 1:
            sentence = "Variables are for one workflow; this schedule has several."
            yield problem((*path, "variables"), "workflows-several", sentence)
        if orders.order_name in names[:i]:
            sentence = f"The name {shown(orders.order_name or '')} is used twice."
            yield problem((*path, "orderName"), "name-twice", sentence)


def _entry_problems(entry: AssignedCalendar, known: Known | None, path: Path) -> Iterator[Problem]:
    name_path: Path = (*path, "calendarName")
    yield from _name_problems(entry.calendar_name, CalendarType.WORKING, known, name_path)
    try:
        zone_named(entry.time_zone)
    except ZoneUnknown:
        sentence = f"There is no time zone {shown(entry.time_zone)}; one is named Europe/Berlin."
        yield problem((*path, "timeZone"), "zone-unknown", sentence)
    for field in ("includes", "excludes"):
        yield from _rule_problems(getattr(entry, field), (*path, field))
    yield from _excluded_problems(entry.excludes, known, (*path, "excludes"))
    if not entry.periods:
        sentence = "Without a period nothing starts on these days."
        yield problem((*path, "periods"), "period-missing", sentence)
    for i, period in enumerate(entry.periods):
        yield from _period_problems(period, (*path, "periods", i))


def _period_problems(period: Period, path: Path) -> Iterator[Problem]:
    cyclic = [name for name in ("begin", "end", "repeat") if getattr(period, name) is not None]
    if period.single_start is not None:
        for name in cyclic:
            sentence = "A period has either a singleStart, or begin, end and repeat."
            yield problem((*path, name), "period-mixed", sentence)
    elif period.repeat is None:
        sentence = "A period needs a singleStart or a repeat."
        yield problem(path, "period-without-times", sentence)
    elif seconds(period.repeat) == 0:
        sentence = "The starts of a period are at least a second apart."
        yield problem((*path, "repeat"), "repeat-zero", sentence)
    if period.begin is not None and seconds(period.begin) == seconds("24:00"):
        sentence = "A period begins before 24:00."
        yield problem((*path, "begin"), "begin-late", sentence)
