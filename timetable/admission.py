"""Whether something is admitted, since when, until when, and when next.

Answers are asked for at each start of a job. Therefore windows are computed a month at a time
and kept. The rules:

* A period begins at its local time (see `timetable.local` for times that do not exist or exist
  twice). Its duration is elapsed time, but whole days are days of the calendar: they end at the
  same wall clock time, also where a day has 23 or 25 hours.
* Periods that overlap or touch are one window. The end does not belong to it.
* A month restriction cuts off what lies outside of the allowed months, at both sides.
* `day_offset_s` is the workflow's `dayOffset`. It moves no period, but the boundaries of months in
  restrictions and the order's day.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import chain

import msgspec

from timetable.begins import local_begins
from timetable.local import (
    DAY,
    SECOND_US,
    date_local_s,
    instant,
    local_s,
    month_local_s,
    month_of,
)
from timetable.scheme import AdmissionTimeScheme, Period, SpecificDatePeriod

HORIZON_DAYS = 1_096
"""JS7 looks so far ahead for the next admission."""

_HORIZON_MONTHS = 38
# Longer recurring periods overlap themselves anyway.
_LONGEST_S = 366 * DAY


class Window(msgspec.Struct, frozen=True, order=True):
    """An uninterrupted stretch of time in which something is admitted; the end is exclusive.

    A window is given with its true bounds, unless one is further away than about three years: it
    is cut there, beyond the horizon.
    """

    begin_us: int
    end_us: int


def admitted(
    scheme: AdmissionTimeScheme, zone: str, at_us: int, *, day_offset_s: int = 0
) -> Window | None:
    """Return the window that is open at this moment, None if closed.

    Raises:
        ZoneUnknown: there is no such zone.
    """
    found = _of_month(scheme, zone, month_of(at_us // SECOND_US), day_offset_s)
    index = bisect_right(found, at_us, key=lambda window: window.begin_us) - 1
    return found[index] if index >= 0 and at_us < found[index].end_us else None


def next_window(
    scheme: AdmissionTimeScheme,
    zone: str,
    from_us: int,
    *,
    horizon_days: int = HORIZON_DAYS,
    day_offset_s: int = 0,
) -> Window | None:
    """Return the window that is open at `from_us`, or the one that opens next.

    None means that none opens within the horizon.
    """
    to_us = from_us + horizon_days * DAY * SECOND_US
    for month in _months(from_us, to_us):
        for window in _of_month(scheme, zone, month, day_offset_s):
            if window.end_us > from_us:
                return window if window.begin_us < to_us else None
    return None


def windows(
    scheme: AdmissionTimeScheme, zone: str, from_us: int, to_us: int, *, day_offset_s: int = 0
) -> Iterator[Window]:
    """Yield the windows that are open sometime from `from_us` to before `to_us`, in order, uncut.

    Raises:
        ZoneUnknown: there is no such zone.
    """
    of_months = (_of_month(scheme, zone, month, day_offset_s) for month in _months(from_us, to_us))
    for window in joined(chain.from_iterable(of_months)):
        if window.begin_us >= to_us:
            return
        if window.end_us > from_us:
            yield window


@lru_cache(maxsize=4_096)
def begins_on(scheme: AdmissionTimeScheme, zone: str, day: str, day_offset_s: int = 0) -> bool:
    """Tell whether a period begins on this local day, `2026-03-02`, moved by the offset.

    A period that only reaches into the day does not count, nor one that begins in a month that is
    not allowed. Begins are compared as local times, so the zone changes nothing.

    Raises:
        DateUnreadable: `day` is no date.
    """
    low = date_local_s(day) + day_offset_s
    return any(
        _is_allowed(month_of(begin - day_offset_s), months)
        for months, period in _parts(scheme)
        if period.duration > 0
        for begin in local_begins(period, low, low + DAY)
    )


def joined(spans: Iterable[Window]) -> Iterator[Window]:
    """Yield spans in order of their begin, with those that overlap or touch made one."""
    open_span: Window | None = None
    for span in spans:
        if open_span is None:
            open_span = span
        elif span.begin_us <= open_span.end_us:
            open_span = Window(
                min(open_span.begin_us, span.begin_us), max(open_span.end_us, span.end_us)
            )
        else:
            yield open_span
            open_span = span
    if open_span is not None:
        yield open_span


def _months(from_us: int, to_us: int) -> range:
    """Return the months (UTC) concerned."""
    return range(month_of(from_us // SECOND_US), month_of((to_us - 1) // SECOND_US) + 1)


@lru_cache(maxsize=1_024)
def _of_month(
    scheme: AdmissionTimeScheme, zone: str, month: int, day_offset_s: int
) -> tuple[Window, ...]:
    """Return the windows open sometime in this month (UTC), each to its real begin and end."""
    from_us, to_us = (month_local_s(m) * SECOND_US for m in (month, month + 1))
    longest_s = max((_length_s(period) for _, period in _parts(scheme)), default=0) + DAY
    low, high = month - longest_s // (28 * DAY) - 1, month + 1
    while True:
        begun = (_begun_in(scheme, zone, m, day_offset_s) for m in range(low, high + 1))
        found = tuple(
            window
            for window in joined(sorted(chain.from_iterable(begun)))
            if window.end_us > from_us and window.begin_us < to_us
        )
        if not found:
            return ()
        # What begins outside of low..high may touch these windows only if they reach there.
        first_us = instant(zone, month_local_s(low) + longest_s)
        ends_us = instant(zone, month_local_s(high + 1))
        earlier = found[0].begin_us <= first_us and low > month - _HORIZON_MONTHS
        later = found[-1].end_us >= ends_us and high < month + _HORIZON_MONTHS
        if not earlier and not later:
            return found
        low, high = low - 12 * earlier, high + 13 * later


@lru_cache(maxsize=2_048)
def _begun_in(
    scheme: AdmissionTimeScheme, zone: str, month: int, day_offset_s: int
) -> tuple[Window, ...]:
    """Return the joined spans of the periods that begin in this local month."""
    low, high = month_local_s(month), month_local_s(month + 1)
    spans = (
        part
        for months, period in _parts(scheme)
        for begin in local_begins(period, low, high)
        for part in _allowed(_span(period, zone, begin), months, zone, day_offset_s)
    )
    return tuple(joined(sorted(span for span in spans if span.end_us > span.begin_us)))


def _parts(scheme: AdmissionTimeScheme) -> Iterator[tuple[tuple[int, ...] | None, Period]]:
    """Yield each period with the months it is restricted to, None for all."""
    for period in scheme.periods:
        yield None, period
    for restricted in scheme.restricted_schemes:
        months = restricted.restriction.months if restricted.restriction else None
        for period in restricted.periods:
            yield months, period


def _span(period: Period, zone: str, begin: int) -> Window:
    length = _length_s(period)
    begin_us = instant(zone, begin)
    if length % DAY == 0:
        return Window(begin_us, instant(zone, begin + length))
    return Window(begin_us, begin_us + length * SECOND_US)


def _length_s(period: Period) -> int:
    if isinstance(period, SpecificDatePeriod):
        return period.duration
    return min(period.duration, _LONGEST_S)


def _allowed(
    span: Window, months: tuple[int, ...] | None, zone: str, day_offset_s: int
) -> Iterator[Window]:
    """Yield the parts of a span within the allowed months."""
    if months is None:
        yield span
        return
    first, last = (
        month_of(local_s(zone, at_us) - day_offset_s) for at_us in (span.begin_us, span.end_us)
    )
    for month in range(first - 1, last + 2):
        if _is_allowed(month, months):
            begin_us, end_us = (
                instant(zone, month_local_s(m) + day_offset_s) for m in (month, month + 1)
            )
            yield Window(max(span.begin_us, begin_us), min(span.end_us, end_us))


def _is_allowed(month: int, months: tuple[int, ...] | None) -> bool:
    return months is None or month % 12 + 1 in months
