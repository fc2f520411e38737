"""Cron expressions and lines of crontabs, where the conformance cases say nothing."""

from datetime import UTC, date, datetime
from itertools import islice

import pytest

from tests.unit.timetable.cases import iso, us
from timetable.calendars import Calendars
from timetable.cron import next_starts
from timetable.crontab import convert, split_line
from timetable.errors import CrontabLineRefused, CronUnreadable, ZoneUnknown
from timetable.schedule import Period
from timetable.starts import starts

BERLIN = "Europe/Berlin"


def days(line: str, first: date, last: date) -> list[str]:
    converted = convert(line, "Etc/UTC")
    found = starts(converted.schedule, Calendars(converted.calendars), first, last)
    return [iso(at)[:10] for at in found]


def test_macros_are_read_in_any_case() -> None:
    found = next_starts("@DAILY", BERLIN, us("2026-05-05T10:00:00Z"))
    assert iso(next(found)) == "2026-05-05T22:00:00Z"


def test_a_time_that_exists_twice_is_not_given_again_in_its_second_pass() -> None:
    asked_in_second_pass = us("2026-10-25T01:10:00Z")
    (found,) = islice(next_starts("30 2 * * *", BERLIN, asked_in_second_pass), 1)
    assert iso(found) == "2026-10-26T01:30:00Z"


@pytest.mark.parametrize(
    "text", ["", "* * * *", "61 * * * *", "0 0 30 2 *", "ä * * * *", "* " * 999]
)
def test_what_is_no_expression_is_refused_at_once(text: str) -> None:
    with pytest.raises(CronUnreadable):
        next_starts(text, BERLIN, 0)


def test_an_unknown_zone_is_told() -> None:
    with pytest.raises(ZoneUnknown):
        next_starts("* * * * *", "Europe/Berln", 0)


def test_a_line_gives_its_command() -> None:
    assert (
        convert("*/5 8-17 * * 1-5 /opt/run.sh  -a 'b c'", BERLIN).command == "/opt/run.sh  -a 'b c'"
    )
    assert split_line("@daily  x y") == ("@daily", "x y")
    assert split_line("\t1 2 3 4 5") == ("1 2 3 4 5", "")


@pytest.mark.parametrize("line", ["", "# x", "SHELL=/bin/sh", "A = b", "@reboot x", "* * * x"])
def test_a_line_without_times_is_refused(line: str) -> None:
    with pytest.raises(CrontabLineRefused):
        split_line(line)


def test_hours_in_a_row_become_periods_where_clock_and_elapsed_time_agree() -> None:
    (entry,) = convert("*/15 6-8,12 * * * x", BERLIN).schedule.calendars
    assert entry.periods == (
        Period(begin="06:00:00", end="09:00:00", repeat="00:15:00"),
        Period(begin="12:00:00", end="13:00:00", repeat="00:15:00"),
    )


def test_hours_become_single_starts_where_a_zone_changes_by_half_an_hour() -> None:
    (entry,) = convert("0 * * * * x", "Australia/Lord_Howe").schedule.calendars
    assert len(entry.periods) == 24
    assert {period.repeat for period in entry.periods} == {None}


def test_minutes_become_single_starts_where_clocks_went_back_past_a_full_hour() -> None:
    (entry,) = convert("*/30 * * * * x", "America/St_Johns").schedule.calendars
    assert len(entry.periods) == 48


def test_the_last_working_day_beside_other_days_is_a_calendar_of_its_own() -> None:
    converted = convert("0 6 15,LW * * x", "Etc/UTC")
    assert list(converted.calendars) == ["crontab", "crontab-last-working-day"]
    assert days("0 6 15,LW 5 * x", date(2026, 4, 1), date(2026, 6, 30)) == [
        "2026-05-15",
        "2026-05-29",
    ]


def test_where_both_day_fields_must_fit_they_do() -> None:
    january, june = date(2026, 1, 1), date(2026, 6, 30)
    # Months whose last working day is a Tuesday or Thursday.
    assert days("0 6 LW * */2 x", january, june) == ["2026-03-31", "2026-04-30", "2026-06-30"]
    assert days("0 6 */7 * 2#2 x", january, june) == []
    assert days("0 6 */3 3 2#2 x", january, june) == ["2026-03-10"]
    with pytest.raises(CrontabLineRefused):
        convert("0 6 *,LW * 2#2 x".replace("*,LW", "*/40,LW"), "Etc/UTC")


def test_cron_goes_on_behind_a_midnight_that_comes_twice() -> None:
    begin = round(datetime(2010, 11, 6, 23, tzinfo=UTC).timestamp()) * 1_000_000
    found = list(islice(next_starts("0 */2 * * *", "America/St_Johns", begin), 8))
    assert found == sorted(set(found))
    assert found[-1] - found[0] < 24 * 3_600 * 1_000_000
