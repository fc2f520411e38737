"""Admission answers as an oracle does that asks every minute."""

from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.property.timetable import oracle
from tests.property.timetable.documents import places, schemes
from timetable.admission import Window, admitted, begins_on, next_window, windows
from timetable.scheme import AdmissionTimeScheme

DAYS = 3
Minutes = list[tuple[int, bool]]


@st.composite
def asked(draw: st.DrawFn) -> tuple[AdmissionTimeScheme, str, date, int]:
    (zone, change), before = draw(places)
    scheme = draw(schemes(change))
    return scheme, zone, change + timedelta(days=before), draw(st.sampled_from([0, 6 * 3600]))


def _minutes(asked: tuple[AdmissionTimeScheme, str, date, int]) -> Minutes:
    scheme, zone, day, offset = asked
    return oracle.open_minutes(scheme, zone, day, DAYS, offset_s=offset)


@settings(max_examples=80, deadline=None)
@given(asked())
def test_windows_are_open_in_exactly_the_minutes_in_which_a_period_is(
    asked: tuple[AdmissionTimeScheme, str, date, int],
) -> None:
    scheme, zone, _, offset = asked
    minutes = _minutes(asked)
    begin, end = minutes[0][0], minutes[-1][0] + oracle.MINUTE_US
    found = list(windows(scheme, zone, begin, end, day_offset_s=offset))
    cut = [(max(w.begin_us, begin), min(w.end_us, end)) for w in found]
    assert cut == oracle.stretches(minutes)
    assert all(a.end_us < b.begin_us for a, b in pairwise(found))


@settings(max_examples=40, deadline=None)
@given(asked())
def test_at_each_minute_the_answer_is_the_window_around_it_or_none(
    asked: tuple[AdmissionTimeScheme, str, date, int],
) -> None:
    scheme, zone, _, offset = asked
    for minute, is_open in _minutes(asked)[::7]:
        window = admitted(scheme, zone, minute, day_offset_s=offset)
        assert is_open == (window is not None)
        if window is not None:
            _assert_whole(scheme, zone, window, offset)
            assert window == next_window(scheme, zone, minute, day_offset_s=offset)


def _assert_whole(scheme: AdmissionTimeScheme, zone: str, window: Window, offset: int) -> None:
    """Just before and just after it there is nothing; three years stand for never."""
    years = window.end_us - window.begin_us > 1_000 * 86_400 * oracle.SECOND_US
    for outside in (window.begin_us - 1, window.end_us):
        assert years or admitted(scheme, zone, outside, day_offset_s=offset) is None


@settings(max_examples=40, deadline=None)
@given(asked())
def test_the_next_window_begins_with_the_next_open_minute(
    asked: tuple[AdmissionTimeScheme, str, date, int],
) -> None:
    scheme, zone, _, offset = asked
    minutes = _minutes(asked)
    begin, end = minutes[0][0], minutes[-1][0] + oracle.MINUTE_US
    first = next((minute for minute, is_open in minutes if is_open), None)
    window = next_window(scheme, zone, begin, horizon_days=DAYS, day_offset_s=offset)
    assert first == (max(begin, window.begin_us) if window else None)
    later = next_window(scheme, zone, begin, day_offset_s=offset)
    assert window is not None or later is None or later.begin_us >= end


@settings(max_examples=50, deadline=None)
@given(asked())
def test_a_day_has_a_begin_if_some_period_begins_on_that_date(
    asked: tuple[AdmissionTimeScheme, str, date, int],
) -> None:
    scheme, zone, day, _ = asked
    parts = [(None, scheme.periods)] + [
        (r.restriction.months if r.restriction else None, r.periods)
        for r in scheme.restricted_schemes
    ]
    expected = any(
        (months is None or day.month in months) and oracle.begin_on(period, day)
        for months, periods in parts
        for period in periods
    )
    assert begins_on(scheme, zone, day.isoformat()) == expected
