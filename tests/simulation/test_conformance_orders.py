"""Every conformance case of orders, in the simulator."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.conformance.__main__ import main
from tests.conformance.case import ORDERS, Case, ExpectedOrder, read_cases, to_come
from tests.conformance.simulated import Simulated

CASES = dict(read_cases(ORDERS))
# Cases that were green once. A line is never taken out.
SUPPORTED = frozenset((Path(ORDERS).parent / "supported.txt").read_text().split())


def parameters() -> list[Any]:
    """Every case; those that ask for what is not there yet are listed with the reason."""
    found = []
    for name, case in CASES.items():
        why = None if name in SUPPORTED else to_come(case)
        marks = [pytest.mark.xfail(run=False, reason=why)] if why else []
        found.append(pytest.param(case, id=name, marks=marks))
    return found


@pytest.mark.parametrize("case", parameters())
def test_a_case_ends_as_it_must(case: Case) -> None:
    assert Simulated(case).run() == []


def test_every_supported_case_is_still_there() -> None:
    assert CASES.keys() >= SUPPORTED
    assert len(SUPPORTED) >= 136


WRONG: list[dict[str, Any]] = [
    {"state": "Failed"},
    {"history": "FAILED"},
    {"position": [0]},
    {"label": "load"},
    {"suspended": True},
    {"trace": []},
    {"trace": [("load", "failed 1")]},
    {"variables": {"rows": "7"}},
    {"started": "1s"},
    {"ended": "6s"},
    {"message": "disk full"},
]


@pytest.mark.parametrize("wrong", WRONG, ids=lambda w: next(iter(w)))
def test_the_runner_finds_a_wrong_expectation(wrong: dict[str, Any]) -> None:
    case = CASES["execute/single-job"]
    order_id = next(iter(case.expect.orders))
    expected = msgspec.structs.replace(case.expect, orders={order_id: ExpectedOrder(**wrong)})
    assert Simulated(msgspec.structs.replace(case, expect=expected)).run() != []


def test_the_runner_finds_too_many_processes() -> None:
    case = CASES["execute/parallelism-limit"]
    expected = msgspec.structs.replace(case.expect, max_parallel={"load": 1})
    assert Simulated(msgspec.structs.replace(case, expect=expected)).run() != []


def test_the_runner_finds_a_wrong_answer() -> None:
    case = CASES["cancel/cancel-finished"]
    steps = [msgspec.structs.replace(s, answer="accepted") for s in case.steps]
    assert Simulated(msgspec.structs.replace(case, steps=steps)).run() != []


def test_the_command_line_counts_and_tells(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["orders", str(ORDERS / "if-case")]) == 0
    told = capsys.readouterr().out.splitlines()
    assert told[0] == "ok if-case/case-else"
    assert told[-1] == "8 passed, 0 failed"
