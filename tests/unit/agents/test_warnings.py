"""What the agent warns of when a job run has ended."""

from typing import Any

import pytest

from agents.worker.hands.attempt import Exit
from agents.worker.outcomes import outcome_of
from agents.worker.warnings import percent, seconds_of, usual, warnings_of
from engine.workflow.model import Job, ReturnCodeMeaning, ShellScript


def warned(code: int = 0, seconds: int = 10, line: bytes | None = None, **job: Any) -> list[str]:
    """Return the warnings of a run."""
    end = Exit("a", code, None, seconds * 1_000_000, "exited", started_us=0)
    made = Job("agent-a", ShellScript("true"), **job)
    outcome = outcome_of(end, made, written=None, last_error_line=line)
    return list(warnings_of(end, made, outcome, error_line=line, started_us=0))


def test_nothing_is_warned_of_unasked() -> None:
    assert warned(3, 1000, b"err") == []


def test_a_return_code_may_be_a_warning() -> None:
    meaning = ReturnCodeMeaning(warning="3..5")
    assert warned(4, return_code_meaning=meaning) == ["returned 4, which counts as a warning"]
    assert warned(0, return_code_meaning=meaning) == []
    assert warned(9, return_code_meaning=meaning) == []


def test_a_line_on_stderr_may_be_a_warning_and_no_failure() -> None:
    assert warned(line=b"oh", warn_on_err_written=True) == ["wrote to stderr: oh"]
    assert warned(line=None, warn_on_err_written=True) == []


@pytest.mark.parametrize(("limit", "said"), [("9", True), ("00:00:10", False), ("5%", False)])
def test_a_run_may_take_too_long(limit: str, said: bool) -> None:
    assert warned(warn_if_longer=limit) == (["ran 10 s, longer than 9 s"] if said else [])


def test_a_long_run_time_is_told_in_plain_digits() -> None:
    assert warned(seconds=12_345, warn_if_longer="3600") == ["ran 12345 s, longer than 3600 s"]


def test_a_run_may_be_too_short() -> None:
    assert warned(seconds=1, warn_if_shorter="00:01:00") == ["ran 1 s, shorter than 60 s"]


def test_limits_in_percent_are_left_to_the_history() -> None:
    job = Job("agent-a", ShellScript("true"), warn_if_longer="20%", warn_if_shorter="5")
    assert usual(job) == (None, 20.0)
    assert usual(Job("agent-a", ShellScript("true"), warn_if_longer="20")) is None
    assert (percent("5"), seconds_of("01:02:03"), seconds_of("20%")) == (None, 3723.0, None)
