"""Documents in plain English."""

from typing import Any

import pytest

from tests.unit.timetable.cases import cycle_schedule, scheme
from timetable.words import admission, cycle

HOUR, DAY, WEEK = 3_600, 86_400, 604_800


def _period(kind: str, field: str, begin: int, duration: int) -> dict[str, Any]:
    return {"TYPE": f"{kind}Period", field: begin, "duration": duration}


def _weekday(day: int, begin: int, duration: int) -> dict[str, Any]:
    return _period("Weekday", "secondOfWeek", day * DAY + begin, duration)


DAILY_8 = _period("Daily", "secondOfDay", 8 * HOUR, HOUR)


@pytest.mark.parametrize(
    ("periods", "words"),
    [
        ([], "never"),
        ([_period("Daily", "secondOfDay", 22 * HOUR, 4 * HOUR)], "daily 22:00 to 02:00"),
        ([_period("Daily", "secondOfDay", 20 * HOUR, 4 * HOUR)], "daily 20:00 to 24:00"),
        ([_period("Daily", "secondOfDay", 0, DAY)], "daily all day"),
        ([_period("Daily", "secondOfDay", 30, 60)], "daily 00:00:30 to 00:01:30"),
        ([_weekday(d, 9 * HOUR, 8 * HOUR) for d in range(5)], "Monday to Friday 09:00 to 17:00"),
        ([_weekday(d, 0, DAY) for d in (5, 6)], "Saturday and Sunday all day"),
        ([_weekday(4, 18 * HOUR, 3 * DAY)], "Friday from 18:00 for 3 days"),
        (
            [_weekday(0, 9 * HOUR, HOUR), _weekday(2, 10 * HOUR, HOUR)],
            "Monday 09:00 to 10:00 and Wednesday 10:00 to 11:00",
        ),
        (
            [_period("MonthlyDate", "secondOfMonth", 14 * DAY + 6 * HOUR, 4 * HOUR)],
            "on day 15 of each month 06:00 to 10:00",
        ),
        (
            [_period("MonthlyLastDate", "lastSecondOfMonth", -HOUR, HOUR)],
            "on the last day of each month 23:00 to 24:00",
        ),
        (
            [_period("MonthlyLastDate", "lastSecondOfMonth", -2 * DAY, HOUR)],
            "1 day before the last day of each month 00:00 to 01:00",
        ),
        (
            [_period("MonthlyWeekday", "secondOfWeeks", WEEK + DAY + 8 * HOUR, HOUR)],
            "on the second Tuesday of each month 08:00 to 09:00",
        ),
        (
            [_period("MonthlyLastWeekday", "secondOfWeeks", -201_600, 2 * HOUR)],
            "on the last Friday of each month 16:00 to 18:00",
        ),
        (
            [_period("SpecificDate", "secondsSinceLocalEpoch", 1_772_441_400, 600)],
            "on 2026-03-02 08:50 to 09:00",
        ),
    ],
)
def test_periods_are_said_as_a_person_would(periods: list[Any], words: str) -> None:
    assert admission(scheme({"periods": periods})) == words


def test_months_are_named_before_what_they_restrict() -> None:
    restricted = {
        "restriction": {"TYPE": "MonthRestriction", "months": [6, 4]},
        "periods": [DAILY_8],
    }
    document = {"periods": [DAILY_8], "restrictedSchemes": [restricted, {"periods": [DAILY_8]}]}
    assert admission(scheme(document)) == (
        "daily 08:00 to 09:00, in April and June daily 08:00 to 09:00 and daily 08:00 to 09:00"
    )


def test_no_scheme_is_at_any_time() -> None:
    assert admission(None) == "at any time"


@pytest.mark.parametrize(
    ("repeat", "words"),
    [
        (("Periodic", HOUR, [0, 1200, 2400]), "every 20 minutes at :00, :20, :40"),
        (("Periodic", HOUR, [2400, 0, 1200]), "every 20 minutes at :00, :20, :40"),
        (("Periodic", HOUR, [300, 600]), "every hour at :05, :10"),
        (("Periodic", 1800, [0]), "every 30 minutes at :00, :30"),
        (("Periodic", 6 * HOUR, [0]), "every 6 hours at 00:00, 06:00, 12:00, 18:00"),
        (("Periodic", DAY, [8 * HOUR]), "every day at 08:00"),
        (("Periodic", 60, [0]), "every minute"),
        (
            ("Periodic", 5 * HOUR, [0, 600]),
            "every 5 hours, 0 seconds and 10 minutes after its begin",
        ),
        (("Periodic", HOUR, []), "never"),
        (("Ticking", 600), "every 10 minutes from the begin of the period"),
        (
            ("Continuous", 300, 2),
            "5 minutes after the end of the last cycle, at most twice a period",
        ),
        (("Continuous", 0, None), "again as soon as the last cycle has ended"),
    ],
)
def test_repetitions_are_said_with_their_start_times(repeat: tuple[Any, ...], words: str) -> None:
    kind, *values = repeat
    names = {
        "Periodic": ("period", "offsets"),
        "Ticking": ("interval",),
        "Continuous": ("pause", "limit"),
    }[kind]
    document = {"TYPE": kind, **dict(zip(names, values, strict=True))}
    assert cycle(cycle_schedule({"schemes": [{"repeat": document}]})) == words


def test_a_cycle_names_its_periods_too() -> None:
    schemes = [
        {
            "repeat": {"TYPE": "Periodic", "period": HOUR, "offsets": [0, 1200, 2400]},
            "admissionTimeScheme": {"periods": [DAILY_8]},
        },
        {"repeat": {"TYPE": "Ticking", "interval": 60}},
    ]
    assert cycle(cycle_schedule({"schemes": schemes})) == (
        "every 20 minutes at :00, :20, :40 within daily 08:00 to 09:00;"
        " every minute from the begin of the period"
    )
