"""The cases say what is right: days, starts, admission, cycles, cron, and a whole plan."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.__main__ import main
from tests.conformance.timetable_cases import GROUPS, problems_of, read_timetable_cases

CASES = [
    pytest.param(group, case, id=f"{group}-{name}") for group, name, case in read_timetable_cases()
]


@pytest.mark.parametrize(("group", "case"), CASES)
def test_the_timetable_does_as_the_case_says(group: str, case: dict[str, Any]) -> None:
    assert problems_of(group, case) == []


def test_there_are_cases_of_each_group() -> None:
    assert {group for group, _, _ in read_timetable_cases()} == set(GROUPS)


def test_a_wrong_expectation_is_told_and_fails_the_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    right = next(case for group, _, case in read_timetable_cases() if group == "calendars")
    wrong = {**right, "name": "wrong", "expect": ["2026-03-18"]}
    (tmp_path / "calendars.json").write_text(json.dumps([right, wrong]))
    assert main(["timetable", str(tmp_path)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"ok calendars/{right['name']}"
    assert lines[1].startswith("FAIL calendars/wrong: missing ['2026-03-18']")
    assert lines[2] == "1 passed, 1 failed"


def test_a_folder_without_cases_is_no_success(tmp_path: Path) -> None:
    assert main(["timetable", str(tmp_path)]) == 1
