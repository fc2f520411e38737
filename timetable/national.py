"""Public holidays of countries and regions, from the library holidays.

They are frozen into a calendar when it is released: an update of the library never changes a day
that is planned. A national calendar is named `DE` or, for a region, `DE-BY`.
"""

from collections.abc import Iterable
from datetime import date

import holidays
import msgspec

from timetable.calendar import Calendar, Frequencies, Holidays
from timetable.errors import NationalCalendarUnknown


class NationalHoliday(msgspec.Struct, frozen=True, order=True):
    """A public holiday; `name` may be several, joined by `; `."""

    day: date
    name: str


class NationalCalendar(msgspec.Struct, frozen=True):
    """A country whose holidays are known, with its regions and the languages of names."""

    country: str
    regions: tuple[str, ...]
    languages: tuple[str, ...]


def national_calendars() -> list[NationalCalendar]:
    """Return all countries whose holidays are known, in order of their codes."""
    languages = holidays.list_localized_countries()
    return [
        NationalCalendar(country, tuple(regions), tuple(languages.get(country, ())))
        for country, regions in sorted(
            holidays.list_supported_countries(include_aliases=False).items()
        )
    ]


def national_holidays(
    label: str, years: Iterable[int], *, language: str | None = None
) -> list[NationalHoliday]:
    """Return the public holidays of these years, ascending.

    Args:
        label: `DE`, or `DE-BY` for a region of it.
        years: as far as they are known; others have none.
        language: of the names, such as `en_US`; None is the country's own.

    Raises:
        NationalCalendarUnknown: nobody has collected the holidays of this country or region.
    """
    country, _, region = label.partition("-")
    try:
        found = holidays.country_holidays(
            country, subdiv=region or None, years=list(years), language=language
        )
    except NotImplementedError as e:
        raise NationalCalendarUnknown(f'There is no national calendar "{label}"') from e
    return sorted(NationalHoliday(day, name) for day, name in found.items())


def frozen(calendar: Calendar, years: Iterable[int]) -> Calendar:
    """Return the calendar with the dates of its national calendars written into it.

    Holidays that have dates keep them.

    Raises:
        NationalCalendarUnknown: nobody has collected the holidays of this country or region.
    """
    asked = list(years)
    return msgspec.structs.replace(
        calendar,
        includes=_frozen(calendar.includes, asked),
        excludes=_frozen(calendar.excludes, asked),
    )


def _frozen(rules: Frequencies, years: list[int]) -> Frequencies:
    dated = tuple(_dated(holidays, years) for holidays in rules.holidays)
    return msgspec.structs.replace(rules, holidays=dated)


def _dated(entry: Holidays, years: list[int]) -> Holidays:
    if entry.dates or not entry.national_calendar:
        return entry
    found = national_holidays(entry.national_calendar, years)
    return msgspec.structs.replace(entry, dates=tuple(holiday.day for holiday in found))
