"""Sentences about calendars, restrictions and schedules."""

from typing import Any

import msgspec
import pytest

from timetable.calendar import Calendar, Frequencies, Restriction
from timetable.calendar_words import calendar_sentence, restriction_sentence
from timetable.schedule import AssignedCalendar, Period, Schedule
from timetable.schedule_words import entry_sentence, period_sentence, schedule_sentence

MONDAY_TO_FRIDAY = {"weekdays": [{"days": [1, 2, 3, 4, 5]}]}

CALENDARS = [
    (
        {
            "from": "2026-01-01",
            "includes": MONDAY_TO_FRIDAY,
            "excludes": {"holidays": [{"nationalCalendar": "DE-BY"}]},
        },
        "every Monday to Friday, not on public holidays of DE-BY, from 2026-01-01",
    ),
    (
        {
            "includes": {
                **MONDAY_TO_FRIDAY,
                "ultimos": [{"days": [1], "to": "2026-12-31"}],
                "monthdays": [{"weeklyDays": [{"day": 2, "weekOfMonth": 2}]}],
            },
            "excludes": {"dates": ["2026-12-24"], "weekdays": [{"days": [0, 6]}]},
        },
        "every Monday to Friday, on the second Tuesday of each month and on the last day of each "
        "month until 2026-12-31, not on 2026-12-24 or on Saturday and Sunday",
    ),
    (
        {"includes": {"easter": [{"days": [-2, 1, 39, 3, -10]}]}},
        "on 10 days before Easter Sunday, Good Friday, Easter Monday, 3 days after Easter Sunday "
        "and Ascension Day",
    ),
    (
        {
            "includes": {
                "months": [
                    {
                        "months": [12, 3],
                        "weekdays": [{"days": [1]}],
                        "monthdays": [{"days": [3, 4, 5, 9]}],
                    }
                ]
            }
        },
        "every Monday in March and December and on the 3rd to 5th and 9th of March and December",
    ),
    (
        {"includes": {"repetitions": [{"repetition": "MONTHLY", "from": "2026-01-31", "step": 3}]}},
        "every 3rd month on the 31st or the last day before it from 2026-01-31",
    ),
    (
        {"includes": {"repetitions": [{"repetition": "YEARLY", "from": "2024-02-29"}]}},
        "every year on 29 February or the 28th from 2024-02-29",
    ),
    (
        {
            "includes": {"weekdays": [{"days": [0, 1, 2, 3, 4, 5, 6]}]},
            "excludes": {
                "nonWorkingDayCalendars": ["holidays"],
                "months": [{"months": [7], "weekdays": [{"days": [0, 1, 2, 3, 4, 5, 6]}]}],
            },
        },
        "every day, not on any day in July or on days of holidays",
    ),
    ({"includes": {"dates": [f"2026-01-0{n}" for n in range(1, 8)]}}, "on 7 listed days"),
    ({"includes": {}}, "no day"),
]

RESTRICTIONS = [
    ({}, "all days"),
    ({"includes": {"monthdays": [{"days": [4]}]}}, "only the 4th of these days of each month"),
    (
        {
            "includes": {"ultimos": [{"days": [2, 1]}], "weekdays": [{"days": [5]}]},
            "excludes": {"nonWorkingDayCalendars": ["holidays"]},
        },
        "only every Friday and the last and 2nd last of these days of each month, not on days of "
        "holidays",
    ),
    (
        {"includes": {"repetitions": [{"repetition": "DAILY", "step": 2, "from": "2026-01-05"}]}},
        "only every 2nd of these days from 2026-01-05",
    ),
    (
        {"includes": {"repetitions": [{"repetition": "WEEKLY", "from": "2026-03-01"}]}},
        "only the first of these days of every week that begins on Sunday from 2026-03-01",
    ),
    (
        {"includes": {"repetitions": [{"repetition": "MONTHLY", "from": "2026-01-15"}]}},
        "only the first of these days on or after the 15th of every month from 2026-01-15",
    ),
    ({"excludes": {"monthdays": [{"days": [1]}]}}, "not on the 1st of these days of each month"),
]

PERIODS = [
    ({"singleStart": "06:00"}, "at 06:00"),
    (
        {"repeat": "00:15:00", "begin": "08:00", "end": "18:00"},
        "every 15 minutes from 08:00 to 18:00",
    ),
    (
        {"repeat": "01:00", "begin": "22:00", "end": "02:00"},
        "every hour from 22:00 to 02:00 of the next day",
    ),
    ({"repeat": "00:00:30"}, "every 30 seconds"),
    ({"repeat": "01:30", "begin": "20:00"}, "every 90 minutes from 20:00 to 24:00"),
    (
        {"singleStart": "12:30:15", "whenHoliday": "NEXTNONWORKINGDAY"},
        "at 12:30:15, from a non-working day moved to the next working day",
    ),
    ({"singleStart": "12:30", "whenHoliday": "IGNORE"}, "at 12:30, also on non-working days"),
    ({}, "never"),
]


@pytest.mark.parametrize(("document", "sentence"), CALENDARS)
def test_a_calendar_is_a_sentence(document: dict[str, Any], sentence: str) -> None:
    read = msgspec.convert({"type": "WORKINGDAYSCALENDAR", **document}, Calendar)
    assert calendar_sentence(read) == sentence


@pytest.mark.parametrize(("document", "sentence"), RESTRICTIONS)
def test_a_restriction_is_a_sentence(document: dict[str, Any], sentence: str) -> None:
    assert restriction_sentence(msgspec.convert(document, Restriction)) == sentence


@pytest.mark.parametrize(("document", "sentence"), PERIODS)
def test_a_period_is_a_sentence(document: dict[str, Any], sentence: str) -> None:
    assert period_sentence(msgspec.convert(document, Period)) == sentence


def test_an_entry_names_calendar_times_zone_and_policies() -> None:
    entry = {
        "calendarName": "mon-fri",
        "timeZone": "Europe/Berlin",
        "includes": {"monthdays": [{"days": [1]}]},
        "gapPolicy": "skip",
        "overlapPolicy": "second",
        "periods": [{"singleStart": "06:00"}, {"singleStart": "18:00"}],
    }
    assert entry_sentence(msgspec.convert(entry, AssignedCalendar)) == (
        "on days of mon-fri, only the 1st of these days of each month, at 06:00 and at 18:00 "
        "(Europe/Berlin); times that clocks leave out are left out; of times that exist twice the "
        "second counts"
    )


def test_a_schedule_says_which_days_are_non_working() -> None:
    schedule = {
        "calendars": [{"calendarName": "days", "periods": [{"singleStart": "06:00"}]}],
        "nonWorkingDayCalendars": [{"calendarName": "holidays"}, {"calendarName": "weekend"}],
    }
    assert schedule_sentence(msgspec.convert(schedule, Schedule)) == (
        "on days of days at 06:00 (Etc/UTC); non-working are days of holidays or weekend"
    )


def test_an_empty_rule_has_words_too() -> None:
    rules = msgspec.convert({"weekdays": [{}], "monthdays": [{}], "holidays": [{}]}, Frequencies)
    read = Calendar(type="WORKINGDAYSCALENDAR", includes=rules)  # type: ignore[arg-type]
    assert calendar_sentence(read) == "on no listed day, on no weekday and on no day of each month"
