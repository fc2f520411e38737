"""Jobs run by an agent's loop with real processes: runners, secrets, an agent that comes back."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.component.agents.agent import TestedAgent, sealed, shell, workflow
from tests.system.waiting import wait_until

SECRET = "s3cret/value+1"


def test_a_secret_reaches_the_process_and_nothing_else(
    agents: Callable[[], TestedAgent],
) -> None:
    agent = agents()
    agent.take_item("jobresource", "sub/db", {"arguments": {"pw": sealed(SECRET)},
                                              "env": {"PW": "$pw"}})  # fmt: skip
    script = (
        'echo "plain $PW"; printf %s "$PW" | base64\n'
        'printf %s "$PW" | od -An -tx1 | tr -d " \\n"\n'
        'echo; echo "err $PW" >&2; echo "v=$PW" >> $JS7_RETURN_VALUES\n'
        '[ ${#PW} = 14 ] && echo "n=${#PW}" >> $JS7_RETURN_VALUES'
    )
    agent.take_item(
        "workflow", "flow", workflow(shell(script), jobResourceNames=["db"], failOnErrWritten=True)
    )
    agent.take_order("#1", "flow")
    agent.until(agent.outcomes)
    agent.until(lambda: b"err" in agent.written("err"))
    outcome = agent.outcomes()[0]
    assert outcome.values == {"v": "***", "n": "14", "returnCode": 0}
    assert outcome.message == "err ***"
    assert agent.written() == b"plain ***\n***\n***\n"
    assert agent.written("err") == b"err ***\n"
    assert SECRET.encode() not in agent.stored()


def test_an_agent_that_comes_back_hides_what_its_earlier_run_had_given(
    agents: Callable[[], TestedAgent], tmp_path: Path
) -> None:
    first = agents()
    gate = tmp_path / "gate"
    script = f'echo "one $PW"; while [ ! -e {gate} ]; do sleep 0.05; done; echo "two $PW"'
    first.take_item("workflow", "flow", workflow(shell(script, PW=sealed(SECRET))))
    first.take_order("#1", "flow")
    first.until(lambda: b"one" in first.written())
    first.end()
    second = agents()
    gate.touch()
    second.until(second.outcomes)
    second.until(lambda: b"two" in second.written())
    assert second.written() == b"one ***\ntwo ***\n"


def test_a_job_that_ended_while_no_agent_was_there_has_ended_then(
    agents: Callable[[], TestedAgent], tmp_path: Path
) -> None:
    first = agents()
    done = tmp_path / "done"
    first.take_item("workflow", "flow", workflow(shell(f"touch {done}")))
    first.take_order("#1", "flow")
    first.loop._turn()
    first.end()
    wait_until(done.exists)
    wait_until(lambda: time.time() - done.stat().st_mtime > 1)
    second = agents()
    second.until(second.outcomes)
    assert abs(second.ends()[0].at_us / 1e6 - done.stat().st_mtime) < 0.5


def secret_workflow(script: str, **env: str) -> dict[str, Any]:
    """Return a workflow of one shell job with a secret variable `pw`."""
    made = workflow(shell(script, **env), failOnErrWritten=True)
    return made | {"orderPreparation": {"parameters": {"pw": {"secret": True}}}}


def test_a_secret_variable_reaches_the_job_and_nothing_else(
    agents: Callable[[], TestedAgent],
) -> None:
    agent = agents()
    script = (
        'for c in "${PW:0:5}" "${PW:5}"; do printf %s "$c"; sleep 0.4; done; echo\n'
        'printf %s "$PW" | base64; cat "$F"; echo; echo "no $PW" >&2\n'
        'echo "pw=fresh$PW" >> $JS7_RETURN_VALUES; echo "x=$PW" >> $JS7_RETURN_VALUES'
    )
    document = secret_workflow(script, PW="$pw", F="toFile($pw, '*')")
    agent.take_item("workflow", "flow", document)
    agent.take_order("#1", "flow", arguments={"pw": sealed(SECRET).strip("'")})
    agent.until(agent.outcomes)
    agent.until(lambda: agent.written().count(b"\n") == 3)
    outcome = agent.outcomes()[0]
    assert agent.written() == b"***\n***\n***\n"
    assert (outcome.message, outcome.values["x"]) == ("no ***", "***")
    assert agent.opened(outcome.values["pw"]) == f"fresh{SECRET}"
    assert SECRET.encode() not in agent.stored()


def test_an_agent_that_comes_back_still_seals_what_a_job_returns(
    agents: Callable[[], TestedAgent], tmp_path: Path
) -> None:
    first, gate = agents(), tmp_path / "gate"
    script = f"echo on; while [ ! -e {gate} ]; do sleep 0.05; done; echo pw=new >$JS7_RETURN_VALUES"
    first.take_item("workflow", "flow", secret_workflow(script))
    first.take_order("#1", "flow", arguments={"pw": sealed(SECRET).strip("'")})
    first.until(lambda: b"on" in first.written())
    first.end()
    second = agents()
    gate.touch()
    second.until(second.outcomes)
    assert second.opened(second.outcomes()[0].values["pw"]) == "new"


def test_a_python_job_hands_typed_values_on(agents: Callable[[], TestedAgent]) -> None:
    agent = agents()
    executable = {
        "TYPE": "PythonExecutable",
        "script": "print(token); result = {'n': len(token), 'list': [1, token]}",
        "arguments": {"token": "$token"},
    }
    agent.take_item("workflow", "flow", workflow(executable))
    agent.take_order("#1", "flow", arguments={"token": sealed(SECRET).strip("'")})
    agent.until(agent.outcomes)
    agent.until(agent.written)
    assert agent.outcomes()[0].values == {"n": 14, "list": [1, "***"], "returnCode": 0}
    assert agent.written() == b"***\n"
    assert not list((agent.folder / "out").glob("*.args"))


def test_arguments_lie_in_a_private_file_and_not_on_the_command_line(
    agents: Callable[[], TestedAgent], monkeypatch: pytest.MonkeyPatch
) -> None:
    agent, seen = agents(), []
    start = agent.pool.start

    def watched(starts: Any) -> None:
        for one in starts:
            file = agent.folder / "out" / f"{one.attempt}.args"
            seen.append((file.stat().st_mode & 0o777, SECRET in file.read_text()))
            assert SECRET not in repr(one)
        start(starts)

    monkeypatch.setattr(agent.pool, "start", watched)
    executable = {
        "TYPE": "BuiltInExecutable",
        "kind": "Sql",
        "arguments": {
            "url": "'sqlite://'",
            "statement": "'select :p as p, length(:p) as n'",
            "parameters": f"{{p: {sealed(SECRET)}}}",
        },
    }
    agent.take_item("workflow", "flow", workflow(executable))
    agent.take_order("#1", "flow")
    agent.until(agent.outcomes)
    assert seen == [(0o600, True)]
    assert agent.outcomes()[0].values["rows"] == [{"p": "***", "n": 14}]


def test_arguments_that_are_wrong_fail_the_job_before_it_starts(
    agents: Callable[[], TestedAgent],
) -> None:
    agent = agents()
    executable = {"TYPE": "BuiltInExecutable", "kind": "Sql", "arguments": {
        "url": "$url", "statement": "$nothing"}}  # fmt: skip
    agent.take_item("workflow", "flow", workflow(executable))
    agent.take_order("#1", "flow", arguments={"url": "sqlite://"})
    agent.until(agent.outcomes)
    assert agent.outcomes()[0].kind == "failed"
    assert "nothing" in (agent.outcomes()[0].message or "")


def test_a_value_sealed_for_another_agent_fails_the_job(
    agents: Callable[[], TestedAgent],
) -> None:
    agent = agents()
    other = sealed(SECRET).replace("agent-1", "agent-2")
    agent.take_item("workflow", "flow", workflow(shell("true", PW=other)))
    agent.take_order("#1", "flow")
    agent.until(agent.outcomes)
    assert "sealed for agent-2" in (agent.outcomes()[0].message or "")


def test_a_built_in_job_times_out_like_any_other(agents: Callable[[], TestedAgent]) -> None:
    agent = agents()
    executable = {"TYPE": "PythonExecutable", "script": "import time; time.sleep(60)"}
    agent.take_item("workflow", "flow", workflow(executable, timeout=1, graceTimeout=1))
    agent.take_order("#1", "flow")
    agent.until(agent.outcomes)
    assert agent.outcomes()[0].kind == "timedout"


def test_warnings_of_a_run_go_with_its_outcome(agents: Callable[[], TestedAgent]) -> None:
    agent = agents()
    job = workflow(shell("echo oh >&2; exit 3"), warnOnErrWritten=True, warnIfShorter="00:10:00")
    job["jobs"]["job"]["executable"]["returnCodeMeaning"] = {"warning": [3]}
    agent.take_item("workflow", "flow", job)
    agent.take_order("#1", "flow")
    agent.until(agent.outcomes)
    outcome = agent.outcomes()[0]
    assert outcome.kind == "succeeded"
    assert outcome.warnings[:2] == ("returned 3, which counts as a warning", "wrote to stderr: oh")
    assert "shorter than 600 s" in outcome.warnings[2]


def test_a_job_is_killed_at_the_end_of_its_period_also_by_an_agent_that_came_back(
    agents: Callable[[], TestedAgent], monkeypatch: pytest.MonkeyPatch
) -> None:
    from agents.worker import loop

    shift_us = [0]
    real = loop.now_us
    monkeypatch.setattr(loop, "now_us", lambda: real() + shift_us[0])
    now_s = real() // 1_000_000
    period = {
        "TYPE": "SpecificDatePeriod",
        "secondsSinceLocalEpoch": now_s - 60,
        "duration": 3660,
    }
    first = agents()
    job = workflow(
        shell("sleep 60"),
        admissionTimeScheme={"periods": [period]},
        killAtEndOfAdmissionPeriod=True,
        graceTimeout=1,
    )
    first.take_item("workflow", "flow", job)
    first.take_order("#1", "flow")
    first.until(lambda: any(first.pool.homes))
    first.end()
    shift_us[0] = 3_600_000_000
    second = agents()
    monkeypatch.setattr(
        second.hold, "_killed_without_mark", lambda _o, outcome, _at: outcome
    )  # the supervisor's clock is not moved with this one
    second.until(second.outcomes)
    assert second.outcomes()[0].kind == "killed"
