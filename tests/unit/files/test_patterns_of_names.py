"""Patterns of file order sources: what they fit, and that none can take long."""

import time

import pytest

from engine.files.pattern import NamePattern, PatternRefused

EVIL = (
    "(a+)+$",
    "([a-zA-Z]+)*$",
    "(a|aa)+$",
    "(a|a?)+$",
    "(.*a){20}x",
    "(x+x+)+y",
    "^(([a-z])+.)+[A-Z]([a-z])+$",
    "(.*)*",
    "(?:(?:a*)*)*b",
)


@pytest.mark.parametrize("pattern", EVIL)
def test_a_pattern_that_could_explode_takes_no_time(pattern: str) -> None:
    began_s = time.process_time()
    try:
        for name in ("a" * 255, "a" * 254 + "!", "x" * 255):
            NamePattern(pattern).fits(name)
    except PatternRefused:
        pass
    assert time.process_time() - began_s < 0.05


@pytest.mark.parametrize(
    ("pattern", "name", "fits"),
    [
        (r".*\.csv", "a.csv", True),
        (r".*\.csv", "a.csv.gz", False),
        (r".*\.csv", "line\nend.csv", True),
        (r"(?<day>\d{8})_.*\.(csv|txt)", "20260131_x.txt", True),
        (r"[^.].*", ".hidden", False),
        (r"", "a", False),
        (r"ä.*", "ähm", True),
        (None, ".hidden", False),
        (None, "seen", True),
        (None, "-rf", True),
    ],
)
def test_a_pattern_fits_whole_names(pattern: str | None, name: str, fits: bool) -> None:
    assert NamePattern(pattern).fits(name) is fits


@pytest.mark.parametrize("pattern", [r".*\.csv", r"[a-z]+_\d+\.(csv|txt|json)", r"(in|out)-.*"])
def test_usual_patterns_judge_the_longest_names(pattern: str) -> None:
    assert NamePattern(pattern).fits("x" * 255) is False


@pytest.mark.parametrize("pattern", ["(", "[", "(?P<a", "a{2,1}", "x" * 1001])
def test_what_is_no_pattern_says_so(pattern: str) -> None:
    with pytest.raises(PatternRefused):
        NamePattern(pattern)
