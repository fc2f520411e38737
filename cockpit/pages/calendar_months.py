"""Months as tables of days, each with how it looks and what it says. Pure."""

from calendar import Calendar as Weeks
from collections.abc import Mapping
from datetime import date, timedelta
from typing import NamedTuple

from timetable.phrases import MONTHS, WEEKDAYS

SHOWN_MONTHS = 12


class Mark(NamedTuple):
    """What is known of a day. `sign` stands beside its number, `says` is for people.

    `look` is `in`, `out`, or `hatched`: meant by a rule and taken out by another one.
    """

    look: str
    says: str = ""
    sign: str = ""
    change: str = ""


class Cell(NamedTuple):
    """A day of a month's table; None outside of the month."""

    day: date | None
    css: str = ""
    sign: str = ""
    says: str = ""


class Month(NamedTuple):
    """A month's table; `total` are its days that are in."""

    title: str
    total: int
    weeks: tuple[tuple[Cell, ...], ...]


class Range(NamedTuple):
    """Twelve months from the first of one on."""

    first: date

    @property
    def last(self) -> date:
        """The last day."""
        return date(self.first.year + 1, self.first.month, 1) - timedelta(days=1)

    @property
    def title(self) -> str:
        """Such as `2027`, or `Nov 2026 to Oct 2027`."""
        if self.first.month == 1:
            return str(self.first.year)
        return f"{_short(self.first)} to {_short(self.last)}"


FIRST_YEAR, LAST_YEAR = 1900, 2200


def range_of(year: str, today: date) -> Range:
    """Return the year that an address asks for; without one twelve months from this one on."""
    if year.isdecimal() and len(year) == 4 and FIRST_YEAR <= int(year) <= LAST_YEAR:
        return Range(date(int(year), 1, 1))
    return Range(today.replace(day=1))


def months_of(shown: Range, marks: Mapping[date, Mark], today: date) -> list[Month]:
    """Return the twelve months, weeks from Monday on."""
    found = []
    for n in range(SHOWN_MONTHS):
        year, month = divmod(shown.first.year * 12 + shown.first.month - 1 + n, 12)
        found.append(_month(year, month + 1, marks, today))
    return found


def inverted(marks: Mapping[date, Mark], shown: Range) -> dict[date, Mark]:
    """Return the marks with days that are in and out exchanged."""
    length = (shown.last - shown.first).days + 1
    days = (shown.first + timedelta(days=n) for n in range(length))
    found = {day: marks.get(day, Mark("out", "out")) for day in days}
    return {
        day: mark._replace(look="out" if mark.look == "in" else "in") for day, mark in found.items()
    }


def _month(year: int, month: int, marks: Mapping[date, Mark], today: date) -> Month:
    weeks = tuple(
        tuple(_cell(day if day.month == month else None, marks, today) for day in week)
        for week in Weeks().monthdatescalendar(year, month)
    )
    total = sum(
        mark.look == "in" for day, mark in marks.items() if (day.year, day.month) == (year, month)
    )
    return Month(f"{MONTHS[month - 1]} {year}", total, weeks)


def _cell(day: date | None, marks: Mapping[date, Mark], today: date) -> Cell:
    if day is None:
        return Cell(None)
    mark = marks.get(day, Mark("out"))
    css = " ".join(filter(None, (mark.look, mark.change, "today" if day == today else "")))
    named = f"{WEEKDAYS[day.weekday()]} {day.day} {MONTHS[day.month - 1]} {day.year}"
    return Cell(day, css, mark.sign, ": ".join(filter(None, (named, mark.says))))


def _short(day: date) -> str:
    return f"{MONTHS[day.month - 1][:3]} {day.year}"
