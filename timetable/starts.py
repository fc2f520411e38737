"""When a schedule starts something.

A plan day D is the business day of each entry: from D at the plan's `periodBegin` to D+1, local
time of the entry. The entry's calendar decides on D; a start before `periodBegin` is on D+1. Starts
are given as rows, one for each period of a day, so that a cycle of 30 seconds is one row and not
2,880; `Row.starts` lists them. Nothing is left out because it lies in the past.
"""

from collections.abc import Iterator, Sequence
from datetime import date

from timetable.calendars import Calendars
from timetable.day_bits import Span, date_of, days_in, moved, of_days, span_of
from timetable.day_forms import DayForms
from timetable.local import DAY, SECOND_US
from timetable.offsets import steady_days
from timetable.period_parts import Part, parts_of, seconds
from timetable.schedule import MIDNIGHT, AssignedCalendar, Plan, Schedule, WhenHoliday
from timetable.start_rows import Policies, Row, Stretch, changing_stretches, steady_stretch

MOVED_DAYS = 7
"""A start on a non-working day is moved so far at most."""


def start_rows(
    schedule: Schedule, calendars: Calendars, first: date, last: date, plan: Plan = MIDNIGHT
) -> list[Row]:
    """Return the starts of the plan days from `first` to `last`, both inclusive.

    Rows are ordered by day, entry and period. No moment is in two rows of the same plan day. It
    may be in rows of two days, where a period over midnight reaches into the next.

    Args:
        schedule: checked before, see `timetable.check`.
        calendars: all that the schedule names.
        first: the first plan day.
        last: the last plan day.
        plan: when a business day begins.

    Raises:
        CalendarUnknown: a calendar is missing.
        TimesUnreadable: a period without times.
        ZoneUnknown: an entry's time zone does not exist.
    """
    of_days = start_forms(schedule, calendars, first, last, plan)
    return [row.on(day) for day, rows in of_days for row in rows]


def start_forms(
    schedule: Schedule, calendars: Calendars, first: date, last: date, plan: Plan = MIDNIGHT
) -> list[tuple[int, Sequence[Row]]]:
    """Return the days since the epoch that have starts, ascending, with their rows as of the day 0.

    It takes and raises what `start_rows` does. `Row.on` moves a row to its day; days that are alike
    have the same rows.
    """
    if first > last:
        return []
    span = span_of(first, last)
    found = DayForms(span)
    for number, entry in enumerate(schedule.calendars):
        _add_entry(found, number, entry, schedule, calendars, span, plan)
    return found.of_days()


def starts(
    schedule: Schedule, calendars: Calendars, first: date, last: date, plan: Plan = MIDNIGHT
) -> list[int]:
    """Return the distinct starts of these plan days in microseconds, ascending."""
    found: set[int] = set()
    for row in start_rows(schedule, calendars, first, last, plan):
        found.update(row.starts())
    return sorted(found)


def next_starts(
    schedule: Schedule,
    calendars: Calendars,
    after_us: int,
    count: int,
    plan: Plan = MIDNIGHT,
    *,
    horizon_days: int = 1_096,
) -> list[int]:
    """Return the next `count` starts later than a moment, fewer if the horizon has no more."""
    begin = after_us // (DAY * SECOND_US)
    # A plan day may reach two dates further, and no zone is a whole day from UTC.
    first, last = begin - 3, begin + 1
    found: set[int] = set()
    while first <= begin + horizon_days:
        for row in start_rows(schedule, calendars, date_of(first), date_of(last), plan):
            found.update(at for at in row.starts() if at > after_us)
        ready = sorted(at for at in found if at < last * DAY * SECOND_US)
        if len(ready) >= count:
            return ready[:count]
        first, last = last + 1, last + 2 * (last - first + 1)
    return sorted(found)[:count]


def moved_days(listed: int, non_working: int, when: WhenHoliday, span: Span) -> dict[int, int]:
    """Return for each non-working day of the entry the day to which its starts are moved.

    Days from which they cannot be moved are missing.

    Args:
        listed: the days of the entry, a set within `span`.
        non_working: the non-working days of the schedule, a set within `span`.
        when: PREVIOUS or NEXT; else nothing is moved.
        span: of both sets. From days near its ends starts may be moved wrongly.
    """
    step = {WhenHoliday.NEXT: 1, WhenHoliday.PREVIOUS: -1}.get(when, 0)
    found: dict[int, int] = {}
    for day in days_in(listed & non_working, span.first) if step else ():
        for target in range(day + step, day + step * (MOVED_DAYS + 1), step):
            at = target - span.first
            if at < 0 or not non_working >> at & 1:
                found[day] = target
                break
    return found


def entry_days(
    entry: AssignedCalendar, schedule: Schedule, calendars: Calendars, span: Span
) -> tuple[int, int, Span]:
    """Return the days of an entry, the schedule's non-working days, and their common span.

    The span is wider than the one asked for, by the days that starts may be moved.
    """
    wide = Span(span.first - MOVED_DAYS, span.last + MOVED_DAYS)
    # A target must be known to be free as far as a day can be moved from the edge.
    wide = Span(wide.first - MOVED_DAYS, wide.last + MOVED_DAYS)
    listed = calendars.restricted_bits(entry.calendar_name, entry.restriction, wide)
    names = (named.calendar_name for named in schedule.non_working_day_calendars)
    return listed, calendars.united(names, wide), wide


def _add_entry(
    found: DayForms,
    number: int,
    entry: AssignedCalendar,
    schedule: Schedule,
    calendars: Calendars,
    span: Span,
    plan: Plan,
) -> None:
    listed, non_working, wide = entry_days(entry, schedule, calendars, span)
    if not listed:
        return
    policies = Policies(entry.time_zone, entry.gap_policy, entry.overlap_policy)
    begin = seconds(plan.period_begin)
    for index, period in enumerate(entry.periods):
        days = moved(_days(listed, non_working, period.when_holiday, wide), wide, span)
        for those, on_day_0 in _stretches(days, span, parts_of(period, begin), policies):
            found.add(number, index, those, on_day_0)


def _days(listed: int, non_working: int, when: WhenHoliday, span: Span) -> int:
    """Return the plan days on which a period starts something."""
    kept = listed if when is WhenHoliday.IGNORE else listed & ~non_working
    if listed & non_working:
        kept |= of_days(moved_days(listed, non_working, when, span).values(), span)
    return kept


def _stretches(
    days: int, span: Span, parts: Sequence[Part], policies: Policies
) -> Iterator[tuple[int, Stretch]]:
    """Yield sets of days with starts that they have in common, as they would be on the day 0."""
    changing = days
    for offset, steady in steady_days(policies.zone, span) if days else ():
        changing &= ~steady
        for part in parts if days & steady else ():
            yield days & steady, steady_stretch(part, -offset)
    for day in days_in(changing, span.first):
        for part in parts:
            for stretch in changing_stretches(part, day, policies):
                yield 1 << day - span.first, stretch.moved(-day * DAY * SECOND_US)
