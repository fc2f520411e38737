"""Lines of a user's crontab as calendars and a schedule that start at the same moments.

Days become rules of a calendar, and where both day fields must fit, a restriction. Times become
single starts; where all depends on the clock as it goes, a cyclic period if that is the same.
"""

import re
from collections.abc import Iterable, Iterator, Mapping

import msgspec
from cronsim import CronSim

from timetable.calendar import (
    NO_RULES,
    Calendar,
    CalendarType,
    Frequencies,
    MonthDays,
    Months,
    Weekdays,
    WeeklyDay,
)
from timetable.cron import MACROS, read_cron
from timetable.errors import CrontabLineRefused
from timetable.local import DAY, HOUR, MINUTE
from timetable.offsets import changes_between
from timetable.schedule import AssignedCalendar, GapPolicy, OverlapPolicy, Period, Schedule

_YEARS_S = (0, 68 * 366 * DAY)
"""The years 1970 to 2037: what is known of the zone's changes."""

_ALL_MONTHS = set(range(1, 13))
_ALL_DAYS = set(range(1, 32))
_WORKING_DAYS = (1, 2, 3, 4, 5)
_LAST_DAY = MonthDays(days=(1,))


class Converted(msgspec.Struct, frozen=True):
    """What becomes of a line."""

    calendars: Mapping[str, Calendar]
    """One, or two if the line names the last working day (`LW`) beside other days."""

    schedule: Schedule
    """Without workflows; what the command becomes is not decided here."""

    command: str


class _Days(msgspec.Struct, frozen=True):
    """One or more rules that are united."""

    weekdays: tuple[Weekdays, ...] = ()
    monthdays: tuple[MonthDays, ...] = ()
    ultimos: tuple[MonthDays, ...] = ()

    def __or__(self, other: "_Days") -> "_Days":
        return _Days(
            self.weekdays + other.weekdays,
            self.monthdays + other.monthdays,
            self.ultimos + other.ultimos,
        )


class _Entry(msgspec.Struct, frozen=True):
    """A calendar and its restriction, without a name yet."""

    days: _Days
    includes: Frequencies = NO_RULES
    excludes: Frequencies = NO_RULES


def convert(line: str, zone: str, name: str = "crontab") -> Converted:
    """Return calendars and a schedule with the starts of a line.

    A date that the zone left out as a whole has no starts; cron would catch up on it.

    Args:
        line: `30 6 * * 1-5 command`, or `@daily command`; there is no user column.
        zone: the time zone of the machine with the crontab.
        name: for the calendars.

    Raises:
        CronUnreadable: the times are no cron expression.
        CrontabLineRefused: the line has no times or none that we can express; the text says why.
        ZoneUnknown: there is no such zone.
    """
    expression, command = split_line(line)
    fields = MACROS.get(expression.lower(), expression).split()
    cron = read_cron(expression)
    entries = list(_entries(cron))
    periods, gap, overlap = _periods(cron, fields, zone)
    names = [name, f"{name}-last-working-day"][: len(entries)]
    return Converted(
        calendars={n: _calendar(e, cron.months) for n, e in zip(names, entries, strict=True)},
        schedule=Schedule(
            calendars=tuple(
                AssignedCalendar(
                    calendar_name=n,
                    time_zone=zone,
                    includes=e.includes,
                    excludes=e.excludes,
                    gap_policy=gap,
                    overlap_policy=overlap,
                    periods=periods,
                )
                for n, e in zip(names, entries, strict=True)
            )
        ),
        command=command,
    )


def split_line(line: str) -> tuple[str, str]:
    """Return the times and the command of a line.

    Raises:
        CrontabLineRefused: an empty line, a comment, a variable, `@reboot`.
    """
    text = line.strip()
    if not text or text.startswith("#"):
        raise CrontabLineRefused("This line is empty or a comment.")
    if re.match(r"[A-Za-z_][A-Za-z0-9_]*\s*=", text):
        raise CrontabLineRefused("This line sets a variable; it starts nothing.")
    if text.startswith("@"):
        macro, _, command = text.partition(" ")
        if macro.lower() not in MACROS:
            raise CrontabLineRefused(f"{macro} is not a time; nothing in a schedule is like it.")
        return macro, command.strip()
    fields = text.split(None, 5)
    if len(fields) < 5:
        raise CrontabLineRefused("A line needs five fields: minute, hour, day, month, weekday.")
    return " ".join(fields[:5]), fields[5] if len(fields) > 5 else ""


def _entries(cron: CronSim) -> Iterator[_Entry]:
    """Yield the days of a line; more than one entry are united."""
    of_month, of_week = _days_of_month(cron), _days_of_week(cron)
    last_working_day = CronSim.LAST_WEEKDAY in cron.days
    if not cron.day_and:
        yield _Entry(of_month | of_week)
        if last_working_day:
            yield _last_working_day()
    elif _is_full(cron.weekdays):
        if of_month != _Days():
            yield _Entry(of_month)
        if last_working_day:
            yield _last_working_day()
    elif cron.days >= _ALL_DAYS:
        yield _Entry(of_week)
    else:
        yield from _both(of_month, of_week, cron)


