"""Days that are alike are worked out once, and get what they would get alone."""

from datetime import date, timedelta

import pytest

from tests.unit.timetable.test_starts import GAP_DAY, KNOWN, schedule
from timetable import day_forms
from timetable.day_bits import Span
from timetable.day_forms import DayForms
from timetable.schedule import Schedule
from timetable.start_rows import Row, Stretch
from timetable.starts import start_forms, start_rows

HOUR_US = 3_600_000_000
OVERLAPPING = schedule(
    {"begin": "06:00", "end": "09:00", "repeat": "01:00"},
    {"begin": "07:00", "end": "08:30", "repeat": "00:30"},
)


def around_the_gap(given: Schedule) -> list[Row]:
    return start_rows(given, KNOWN, GAP_DAY - timedelta(days=9), GAP_DAY + timedelta(days=9))


def test_days_that_are_alike_have_the_same_rows() -> None:
    forms = start_forms(OVERLAPPING, KNOWN, date(2026, 5, 4), date(2026, 5, 29))
    assert len(forms) == 26
    assert len({id(rows) for _, rows in forms}) == 1


def test_days_before_and_after_a_change_of_the_clock_are_not_alike() -> None:
    first, last = GAP_DAY - timedelta(days=9), GAP_DAY + timedelta(days=9)
    forms = start_forms(OVERLAPPING, KNOWN, first, last)
    assert [day for day, _ in forms] == list(range(forms[0][0], forms[0][0] + 19))
    assert 2 < len({id(rows) for _, rows in forms}) < 8


def test_rows_of_many_days_are_those_of_each_day_alone() -> None:
    found = around_the_gap(OVERLAPPING)
    days = sorted({row.day for row in found})
    assert len(days) == 19
    assert found == [row for day in days for row in start_rows(OVERLAPPING, KNOWN, day, day)]


def test_a_form_that_kept_common_starts_would_have_them_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    right = [at for row in around_the_gap(OVERLAPPING) for at in row.starts()]
    monkeypatch.setattr(day_forms, "_lie_apart", lambda _rows: True)
    wrong = [at for row in around_the_gap(OVERLAPPING) for at in row.starts()]
    assert (len(right), len(wrong)) == (len(set(right)), len(set(right)) + 2 * 19)


def test_only_the_days_of_the_span_that_have_starts_are_told() -> None:
    forms = DayForms(Span(100, 103))
    forms.add(0, 0, 0b0101, Stretch(HOUR_US))
    forms.add(0, 1, 0b0100, Stretch(2 * HOUR_US))
    assert [(day, [row.period for row in rows]) for day, rows in forms.of_days()] == [
        (100, [0]),
        (102, [0, 1]),
    ]


def test_a_row_moves_to_its_day_with_what_is_left_out() -> None:
    day_us = 24 * HOUR_US
    row = Row(date(1970, 1, 1), 1, 2, HOUR_US, HOUR_US, 3, frozenset({2 * HOUR_US}))
    moved = row.on(2)
    assert (moved.day, moved.entry, moved.period) == (date(1970, 1, 3), 1, 2)
    assert list(moved.starts()) == [2 * day_us + HOUR_US, 2 * day_us + 3 * HOUR_US]
