"""How long jobs are going to run, and what is usual about the ways of orders."""

import pytest

from engine.workflow.program import Program
from engine.workflow.read import read_workflow
from history.usual import branches_of
from simulation.forecast.branches import AssumingProgram, asks_for_results
from simulation.forecast.durations import Durations, left_of, quantile, said_s
from simulation.forecast.snapshot import Ran

JOB = {"agentName": "a", "executable": {"TYPE": "ShellScriptExecutable", "script": "x"}}
RUN = {"TYPE": "Execute.Named", "jobName": "work", "label": "load"}


def program(*instructions: object, **job: object) -> Program:
    found = read_workflow({"instructions": list(instructions), "jobs": {"work": {**JOB, **job}}})
    assert found.workflow is not None, found.problems
    return Program("w", "v1", found.workflow)


def lasting(ran: list[Ran], elapsed_s: float = 0.0, share: float = 0.5, **job: object) -> object:
    walked = program(RUN, **job)
    node = walked.instruction((0,))
    return Durations(ran, share=share, default_s=60).of(walked, (0,), node, elapsed_s)  # type: ignore[arg-type]


def test_a_median_lies_in_the_middle_and_the_late_end_near_the_longest_run() -> None:
    seconds = tuple(float(n) for n in range(1, 21))
    assert quantile(seconds, 0.5) == 10.5
    assert quantile(seconds, 0.95) == pytest.approx(19.05)
    assert quantile((4.0,), 0.95) == 4.0


def test_runs_at_the_same_place_come_before_runs_of_the_job_elsewhere() -> None:
    ran = [Ran("w", "work", "", (9.0,)), Ran("w", "work", "load", (3.0,))]
    assert lasting(ran) == (3.0, "history")
    assert lasting(ran[:1]) == (9.0, "job")
    assert lasting([Ran("other", "work", "load", (3.0,))]) == (60, "default")


def test_without_history_the_document_tells_what_is_long() -> None:
    assert lasting([]) == (60, "default")
    assert lasting([], warnIfLonger="00:02:00") == (120, "document")
    assert lasting([], warnIfLonger="50%") == (60, "default")


@pytest.mark.parametrize(
    ("text", "seconds"), [("90", 90), ("00:01:30", 90), ("1.5s", 1.5), ("50%", None), (None, None)]
)
def test_lengths_of_time_in_documents_are_read(text: str | None, seconds: float | None) -> None:
    assert said_s(text) == seconds


def test_a_job_that_runs_goes_on_as_those_did_that_ran_longer() -> None:
    ran = [Ran("w", "work", "load", (10.0, 20.0, 40.0))]
    assert lasting(ran, 5.0) == (15.0, "history")
    assert lasting(ran, 15.0) == (15.0, "history")
    assert lasting(ran, 50.0) == (0.0, "history")
    assert left_of((), 0.5, 1.0) == 0.0


def test_positions_of_a_way_tell_the_branches_taken_and_those_passed_by() -> None:
    way = ["0", "1", "1/then/0", "2", "2/else/0/try+1/0", "3", "4"]
    assert dict(branches_of(way)) == {"0": "past", "1": "then", "2": "else", "3": "past"}


def assuming(predicate: str, went: dict[str, dict[str, int]]) -> AssumingProgram:
    walked = program({"TYPE": "If", "predicate": predicate, "then": {"instructions": [RUN]}})
    return AssumingProgram("w", "v1", walked.workflow, went=went)


def test_a_condition_on_results_takes_the_usual_branch() -> None:
    usual = assuming("$returnCode > 3", {"0": {"then": 7, "past": 2}})
    assert usual.instruction((0,)).predicate == "true"  # type: ignore[union-attr]
    assert usual.assumed[(0,)] == "Condition at 0: 7 of the last 9 orders took then."
    rare = assuming("$returnCode > 3", {"0": {"then": 2, "past": 7}})
    assert rare.instruction((0,)).predicate == "false"  # type: ignore[union-attr]


def test_a_condition_on_what_an_order_brings_along_is_asked_for_real() -> None:
    assert not assuming("orderId == 'x'", {"0": {"then": 7}}).assumed
    assert not asks_for_results("$a == 'x'", frozenset({"a"}))
    assert asks_for_results("$a == 'x'", frozenset())
    assert asks_for_results("variable('n', label='load') == 1", frozenset({"n"}))


def test_without_history_a_condition_that_cannot_be_answered_does_not_hold() -> None:
    assert assuming("$rows > 3", {}).instruction((0,)).predicate == "($rows > 3)? false"  # type: ignore[union-attr]
