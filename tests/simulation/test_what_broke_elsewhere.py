"""The classes of faults that broke JS7 in the field, each with tests that name it.

`CLASSES` lists them all by the tickets of JS7: tests of this file and of
`test_what_broke_around_orders` by name, others by their file.
"""

from pathlib import Path
from typing import Any

import pytest

from engine.order import requests as rq
from engine.steps import advance
from simulation.jobs import Behaviour
from tests.simulation.scenes import (
    AGENT,
    BEGINS,
    FAILS,
    PROMPT,
    WORKS,
    Night,
    attempt,
    block,
    lock,
    run,
)  # fmt: skip

CLASSES: dict[str, tuple[str, ...]] = {
    "JS-2093 JS-2170 memory": (
        "test_stop_positions_in_a_loop_cost_nothing",
        "test_turns_without_news_leave_nothing_behind",
    ),
    "JS-2103 JS-2105 JS-2110 frozen orders": (
        "test_a_skipped_job_in_a_branch_freezes_nobody",
        "test_cancelling_a_running_order_brings_it_back_and_ends_it",
    ),
    "JS-2092 a passive node is lost while the watch changes": (
        "tests/property/cluster/test_lease_machine.py::test_a_healthy_holder_is_never_replaced",
        "tests/component/cluster/test_role.py::test_a_role_promised_to_a_dead_node_comes_back",
    ),
    "JS-2087 JS-2125 JS-2236 JS-2025 flags lost on the way back": (
        "test_the_suspend_mark_is_kept_when_the_order_returns",
        "test_the_uncatchable_flag_is_kept_when_the_order_returns",
        "test_the_sticky_agent_is_kept_when_the_order_returns",
        "test_a_failure_drops_the_suspend_mark_and_is_shown",
        "test_a_job_killed_by_a_verb_is_not_caught",
    ),
    "JS-2094 JS-2089 JS-2117 JS-2015 JS-2023 retry": (
        "test_a_retry_without_a_limit_goes_on",
        "test_cancel_during_the_retry_delay_is_done_at_once",
        "test_suspend_during_the_retry_delay_takes_effect_behind_it",
        "test_a_lock_inside_a_retry_is_given_back_each_time",
    ),
    "JS-2012 JS-2013 JS-2072 JS-2079 JS-2115 JS-2189 cycle": (
        "test_the_first_run_of_a_cycle_happens_once",
        "test_a_break_that_is_reached_at_once_ends_the_cycle",
        "test_a_cycle_does_not_run_twice_after_a_restart",
        "tests/conformance/orders/cycle/two-periods.yaml::two-periods",
    ),
    "JS-2102 JS-2203 JS-2237 JS-2242 admission times": (
        "tests/conformance/orders/admission/window-end-is-exclusive.yaml::window-end-is-exclusive",
        "tests/conformance/orders/admission/window-across-midnight.yaml::window-across-midnight",
        "test_a_default_that_asks_the_clock_is_allowed",
    ),
    "JS-2017 JS-2157 lock": (
        "test_a_failure_in_a_lock_that_is_not_the_first_instruction_is_a_failure",
        "test_a_lock_given_back_wakes_all_who_fit",
    ),
    "JS-2121 JS-2124 JS-2186 consumed notices": (
        "test_resume_into_a_consuming_block_is_refused",
        "test_a_controller_may_go_away_while_a_notice_is_consumed",
        "test_jobs_of_a_consuming_block_may_run_at_different_agents",
    ),
    "JS-2100 closed plans": (
        "test_a_closed_plan_takes_no_order_but_lets_forks_go_on",
        "test_an_order_may_add_another_to_its_own_closed_plan",
        "test_an_order_belongs_to_the_plan_of_its_date_also_where_that_is_closed",
    ),
    "JS-2159 JS-2196 JS-2234 file watches": (),  # there are none yet
    "JS-2076 JS-2136 JS-2232 JS-2249 JS-2114 choice of a subagent": (
        "tests/conformance/orders/execute/sticky-block.yaml::sticky-block",
        "test_a_lost_machine_repeats_the_job_at_the_bound_agent",
    ),
    "JS-2065 JS-2160 JS-2231 JS-2209 JS-2252 cluster": (
        "tests/component/cluster/test_role.py::test_a_switch_over_waits_for_the_write_in_flight",
        "tests/property/cluster/test_lease_machine.py::test_a_healthy_holder_is_never_replaced",
        "tests/unit/cluster/test_lease.py::test_silence_is_measured_per_mark",
    ),
    "JS-2207 JS-2244 JS-2032 JS-2293 attach": (
        "test_an_attach_that_comes_twice_starts_one_job",
        "test_attach_and_detach_do_not_go_round_and_round",
        "test_a_job_resource_removed_while_attaching_stops_nobody",
    ),
    "JS-2188 blocked threads": ("test_three_hundred_jobs_at_once_all_end",),
    "JS-2193 avalanche of added orders": (
        "tests/conformance/orders/addorder/add-order-throttle.yaml::add-order-throttle",
    ),
    "JS-2219 JS-2116 JS-1956 signatures": (
        "tests/unit/engine/test_seal.py::test_a_changed_item_is_not_known",
    ),
    "JS-2164 JS-2167 return codes of killed and timed out jobs": (
        "test_a_killed_job_that_leaves_with_zero_is_killed",
        "test_a_job_that_runs_out_of_time_and_leaves_with_zero_timed_out",
    ),
    "JOC-1647 JOC-2140 JOC-2049 JOC-2173 daily plan and time zones": (
        "tests/conformance/orders/cycle/dst-gap.yaml::dst-gap",
        "tests/conformance/orders/cycle/dst-overlap.yaml::dst-overlap",
    ),
    "JOC-1811 JOC-1950 JOC-1931 JOC-1415 JOC-1146 databases": (
        "tests/contract/store/test_store_contract.py::def test_",
    ),
}


