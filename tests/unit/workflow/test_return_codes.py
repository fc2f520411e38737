"""Which return codes mean success."""

import pytest

from engine.workflow.model import Job, ReturnCodeMeaning, ShellScript
from engine.workflow.return_codes import (
    RangeSet,
    ReturnCodesUnreadable,
    meaning,
    meaning_for,
    range_set,
)


def successes(given: ReturnCodeMeaning | None) -> list[int]:
    found = meaning(given)
    return [code for code in range(-2, 11) if found.is_success(code)]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (None, [0]),
        (ReturnCodeMeaning(), [0]),
        (ReturnCodeMeaning(success="0..3,7"), [0, 1, 2, 3, 7]),
        (ReturnCodeMeaning(success=" 1 , 3 .. 4 "), [1, 3, 4]),
        (ReturnCodeMeaning(success="-1..1"), [-1, 0, 1]),
        (ReturnCodeMeaning(success=(2, 5)), [2, 5]),
        (ReturnCodeMeaning(success=()), []),
        (ReturnCodeMeaning(failure="2..9"), [-2, -1, 0, 1, 10]),
        (ReturnCodeMeaning(failure="none"), list(range(-2, 11))),
        (ReturnCodeMeaning(failure=()), list(range(-2, 11))),
        (ReturnCodeMeaning(warning=(4,)), [0, 4]),
    ],
)
def test_codes_succeed_as_the_meaning_says(
    given: ReturnCodeMeaning | None, expected: list[int]
) -> None:
    assert successes(given) == expected


def test_a_warning_is_a_success_that_is_pointed_out() -> None:
    found = meaning(ReturnCodeMeaning(success="0", warning="1..2"))
    assert found.is_success(2)
    assert found.is_warning(2)
    assert not found.is_warning(0)


@pytest.mark.parametrize(
    "text", ["", "x", "1-3", "1..", "..3", "1,,2", "3..1", "1.5", "99999999999", "4294967296", "²"]
)
def test_texts_that_name_no_codes_are_unreadable(text: str) -> None:
    with pytest.raises(ReturnCodesUnreadable):
        range_set(text)


def test_success_and_failure_exclude_each_other() -> None:
    with pytest.raises(ReturnCodesUnreadable, match="not both"):
        meaning(ReturnCodeMeaning(success="0", failure="1"))


def test_common_is_the_smallest_code_in_both() -> None:
    assert range_set("1..5,9").common(range_set("4..9")) == 4
    assert range_set("1..5").common(range_set("6")) is None
    assert RangeSet().common(range_set("6")) is None


def test_the_executable_says_more_than_the_job() -> None:
    shell = ShellScript("true", return_code_meaning=ReturnCodeMeaning(success="3"))
    job = Job("a", shell, return_code_meaning=ReturnCodeMeaning(success="4"))
    assert meaning_for(job).is_success(3)
    plain = Job("a", ShellScript("true"), return_code_meaning=ReturnCodeMeaning(success="4"))
    assert meaning_for(plain).is_success(4)
