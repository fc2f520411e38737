"""Why a day is one of a calendar, of an entry or of a schedule, or why not.

It asks the same functions that plan, so it cannot say anything else than what is planned.
"""

from collections.abc import Iterable
from datetime import date

import msgspec

from timetable.calendar import Calendar, Frequencies
from timetable.calendar_words import counted_rule_words, restriction_sentence, rule_words
from timetable.calendars import Calendars
from timetable.day_bits import Span, date_of, span_of
from timetable.problem import place_text
from timetable.restriction import counted, counting_span
from timetable.rules import Found, Path, found_days
from timetable.schedule import AssignedCalendar


class DayReason(msgspec.Struct, frozen=True):
    """Whether a day belongs, and the rule that decided."""

    day: date
    is_in: bool
    sentence: str
    place: str
    """The rule, as in `excludes.weekdays[0]`; empty if no rule decided."""

    calendar: str = ""
    """The calendar in whose document the place is; empty for the document that was asked."""


def explain_calendar(
    calendar: Calendar, calendars: Calendars, first: date, last: date, name: str = ""
) -> list[DayReason]:
    """Return a reason for each day from `first` to `last`, both inclusive.

    Args:
        calendar: need not be one of `calendars`.
        calendars: those that it names.
        first: the first day.
        last: the last day.
        name: is put into the reasons.
    """
    if first > last:
        return []
    span = span_of(first, last)
    included = list(found_days(calendar.includes, span))
    excluded = [*_named(calendar.excludes, calendars, span), *found_days(calendar.excludes, span)]
    reasons = (
        _outside(calendar, date_of(day))
        or _included(calendar, date_of(day), hit(included, day, span), hit(excluded, day, span))
        for day in range(span.first, span.last + 1)
    )
    return [msgspec.structs.replace(reason, calendar=name) for reason in reasons]


def explain_entry(
    entry: AssignedCalendar, calendars: Calendars, first: date, last: date
) -> list[DayReason]:
    """Return a reason for each day of an entry's calendar with the entry's restriction.

    Places are within the entry, or within its calendar where that decided.
    """
    if first > last:
        return []
    name, restriction, span = entry.calendar_name, entry.restriction, span_of(first, last)
    wide = counting_span(restriction, span)
    base = calendars.base(name, restriction, wide)
    kept = list(counted(restriction.includes, base, wide, span))
    removed = [
        *_named(restriction.excludes, calendars, span),
        *counted(restriction.excludes, base, wide, span),
    ]
    of_calendar = explain_calendar(calendars.documents[name], calendars, first, last, name)
    return [
        reason if not reason.is_in else _restricted(entry, reason, kept, removed, span)
        for reason in of_calendar
    ]


def named_days(names: Iterable[str], calendars: Calendars, span: Span) -> list[Found]:
    """Return the days of named calendars as if each were a rule."""
    return [
        Found(("nonWorkingDayCalendars", i), calendars.bits(name, span), span.all)
        for i, name in enumerate(names)
    ]


def hit(found: Iterable[Found], day: int, span: Span) -> Found | None:
    """Return the first rule that means a day."""
    return next((rule for rule in found if rule.bits >> (day - span.first) & 1), None)


def _named(rules: Frequencies, calendars: Calendars, span: Span) -> list[Found]:
    return named_days(rules.non_working_day_calendars, calendars, span)


def _outside(calendar: Calendar, day: date) -> DayReason | None:
    if calendar.from_day and day < calendar.from_day:
        return _out(day, f"The calendar begins on {calendar.from_day}.", "from")
    if calendar.to_day and day > calendar.to_day:
        return _out(day, f"The calendar ends on {calendar.to_day}.", "to")
    return None


def _included(
    calendar: Calendar, day: date, included: Found | None, excluded: Found | None
) -> DayReason:
    if included is None:
        return _out(day, "No rule includes this day.", "")
    if excluded is None:
        said = f"Included: {rule_words(calendar.includes, included.path)}."
        return DayReason(day=day, is_in=True, sentence=said, place=_place("includes", included))
    said = f"Excluded: {_excluding_words(calendar.excludes, excluded.path)}."
    return _out(day, said, _place("excludes", excluded))


def _restricted(
    entry: AssignedCalendar,
    reason: DayReason,
    kept: list[Found],
    removed: list[Found],
    span: Span,
) -> DayReason:
    """Return why a day of the calendar is left by the restriction, or not."""
    day = span_of(reason.day, reason.day).first
    if excluded := hit(removed, day, span):
        words = _excluding_words(entry.excludes, excluded.path, counts=True)
        place = _place("excludes", excluded)
        return _out(reason.day, f"Excluded: {words}.", place)
    if included := hit(kept, day, span):
        words = counted_rule_words(entry.includes, included.path)
        place = _place("includes", included)
        return DayReason(reason.day, is_in=True, sentence=f"Included: {words}.", place=place)
    if any(rule.window >> (day - span.first) & 1 for rule in kept):
        words = restriction_sentence(msgspec.structs.replace(entry.restriction, excludes=_NONE))
        return _out(reason.day, f"The restriction leaves {words}.", "includes")
    return reason


_NONE = Frequencies()


def _excluding_words(rules: Frequencies, path: Path, *, counts: bool = False) -> str:
    if path[0] == "nonWorkingDayCalendars":
        return f"a day of {rules.non_working_day_calendars[int(path[-1])]}"
    return counted_rule_words(rules, path) if counts else rule_words(rules, path)


def _out(day: date, sentence: str, place: str) -> DayReason:
    return DayReason(day=day, is_in=False, sentence=sentence, place=place)


def _place(field: str, found: Found) -> str:
    return place_text((field, *found.path))
