"""What a schedule will start: the next starts with the rule that made each, and days. Pure.

The rows come from the timetable; nothing is computed here in another way than the plan does.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from cockpit.pages.calendar_months import Mark
from timetable.calendars import Calendars
from timetable.day_bits import date_of, days_in, span_of
from timetable.explain_starts import StartReason, explain_schedule
from timetable.period_parts import parts_of, seconds
from timetable.phrases import many
from timetable.schedule import Plan, Schedule, WhenHoliday
from timetable.schedule_words import period_sentence
from timetable.start_rows import Row
from timetable.starts import entry_days, moved_days, start_rows

MOST_COUNTED = 2_000_000
"""Starts that are looked at for one page; schedules with more a day are seen less far ahead."""

LARGE_DAY = 50_000
FEWEST_DAYS, MOST_DAYS = 10, 400
SHOWN_STARTS = 12
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Start(NamedTuple):
    """A row of the plan that is still to come; `next` is its first start after now.

    `starts` counts what is left of a cyclic one; `local` is the time in its own zone.
    """

    day: date
    next: datetime
    local: str
    last_local: str
    starts: int
    words: str
    why: str
    place: str
    zone: str


class Ahead(NamedTuple):
    """The rows of the days ahead, up to `until`."""

    rows: Sequence[Row]
    since: date
    until: date


def ahead(schedule: Schedule, calendars: Calendars, today: date, plan: Plan) -> Ahead:
    """Return the rows from the day before today on, as far as is sensible to look."""
    per_day = sum(
        part.count
        for entry in schedule.calendars
        for period in entry.periods
        for part in parts_of(period, seconds(plan.period_begin))
    )
    days = max(FEWEST_DAYS, min(MOST_DAYS, MOST_COUNTED // max(per_day, 1)))
    since, until = today - timedelta(days=1), today + timedelta(days=days)
    return Ahead(start_rows(schedule, calendars, since, until, plan), since, until)


def coming(
    schedule: Schedule, calendars: Calendars, found: Ahead, now_us: int, most: int = SHOWN_STARTS
) -> list[Start]:
    """Return the next rows, cyclic ones folded, in the order of their next starts."""
    nexts = [(at, row) for row in found.rows if (at := row.next_start(now_us)) is not None]
    nexts.sort(key=lambda pair: pair[0])
    shown = nexts[:most]
    days = [row.day for _, row in shown]
    reasons = _reasons(schedule, calendars, days)
    return [_start(schedule, row, at, reasons) for at, row in shown]


def day_marks(
    schedule: Schedule, calendars: Calendars, found: Ahead, first: date, last: date
) -> dict[date, Mark]:
    """Return a mark for each day with starts, and for those from which starts are moved."""
    counts: dict[date, int] = {}
    for row in found.rows:
        counts[row.day] = counts.get(row.day, 0) + row.count
    signs, held = _moves(schedule, calendars, first, last)
    marks = {day: Mark("hatched", "a non-working day") for day in held}
    for day, count in counts.items():
        marks[day] = Mark("in", many(count, "start"))
    for day, (sign, said) in signs.items():
        before = marks.get(day, Mark("out"))
        says = ", ".join(filter(None, (before.says, said)))
        marks[day] = before._replace(sign=sign, says=says)
    return {day: mark for day, mark in marks.items() if first <= day <= last}


def largest_day(found: Ahead) -> tuple[date, int] | None:
    """Return the day with the most starts."""
    counts: dict[date, int] = {}
    for row in found.rows:
        counts[row.day] = counts.get(row.day, 0) + row.count
    return max(counts.items(), key=lambda pair: pair[1], default=None)


def reasons_of_day(schedule: Schedule, calendars: Calendars, day: date) -> list[StartReason]:
    """Return why each period starts something on a day, or not."""
    return explain_schedule(schedule, calendars, day, day)


def _reasons(
    schedule: Schedule, calendars: Calendars, days: Iterable[date]
) -> dict[tuple[date, int, int], StartReason]:
    return {
        (found.day, found.entry, found.period): found
        for day in sorted(set(days))
        for found in explain_schedule(schedule, calendars, day, day)
    }


def _start(
    schedule: Schedule,
    row: Row,
    next_us: int,
    reasons: dict[tuple[date, int, int], StartReason],
) -> Start:
    entry = schedule.calendars[row.entry]
    reason = reasons.get((row.day, row.entry, row.period))
    left = sum(1 for at in row.starts() if at >= next_us) if row.is_cyclic else 1
    return Start(
        day=row.day,
        next=moment(next_us),
        local=local_text(next_us, entry.time_zone),
        last_local=local_text(row.last_us, entry.time_zone) if left > 1 else "",
        starts=left,
        words=period_sentence(entry.periods[row.period]),
        why=reason.reason.sentence if reason else "",
        place=f"calendars[{row.entry}].periods[{row.period}]",
        zone=entry.time_zone,
    )


def _moves(
    schedule: Schedule, calendars: Calendars, first: date, last: date
) -> tuple[dict[date, tuple[str, str]], set[date]]:
    """Return the days with a sign for moved starts, and days on which nothing may start."""
    span = span_of(first, last)
    signs: dict[date, tuple[str, str]] = {}
    held: set[date] = set()
    for entry in schedule.calendars:
        listed, free, wide = entry_days(entry, schedule, calendars, span)
        for period in entry.periods:
            if period.when_holiday is not WhenHoliday.IGNORE:
                held.update(date_of(d) for d in days_in(listed & free, wide.first))
            sign = _SIGNS.get(period.when_holiday, "")
            for source, target in moved_days(listed, free, period.when_holiday, wide).items():
                signs[date_of(target)] = (sign, f"moved here from {date_of(source)}")
                signs[date_of(source)] = (sign, f"moved to {date_of(target)}")
    return signs, held


_SIGNS = {
    WhenHoliday.NEXT: "\N{RIGHT-POINTING DOUBLE ANGLE QUOTATION MARK}",
    WhenHoliday.PREVIOUS: "\N{LEFT-POINTING DOUBLE ANGLE QUOTATION MARK}",
}


def moment(at_us: int) -> datetime:
    """Return microseconds since the epoch as a time in UTC."""
    return _EPOCH + timedelta(microseconds=at_us)


def local_text(at_us: int, zone: str) -> str:
    """Return `Mon 2026-11-23 06:00 +01:00`: what the clock of a zone shows."""
    local = moment(at_us).astimezone(ZoneInfo(zone))
    seconds_too = ":%S" if local.second else ""
    offset = f"{local:%z}"
    return f"{local.strftime(f'%a %Y-%m-%d %H:%M{seconds_too}')} {offset[:3]}:{offset[3:]}"
