"""Every conformance case of orders, in the simulator."""

from typing import Any

import msgspec
import pytest

from tests.conformance.__main__ import main
from tests.conformance.case import ORDERS, Case, ExpectedOrder, read_cases
from tests.conformance.simulated import Simulated

CASES = dict(read_cases(ORDERS))
AT_LEAST = 297


@pytest.mark.parametrize("case", [pytest.param(c, id=name) for name, c in CASES.items()])
def test_a_case_ends_as_it_must(case: Case) -> None:
    assert Simulated(case).run() == []


def test_every_case_is_still_there() -> None:
    assert len(CASES) >= AT_LEAST


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
