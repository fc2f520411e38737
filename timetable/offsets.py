"""Where a zone's clock is put forward or back, as whole numbers.

Thousands of starts are computed at once. Asking the zone for each of them would take most of the
time; so the changes of a zone are searched once a year of the zone and kept, and all else is
adding. Seconds since the epoch are `*_s`, local seconds (see `timetable.local`) `*_local_s`.
"""

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import msgspec

from timetable.day_bits import Span, window
from timetable.local import DAY, zone_named

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_YEAR, _LAST_YEAR = 2, 9_997
"""Years in which local times can be asked for at all."""

_STEP = DAY
"""No zone has two changes within a day that cancel each other out."""


class Change(msgspec.Struct, frozen=True):
    """At `at_s` the clock's distance to UTC changes from `before` to `after` seconds."""

    at_s: int
    before: int
    after: int

    @property
    def begin_local_s(self) -> int:
        """Begin of the local times that are missing or exist twice."""
        return self.at_s + min(self.before, self.after)

    @property
    def end_local_s(self) -> int:
        """Their end, exclusive."""
        return self.at_s + max(self.before, self.after)

    @property
    def is_gap(self) -> bool:
        """Whether local times are missing; else they exist twice."""
        return self.after > self.before


def changes_between(zone: str, low_s: int, high_s: int) -> tuple[Change, ...]:
    """Return the changes from `low_s` inclusive to `high_s` exclusive, ascending.

    Raises:
        ZoneUnknown: there is no such zone.
    """
    years = range(_year(low_s), _year(high_s) + 1)
    of_years = (change for year in years for change in _changes_of(zone, year))
    return tuple(change for change in of_years if low_s <= change.at_s < high_s)


def changes_near(zone: str, local_s: int) -> tuple[Change, ...]:
    """Return the changes that could concern this local time: three days to both sides."""
    return _changes_around(zone, local_s // DAY)


class Placed(msgspec.Struct, frozen=True):
    """The moments at which a local clock shows a time: two in an overlap, else the same twice.

    Where the time is missing, both are moved forward by the length of the gap, as a clock shows
    that nobody has put forward.
    """

    first_s: int
    second_s: int
    gap: Change | None = None


def placed(zone: str, local_s: int) -> Placed:
    """Return where a local time lies on the line of all moments.

    Raises:
        ZoneUnknown: there is no such zone.
    """
    changes = changes_near(zone, local_s)
    offset = changes[0].before if changes else offset_s(zone, local_s)
    for change in changes:
        if local_s < change.begin_local_s:
            break
        if local_s < change.end_local_s:
            first_s = local_s - change.before
            if change.is_gap:
                return Placed(first_s, first_s, change)
            return Placed(first_s, local_s - change.after)
        offset = change.after
    return Placed(local_s - offset, local_s - offset)


@lru_cache(maxsize=8_192)
def is_date_missing(zone: str, day: int) -> bool:
    """Tell whether the zone left this date out, as Samoa did with 30 December 2011."""
    gap = placed(zone, day * DAY).gap
    return gap is not None and gap.end_local_s >= (day + 1) * DAY


def offset_s(zone: str, at_s: int) -> int:
    """Return how many seconds the local clock is ahead of UTC at this moment."""
    return _offset(zone_named(zone), at_s)


@lru_cache(maxsize=512)
def steady_days(zone: str, span: Span) -> tuple[tuple[int, int], ...]:
    """Return offsets, and for each the days around which no clock changes, as a set in the span.

    A day is steady if its offset holds from the midnight at which it begins to two midnights
    later, both inclusive.
    """
    low_s, high_s = (span.first - 2) * DAY, (span.last + 5) * DAY
    changes = changes_between(zone, low_s, high_s)
    found: defaultdict[int, int] = defaultdict(int)
    # No clock is further from UTC than a day.
    begin, offset = low_s + DAY, offset_s(zone, low_s)
    for change in (*changes, Change(high_s, 0, 0)):
        found[offset] |= window(span, -(-begin // DAY), (change.begin_local_s - 1) // DAY - 2)
        begin, offset = change.end_local_s, change.after
    return tuple((offset, days) for offset, days in found.items() if days)


def _year(at_s: int) -> int:
    year = (_EPOCH + timedelta(seconds=at_s)).year
    return min(max(year, _FIRST_YEAR), _LAST_YEAR)


@lru_cache(maxsize=8_192)
def _changes_around(zone: str, day: int) -> tuple[Change, ...]:
    return changes_between(zone, (day - 3) * DAY, (day + 4) * DAY)


@lru_cache(maxsize=8_192)
def _changes_of(zone: str, year: int) -> tuple[Change, ...]:
    """Return the changes of a year (UTC), found by asking once a day and halving."""
    clock = zone_named(zone)
    begin, end = (
        int((datetime(y, 1, 1, tzinfo=UTC) - _EPOCH).total_seconds()) for y in (year, year + 1)
    )
    found: list[Change] = []
    before = _offset(clock, begin - 1)
    for low in range(begin - 1, end - 1, _STEP):
        high = min(low + _STEP, end - 1)
        after = _offset(clock, high)
        if after != before:
            found.append(_halved(clock, low, high))
            before = after
    return tuple(found)


def _halved(clock: ZoneInfo, low: int, high: int) -> Change:
    before, after = _offset(clock, low), _offset(clock, high)
    while high - low > 1:
        middle = (low + high) // 2
        if _offset(clock, middle) == before:
            low = middle
        else:
            high = middle
    return Change(high, before, after)


def _offset(clock: ZoneInfo, at_s: int) -> int:
    offset = (_EPOCH + timedelta(seconds=at_s)).astimezone(clock).utcoffset()
    assert offset is not None  # noqa: S101  # a ZoneInfo always has one
    return offset.days * DAY + offset.seconds
