"""The filter grammar, and moments as people write them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.pages.filtering import Wanted, read_filter
from cockpit.pages.moments import MomentUnreadable, moment_of

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 3, 28, 12, tzinfo=UTC)


def read(text: str, *states: str) -> Wanted:
    return read_filter(text, states, now=NOW, zone=BERLIN)


def test_keys_and_free_text_are_told_apart() -> None:
    assert read('wf:finance/* agent:a1 state:failed,running tag:"two words" #T1') == Wanted(
        workflow="finance/*",
        agent="a1",
        groups=("failed", "running"),
        tags=("two words",),
        text="#T1",
    )


def test_states_of_chips_and_of_the_text_go_together() -> None:
    assert read("state:failed", "running,failed").groups == ("running", "failed")


def test_quoted_text_may_contain_a_colon() -> None:
    assert read('"a:b"').text == "a:b"


def test_everything_that_cannot_be_read_is_told_at_once() -> None:
    found = read("colour:red state:lost live:maybe from:nonsense one two")
    assert len(found.problems) == 5


@given(st.text(max_size=80))
def test_no_text_breaks_the_reading(text: str) -> None:
    read(text)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("+15m", "2026-03-28T12:15:00+00:00"),
        ("+1h30m", "2026-03-28T13:30:00+00:00"),
        ("-2d", "2026-03-26T12:00:00+00:00"),
        ("22:30", "2026-03-28T21:30:00+00:00"),
        ("today", "2026-03-27T23:00:00+00:00"),
        ("tomorrow 6:00", "2026-03-29T04:00:00+00:00"),
        ("2026-01-31T08:00Z", "2026-01-31T08:00:00+00:00"),
        ("2026-01-31 08:00", "2026-01-31T07:00:00+00:00"),
    ],
)
def test_moments_are_read_in_the_zone(text: str, moment: str) -> None:
    assert moment_of(text, NOW, BERLIN) == datetime.fromisoformat(moment)


@pytest.mark.parametrize("text", ["", "now", "  NOW "])
def test_now_is_no_moment_of_its_own(text: str) -> None:
    assert moment_of(text, NOW, BERLIN) is None


@pytest.mark.parametrize(
    "text", ["someday", "25:00", "tomorrow noon", "+15", "+999999999w", "2026-02-30", "\0"]
)
def test_other_texts_are_refused_with_examples(text: str) -> None:
    with pytest.raises(MomentUnreadable, match="tomorrow 6:00"):
        moment_of(text, NOW, BERLIN)


def test_an_hour_that_the_clocks_skip_is_refused() -> None:
    with pytest.raises(MomentUnreadable, match="skip 2026-03-29 02:30"):
        moment_of("tomorrow 2:30", NOW, BERLIN)
