"""What the timetable and the oracles must agree about, for tests and for the long run."""

from datetime import date, timedelta
from typing import Any

import msgspec
from hypothesis import strategies as st

from tests.property.timetable import calendar_documents as documents
from tests.property.timetable.calendar_oracle import Days, span
from tests.property.timetable.documents import CHANGES
from tests.property.timetable.start_oracle import Starts, as_us
from timetable.calendar import Calendar, Restriction
from timetable.calendars import Calendars
from timetable.explain import explain_calendar, explain_entry
from timetable.explain_starts import explain_schedule
from timetable.schedule import AssignedCalendar, Period, Plan, Schedule
from timetable.start_rows import Row
from timetable.starts import start_rows, starts

NAMES = ("free", "holidays")
NEAR = [*(day for _, day in CHANGES), date(2024, 2, 20), date(2028, 2, 29), date(2100, 2, 26)]
SCHEDULE_DAYS = 4

Asked = tuple[dict[str, Any], dict[str, Any], date, date]


@st.composite
def calendars(draw: st.DrawFn) -> Asked:
    """Return a calendar, others it names, and a range."""
    near = draw(st.sampled_from(NEAR))
    known = {name: draw(documents.calendars(near)) for name in NAMES}
    first = near + timedelta(days=draw(st.integers(-20, 5)))
    return draw(documents.calendars(near, NAMES)), known, first, first + timedelta(days=40)


@st.composite
def restrictions(draw: st.DrawFn) -> tuple[Asked, dict[str, Any]]:
    """Return the same with a restriction."""
    asked = draw(calendars())
    return asked, draw(documents.restrictions(asked[2], NAMES))


def calendar_days_agree(asked: Asked) -> None:
    """Days of a calendar are those that the oracle finds, and the reasons say so."""
    document, others, first, last = asked
    calendar, known = _read(document, others)
    oracle = Days(others)
    expected = [day for day in span(first, last) if oracle.is_in(document, day)]
    assert known.days_of(calendar, first, last) == expected
    reasons = explain_calendar(calendar, known, first, last)
    assert [r.day for r in reasons if r.is_in] == expected


def restricted_days_agree(asked: tuple[Asked, dict[str, Any]]) -> None:
    """Days left by a restriction are those that the oracle finds, whatever the range."""
    (document, others, first, last), restriction = asked
    calendar, known = _read(document, others)
    read = msgspec.convert(restriction, Restriction)
    expected = Days(others).restricted(document, restriction, first, last)
    assert known.days_of(calendar, first, last, read) == expected
    middle = first + (last - first) / 2
    assert known.days_of(calendar, middle, middle, read) == [d for d in expected if d == middle]
    named = Calendars({**known.documents, "days": calendar})
    entry = AssignedCalendar(
        calendar_name="days",
        includes=read.includes,
        excludes=read.excludes,
        periods=(Period(single_start="12:00"),),
    )
    reasons = explain_entry(entry, named, first, last)
    assert [r.day for r in reasons if r.is_in] == expected


def starts_agree(asked: tuple[dict[str, Any], dict[str, Any], str, date]) -> None:
    """Starts of each plan day are those that the oracle finds; rows and reasons agree with them."""
    document, others, begin, first = asked
    schedule = msgspec.convert(document, Schedule)
    known = Calendars(msgspec.convert(others, dict[str, Calendar]))
    plan = Plan(period_begin=begin)
    last = first + timedelta(days=SCHEDULE_DAYS - 1)
    oracle = Starts(document, others, begin)
    rows = start_rows(schedule, known, first, last, plan)
    everything: set[int] = set()
    for day in span(first, last):
        expected = sorted(map(as_us, oracle.on(day)))
        everything.update(expected)
        assert starts(schedule, known, day, day, plan) == expected
        _rows_agree([row for row in rows if row.day == day], expected)
    assert starts(schedule, known, first, last, plan) == sorted(everything)
    reasons = {
        (r.day, r.entry, r.period): r for r in explain_schedule(schedule, known, first, last)
    }
    assert all(reasons[row.day, row.entry, row.period].reason.is_in for row in rows)


def _rows_agree(rows: list[Row], expected: list[int]) -> None:
    found = [at for row in rows for at in row.starts()]
    assert sorted(found) == expected
    for row in rows:
        listed = list(row.starts())
        assert row.count == len(listed) > 0
        assert (row.first_us, row.last_us) == (listed[0], listed[-1])
        assert [row.number_of(at) for at in listed] == list(range(1, len(listed) + 1))
        assert [row.next_start(at - 1) for at in listed] == listed
        assert row.next_start(listed[-1]) is None


def _read(document: dict[str, Any], others: dict[str, Any]) -> tuple[Calendar, Calendars]:
    known = Calendars(msgspec.convert(others, dict[str, Calendar]))
    return msgspec.convert(document, Calendar), known
