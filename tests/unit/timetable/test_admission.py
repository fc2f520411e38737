"""Admission: days of changing clocks, each rule with the wrong rule beside it, and edges."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.unit.timetable.cases import iso, scheme, us
from timetable import admission, local
from timetable.admission import Window, admitted, begins_on, next_window, windows
from timetable.errors import DateUnreadable, TimetableError, ZoneUnknown
from timetable.local import DAY, HOUR, SECOND_US
from timetable.scheme import AdmissionTimeScheme, Period

BERLIN, NEW_YORK = "Europe/Berlin", "America/New_York"
LORD_HOWE, APIA, KATHMANDU = "Australia/Lord_Howe", "Pacific/Apia", "Asia/Kathmandu"
GAP_NIGHT, OVERLAP_NIGHT = "2026-03-28T20:00:00Z", "2026-10-24T20:00:00Z"


def daily(begin: int, duration: int) -> AdmissionTimeScheme:
    return scheme(
        {"periods": [{"TYPE": "DailyPeriod", "secondOfDay": begin, "duration": duration}]}
    )


def sunday(begin: int, duration: int) -> AdmissionTimeScheme:
    second = 6 * DAY + begin
    return scheme(
        {"periods": [{"TYPE": "WeekdayPeriod", "secondOfWeek": second, "duration": duration}]}
    )


def window(scheme: AdmissionTimeScheme, zone: str, now: str) -> tuple[str, str]:
    found = next_window(scheme, zone, us(now))
    assert found is not None
    return iso(found.begin_us), iso(found.end_us)


@pytest.fixture
def instead(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, Any], None]:
    """Replaces a rule of admission by a wrong one."""

    def replace(name: str, wrong: Any) -> None:
        _forget()
        monkeypatch.setattr(admission, name, wrong)

    return replace


@pytest.fixture(autouse=True)
def _fresh() -> Any:
    yield
    _forget()


def _forget() -> None:
    admission._of_month.cache_clear()
    admission._begun_in.cache_clear()


def second_pass(zone: str, local_s: int) -> int:
    """The last moment that shows a time; in a gap the clock goes back instead of forward."""
    shown = (local._EPOCH + timedelta(seconds=local_s)).replace(fold=1)
    offset = local.zone_named(zone).utcoffset(shown)
    assert offset is not None
    return local_s * SECOND_US - offset // timedelta(microseconds=1)


def wall_clock(period: Period, zone: str, begin: int) -> Window:
    return Window(local.instant(zone, begin), local.instant(zone, begin + period.duration))


def elapsed(period: Period, zone: str, begin: int) -> Window:
    begin_us = local.instant(zone, begin)
    return Window(begin_us, begin_us + period.duration * SECOND_US)


def check_a_begin_in_the_gap_is_shifted_by_its_length() -> None:
    found = window(sunday(9_000, HOUR), BERLIN, GAP_NIGHT)
    assert found == ("2026-03-29T01:30:00Z", "2026-03-29T02:30:00Z")
    half_hour = window(sunday(2 * HOUR + 600, 1200), LORD_HOWE, "2026-10-03T12:00:00Z")
    assert half_hour == ("2026-10-03T15:40:00Z", "2026-10-03T16:00:00Z")


def check_a_begin_that_exists_twice_is_the_first() -> None:
    found = window(sunday(9_000, 1800), BERLIN, OVERLAP_NIGHT)
    assert found == ("2026-10-25T00:30:00Z", "2026-10-25T01:00:00Z")


def check_a_duration_is_elapsed_time() -> None:
    gap = window(sunday(HOUR, 4 * HOUR), BERLIN, GAP_NIGHT)
    overlap = window(sunday(HOUR, 4 * HOUR), BERLIN, OVERLAP_NIGHT)
    assert gap == ("2026-03-29T00:00:00Z", "2026-03-29T04:00:00Z")
    assert overlap == ("2026-10-24T23:00:00Z", "2026-10-25T03:00:00Z")


def check_whole_days_are_days_of_the_calendar() -> None:
    short = window(sunday(0, DAY), NEW_YORK, "2026-03-08T01:00:00Z")
    long = window(sunday(0, DAY), NEW_YORK, "2026-11-01T01:00:00Z")
    assert short == ("2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z")
    assert long == ("2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z")


RULES: list[tuple[Callable[[], None], str, Any]] = [
    (check_a_begin_in_the_gap_is_shifted_by_its_length, "instant", second_pass),
    (check_a_begin_that_exists_twice_is_the_first, "instant", second_pass),
    (check_a_duration_is_elapsed_time, "_span", wall_clock),
    (check_whole_days_are_days_of_the_calendar, "_span", elapsed),
]
_names = [check.__name__.removeprefix("check_") for check, _, _ in RULES]


@pytest.mark.parametrize("check", [check for check, _, _ in RULES], ids=_names)
def test_where_clocks_change(check: Callable[[], None]) -> None:
    check()


@pytest.mark.parametrize(("check", "name", "wrong"), RULES, ids=_names)
def test_the_wrong_rule_is_found_out(
    instead: Callable[[str, Any], None], check: Callable[[], None], name: str, wrong: Any
) -> None:
    instead(name, wrong)
    with pytest.raises(AssertionError):
        check()


def test_on_the_day_that_samoa_left_out_a_window_is_the_next_days() -> None:
    found = [
        iso(w.begin_us)
        for w in windows(
            daily(8 * HOUR, HOUR), APIA, us("2011-12-29T00:00:00Z"), us("2012-01-01T00:00:00Z")
        )
    ]
    assert found == ["2011-12-29T18:00:00Z", "2011-12-30T18:00:00Z", "2011-12-31T18:00:00Z"]


def test_a_zone_with_an_odd_offset_has_its_own_midnight() -> None:
    found = window(daily(0, HOUR), KATHMANDU, "2026-05-05T12:00:00Z")
    assert found == ("2026-05-05T18:15:00Z", "2026-05-05T19:15:00Z")


def test_a_window_longer_than_its_week_never_closes_within_the_horizon() -> None:
    found = admitted(sunday(0, 8 * DAY), BERLIN, us("2026-05-05T12:00:00Z"))
    assert found is not None
    assert found.end_us - us("2026-05-05T12:00:00Z") > admission.HORIZON_DAYS * DAY * SECOND_US


def test_a_long_window_has_its_true_bounds_however_late_it_is_asked_for() -> None:
    months = {"TYPE": "MonthRestriction", "months": [1, 2, 3, 4, 5, 6]}
    all_day = {"TYPE": "DailyPeriod", "secondOfDay": 0, "duration": DAY}
    half_years = scheme({"restrictedSchemes": [{"restriction": months, "periods": [all_day]}]})
    for now in ("2026-01-01T00:00:00Z", "2026-06-30T23:59:59Z"):
        assert window(half_years, "Etc/UTC", now) == (
            "2026-01-01T00:00:00Z",
            "2026-07-01T00:00:00Z",
        )


def test_a_specific_period_of_ten_years_is_known_near_its_end() -> None:
    periods = [{"TYPE": "SpecificDatePeriod", "secondsSinceLocalEpoch": 0, "duration": 3_652 * DAY}]
    found = admitted(scheme({"periods": periods}), "Etc/UTC", us("1979-12-31T00:00:00Z"))
    assert found is not None
    assert iso(found.end_us) == "1980-01-01T00:00:00Z"


def test_a_period_at_the_very_end_of_the_month_is_the_next_months_first() -> None:
    periods = [{"TYPE": "MonthlyLastDatePeriod", "lastSecondOfMonth": 0, "duration": HOUR}]
    found = window(scheme({"periods": periods}), "Etc/UTC", "2026-04-20T00:00:00Z")
    assert found == ("2026-05-01T00:00:00Z", "2026-05-01T01:00:00Z")


def test_a_window_over_new_year_is_one() -> None:
    found = window(daily(22 * HOUR, 4 * HOUR), BERLIN, "2026-12-31T22:30:00Z")
    assert found == ("2026-12-31T21:00:00Z", "2027-01-01T01:00:00Z")


def test_touching_periods_are_one_window_and_those_a_second_apart_are_two() -> None:
    def two(second: int) -> AdmissionTimeScheme:
        begins = (8 * HOUR, 9 * HOUR + second)
        periods = [{"TYPE": "DailyPeriod", "secondOfDay": b, "duration": HOUR} for b in begins]
        return scheme({"periods": periods})

    day = us("2026-05-05T00:00:00Z"), us("2026-05-06T00:00:00Z")
    assert len(list(windows(two(0), "Etc/UTC", *day))) == 1
    assert len(list(windows(two(1), "Etc/UTC", *day))) == 2


def test_a_period_of_no_length_admits_never_and_begins_on_no_day() -> None:
    empty = daily(8 * HOUR, 0)
    assert next_window(empty, BERLIN, us("2026-05-05T12:00:00Z")) is None
    assert not begins_on(empty, BERLIN, "2026-05-05")
    assert begins_on(daily(8 * HOUR, 1), BERLIN, "2026-05-05")


def test_the_offset_of_the_day_moves_the_day_but_not_the_period() -> None:
    tuesday_2 = scheme(
        {"periods": [{"TYPE": "WeekdayPeriod", "secondOfWeek": DAY + 2 * HOUR, "duration": HOUR}]}
    )
    assert begins_on(tuesday_2, BERLIN, "2026-05-05")
    assert begins_on(tuesday_2, BERLIN, "2026-05-04", 6 * HOUR)
    assert not begins_on(tuesday_2, BERLIN, "2026-05-05", 6 * HOUR)
    found = next_window(tuesday_2, BERLIN, us("2026-05-04T12:00:00Z"), day_offset_s=6 * HOUR)
    assert found is not None
    assert iso(found.begin_us) == "2026-05-05T00:00:00Z"


def test_the_horizon_ends_the_search() -> None:
    found = next_window(sunday(0, HOUR), "Etc/UTC", us("2026-05-04T12:00:00Z"), horizon_days=5)
    later = next_window(sunday(0, HOUR), "Etc/UTC", us("2026-05-04T12:00:00Z"), horizon_days=6)
    assert found is None
    assert later is not None


def test_an_unknown_zone_and_an_unreadable_date_are_named() -> None:
    with pytest.raises(ZoneUnknown, match="Mars/Olympus"):
        admitted(daily(0, HOUR), "Mars/Olympus", 0)
    with pytest.raises(DateUnreadable, match="2026-02-30"):
        begins_on(daily(0, HOUR), BERLIN, "2026-02-30")
    with pytest.raises(TimetableError, match="6 o'clock"):
        local.day_offset_s("6 o'clock")


@pytest.mark.parametrize(
    ("text", "seconds"), [(None, 0), ("", 0), ("06:00:00", 21_600), ("01:30", 5_400)]
)
def test_a_day_offset_is_a_time_of_day(text: str | None, seconds: int) -> None:
    assert local.day_offset_s(text) == seconds
