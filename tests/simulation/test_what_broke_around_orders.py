"""Faults that broke JS7 in the field: locks, notices, plans and agents.

The list of all classes is in `test_what_broke_elsewhere`.
"""

import pytest

from agents import protocol as pr
from engine.order import model as m
from engine.order import requests as rq
from engine.order.notice_key import plan_of
from engine.steps import wake
from simulation.clock import SECOND_US
from simulation.jobs import Behaviour, OnSigterm
from tests.simulation.scenes import (
    AGENT,
    BEGINS,
    FAILS,
    OTHER,
    PROMPT,
    Night,
    block,
    fork,
    job,
    lock,
    run,
)  # fmt: skip

CONSUME = {"TYPE": "ConsumeNotices", "noticeBoardNames": "'eod'", "subworkflow": block(run())}
PLAN = f"DailyPlan|{BEGINS}"


# -- locks and notices --------------------------------------------------------------------------


def test_a_failure_in_a_lock_that_is_not_the_first_instruction_is_a_failure() -> None:
    night = Night(run("copy"), lock(run()), does={"load": [FAILS]})
    night.add()
    night.wait_out()
    assert (night.state(), night.order().position) == ("Failed", (1,))
    assert night.holders() == {}


def test_a_lock_given_back_wakes_all_who_fit() -> None:
    objects = {("lock", "tape"): {"limit": 2}}
    demands = [{"lockName": "tape", "count": 1}]
    shared = {"TYPE": "Lock", "demands": demands, "lockedWorkflow": block(PROMPT)}
    one = {"TYPE": "If", "predicate": "$all", "then": block(lock(PROMPT)), "else": block(shared)}
    night = Night(one, objects=objects)
    night.add("a", arguments={"all": True})
    night.add("b", arguments={"all": False})
    night.add("c", arguments={"all": False})
    assert [night.state(i) for i in "abc"] == ["Prompting", "WaitingForLock", "WaitingForLock"]
    night.ask(rq.ConfirmPrompts(("a",)))
    assert [night.state(i) for i in "abc"] == ["Finished", "Prompting", "Prompting"]


def test_who_waits_for_a_lock_that_is_revoked_fails_at_once() -> None:
    night = Night(lock(PROMPT), objects={("lock", "tape"): {"limit": 1}})
    night.add("a")
    night.add("b")
    assert [night.state(i) for i in "ab"] == ["Prompting", "WaitingForLock"]
    assert night.ask(rq.TakeItems((), revoked=(("lock", "tape"),))).ok
    assert [night.state(i) for i in "ab"] == ["Prompting", "Failed"]


def test_without_the_look_at_the_queue_nobody_is_let_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wake, "let_in", lambda *_: ([], True))
    with pytest.raises(AssertionError):
        test_a_lock_given_back_wakes_all_who_fit()


def test_resume_into_a_consuming_block_is_refused() -> None:
    night = Night(run("copy"), CONSUME, does={"copy": [FAILS]})
    night.add()
    night.wait_out()
    answer = night.ask(rq.ResumeOrders(("a",), position="1/consumeNotices/0"))
    assert [a.code for a in answer.answers] == ["position-unreachable"]
    assert night.state() == "Failed"


def test_a_controller_may_go_away_while_a_notice_is_consumed() -> None:
    night = Night(CONSUME, does={"load": [Behaviour(seconds=10)]})
    night.ask(rq.PostNotice("eod", "day"))
    night.add()
    night.wait(2)
    night.system.controller.down()
    night.wait(20)
    night.system.controller.up()
    night.wait_out()
    assert night.state() == "Finished"
    assert not night.is_present("eod", "day")


def test_jobs_of_a_consuming_block_may_run_at_different_agents() -> None:
    consume = {**CONSUME, "subworkflow": block(run(), run("far"), run())}
    night = Night(consume)
    night.ask(rq.PostNotice("eod", "day"))
    night.add()
    night.wait_out()
    assert night.trace() == [(name, "succeeded") for name in ("load", "far", "load")]
    assert not night.is_present("eod", "day")


# -- plans --------------------------------------------------------------------------------------


def test_a_closed_plan_takes_no_order_but_lets_forks_go_on() -> None:
    night = Night(PROMPT, fork([run()], [run("copy")]))
    assert night.add("a", plan=PLAN).ok
    assert night.ask(rq.ChangePlan(PLAN, closed=True)).ok
    assert [a.code for a in night.add("b", plan=PLAN).answers] == ["plan-closed"]
    night.ask(rq.ConfirmPrompts(("a",)))
    night.wait_out()
    assert night.state("a") == "Finished"
    assert night.trace("a|y") == [("copy", "succeeded")]
    assert night.ask(rq.ChangePlan(PLAN, closed=False)).ok
    assert night.add("b", plan=PLAN).ok


