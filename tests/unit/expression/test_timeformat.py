"""Times printed with patterns."""

import pytest

from engine.expression.errors import EvaluationFailed
from engine.expression.timeformat import formatted

MOMENT_US = 1_772_438_405_123_456  # Monday, 2026-03-02T08:00:05.123456Z


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("yyyy-MM-dd", "2026-03-02"),
        ("yy/M/d", "26/3/2"),
        ("yyyy-MM-dd'T'HH:mm:ss.SSSX", "2026-03-02T08:00:05.123Z"),
        ("EEE, dd MMM yyyy", "Mon, 02 Mar 2026"),
        ("EEEE d MMMM", "Monday 2 March"),
        ("hh:mm a", "08:00 AM"),
        ("DDD", "061"),
        ("'it''s' ''", "it's '"),
        ("SSSSSS", "123456"),
        ("Z XXX xxx x z", "+0000 Z +00:00 +00 UTC"),
        ("", ""),
    ],
)
def test_a_pattern_prints_the_moment(pattern: str, text: str) -> None:
    assert formatted(MOMENT_US, pattern, "UTC") == text


def test_the_zone_moves_the_clock() -> None:
    assert formatted(MOMENT_US, "dd HH:mm XXX", "Pacific/Auckland") == "02 21:00 +13:00"
    assert formatted(MOMENT_US, "dd HH X", "America/New_York") == "02 03 -05"


@pytest.mark.parametrize(
    ("moment_us", "pattern", "zone"),
    [
        (0, "b", "UTC"),
        (0, "'open", "UTC"),
        (0, "yyyy", "Nowhere/Land"),
        (0, "yyyy", ""),
        (0, "yyyy", "../../etc/passwd"),
        (0, "yyyy", "a\0b"),
        (10**30, "yyyy", "UTC"),
        (-(10**18), "yyyy", "UTC"),
    ],
)
def test_what_cannot_be_printed_is_refused(moment_us: int, pattern: str, zone: str) -> None:
    with pytest.raises(EvaluationFailed):
        formatted(moment_us, pattern, zone)
