"""What the calendar editor shows of a draft: rules, months, a day with its reason.

Computed by the timetable that plans, never by rules of its own. Keeps nothing.
"""

from datetime import date
from typing import Any, NamedTuple

import msgspec
from django.http import QueryDict

from cockpit.access.policy import Account
from cockpit.pages.calendar_known import (
    dated,
    holiday_lines,
    named_calendars,
    released_calendars,
    with_dates,
)
from cockpit.pages.calendar_months import Mark, Month, Range, inverted, months_of, range_of
from cockpit.pages.calendar_places import is_at
from inventory.deployed import deployed_items
from timetable.calendar import Calendar
from timetable.calendars import Calendars
from timetable.day_bits import Span, date_of, days_in, span_of
from timetable.errors import TimetableError
from timetable.explain import DayReason, explain_calendar
from timetable.rules import found_days


class Shown(NamedTuple):
    """The months of a calendar; `more` and `fewer` count days against what is released."""

    range: Range
    months: list[Month]
    days: int
    view: str
    diff: bool
    has_released: bool
    more: int
    fewer: int
    problem: str = ""


class Asked(NamedTuple):
    """What an address asks for: which months, how, and which day is checked."""

    range: Range
    view: str
    diff: bool
    day: date | None


def asked_in(given: QueryDict, today: date) -> Asked:
    """Return the view that an address asks for; what cannot be read is as if not given."""
    try:
        day = date.fromisoformat(given.get("day", ""))
    except ValueError:
        day = None
    view = "inverted" if given.get("view") == "inverted" else "days"
    return Asked(range_of(given.get("year", ""), today), view, "diff" in given, day)


class Looked(NamedTuple):
    """A calendar with the others that it names, dated for the years that are shown."""

    calendar: Calendar
    known: Calendars
    years: tuple[int, ...]

    def days(self, shown: Range) -> set[date]:
        """Return its days."""
        return set(self.known.days_of(self.calendar, shown.first, shown.last))

    def reason(self, day: date) -> DayReason:
        """Return why a day is one of the calendar, or not."""
        return explain_calendar(self.calendar, self.known, day, day)[0]


def looked_at(calendar: Calendar, account: Account, asked: Asked) -> Looked:
    """Return a calendar ready to be asked."""
    years = _years(asked)
    others = named_calendars(calendar.excludes.non_working_day_calendars, account)
    return Looked(with_dates(calendar, years), dated(others, years), years)


def released_of(path: str, account: Account, asked: Asked) -> Looked | None:
    """Return the calendar as it is released, None where it is not."""
    found = deployed_items().filter(kind="calendar", path=path).values_list("document", flat=True)
    for document in found[:1]:
        calendar = msgspec.json.decode(bytes(document), type=Calendar)
        others = released_calendars(calendar.excludes.non_working_day_calendars, account)
        return Looked(calendar, dated(others, ()), _years(asked))
    return None


def shown_months(looked: Looked, released: Looked | None, asked: Asked, today: date) -> Shown:
    """Return the months of a calendar; a sentence instead where it cannot be computed."""
    try:
        days = looked.days(asked.range)
        before = released.days(asked.range) if released else days
    except TimetableError as problem:
        none = Shown(asked.range, [], 0, asked.view, asked.diff, released is not None, 0, 0)
        return none._replace(problem=f"{problem}.")
    marks = _marks(looked, days, asked.range)
    if asked.diff and released:
        marks = _compared(marks, days, before)
    if asked.view == "inverted":
        marks = inverted(marks, asked.range)
    return Shown(
        asked.range, months_of(asked.range, marks, today), len(days), asked.view, asked.diff,
        released is not None, len(days - before), len(before - days),
    )  # fmt: skip


def _marks(looked: Looked, days: set[date], shown: Range) -> dict[date, Mark]:
    """Return a mark for each day that some rule means."""
    span = span_of(shown.first, shown.last)
    meant = _united(looked.calendar, span)
    names = _holiday_names(looked)
    marks = {}
    for number in days_in(meant, span.first):
        day = date_of(number)
        look, said = ("in", "in") if day in days else ("hatched", "excluded")
        named = names.get(day.isoformat(), "")
        marks[day] = Mark(look, ", ".join(filter(None, (said, named))))
    return marks


def _united(calendar: Calendar, span: Span) -> int:
    bits = 0
    for found in found_days(calendar.includes, span):
        bits |= found.bits
    return bits


def _compared(marks: dict[date, Mark], days: set[date], before: set[date]) -> dict[date, Mark]:
    found = dict(marks)
    for day in days - before:
        found[day] = found[day]._replace(
            change="added", sign="+", says="in, not in what is released"
        )
    for day in before - days:
        look = found[day].look if day in found else "out"
        found[day] = Mark(look, "out, but in what is released", "\N{MINUS SIGN}", "removed")
    return found


def _holiday_names(looked: Looked) -> dict[str, str]:
    """Return the names of public holidays that the calendar's rules are about, by day."""
    rules = (*looked.calendar.includes.holidays, *looked.calendar.excludes.holidays)
    labels = {rule.national_calendar for rule in rules if rule.national_calendar}
    lines = (line for label in sorted(labels) for line in holiday_lines(label, looked.years))
    return dict(line.split(" ", 1) for line in lines if " " in line)


def _years(asked: Asked) -> tuple[int, ...]:
    years = {asked.range.first.year, asked.range.last.year}
    return tuple(sorted(years | ({asked.day.year} if asked.day else set())))


def sentence_with_capital(sentence: str) -> str:
    """Return a sentence as it stands alone."""
    return f"{sentence[:1].upper()}{sentence[1:]}." if sentence else ""


def detail_of(reason: DayReason, numbers: dict[str, int]) -> dict[str, Any]:
    """Return a reason for its template, with place and number of the card that decided."""
    at = [place for place in numbers if is_at(reason.place, place)]
    place = max(at, key=len, default="")
    return {"reason": reason, "number": numbers.get(place), "place": place}