@pytest.mark.parametrize("plan", [PLAN, None])
def test_an_order_may_add_another_to_its_own_closed_plan(plan: str | None) -> None:
    night = Night(PROMPT, {"TYPE": "AddOrder", "workflowName": "flow"})
    order_id = "a" if plan else f"#{BEGINS}#a"
    assert night.add(order_id, plan=plan).ok
    assert night.ask(rq.ChangePlan(PLAN, closed=True)).ok
    night.ask(rq.ConfirmPrompts((order_id,)))
    added = next(i for i in night.system.watch.seen if i != order_id)
    assert night.state(order_id) == "Finished"
    assert plan_of(night.order(added)) == PLAN


def test_an_order_belongs_to_the_plan_of_its_date_also_where_that_is_closed() -> None:
    night = Night(PROMPT)
    assert night.ask(rq.ChangePlan(PLAN, closed=True)).ok
    refused = night.add(f"#{BEGINS}#a")
    assert [(a.code, a.sentence) for a in refused.answers] == [
        ("plan-closed", f"Plan {PLAN} is closed.")
    ]
    assert night.add("#2026-01-03#a").ok


# -- agents -------------------------------------------------------------------------------------


def test_a_lost_machine_repeats_the_job_at_the_bound_agent() -> None:
    sticky = {"TYPE": "StickySubagent", "agentName": AGENT, "subworkflow": block(run(), run())}
    night = Night(sticky, does={"load": [Behaviour(seconds=5)]})
    night.add()
    night.wait(1)
    night.system.agents[AGENT].lose_machine()
    night.wait(1)
    night.system.agents[AGENT].up()
    night.wait_out()
    assert night.trace() == [("load", "disrupted"), ("load", "succeeded"), ("load", "succeeded")]
    assert {p.order for p in night.system.agents[OTHER].machine.past} == set()


def test_an_attach_that_comes_twice_starts_one_job() -> None:
    night = Night(run(), does={"load": [Behaviour(seconds=5)]})
    night.add()
    agent = night.system.agents[AGENT]
    agent.take([pr.Attach(night.order())], agent.taken)
    night.wait_out()
    assert night.trace() == [("load", "succeeded")]
    assert len(agent.machine.past) == 1


def test_attach_and_detach_do_not_go_round_and_round() -> None:
    night = Night(run(), run("far"), run(), lock(run(), run("far")))
    night.add()
    night.wait_out()
    attached = night.events().count("OrderAttached")
    assert attached == night.events().count("OrderDetached") == 5


def test_a_job_resource_removed_while_attaching_stops_nobody() -> None:
    objects = {("jobresource", "settings"): {"arguments": {}, "env": {"PLACE": "'/x'"}}}
    night = Night(run(), jobs={"load": job(jobResourceNames=["settings"])}, objects=objects)
    night.system.agents[AGENT].down()
    night.add("a")
    night.ask(rq.TakeItems((), revoked=(("jobresource", "settings"),)))
    night.add("b")
    night.system.agents[AGENT].up()
    night.wait_out()
    assert {night.state(i) for i in "ab"} == {"Finished"}


def test_three_hundred_jobs_at_once_all_end() -> None:
    night = Night(run(), jobs={"load": job(parallelism=400)}, does={"load": [Behaviour(seconds=9)]})
    night.system.agents[AGENT].hold.slots.limit = 400  # type: ignore[union-attr]
    orders = tuple(rq.NewOrder(f"o{n}", "flow") for n in range(300))
    assert night.ask(rq.AddOrders(orders)).ok
    night.wait(9)
    assert {night.state(f"o{n}") for n in range(300)} == {"Finished"}


def test_a_killed_job_that_leaves_with_zero_is_killed() -> None:
    trap = Behaviour(seconds=50, on_sigterm=OnSigterm(1, 0))
    night = Night(run(), run("copy"), does={"load": [trap]})
    night.add()
    night.wait(1)
    night.ask(rq.CancelOrders(("a",), kill=True))
    night.wait_out()
    assert (night.state(), night.trace()) == ("Cancelled", [("load", "killed")])


def test_a_job_that_runs_out_of_time_and_leaves_with_zero_timed_out() -> None:
    trap = Behaviour(seconds=50, on_sigterm=OnSigterm(1, 0))
    night = Night(run(), jobs={"load": job(timeout=3)}, does={"load": [trap]})
    night.add()
    night.wait_out()
    outcome = night.order().outcome
    assert (night.state(), night.trace()) == ("Failed", [("load", "timedout")])
    assert outcome is not None
    assert isinstance(night.order().state, m.Failed)
    assert night.system.clock.now_us >= 3 * SECOND_US
