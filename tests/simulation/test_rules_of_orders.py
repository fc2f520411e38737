"""Rules of orders that no conformance case speaks of, in the simulator."""

from typing import Any

import pytest

from controller.changes import Saved
from engine.order import requests as rq
from simulation.clock import SECOND_US
from simulation.jobs import Behaviour
from simulation.store import MemoryStore
from simulation.system import Parts, System

AGENT = "agent-a"


def job(**fields: Any) -> dict[str, Any]:
    script = {"TYPE": "ShellScriptExecutable", "script": "exit"}
    return {"agentName": AGENT, "executable": script, **fields}


def execute(name: str) -> dict[str, Any]:
    return {"TYPE": "Execute.Named", "jobName": name, "label": name}


def block(*instructions: dict[str, Any]) -> dict[str, Any]:
    return {"instructions": list(instructions)}


def system(
    instructions: list[dict[str, Any]],
    does: dict[str, list[Behaviour]] | None = None,
    *,
    processes: int | None = None,
    **jobs: dict[str, Any],
) -> System:
    """Return a system with one workflow; jobs that are not given run for a second."""
    found = System({AGENT: processes}, does or {})
    document = {"instructions": instructions, "jobs": jobs or {"load": job(), "copy": job()}}
    assert found.deploy({"flow": document}).ok
    return found


def add(found: System, order_id: str = "a", **fields: Any) -> rq.Answer:
    return found.ask(rq.AddOrders((rq.NewOrder(order_id, "flow", **fields),)))


def trace(found: System, order_id: str = "a") -> list[tuple[str | None, str]]:
    runs = found.watch.seen[order_id].runs
    return [(run.label, run.outcome.kind if run.outcome else "skipped") for run in runs]


def state(found: System, order_id: str = "a") -> str:
    return type(found.watch.seen[order_id].order.state).__name__


def wait(found: System, seconds: float) -> None:
    found.run_to(found.clock.now_us + round(seconds * SECOND_US))


def test_an_id_that_comes_again_is_another_order_for_its_agent_too() -> None:
    found = system([execute("load")])
    for _ in range(3):
        assert add(found).ok
        found.run_out()
    assert trace(found) == [("load", "succeeded")] * 3
    assert [p.job for p in found.agents[AGENT].machine.past] == ["load"] * 3


def test_the_children_of_the_next_try_are_taken_by_the_agent_of_the_last() -> None:
    fork = {
        "TYPE": "Fork",
        "joinIfFailed": True,
        "branches": [{"id": "x", "workflow": block(execute("load"))}],
    }
    retry = {"TYPE": "Try", "maxTries": 3, "try": block(fork), "catch": block({"TYPE": "Retry"})}
    twice = [Behaviour(returncode=1), Behaviour(returncode=1), Behaviour()]
    found = system([retry], {"load": twice}, load=job())
    add(found)
    found.run_out()
    assert state(found) == "Finished"
    assert trace(found, "a|x") == [("load", "failed"), ("load", "failed"), ("load", "succeeded")]


def test_an_order_behind_its_job_does_not_overtake_one_that_waits() -> None:
    found = system([execute("load"), execute("copy")], processes=1)
    add(found, "a")
    add(found, "b", priority=1)
    wait(found, 1)
    running = [p.order for p in found.agents[AGENT].machine.past]
    assert running == ["a", "b"]


def test_a_cancel_behind_a_continue_is_not_lost() -> None:
    found = system([execute("load"), execute("copy")])
    add(found, scheduled_us=found.clock.now_us + 100 * SECOND_US)
    assert found.ask(rq.ContinueOrders(("a",))).ok
    assert found.ask(rq.CancelOrders(("a",))).ok
    found.run_out()
    assert (state(found), trace(found)) == ("Cancelled", [("load", "succeeded")])


def test_what_stands_behind_an_end_is_never_reached() -> None:
    found = system([{"TYPE": "ImplicitEnd"}, execute("load")])
    add(found)
    assert (state(found), trace(found)) == ("Finished", [])


def test_a_child_that_has_failed_into_its_join_cannot_be_cancelled() -> None:
    branches = [
        {"id": "x", "workflow": block({"TYPE": "Fail"})},
        {"id": "y", "workflow": block(execute("load"))},
    ]
    fork = {"TYPE": "Fork", "joinIfFailed": True, "branches": branches}
    found = system([fork], load=job())
    add(found)
    assert state(found, "a|x") == "FailedInFork"
    assert not found.ask(rq.CancelOrders(("a|x",))).ok
    found.run_out()
    assert (state(found), trace(found, "a|y")) == ("Failed", [("load", "succeeded")])


def test_a_killed_job_that_may_not_be_repeated_is_resumed_by_force_only() -> None:
    found = system([execute("load")], load=job(isNotRestartable=True, graceTimeout=0))
    add(found)
    found.ask(rq.SuspendOrders(("a",), kill=True))
    assert not found.ask(rq.ResumeOrders(("a",))).ok
    assert found.ask(rq.ResumeOrders(("a",), force=True)).ok
    found.run_out()
    assert trace(found) == [("load", "killed"), ("load", "succeeded")]


def test_an_order_resumed_in_a_catch_keeps_what_its_try_left() -> None:
    returns = [Behaviour(returns={"rows": "7"})]
    catch = block(execute("copy"))
    attempt = {"TYPE": "Try", "try": block(execute("load"), {"TYPE": "Fail"}), "catch": catch}
    found = system([attempt], {"load": returns, "copy": [Behaviour(returncode=1)]})
    add(found)
    found.run_out()
    found.ask(rq.ResumeOrders(("a",), position="0/catch/0"))
    assert "rows" in found.watch.seen["a"].order.results[0].values


class KeepsResults(MemoryStore):
    """Only ever appends results."""

    def _write_results(self, saved: Saved) -> None:
        stored = self.results.setdefault(saved.order.id, [])
        stored.extend(saved.order.results[max(0, saved.results_stored) :])


@pytest.mark.parametrize(("store", "right"), [(MemoryStore, True), (KeepsResults, False)])
def test_rows_of_a_resumed_order_are_those_of_its_journal(
    store: type[MemoryStore], right: bool
) -> None:
    found = System({AGENT: None}, {"copy": [Behaviour(returncode=1)]}, parts=Parts(store=store))
    jobs = {"load": job(), "copy": job()}
    found.deploy({"flow": {"instructions": [execute("load"), execute("copy")], "jobs": jobs}})
    add(found)
    found.run_out()
    found.ask(rq.ResumeOrders(("a",), position="0"))
    assert (found.watch.differences(found.store) == []) is right


@pytest.mark.parametrize("block_position", ["9/then", "0", "0/else", "nowhere"])
def test_a_block_that_is_not_there_is_refused(block_position: str) -> None:
    found = system([{"TYPE": "If", "predicate": "true", "then": block(execute("load"))}])
    answer = add(found, block_position=block_position)
    assert [a.code for a in answer.answers] == ["position-unknown"]


def test_an_order_that_runs_one_block_is_not_moved_out_of_it() -> None:
    found = system([
        {"TYPE": "If", "predicate": "true", "then": block(execute("load"))},
        execute("copy"),
    ], {"load": [Behaviour(returncode=1)]})  # fmt: skip
    add(found, block_position="0/then")
    found.run_out()
    answer = found.ask(rq.ResumeOrders(("a",), position="1"))
    assert [a.code for a in answer.answers] == ["position-unreachable"]
