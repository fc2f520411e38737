"""Places and sentences of problems."""

import pytest

from engine.workflow.problem import Path, Severity, has_errors, place_text, problem, shown, warning


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ((), ""),
        (("jobs", "load-eu", "env"), "jobs.load-eu.env"),
        (("jobs", "a.b", "env"), 'jobs["a.b"].env'),
        (("instructions", 2, "then", "instructions", 0), "instructions[2].then.instructions[0]"),
        (("jobs", "", 0), 'jobs[""][0]'),
        (("a b",), '["a b"]'),
    ],
)
def test_a_place_is_written_with_dots_and_brackets(path: Path, text: str) -> None:
    assert place_text(path) == text


def test_texts_are_shown_clipped_and_harmless() -> None:
    assert shown("a\x1b[31m\0\ud800") == '"a\\u001b[31m\\u0000\\ud800"'
    assert len(shown("x" * 10_000)) < 70


def test_only_errors_prevent() -> None:
    assert has_errors([warning((), "a", "b"), problem((), "a", "b")])
    assert not has_errors([warning((), "a", "b")])
    assert warning((), "a", "b").severity is Severity.WARNING