def test_each_class_has_tests_that_exist() -> None:
    root, here = Path(__file__).parents[2], Path(__file__).parent
    files = [here / "test_what_broke_elsewhere.py", here / "test_what_broke_around_orders.py"]
    own = "".join(path.read_text() for path in files)
    for tests in CLASSES.values():
        for name in tests:
            path, _, inside = name.rpartition("::")
            found = (root / path).read_text() if path else own
            assert (inside if path else f"def {inside}(") in found, name


# -- memory and frozen orders -------------------------------------------------------------------


def test_stop_positions_in_a_loop_cost_nothing() -> None:
    night = Night(attempt(run(), {"TYPE": "Fail"}, maxTries=50), run("copy"))
    night.add(stop_positions=("0/try/1", "0/try/0", "copy"), start_position="copy")
    night.wait_out()
    assert (night.state(), night.trace()) == ("Finished", [])
    assert len(night.events()) <= 4


def test_turns_without_news_leave_nothing_behind() -> None:
    night = Night(PROMPT)
    night.add()
    controller = night.system.controller
    sizes = [len(controller.world.facts), len(controller.world.queues), len(controller.stored)]
    entries = len(night.system.store.journal)
    for _ in range(500):
        assert not night.ask(rq.ConfirmPrompts(("nobody",))).ok
    world = controller.world
    assert [len(world.facts), len(world.queues), len(controller.stored)] == sizes
    assert len(night.system.store.journal) == entries
    assert len(world.absent) == 0


def test_a_skipped_job_in_a_branch_freezes_nobody() -> None:
    night = Night({"TYPE": "If", "predicate": "true", "then": block(run())}, run("copy"))
    assert night.ask(rq.ControlWorkflow("flow", "skip", ("load",))).ok
    night.add()
    night.wait_out()
    assert night.trace() == [("load", "skipped"), ("copy", "succeeded")]
    assert night.state() == "Finished"


@pytest.mark.parametrize("kill", [False, True])
def test_cancelling_a_running_order_brings_it_back_and_ends_it(kill: bool) -> None:
    night = Night(run(), run("copy"), does={"load": [Behaviour(seconds=5)]})
    night.add()
    night.wait(1)
    assert night.ask(rq.CancelOrders(("a",), kill=kill)).ok
    night.wait_out()
    assert night.state() == "Cancelled"
    assert "OrderDetached" in night.events()
    assert not night.system.agents[AGENT].hold.world.orders  # type: ignore[union-attr]


# -- flags on the way back ----------------------------------------------------------------------


def test_the_suspend_mark_is_kept_when_the_order_returns() -> None:
    night = Night(run(), PROMPT, does={"load": [Behaviour(seconds=5)]})
    night.add()
    night.wait(1)
    night.ask(rq.SuspendOrders(("a",)))
    night.restart_controller()
    night.wait_out()
    assert night.order().suspended
    assert (night.state(), night.order().position) == ("Ready", (1,))


def test_without_its_mark_the_order_would_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(advance, "marked", lambda *_: None)
    with pytest.raises(AssertionError):
        test_the_suspend_mark_is_kept_when_the_order_returns()


def test_the_uncatchable_flag_is_kept_when_the_order_returns() -> None:
    uncatchable = {"TYPE": "Fail", "uncatchable": True}
    caught = attempt(run(), lock(run("far"), uncatchable), catch=[run("copy")])
    night = Night(caught)
    night.add()
    night.wait_out()
    assert night.state() == "Failed"
    assert night.trace() == [("load", "succeeded"), ("far", "succeeded")]
    outcome = night.order().outcome
    assert outcome is not None
    assert outcome.uncatchable


