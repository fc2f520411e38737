"""Restrictions: what a schedule leaves of the days of a calendar.

Rules count in the days that the calendar gives, in whole months: `monthdays: [4]` is the fourth of
them, the notion of "4th working day". A rule with a window says nothing about days outside of it,
and a day about which no rule says anything stays.
"""

from collections.abc import Iterator

from timetable.calendar import Frequencies, MonthDays, Repetition, RepetitionKind, Restriction
from timetable.day_bits import (
    Span,
    date_of,
    days_in,
    months_of,
    moved,
    of_days,
    whole_months,
    window,
)
from timetable.rules import Found, anchor_of, clipped, found_days, is_due, nth_weekdays


def counting_span(restriction: Restriction, span: Span) -> Span:
    """Return the days that must be known to count: whole months, weeks, and from each anchor."""
    wide = whole_months(Span(span.first - 6, span.last))
    anchors = [
        anchor_of(rule)
        for rule in _repetitions(restriction)
        if rule.repetition is RepetitionKind.DAILY
    ]
    return Span(min([wide.first, *anchors]), wide.last)


def restricted(base: int, base_span: Span, restriction: Restriction, span: Span) -> int:
    """Return the days of the span that are left.

    Args:
        base: the days of the calendar, without the non-working days that the restriction names.
        base_span: of `base`; at least `counting_span`.
        restriction: its named calendars are not looked up here.
        span: the days asked for.
    """
    listed = moved(base, base_span, span)
    if restriction.includes == _NONE and restriction.excludes == _NONE:
        return listed
    kept, governed, removed = 0, 0, 0
    for found in counted(restriction.includes, base, base_span, span):
        kept |= found.bits
        governed |= found.window
    for found in counted(restriction.excludes, base, base_span, span):
        removed |= found.bits
    return listed & (kept | ~governed) & ~removed


def counted(rules: Frequencies, base: int, base_span: Span, span: Span) -> Iterator[Found]:
    """Yield what each rule means within the days of the calendar."""
    listed = moved(base, base_span, span)
    counting = _Counting(base, base_span)
    for path, bits, days in found_days(rules, span, counting.count):
        yield Found(path, bits & listed, days)


_NONE = Frequencies()


class _Counting:
    """Counts in the days of a calendar instead of all days."""

    def __init__(self, base: int, base_span: Span) -> None:
        self._base = base
        self._span = base_span

    def count(self, rule: MonthDays | Repetition, span: Span, from_end: bool) -> int:  # noqa: FBT001
        if isinstance(rule, MonthDays):
            return self._monthly(rule, span, from_end=from_end)
        match rule.repetition:
            case RepetitionKind.DAILY:
                return self._daily(rule, span)
            case RepetitionKind.WEEKLY:
                return self._weekly(rule, span)
            case _:
                return self._on_or_after(rule, span)

    def _monthly(self, rule: MonthDays, span: Span, *, from_end: bool) -> int:
        bits = nth_weekdays(rule.weekly_days, span, from_end=from_end)
        for month in months_of(span) if rule.days else ():
            days = self._between(month.first, month.first + month.length - 1)
            days = days[::-1] if from_end else days
            bits |= of_days((days[k - 1] for k in rule.days if k <= len(days)), span)
        return bits

    def _daily(self, rule: Repetition, span: Span) -> int:
        """Every nth of the days from the anchor on."""
        anchor = anchor_of(rule)
        first = max(anchor, span.first)
        before = self._base & window(self._span, anchor, first - 1)
        skipped = -before.bit_count() % rule.step
        return of_days(self._between(first, span.last)[skipped :: rule.step], span)

    def _weekly(self, rule: Repetition, span: Span) -> int:
        """Return the first of the days in every nth block of seven days from the anchor."""
        anchor, length = anchor_of(rule), 7 * rule.step
        begin = max(anchor, span.first - (span.first - anchor) % length)
        blocks = (self._between(b, b + 6)[:1] for b in range(begin, span.last + 1, length))
        return of_days((day for block in blocks for day in block), span)

    def _on_or_after(self, rule: Repetition, span: Span) -> int:
        """Return the first of the days on or after the anchor's day of month, in its month."""
        day = date_of(anchor_of(rule)).day
        found = (
            self._between(clipped(day, month), month.first + month.length - 1)[:1]
            for month in months_of(span)
            if is_due(rule, month)
        )
        return of_days((d for days in found for d in days), span)

    def _between(self, low: int, high: int) -> list[int]:
        bits = self._base & window(self._span, low, high)
        shift = max(low - self._span.first, 0)
        return list(days_in(bits >> shift, self._span.first + shift)) if bits else []


def _repetitions(restriction: Restriction) -> Iterator[Repetition]:
    for rules in (restriction.includes, restriction.excludes):
        yield from rules.repetitions
        for months in rules.months:
            yield from months.repetitions
