"""What jobs leave behind and what keeps them from starting: they fail alone, the agent lives on."""

from collections.abc import Callable
from pathlib import Path

import pytest

from agents.protocol import NO_PROCESS, Limits
from tests.component.agents.agent import TestedAgent, shell, workflow

ODD_RETURN_VALUES = {
    "a folder": "mkdir $JS7_RETURN_VALUES",
    "a pipe": "mkfifo $JS7_RETURN_VALUES",
    "a device": "ln -s /dev/zero $JS7_RETURN_VALUES",
    "a link to itself": "ln -s $JS7_RETURN_VALUES $JS7_RETURN_VALUES",
}


@pytest.mark.parametrize("odd", ODD_RETURN_VALUES)
def test_what_a_job_leaves_in_place_of_its_return_values_fails_the_job_and_not_the_agent(
    agents: Callable[[], TestedAgent], odd: str
) -> None:
    agent = agents()
    agent.take_item("workflow", "flow", workflow(shell(ODD_RETURN_VALUES[odd])))
    agent.take_order("#1", "flow")
    agent.until(agent.outcomes)
    outcome = agent.outcomes()[0]
    assert outcome.kind == "failed"
    assert outcome.message == "return values: the job left something that is no readable file"
    agent.take_order("#2", "flow")  # the agent lives on
    agent.until(lambda: len(agent.outcomes()) == 2)
    agent.until(lambda: not list((agent.folder / "out").iterdir()))


def test_return_values_beyond_the_limit_are_refused_unread(
    agents: Callable[[], TestedAgent],
) -> None:
    agent = agents()
    agent.take_item("workflow", "flow", workflow(shell("truncate -s 1T $JS7_RETURN_VALUES")))
    agent.take_order("#1", "flow")
    agent.until(agent.outcomes)
    message = agent.outcomes()[0].message
    assert message == f"return values: {1 << 40} bytes, at most {1 << 20} are taken"


@pytest.mark.parametrize("odd", ["rm $O; mkdir $O", "rm $O; mkfifo $O", "rm $O"])
def test_a_job_that_replaces_its_output_does_not_end_the_agent(
    agents: Callable[[], TestedAgent], odd: str
) -> None:
    agent = agents()
    script = f"for O in ${{JS7_RETURN_VALUES%ret}}{{out,err}}; do {odd}; done"
    agent.take_item("workflow", "flow", workflow(shell(script), failOnErrWritten=True))
    agent.take_order("#1", "flow")
    agent.until(agent.outcomes)
    assert agent.outcomes()[0].kind == "succeeded"


@pytest.mark.parametrize(
    ("left", "found"),
    [
        ('{"n": 1000000000000000000000000000000}', 1e30),
        ('{"n": -0.0}', 0),
        ('{"n": [{"deep": 1.5}]}', [{"deep": 1.5}]),
    ],
)
def test_numbers_of_any_size_come_back_as_values_have_them(
    agents: Callable[[], TestedAgent], left: str, found: object
) -> None:
    agent = agents()
    script = f"echo '{left}' > $JS7_RETURN_VALUES"
    agent.take_item("workflow", "flow", workflow(shell(script)))
    agent.take_order("#1", "flow")
    agent.until(agent.outcomes)
    assert agent.outcomes()[0].values == {"n": found, "returnCode": 0}


@pytest.mark.parametrize(
    ("left", "why"),
    [
        ('{"n": 1e306}', "return values: n: The number is out of range."),
        (f'{{"n": {"[" * 101}{"]" * 101}}}', "return values: n: The value is nested more than"),
        ('{"a\\u0000": 1}', "return values: 'a\\x00' is no name"),
        ('{" ": 1}', "return values: ' ' is no name"),
    ],
)
def test_what_no_value_can_be_fails_the_job(
    agents: Callable[[], TestedAgent], left: str, why: str
) -> None:
    agent = agents()
    agent.take_item("workflow", "flow", workflow(shell(f"echo '{left}' > $JS7_RETURN_VALUES")))
    agent.take_order("#1", "flow")
    agent.until(agent.outcomes)
    assert str(agent.outcomes()[0].message).startswith(why)


