"""When orders are to have ended."""

from datetime import UTC, datetime

import pytest

from dailyplan.forecast_deadline import deadline_us
from timetable.check import read_schedule

S = 1_000_000


def us(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * S


@pytest.mark.parametrize(
    ("text", "start", "deadline"),
    [
        ("+01:30", "2026-03-02T23:00:00", "2026-03-03T00:30:00"),
        ("03:00:00", "2026-03-02T23:00:00", "2026-03-03T02:00:00"),
        ("03:00", "2026-03-03T01:59:59", "2026-03-03T02:00:00"),
        ("03:00", "2026-03-03T02:00:00", "2026-03-04T02:00:00"),
        ("02:30", "2026-03-28T23:00:00", "2026-03-29T01:30:00"),
        ("02:30", "2026-10-24T22:00:00", "2026-10-25T00:30:00"),
        ("24:00", "2026-03-02T12:00:00", "2026-03-02T23:00:00"),
    ],
)
def test_a_deadline_is_the_next_time_of_day_or_so_long_after_the_start(
    text: str, start: str, deadline: str
) -> None:
    assert deadline_us(text, us(start), "Europe/Berlin") == us(deadline)


@pytest.mark.parametrize(("text", "ok"), [("03:00", True), ("+00:10:00", True), ("3 am", False)])
def test_a_schedule_may_set_a_deadline(text: str, ok: bool) -> None:
    document = {
        "workflowNames": ["w"],
        "calendars": [{"calendarName": "c", "periods": [{"singleStart": "06:00"}]}],
        "orderParameterisations": [{"deadline": text}],
    }
    found = read_schedule(document)
    assert (found.document is not None) is ok
    assert ok or "deadline" in str(found.problems[0].place)
