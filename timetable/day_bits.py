"""Sets of days as the bits of one number, so that uniting and excluding is one operation.

A *day* is the number of days since 1970-01-01. A `Span` is a stretch of days; a set within it is
an int whose bit `i` stands for the day `first + i`. Nothing here knows what the days are for.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from functools import lru_cache
from itertools import compress, count

import msgspec

_EPOCH = date(1970, 1, 1).toordinal()
_TRUE_OF_DIGIT = bytes(digit == ord("1") for digit in range(256))
_THURSDAY = 4
"""The weekday of day 0, counted from Sunday."""


class Span(msgspec.Struct, frozen=True):
    """The days from `first` to `last`, both inclusive; at least one."""

    first: int
    last: int

    @property
    def size(self) -> int:
        """The number of days."""
        return self.last - self.first + 1

    @property
    def all(self) -> int:
        """The set of all days of the span."""
        return (1 << self.size) - 1


class MonthSpan(msgspec.Struct, frozen=True):
    """A whole month: `number` counts months, year * 12 + month - 1."""

    number: int
    first: int
    length: int


def day_number(day: date) -> int:
    """Return the days since 1970-01-01."""
    return day.toordinal() - _EPOCH


@lru_cache(maxsize=8_192)
def date_of(day: int) -> date:
    """Return the date of a day."""
    return date.fromordinal(day + _EPOCH)


def span_of(first: date, last: date) -> Span:
    """Return the span between two dates, both inclusive."""
    return Span(day_number(first), day_number(last))


def weekday_of(day: int) -> int:
    """Return 0 for Sunday to 6 for Saturday."""
    return (day + _THURSDAY) % 7


def days_in(bits: int, first: int) -> Iterator[int]:
    """Return the days of a set, ascending; `first` is the day of bit 0."""
    return compress(count(first), f"{bits:b}"[::-1].encode().translate(_TRUE_OF_DIGIT))


def of_days(days: Iterable[int], span: Span) -> int:
    """Return those of the days that lie in the span."""
    bits = 0
    for day in days:
        if span.first <= day <= span.last:
            bits |= 1 << day - span.first
    return bits


def of_weekdays(weekdays: Iterable[int], span: Span) -> int:
    """Return all days of these weekdays; 0 is Sunday, and so is 7."""
    first = weekday_of(span.first)
    week = 0
    for weekday in weekdays:
        week |= 1 << (weekday - first) % 7
    return week * _comb(7, -(-span.size // 7)) & span.all


def every(step: int, anchor: int, span: Span) -> int:
    """Return the anchor and every `step`-th day after it."""
    first = anchor if anchor >= span.first else span.first + (anchor - span.first) % step
    if first > span.last:
        return 0
    return _comb(step, (span.last - first) // step + 1) << first - span.first


def window(span: Span, low: int | None, high: int | None) -> int:
    """Return the days from `low` to `high`, both inclusive; None is no limit."""
    begin = span.first if low is None else max(low, span.first)
    end = span.last if high is None else min(high, span.last)
    return ((1 << end - begin + 1) - 1) << begin - span.first if begin <= end else 0


def moved(bits: int, from_span: Span, to_span: Span) -> int:
    """Return a set as one of another span; days outside of that are lost."""
    by = to_span.first - from_span.first
    return (bits >> by if by >= 0 else bits << -by) & to_span.all


def whole_months(span: Span) -> Span:
    """Return the span widened to whole months."""
    months = months_of(span)
    return Span(months[0].first, months[-1].first + months[-1].length - 1)


@lru_cache(maxsize=1_024)
def months_of(span: Span) -> tuple[MonthSpan, ...]:
    """Return the months of which a day lies in the span."""
    return tuple(month_span(n) for n in range(month_of(span.first), month_of(span.last) + 1))


@lru_cache(maxsize=16_384)
def month_span(number: int) -> MonthSpan:
    """Return the days of the month with this number."""
    first = day_number(date(number // 12, number % 12 + 1, 1))
    if number == date.max.year * 12 + 11:
        return MonthSpan(number, first, 31)
    following = number + 1
    end = day_number(date(following // 12, following % 12 + 1, 1))
    return MonthSpan(number, first, end - first)


def month_of(day: int) -> int:
    """Return the number of a day's month."""
    shown = date_of(day)
    return shown.year * 12 + shown.month - 1


@lru_cache(maxsize=4_096)
def _comb(step: int, teeth: int) -> int:
    """Return a number with `teeth` bits set, each `step` bits from the next."""
    return ((1 << step * teeth) - 1) // ((1 << step) - 1)
