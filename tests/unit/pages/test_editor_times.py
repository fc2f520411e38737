"""Times in the editor's fields: read as people write them, shown as they would write them again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.pages.editor_times import (
    TimeUnreadable,
    length_text,
    part_text,
    seconds_of_clock,
    seconds_of_length,
    with_part,
)

WEEK = 604_800


@given(st.integers(0, 10 * WEEK))
def test_a_length_is_read_as_it_is_shown(seconds: int) -> None:
    assert seconds_of_length(length_text(seconds)) == seconds


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90 s", 90), ("15min", 900), ("4 h", 14_400), ("1 d", 86_400), ("45", 45), ("01:30", 5_400)],
)
def test_lengths_are_written_in_units_or_as_a_clock(text: str, seconds: int) -> None:
    assert seconds_of_length(text) == seconds


@pytest.mark.parametrize("text", ["", "soon", "4 weeks", "-1 s", "1.5 h"])
def test_what_is_no_length_is_refused(text: str) -> None:
    with pytest.raises(TimeUnreadable, match="length of time"):
        seconds_of_length(text)


@pytest.mark.parametrize("text", ["24:00", "7", "12:60", "12:00:60", "noon"])
def test_what_is_no_time_of_day_is_refused(text: str) -> None:
    with pytest.raises(TimeUnreadable, match="time of day"):
        seconds_of_clock(text)


@given(
    st.sampled_from(["time", "weekday", "nth", "monthday", "date"]), st.integers(0, 4 * WEEK - 1)
)
def test_a_part_of_a_begin_that_is_written_again_changes_nothing(part: str, seconds: int) -> None:
    assert with_part(part, part_text(part, seconds), seconds) == seconds


@given(st.sampled_from(["time", "weekday", "last-nth", "before-end"]), st.integers(-4 * WEEK, -1))
def test_so_does_a_part_that_is_counted_from_the_end(part: str, seconds: int) -> None:
    assert with_part(part, part_text(part, seconds), seconds) == seconds


@pytest.mark.parametrize(
    ("part", "text"),
    [("weekday", "Noday"), ("nth", "sixth"), ("monthday", "32"), ("before-end", "28"),
     ("date", "2026-13-01"), ("time", "")],
)  # fmt: skip
def test_a_part_that_there_is_not_is_refused(part: str, text: str) -> None:
    with pytest.raises(TimeUnreadable):
        with_part(part, text, 0)
