"""What a line of a crontab becomes starts at the moments at which cron starts it."""

from datetime import date, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.property.timetable.calendar_oracle import span
from tests.property.timetable.documents import CHANGES
from tests.property.timetable.start_oracle import (
    as_us,
    both_moments,
    exists,
    first_after_gap,
)
from timetable.calendars import Calendars
from timetable.cron import next_starts, read_cron
from timetable.crontab import convert
from timetable.errors import CrontabLineRefused, CronUnreadable
from timetable.starts import starts

ONE = timedelta(days=1)
LIBRARY_MISSES = ("Australia/Lord_Howe", "America/St_Johns")
"""The library jumps by hours and may miss half an hour, and it misses what is repeated before a
midnight that comes twice."""
COMPARED = 300
"""So many starts of cron are asked for; it needs a while for each."""
PLACES = [
    *((zone, day) for zone, day in CHANGES if zone != "Pacific/Apia"),
    ("America/St_Johns", date(2010, 11, 7)),
    ("America/Havana", date(2026, 3, 8)),
    ("America/Havana", date(2025, 11, 2)),
    ("Antarctica/Troll", date(2026, 10, 25)),
    ("Asia/Tehran", date(2021, 9, 21)),
]
"""Zones and days; Samoa is missing, as cron catches up on its missing day and schedules do not."""


def numbers(low: int, high: int) -> st.SearchStrategy[str]:
    one = st.integers(low, high)
    span = st.tuples(one, one).map(sorted).map(lambda p: f"{p[0]}-{p[1]}")
    step = st.sampled_from([2, 5, 7, 10, 15, 20, 30])
    parts = st.one_of(one.map(str), span, st.builds(lambda s, n: f"{s}/{n}", span, step))
    stars = st.one_of(st.just("*"), step.map(lambda n: f"*/{n}"))
    return st.one_of(st.lists(parts, min_size=1, max_size=3).map(",".join), stars)


days_of_month = st.one_of(
    st.just("*"), st.just("*"), numbers(1, 31), st.sampled_from(["L", "LW", "15,L", "1,LW", "*/2"])
)
days_of_week = st.one_of(
    st.just("*"), st.just("*"), numbers(0, 7), st.sampled_from(["5L", "2#2", "sun", "1,0L", "0#5"])
)
months = st.one_of(st.just("*"), st.just("*"), numbers(1, 12))
times = st.one_of(
    st.tuples(numbers(0, 59), numbers(0, 23)),
    st.tuples(
        st.sampled_from(["*/15", "0", "30", "*/30", "*", "0,30"]),
        st.sampled_from(["*", "0-3", "1", "2", "*/2"]),
    ),
)


@pytest.mark.timeout(300)
@settings(max_examples=100, deadline=None)
@given(times, days_of_month, months, days_of_week, st.sampled_from(PLACES))
def test_a_converted_line_starts_when_cron_does(
    time_fields: tuple[str, str], day: str, month: str, weekday: str, place: tuple[str, date]
) -> None:
    zone, near = place
    expression = " ".join((*time_fields, day, month, weekday))
    first, last = near - ONE, near + ONE
    try:
        expected = minutes_of_cron(expression, ZoneInfo(zone), first, last)
        converted = convert(f"{expression} command", zone)
    except (CronUnreadable, CrontabLineRefused):
        return
    assert starts(converted.schedule, Calendars(converted.calendars), first, last) == expected
    if expected and zone not in LIBRARY_MISSES:
        found = next_starts(expression, zone, expected[0] - 1)
        assert list(islice(found, min(len(expected), COMPARED))) == expected[:COMPARED]


def minutes_of_cron(expression: str, zone: ZoneInfo, first: date, last: date) -> list[int]:
    """Return the starts on these local dates from the fields of an expression."""
    cron = read_cron(expression)
    fields = expression.split()
    is_fixed = not fields[0].startswith("*") and not fields[1].startswith("*")
    due = [
        datetime.combine(day, time(hour, minute))
        for day in span(first, last)
        if day.month in cron.months and cron.match_day(day)
        for hour in cron.hours
        for minute in cron.minutes
    ]
    return sorted({as_us(moment) for at in due for moment in moments(at, zone, is_fixed=is_fixed)})


def moments(shown: datetime, zone: ZoneInfo, *, is_fixed: bool) -> list[datetime]:
    first, second = both_moments(shown, zone)
    if is_fixed:
        return [first if exists(shown, zone) else first_after_gap(shown, zone)]
    return [first, second] if exists(shown, zone) else []