def _both(of_month: _Days, of_week: _Days, cron: CronSim) -> Iterator[_Entry]:
    if of_month != _Days():
        yield _Entry(of_month, includes=_frequencies(of_week))
    if CronSim.LAST_WEEKDAY in cron.days:
        if of_week.monthdays or of_week.ultimos:
            raise CrontabLineRefused("LW together with nth weekdays cannot be expressed.")
        others = set(range(7)) - {d for rule in of_week.weekdays for d in rule.days}
        yield _last_working_day(Frequencies(weekdays=(Weekdays(days=tuple(sorted(others))),)))


def _last_working_day(excludes: Frequencies = NO_RULES) -> _Entry:
    return _Entry(
        _Days(weekdays=(Weekdays(days=_WORKING_DAYS),)),
        includes=Frequencies(ultimos=(_LAST_DAY,)),
        excludes=excludes,
    )


def _days_of_month(cron: CronSim) -> _Days:
    if cron.days >= _ALL_DAYS:
        return _Days(weekdays=(Weekdays(days=tuple(range(7))),))
    plain = tuple(sorted(d for d in cron.days if d > 0))
    return _Days(
        monthdays=(MonthDays(days=plain),) if plain else (),
        ultimos=(_LAST_DAY,) if CronSim.LAST in cron.days else (),
    )


def _days_of_week(cron: CronSim) -> _Days:
    plain = sorted({d % 7 for d in cron.weekdays if isinstance(d, int)})
    pairs = sorted((d[0] % 7, d[1]) for d in cron.weekdays if not isinstance(d, int))
    nth = [WeeklyDay(day=day, week_of_month=n) for day, n in pairs if n != CronSim.LAST]
    last = [WeeklyDay(day=day, week_of_month=1) for day, n in pairs if n == CronSim.LAST]
    return _Days(
        weekdays=(Weekdays(days=tuple(plain)),) if plain else (),
        monthdays=(MonthDays(weekly_days=tuple(nth)),) if nth else (),
        ultimos=(MonthDays(weekly_days=tuple(last)),) if last else (),
    )


def _is_full(weekdays: Iterable[object]) -> bool:
    return {d % 7 for d in weekdays if isinstance(d, int)} == set(range(7))


def _frequencies(days: _Days) -> Frequencies:
    return Frequencies(weekdays=days.weekdays, monthdays=days.monthdays, ultimos=days.ultimos)


def _calendar(entry: _Entry, months: set[int]) -> Calendar:
    days = entry.days
    includes = _frequencies(days)
    if months != _ALL_MONTHS:
        limited = Months(
            months=tuple(sorted(months)),
            weekdays=days.weekdays,
            monthdays=days.monthdays,
            ultimos=days.ultimos,
        )
        includes = Frequencies(months=(limited,))
    return Calendar(type=CalendarType.WORKING, includes=includes)


def _periods(
    cron: CronSim, fields: list[str], zone: str
) -> tuple[tuple[Period, ...], GapPolicy, OverlapPolicy]:
    hours, minutes = sorted(cron.hours), sorted(cron.minutes)
    singles = tuple(
        Period(single_start=_clock(h * HOUR + m * MINUTE)) for h in hours for m in minutes
    )
    if not fields[0].startswith("*") and not fields[1].startswith("*"):
        return singles, GapPolicy.AT_TRANSITION, OverlapPolicy.FIRST
    step = _step(minutes)
    if len(singles) > 1 and step and _is_even(zone, step):
        return tuple(_cycles(hours, step)), GapPolicy.SKIP, OverlapPolicy.BOTH
    return singles, GapPolicy.SKIP, OverlapPolicy.BOTH


def _step(minutes: list[int]) -> int:
    """Return the seconds between minutes that divide half an hour from its begin, else 0."""
    step = 60 // len(minutes)
    return step * MINUTE if 30 % step == 0 and minutes == list(range(0, 60, step)) else 0


def _is_even(zone: str, step: int) -> bool:
    """Tell whether elapsed time and local clock agree on hours and steps at all known changes.

    They do if each change is a whole number of steps, and none that puts the clock back has a full
    hour within.
    """
    return all(
        (change.after - change.before) % step == 0
        and (change.is_gap or change.end_local_s - change.begin_local_s // HOUR * HOUR <= HOUR)
        for change in changes_between(zone, *_YEARS_S)
    )


def _cycles(hours: list[int], step: int) -> Iterator[Period]:
    """Yield a period for each stretch of hours in a row."""
    begin = hours[0]
    for hour, following in zip(hours, [*hours[1:], None], strict=True):
        if following != hour + 1:
            yield Period(
                begin=_clock(begin * HOUR), end=_clock((hour + 1) * HOUR), repeat=_clock(step)
            )
            begin = following or 0


def _clock(second: int) -> str:
    return f"{second // HOUR:02}:{second % HOUR // MINUTE:02}:00"
