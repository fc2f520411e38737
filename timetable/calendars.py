"""The days of calendars that know each other by name.

A `Calendars` remembers what it has computed, so one is made for a whole plan. It never changes
what it answers.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date

from timetable.calendar import NO_RESTRICTION, Calendar, Frequencies, Restriction
from timetable.day_bits import Span, date_of, days_in, span_of
from timetable.errors import CalendarsCircular, CalendarUnknown
from timetable.restriction import counting_span, restricted
from timetable.rules import found_days, own_window


class Calendars:
    """Calendars by name.

    Args:
        documents: all that are referred to, working and non-working ones.
    """

    def __init__(self, documents: Mapping[str, Calendar]) -> None:
        self.documents = documents
        self._known: dict[tuple[str, Span], int] = {}
        self._open: list[str] = []

    def days(
        self, name: str, first: date, last: date, restriction: Restriction = NO_RESTRICTION
    ) -> list[date]:
        """Return the days of a calendar from `first` to `last`, both inclusive, ascending.

        Raises:
            CalendarUnknown: this one, or one it excludes, is missing.
            CalendarsCircular: a calendar excludes itself in the end.
        """
        return self._days(lambda span: self.bits(name, span), first, last, restriction)

    def days_of(
        self,
        calendar: Calendar,
        first: date,
        last: date,
        restriction: Restriction = NO_RESTRICTION,
    ) -> list[date]:
        """Return the days of a calendar that need not be one of these."""
        return self._days(lambda span: self.bits_of(calendar, span), first, last, restriction)

    def bits(self, name: str, span: Span) -> int:
        """Return the days of a named calendar as a set, see `timetable.day_bits`."""
        known = self._known.get((name, span))
        if known is None:
            known = self._known[name, span] = self._computed(name, span)
        return known

    def bits_of(self, calendar: Calendar, span: Span) -> int:
        """Return the days of a calendar as a set."""
        days = own_window(calendar, span)
        if not days:
            return 0
        included = _united(calendar.includes, span)
        excluded = _united(calendar.excludes, span)
        others = self.united(calendar.excludes.non_working_day_calendars, span)
        return days & included & ~excluded & ~others

    def restricted_bits(self, name: str, restriction: Restriction, span: Span) -> int:
        """Return what a restriction leaves of a named calendar's days."""
        return self._left(lambda wide: self.bits(name, wide), restriction, span)

    def base(self, name: str, restriction: Restriction, span: Span) -> int:
        """Return the days in which a restriction counts."""
        others = self.united(restriction.excludes.non_working_day_calendars, span)
        return self.bits(name, span) & ~others

    def united(self, names: Iterable[str], span: Span) -> int:
        """Return the days of all these calendars."""
        bits = 0
        for name in names:
            bits |= self.bits(name, span)
        return bits

    def _days(
        self, bits: Callable[[Span], int], first: date, last: date, restriction: Restriction
    ) -> list[date]:
        if first > last:
            return []
        span = span_of(first, last)
        return [date_of(d) for d in days_in(self._left(bits, restriction, span), span.first)]

    def _left(self, bits: Callable[[Span], int], restriction: Restriction, span: Span) -> int:
        """Return what a restriction leaves of days; those that count may lie outside the span."""
        if restriction == NO_RESTRICTION:
            return bits(span)
        wide = counting_span(restriction, span)
        others = self.united(restriction.excludes.non_working_day_calendars, wide)
        return restricted(bits(wide) & ~others, wide, restriction, span)

    def _computed(self, name: str, span: Span) -> int:
        calendar = self._named(name)
        if name in self._open:
            raise CalendarsCircular(f"Calendar {name} excludes itself: {', '.join(self._open)}")
        self._open.append(name)
        try:
            return self.bits_of(calendar, span)
        finally:
            self._open.pop()

    def _named(self, name: str) -> Calendar:
        try:
            return self.documents[name]
        except KeyError:
            raise CalendarUnknown(f"There is no calendar {name}") from None


def _united(rules: Frequencies, span: Span) -> int:
    bits = 0
    for found in found_days(rules, span):
        bits |= found.bits
    return bits
