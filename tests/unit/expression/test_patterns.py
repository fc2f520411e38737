"""Regular expressions: Java's replacements, and patterns that could take too long."""

import time

import pytest

from engine.expression.errors import EvaluationFailed
from engine.expression.patterns import match, matches, replace_all


@pytest.mark.parametrize(
    ("text", "pattern", "replacement", "result"),
    [
        ("abc", "b", "", "ac"),
        ("abc", "", "-", "-a-b-c-"),
        ("abc", "(b)", "$12", "ab2c"),
        ("abc", "(?<mid>b)", "${mid}${mid}", "abbc"),
        ("abc", "(b)|(x)", "<$2>", "a<>c"),
        ("abc", "b", r"\$\\", r"a$\c"),
        ("a1b22", "[0-9]+", "$0$0", "a11b2222"),
    ],
)
def test_all_matches_are_replaced(text: str, pattern: str, replacement: str, result: str) -> None:
    assert replace_all(text, pattern, replacement) == result


@pytest.mark.parametrize("replacement", ["$", "$1", "${x}", "\\", "$x"])
def test_a_replacement_must_be_well_formed(replacement: str) -> None:
    with pytest.raises(EvaluationFailed):
        replace_all("abc", "b", replacement)


@pytest.mark.parametrize("pattern", ["(", "[", "*", "(?<n>a)(?<n>b)", "a{2,1}", "a" * 1001])
def test_a_malformed_pattern_is_refused(pattern: str) -> None:
    with pytest.raises(EvaluationFailed, match=r"not valid|at most"):
        matches("a", pattern)


HARMLESS = [
    ("sales_2026-03-02.csv", r"[a-z]+_(\d{4})-(\d\d)-(\d\d)[.]csv"),
    ("1.2.30", r"\d+(\.\d+)*"),
    ("a;b;", "([^;]*;)*"),
    ("foobarfoo", "(foo|bar)*"),
    ("a_b_c.csv", "(.*)_(.*)_(.*)[.]csv"),
    ("me@example.org", "([a-zA-Z0-9_.-]+)@([a-z.]+)"),
    ("ab" * 3_000, "(.*)b"),
    ("AbC", "(?i)abc"),
    ("xyxy", "(x)y\\1y"),
]


@pytest.mark.parametrize(("text", "pattern"), HARMLESS)
def test_usual_patterns_are_matched(text: str, pattern: str) -> None:
    assert matches(text, pattern)


EXPLOSIVE = [
    "(a+)+b", "(a|a)*b", "(a|ab|b)*c", "(a*)*b", r"(\w+\s?)*x", "(x+x+)+y", "((a|b)+,?)+c",
    "(?:a?)*b", "(?i)(ab|A)*b", "(?=(a+)+b)c", "(a{1,30}){1,30}b", "(?:.*a)*b", "(é+ü?)*x", "()*",
    "((b?)?aa)*c",
]  # fmt: skip


@pytest.mark.parametrize("pattern", EXPLOSIVE)
def test_a_pattern_whose_time_doubles_with_each_character_is_refused(pattern: str) -> None:
    with pytest.raises(EvaluationFailed, match="endlessly long"):
        matches("a", pattern)


@pytest.mark.parametrize(
    "pattern", ["a?" * 40 + "a" * 40, "([ab]|.)" * 40, r"(|\b)" * 40, ".*" * 8 + "x"]
)
def test_many_choices_in_a_row_are_refused(pattern: str) -> None:
    with pytest.raises(EvaluationFailed, match="could take too long for 40 characters"):
        matches("a" * 40, pattern)


@pytest.mark.parametrize("pattern", [".*[xy]", ".*.*[xy]", ".*.*.*[xy]", ".*_.*_.*[xy]", "a+[xy]"])
@pytest.mark.parametrize("letter", ["a", "_"])
def test_what_is_not_refused_is_fast(pattern: str, letter: str) -> None:
    begin = time.monotonic()
    for length in (50, 150, 450, 2_000, 9_000, 100_000):
        for attempt in (matches, lambda text, by: replace_all(text, by, "")):
            try:
                attempt(letter * length, pattern)
            except EvaluationFailed:
                continue
    assert time.monotonic() - begin < 5


def test_replacing_cannot_fill_the_memory() -> None:
    with pytest.raises(EvaluationFailed, match="longer than 1000000"):
        replace_all("a" * 5_000, "a", "b" * 5_000)
    with pytest.raises(EvaluationFailed, match="longer than 1000000"):
        match("a" * 50_000, "(a*)", "$1" * 500)
