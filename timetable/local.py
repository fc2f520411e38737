"""The local clock of a time zone: local times become instants, and the other way round.

*Local seconds* (`*_local_s`) count from 1970-01-01T00:00 on the local clock; they know no zone.
Everything else is microseconds since the epoch. A local time that does not exist is shifted forward
by the length of the gap, one that exists twice is the first.
"""

import re
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from timetable.errors import DateUnreadable, ZoneUnknown

MINUTE = 60
HOUR = 3_600
DAY = 86_400
WEEK = 7 * DAY
SECOND_US = 1_000_000

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001  # local clocks have no zone
_EPOCH_UTC = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_DAY = date(1970, 1, 1).toordinal()
_TIME_OF_DAY = re.compile(r"([0-9]{2}):([0-9]{2})(?::([0-9]{2}))?")


@lru_cache(maxsize=256)
def zone_named(name: str) -> ZoneInfo:
    """Return the zone of the tz database.

    Raises:
        ZoneUnknown: there is no such zone.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as e:
        raise ZoneUnknown(f"There is no time zone {name!r}") from e


def instant(zone: str, local_s: int) -> int:
    """Return the moment at which the local clock first shows this time, in microseconds."""
    shown = _EPOCH + timedelta(seconds=local_s)
    offset = zone_named(zone).utcoffset(shown)
    assert offset is not None  # noqa: S101  # a ZoneInfo always has one
    return local_s * SECOND_US - _microseconds(offset)


def offset_us(zone: str, at_us: int) -> int:
    """Return how far the local clock is ahead of UTC at this moment, in microseconds."""
    offset = (_EPOCH_UTC + timedelta(microseconds=at_us)).astimezone(zone_named(zone)).utcoffset()
    assert offset is not None  # noqa: S101  # a ZoneInfo always has one
    return _microseconds(offset)


def local_s(zone: str, at_us: int) -> int:
    """Return what the local clock shows at this moment, whole seconds."""
    return (at_us + offset_us(zone, at_us)) // SECOND_US


def date_local_s(text: str) -> int:
    """Return the midnight at which the date `2026-03-02` begins.

    Raises:
        DateUnreadable: the text is no such date.
    """
    try:
        return day_local_s(date.fromisoformat(text))
    except ValueError as e:
        raise DateUnreadable(f"{text!r} is no date; one looks like 2026-03-02") from e


def day_local_s(day: date) -> int:
    """Return the midnight at which a date begins."""
    return (day.toordinal() - _EPOCH_DAY) * DAY


def day_of(local_s: int) -> date:
    """Return the date that the local clock shows."""
    return date.fromordinal(local_s // DAY + _EPOCH_DAY)


def day_span(zone: str, day: str, day_offset_s: int = 0) -> tuple[int, int]:
    """Return begin and end of an order's day: local midnight to midnight, both moved by the offset.

    Raises:
        DateUnreadable: the text is no date.
    """
    begin = date_local_s(day) + day_offset_s
    return instant(zone, begin), instant(zone, begin + DAY)


def day_offset_s(text: str | None) -> int:
    """Return the seconds of a workflow's `dayOffset`, as in `06:00:00`; 0 for None.

    Raises:
        DateUnreadable: the text is no time of day.
    """
    if not text:
        return 0
    found = _TIME_OF_DAY.fullmatch(text)
    if not found:
        raise DateUnreadable(f"{text!r} is no time of day; one looks like 06:00:00")
    hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return hours * HOUR + minutes * MINUTE + seconds


def month_of(local_s: int) -> int:
    """Return the number of the month that the local clock shows: year * 12 + month - 1."""
    day = day_of(local_s)
    return day.year * 12 + day.month - 1


def month_local_s(month: int) -> int:
    """Return the midnight at which the month with this number begins."""
    return day_local_s(date(month // 12, month % 12 + 1, 1))


def _microseconds(offset: timedelta) -> int:
    return offset // timedelta(microseconds=1)
