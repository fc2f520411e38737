"""What people should know of a schedule before it is released: warnings, and the clocks. Pure."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta

from cockpit.pages.schedule_starts import LARGE_DAY, Ahead, largest_day
from timetable.calendars import Calendars
from timetable.errors import TimetableError
from timetable.local import DAY, day_of
from timetable.offsets import Change, changes_between
from timetable.period_parts import seconds
from timetable.phrases import MONTHS, WEEKDAYS, clock
from timetable.schedule import AssignedCalendar, GapPolicy, OverlapPolicy, Schedule

_AHEAD_S = 400 * DAY


def warnings(
    schedule: Schedule, calendars: Calendars, found: Ahead, now: datetime,
    released: Mapping[str, bool],
) -> Iterator[tuple[str, str]]:  # fmt: skip
    """Yield place and sentence of what is allowed but hardly meant.

    Args:
        schedule: checked.
        calendars: those that it names.
        found: its starts ahead.
        now: the present moment.
        released: for each calendar named whether it is released as its draft says.
    """
    if not any(row.next_start(_us(now)) is not None for row in found.rows):
        days = (found.until - found.since).days - 1
        said = "a year" if days >= 365 else f"{days} days"
        yield "calendars", f"Nothing starts within {said}."
    largest = largest_day(found)
    if largest and largest[1] > LARGE_DAY:
        yield (
            "calendars",
            f"On {largest[0]} there are {largest[1]:,} starts: more than {LARGE_DAY:,}.",
        )
    for name, is_released in released.items():
        if not is_released:
            yield "calendars", f"The calendar {name} is not released as its draft says."
    for i, entry in enumerate(schedule.calendars):
        yield from _in_gap(entry, calendars, now, f"calendars[{i}]")
    if not schedule.plan_order_automatically:
        yield (
            "planOrderAutomatically",
            "It is not planned by itself: somebody has to plan each day.",
        )
    elif not schedule.submit_order_to_controller_when_planned:
        sentence = "What is planned is not submitted by itself: somebody has to submit it."
        yield "submitOrderToControllerWhenPlanned", sentence


def clock_sentences(entry: AssignedCalendar, now: datetime) -> list[str]:
    """Return what the next changes of the clocks of an entry's zone mean for its starts."""
    changes = _changes(entry.time_zone, now)
    found = []
    for is_gap in (True, False):
        change = next((each for each in changes if each.is_gap is is_gap), None)
        if change is not None:
            found.append((change.at_s, _gap(entry, change) if is_gap else _overlap(entry, change)))
    if not found:
        return [f"The clocks of {entry.time_zone} are not changed within a year."]
    return [sentence for _, sentence in sorted(found)]


def _gap(entry: AssignedCalendar, change: Change) -> str:
    begin, end = change.begin_local_s, change.end_local_s
    example = _own_time(entry, change) or begin % DAY + (end - begin) // 2
    match entry.gap_policy:
        case GapPolicy.SHIFT_FORWARD:
            becomes = f"takes place at {clock((example + end - begin) % DAY)}"
        case GapPolicy.AT_TRANSITION:
            becomes = f"takes place at {clock(end % DAY)}"
        case GapPolicy.SKIP:
            becomes = "is left out"
    return (
        f"On {_day(day_of(begin))} the clocks of {entry.time_zone} go from"
        f" {clock(begin % DAY)} to {clock(end % DAY)}: a start at {clock(example)} {becomes}."
    )


def _overlap(entry: AssignedCalendar, change: Change) -> str:
    begin, end = change.begin_local_s, change.end_local_s
    example = _own_time(entry, change) or begin % DAY + (end - begin) // 2
    match entry.overlap_policy:
        case None:
            becomes = "takes place the first time; cyclic starts both times"
        case OverlapPolicy.BOTH:
            becomes = "takes place both times"
        case OverlapPolicy.FIRST:
            becomes = "takes place the first time, and so do cyclic starts"
        case OverlapPolicy.SECOND:
            becomes = "takes place the second time, and so do cyclic starts"
    return (
        f"On {_day(day_of(begin))} the clocks of {entry.time_zone} go back from"
        f" {clock(end % DAY)} to {clock(begin % DAY)}: {clock(example)} is there twice,"
        f" a single start then {becomes}."
    )


def _in_gap(
    entry: AssignedCalendar, calendars: Calendars, now: datetime, place: str
) -> Iterator[tuple[str, str]]:
    for change in _changes(entry.time_zone, now):
        time = _own_time(entry, change)
        if not change.is_gap or time is None:
            continue
        day = day_of(change.begin_local_s)
        if _is_day(entry, calendars, day):
            sentence = f"{clock(time)} does not exist on {day} in {entry.time_zone}; see below."
            yield place, sentence


def _is_day(entry: AssignedCalendar, calendars: Calendars, day: date) -> bool:
    try:
        return bool(calendars.days(entry.calendar_name, day, day, entry.restriction))
    except TimetableError:
        return False


def _own_time(entry: AssignedCalendar, change: Change) -> int | None:
    """Return the first single start of an entry that lies where the clock changes."""
    low, length = change.begin_local_s % DAY, change.end_local_s - change.begin_local_s
    starts = (seconds(p.single_start) for p in entry.periods if p.single_start is not None)
    return next((at for at in starts if 0 <= (at - low) % DAY < length), None)


def _changes(zone: str, now: datetime) -> tuple[Change, ...]:
    now_s = int(now.timestamp())
    return changes_between(zone, now_s, now_s + _AHEAD_S)


def _day(day: date) -> str:
    return f"{WEEKDAYS[day.weekday()]} {day.day} {MONTHS[day.month - 1]} {day.year}"


def _us(now: datetime) -> int:
    return (now - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
