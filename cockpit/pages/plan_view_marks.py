"""What a timeline draws behind its bars: hours, changes of the clocks, days without work. Pure."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from cockpit.pages.plan_bars import ms
from timetable.calendar import CalendarType
from timetable.calendars import Calendars
from timetable.errors import TimetableError

_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)


class Mark(msgspec.Struct, frozen=True):
    """A moment with its label."""

    at: int
    text: str


class Shade(msgspec.Struct, frozen=True):
    """A span with its label."""

    b: int
    e: int
    text: str


def hours_of(begin: datetime, end: datetime, zone: ZoneInfo) -> list[Mark]:
    """Return the full hours of a zone's clocks; each as often as the clocks show it."""
    at = begin.replace(minute=0, second=0, microsecond=0)
    found = []
    while at <= end:
        local = at.astimezone(zone)
        if local.minute == 0:
            found.append(Mark(ms(at), f"{local:%H:%M}"))
            at += _HOUR
        else:
            at += timedelta(minutes=60 - local.minute)
    return [mark for mark in found if mark.at >= ms(begin)]


def jumps_of(begin: datetime, end: datetime, zone: ZoneInfo) -> list[Mark]:
    """Return the moments at which the zone's clocks are put forward or back."""
    found, at = [], begin.replace(minute=0, second=0, microsecond=0)
    while at < end:
        change = _offset(at + _HOUR, zone) - _offset(at, zone)
        if change:
            found.append(Mark(ms(_moment_of(at, zone)), _said(change)))
        at += _HOUR
    return found


def days_off(calendars: Calendars, begin: datetime, end: datetime, zone: ZoneInfo) -> list[Shade]:
    """Return the days in view that a non-working calendar names, with its name."""
    first, last = begin.astimezone(zone).date(), end.astimezone(zone).date()
    named: dict[date, list[str]] = {}
    for name in _non_working(calendars):
        try:
            days = calendars.days(name, first, last)
        except (TimetableError, ArithmeticError, LookupError, ValueError):
            continue  # its editor says what is wrong with it
        for day in days:
            named.setdefault(day, []).append(name)
    return [
        Shade(_midnight(day, zone), _midnight(day + _DAY, zone), ", ".join(sorted(names)))
        for day, names in sorted(named.items())
    ]


def _non_working(calendars: Calendars) -> Iterable[str]:
    """Return the non-working calendars by their bare names: each is known by its path, too."""
    return sorted(
        name
        for name, calendar in calendars.documents.items()
        if "/" not in name and calendar.type is CalendarType.NON_WORKING
    )


def _midnight(day: date, zone: ZoneInfo) -> int:
    return ms(datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC))


def _offset(at: datetime, zone: ZoneInfo) -> timedelta:
    return at.astimezone(zone).utcoffset() or timedelta()


def _moment_of(hour: datetime, zone: ZoneInfo) -> datetime:
    """Return the minute of an hour at which the offset changes."""
    before = _offset(hour, zone)
    return next(at for at in _minutes(hour) if _offset(at, zone) != before)


def _minutes(hour: datetime) -> Iterator[datetime]:
    return (hour + timedelta(minutes=n) for n in range(1, 61))


def _said(change: timedelta) -> str:
    minutes = int(change.total_seconds() // 60)
    return f"clocks {'forward' if minutes > 0 else 'back'} {abs(minutes)} min"