def test_the_sticky_agent_is_kept_when_the_order_returns() -> None:
    sticky = {
        "TYPE": "StickySubagent",
        "agentName": AGENT,
        "subworkflow": block(run(), PROMPT, run("copy")),
    }
    night = Night(sticky)
    night.add()
    night.wait(2)
    night.restart_controller()
    assert night.order().sticky
    assert night.ask(rq.ConfirmPrompts(("a",))).ok
    night.wait_out()
    assert night.trace() == [("load", "succeeded"), ("copy", "succeeded")]


def test_a_failure_drops_the_suspend_mark_and_is_shown() -> None:
    night = Night(run(), does={"load": [Behaviour(seconds=5, returncode=1)]})
    night.add()
    night.wait(1)
    night.ask(rq.SuspendOrders(("a",)))
    night.wait_out()
    order = night.order()
    assert (night.state(), order.mark, order.suspended) == ("Failed", None, False)


@pytest.mark.parametrize("verb", ["cancel", "suspend"])
def test_a_job_killed_by_a_verb_is_not_caught(verb: str) -> None:
    caught = attempt(run(), catch=[run("copy")])
    night = Night(caught, does={"load": [Behaviour(seconds=50)]})
    night.add()
    night.wait(1)
    request = rq.CancelOrders if verb == "cancel" else rq.SuspendOrders
    night.ask(request(("a",), kill=True))
    night.wait(10)
    assert night.trace() == [("load", "killed")]


# -- retry --------------------------------------------------------------------------------------


def test_a_retry_without_a_limit_goes_on() -> None:
    night = Night(attempt(run(), retryDelays=[1]), does={"load": [*[FAILS] * 150, WORKS]})
    night.add()
    night.wait_out()
    assert night.state() == "Finished"
    assert len(night.trace()) == 151


def test_cancel_during_the_retry_delay_is_done_at_once() -> None:
    night = Night(attempt(run(), retryDelays=[600], maxTries=3), does={"load": [FAILS]})
    night.add()
    night.wait(2)
    assert night.state() == "DelayingRetry"
    assert night.ask(rq.CancelOrders(("a",))).ok
    assert night.state() == "Cancelled"


def test_suspend_during_the_retry_delay_takes_effect_behind_it() -> None:
    retried = attempt(run(), retryDelays=[60], maxTries=3)
    night = Night(retried, does={"load": [FAILS, WORKS]})
    night.add()
    night.wait(2)
    assert night.ask(rq.SuspendOrders(("a",))).ok
    assert night.state() == "DelayingRetry"
    night.wait_out()
    assert (night.state(), night.order().suspended) == ("Ready", True)
    assert night.ask(rq.ResumeOrders(("a",))).ok
    night.wait_out()
    assert night.trace() == [("load", "failed"), ("load", "succeeded")]


def test_a_lock_inside_a_retry_is_given_back_each_time() -> None:
    retried = attempt(lock(run()), retryDelays=[10], maxTries=3)
    night = Night(retried, does={"load": [FAILS, WORKS]})
    night.add("a")
    night.wait(2)
    night.add("b")
    night.wait_out()
    assert (night.state("a"), night.state("b")) == ("Finished", "Finished")
    assert night.holders() == {}


# -- cycle and admission ------------------------------------------------------------------------


def _cycle(*instructions: dict[str, Any], repeat: dict[str, Any]) -> dict[str, Any]:
    schedule = {"schemes": [{"repeat": repeat}]}
    return {"TYPE": "Cycle", "cycleWorkflow": block(*instructions), "schedule": schedule}


TWICE = {"TYPE": "Continuous", "pause": 5, "limit": 2}


def test_the_first_run_of_a_cycle_happens_once() -> None:
    night = Night(_cycle(run(), repeat=TWICE))
    night.add(f"#{BEGINS}#T1-a")
    night.wait_out()
    assert night.trace(f"#{BEGINS}#T1-a") == [("load", "succeeded")] * 2


def test_a_break_that_is_reached_at_once_ends_the_cycle() -> None:
    night = Night(_cycle({"TYPE": "Break"}, repeat={"TYPE": "Continuous", "pause": 0}))
    night.add(f"#{BEGINS}#T1-a")
    assert night.state(f"#{BEGINS}#T1-a") == "Finished"


def test_a_cycle_does_not_run_twice_after_a_restart() -> None:
    night = Night(_cycle(run(), repeat=TWICE))
    order_id = f"#{BEGINS}#T1-a"
    night.add(order_id)
    for _ in range(8):
        night.wait(1)
        night.restart_controller()
    night.wait_out()
    assert night.trace(order_id) == [("load", "succeeded")] * 2


def test_a_default_that_asks_the_clock_is_allowed() -> None:
    parameter = {"type": "String", "default": "now(format='yyyy')"}
    night = Night(PROMPT, orderPreparation={"parameters": {"year": parameter}})
    assert night.add().ok
    assert night.state() == "Prompting"
