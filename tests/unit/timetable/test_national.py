"""National and regional holidays, and Easter."""

from datetime import date

import msgspec
import pytest
from dateutil.easter import easter  # type: ignore[import-untyped]

from timetable.calendar import Calendar
from timetable.calendars import Calendars
from timetable.easter import easter_sunday
from timetable.errors import NationalCalendarUnknown
from timetable.national import NationalHoliday, frozen, national_calendars, national_holidays


def test_a_region_has_holidays_of_its_own() -> None:
    whole = {h.day for h in national_holidays("DE", [2026])}
    bavaria = national_holidays("DE-BY", [2026], language="en_US")
    assert NationalHoliday(date(2026, 1, 6), "Epiphany") in bavaria
    assert {h.day for h in bavaria} > whole
    assert bavaria == sorted(bavaria)


@pytest.mark.parametrize("label", ["", "QQ", "DE-QQ", "de by", "../x"])
def test_an_unknown_country_or_region_is_told(label: str) -> None:
    with pytest.raises(NationalCalendarUnknown):
        national_holidays(label, [2026])


def test_countries_are_listed_with_regions_and_languages() -> None:
    germany = next(c for c in national_calendars() if c.country == "DE")
    assert "BY" in germany.regions
    assert "en_US" in germany.languages


def test_a_calendar_is_frozen_where_it_has_no_dates_yet() -> None:
    draft = msgspec.convert(
        {
            "type": "NONWORKINGDAYSCALENDAR",
            "includes": {
                "holidays": [
                    {"nationalCalendar": "DE-BY"},
                    {"nationalCalendar": "FR", "dates": ["2026-02-03"]},
                ]
            },
            "excludes": {"holidays": [{"nationalCalendar": "AT"}]},
        },
        Calendar,
    )
    released = frozen(draft, iter([2026, 2027]))
    bavaria, france = released.includes.holidays
    assert {day.year for day in bavaria.dates} == {2026, 2027}
    assert france.dates == (date(2026, 2, 3),)
    assert date(2027, 10, 26) in released.excludes.holidays[0].dates
    assert frozen(released, [2030]) == released


def test_easter_is_that_of_another_computation() -> None:
    years = range(1583, 4_000)
    assert [easter_sunday(y) for y in years] == [easter(y) for y in years]


def test_days_around_easter_may_lie_in_another_year() -> None:
    calendar = msgspec.convert(
        {"type": "WORKINGDAYSCALENDAR", "includes": {"easter": [{"days": [-2, 1, -100]}]}}, Calendar
    )
    found = Calendars({}).days_of(calendar, date(2025, 12, 1), date(2026, 12, 31))
    assert found == [date(2025, 12, 26), date(2026, 4, 3), date(2026, 4, 6), date(2026, 12, 18)]