@pytest.mark.parametrize(
    ("broken", "sentence"),
    [
        ("agents.worker.loop.prepare", "the job cannot be started"),
        ("agents.worker.hold.outcome_of", "what the job has left cannot be taken in"),
    ],
)
def test_a_job_whose_start_or_end_cannot_be_worked_out_fails_alone(
    agents: Callable[[], TestedAgent], monkeypatch: pytest.MonkeyPatch, broken: str, sentence: str
) -> None:
    agent = agents()

    def refuse(*_: object, **__: object) -> None:
        raise OverflowError("too much")

    monkeypatch.setattr(broken, refuse)
    agent.take_item("workflow", "flow", workflow(shell("true")))
    agent.take_order("#1", "flow")
    agent.until(agent.outcomes)
    outcome = agent.outcomes()[0]
    assert (outcome.kind, outcome.message) == ("failed", f"{sentence}: too much")


def test_a_built_in_job_that_fails_says_why(
    agents: Callable[[], TestedAgent], tmp_path: Path
) -> None:
    agent = agents()
    arguments = {"source": f"'{tmp_path}/none'", "target": f"'{tmp_path}/out/'"}
    transfer = {"TYPE": "BuiltInExecutable", "kind": "FileTransfer", "arguments": arguments}
    agent.take_item("workflow", "flow", workflow(transfer))
    agent.take_order("#1", "flow")
    agent.until(agent.outcomes)
    outcome = agent.outcomes()[0]
    assert outcome.message == "returned 1: source: There is no file none."
    assert outcome.warnings == ()


def test_what_a_shell_job_writes_to_stderr_is_not_why_it_failed(
    agents: Callable[[], TestedAgent],
) -> None:
    agent = agents()
    agent.take_item("workflow", "flow", workflow(shell("echo noise >&2; exit 3")))
    agent.take_order("#1", "flow")
    agent.until(agent.outcomes)
    assert agent.outcomes()[0].message == "returned 3"


def test_an_agent_whose_limit_is_taken_away_has_its_own_one_again(
    agents: Callable[[], TestedAgent], tmp_path: Path
) -> None:
    agent = agents()
    gate = tmp_path / "gate"
    script = f"while [ ! -e {gate} ]; do sleep 0.05; done"
    agent.take_item("workflow", "flow", workflow(shell(script), parallelism=8))
    agent.hold.take(Limits(1), 0)
    for name in ("#1", "#2", "#3"):
        agent.take_order(name, "flow")
    assert len(agent.hold.attempts) == 1
    agent.hold.take(Limits(None), 0)
    assert len(agent.hold.attempts) == 3
    gate.touch()
    agent.until(lambda: len(agent.outcomes()) == 3)


def test_an_agent_that_comes_back_keeps_the_limit_it_was_told(
    agents: Callable[[], TestedAgent],
) -> None:
    first = agents()
    first.hold.take(Limits(1), 0)
    first.loop._turn()
    first.end()
    second = agents()
    assert second.hold.slots.limit == 1
    second.hold.take(Limits(None), 0)
    second.loop._turn()
    second.end()
    assert agents().hold.slots.limit == 8


@pytest.mark.parametrize("told", [NO_PROCESS, 0])
def test_an_agent_that_may_run_none_starts_none_also_when_it_comes_back(
    agents: Callable[[], TestedAgent], told: int
) -> None:
    first = agents()
    first.take_item("workflow", "flow", workflow(shell("exit 0")))
    first.hold.take(Limits(told), 0)
    first.take_order("#1", "flow")
    first.loop._turn()
    assert not first.hold.attempts
    first.end()
    second = agents()
    second.take_order("#2", "flow")
    assert not second.hold.attempts
    second.hold.take(Limits(None), 0)
    second.until(lambda: len(second.outcomes()) == 2)
