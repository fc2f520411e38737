"""The calendars that a page looks at, as drafts say them or as they are released.

National holidays have their dates here, as they will have once they are released.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

import msgspec

from cockpit.access.gate import restrict, rows
from cockpit.access.policy import Account
from inventory.deployed import deployed_items
from inventory.models import Item
from inventory.paths import name_of
from inventory.source import values_of
from timetable.calendar import Calendar, CalendarType
from timetable.calendars import Calendars
from timetable.check import read_calendar
from timetable.errors import NationalCalendarUnknown
from timetable.national import (
    NationalHoliday,
    frozen,
    national_calendars,
    national_holidays,
)

MOST_CHOICES = 1_000


class Choice(NamedTuple):
    """A calendar that may be chosen: the name that documents use, its path, its title."""

    name: str
    path: str
    title: str


def calendar_of(source: str) -> Calendar | None:
    """Return the calendar that a draft says, None where it cannot be read."""
    return _calendar(source)


@lru_cache(maxsize=2_000)
def _calendar(source: str) -> Calendar | None:
    data = values_of(source).data
    return read_calendar(data).document if data is not None else None


def named_calendars(names: Iterable[str], account: Account) -> dict[str, Calendar]:
    """Return calendars by the names that documents use, with those that they name themselves.

    Drafts go before what is released. Those that an account may not see are missing.
    """
    found: dict[str, Calendar] = {}
    open_names = set(names)
    while open_names:
        more = _released(open_names, account) | _drafts(open_names, account)
        found |= more
        inner = {n for c in more.values() for n in c.excludes.non_working_day_calendars}
        open_names = inner - found.keys()
    return found


def released_calendars(names: Iterable[str], account: Account) -> dict[str, Calendar]:
    """Return calendars as they are released now, with those that they name."""
    found: dict[str, Calendar] = {}
    open_names = set(names)
    while open_names:
        more = _released(open_names, account)
        found |= more
        inner = {n for c in more.values() for n in c.excludes.non_working_day_calendars}
        open_names = inner - found.keys()
    return found


def dated(calendars: dict[str, Calendar], years: Iterable[int]) -> Calendars:
    """Return the calendars with the holidays of these years, ready to be asked for days."""
    return Calendars({name: with_dates(c, years) for name, c in calendars.items()})


def with_dates(calendar: Calendar, years: Iterable[int]) -> Calendar:
    """Return a calendar with the dates of holidays; of countries nobody knows there are none."""
    try:
        return frozen(calendar, years)
    except NationalCalendarUnknown:
        return calendar


def choices(account: Account, wanted: CalendarType) -> list[Choice]:
    """Return the calendars of a type that may be named, by name."""
    drafts = rows(Item, account).filter(kind="calendar", trashed_at__isnull=True)
    return [
        Choice(item.name, item.path, item.title)
        for item in drafts.order_by("name")[:MOST_CHOICES]
        if (found := calendar_of(item.source)) is not None and found.type is wanted
    ]


def holiday_lines(label: str, years: Sequence[int]) -> list[str]:
    """Return the public holidays of these years, a line each; none of a country nobody knows."""
    try:
        return [f"{each.day} {each.name}" for each in _holidays(label, tuple(years))]
    except NationalCalendarUnknown:
        return []


@lru_cache(maxsize=500)
def _holidays(label: str, years: tuple[int, ...]) -> tuple[NationalHoliday, ...]:
    return tuple(national_holidays(label, years))


@lru_cache(maxsize=1)
def countries() -> dict[str, tuple[str, ...]]:
    """Return the regions of each country whose holidays are known."""
    return {each.country: each.regions for each in national_calendars()}


def _drafts(names: Iterable[str], account: Account) -> dict[str, Calendar]:
    wanted = set(names)
    drafts = rows(Item, account).filter(kind="calendar", trashed_at__isnull=True)
    found = {}
    for item in drafts.filter(name__in={name_of(name) for name in wanted}):
        calendar = calendar_of(item.source)
        if calendar is not None:
            found.update({n: calendar for n in (item.name, item.path) if n in wanted})
    return found


def _released(names: Iterable[str], account: Account) -> dict[str, Calendar]:
    wanted = set(names)
    bare = {name_of(name) for name in wanted}
    released = restrict(deployed_items().filter(kind="calendar"), account)
    paths = [p for p in released.values_list("path", flat=True) if name_of(p) in bare]
    found = {}
    for path, document in released.filter(path__in=paths).values_list("path", "document"):
        calendar = msgspec.json.decode(bytes(document), type=Calendar)
        found.update({n: calendar for n in (name_of(path), path) if n in wanted})
    return found
