"""Verbs on orders wherever they are: with the controller, at an agent, on their way, in a fork."""

import pytest

from controller.turn import OBJECTS_AT_ONCE
from engine.order import events as e
from engine.order import model as m
from engine.order import requests as rq
from engine.order.object_events import WorkflowThawed
from engine.steps import wake
from simulation.clock import SECOND_US
from simulation.jobs import Behaviour
from tests.simulation.scenes import (
    AGENT,
    FAILS,
    PROMPT,
    WORKS,
    Night,
    attempt,
    fork,
    job,
    lock,
    run,
)

HOUR = 3_600
LONG = {"load": [Behaviour(seconds=5)]}


def later(night: Night, seconds: int = HOUR) -> int:
    return night.system.clock.now_us + seconds * SECOND_US


# -- before the start ---------------------------------------------------------------------------


def test_another_start_takes_effect_at_once() -> None:
    night = Night(PROMPT)
    night.add(scheduled_us=later(night, 50 * HOUR))
    assert night.order().held is None
    assert night.ask(rq.ChangeStart(("a",), later(night, 9))).ok
    night.wait(8)
    assert night.state() == "Fresh"
    night.wait(1)
    assert night.state() == "Prompting"


def test_an_order_at_its_agent_comes_back_for_another_start_and_other_arguments() -> None:
    night = Night(run())
    night.add(scheduled_us=later(night))
    assert night.order().attached_to == AGENT
    assert night.ask(rq.ChangeStart(("a",), later(night, 60))).ok
    assert night.ask(rq.ChangeArguments(("a",), {"region": "eu"})).ok
    order = night.order()
    assert (order.mark, order.arguments) == (None, {"region": "eu"})
    night.wait(60)
    assert night.state() == "Processing"


def test_a_change_that_comes_too_late_for_an_agent_that_was_away_is_dropped() -> None:
    night = Night(run(), does=LONG)
    night.add(scheduled_us=later(night, 10))
    night.system.controller.down()
    night.wait(11)
    night.system.controller.up()
    night.system.agents[AGENT].down()
    night.ask(rq.ChangeStart(("a",), later(night)))
    night.system.agents[AGENT].up()
    night.wait_out()
    assert (night.state(), night.trace()) == ("Finished", [("load", "succeeded")])


def test_arguments_are_checked_by_what_the_workflow_declares() -> None:
    parameters = {"parameters": {"region": {"type": "String"}}}
    night = Night(PROMPT, orderPreparation=parameters)
    night.add(arguments={"region": "eu"}, scheduled_us=later(night, 50 * HOUR))
    for request in (
        rq.ChangeArguments(("a",), {"region": 7}),
        rq.ChangeArguments(("a",), {"rejoin": "eu"}),
        rq.ChangeArguments(("a",), {}, remove=("region",)),
    ):
        assert [a.code for a in night.ask(request).answers] == ["invalid"]
    assert night.order().arguments == {"region": "eu"}


def test_an_order_that_failed_before_its_start_can_be_resumed() -> None:
    night = Night(PROMPT)
    night.add(scheduled_us=later(night, 50 * HOUR))
    turn = night.system.controller.new_turn()
    turn.take_all([("a", e.OrderFailed(m.Outcome("failed"), night.system.clock.now_us))])
    night.system.controller.commit(turn)
    night.system.settle()
    assert night.state() == "FailedWhileFresh"
    assert night.ask(rq.ResumeOrders(("a",))).ok
    assert night.state() == "Fresh"
    assert night.ask(rq.ContinueOrders(("a",))).ok
    assert night.state() == "Prompting"


# -- children -----------------------------------------------------------------------------------


def test_a_deep_suspend_reaches_children_of_children_and_spares_those_that_failed() -> None:
    inner = fork([run()], [run()])
    night = Night(fork([inner], [{"TYPE": "Fail"}]), does=LONG)
    night.add()
    night.wait(1)
    assert night.ask(rq.SuspendOrders(("a",), deep=True)).ok
    night.wait(9)
    assert night.order("a|x|x").suspended
    assert night.order("a|x|y").suspended
    assert night.state("a|y") == "Failed"


def test_children_are_steered_one_by_one() -> None:
    night = Night(fork([run()], [run("copy")], joinIfFailed=True), does={"load": [FAILS, WORKS]})
    night.deploy(fork([run()], [run("copy"), PROMPT]))
    night.add()
    night.wait(2)
    assert [night.state(i) for i in ("a", "a|x", "a|y")] == ["Forked", "Failed", "Prompting"]
    assert night.ask(rq.ResumeOrders(("a|x",))).ok
    night.wait(2)
    assert night.ask(rq.CancelOrders(("a|y",))).ok
    outcome = night.order().outcome
    assert night.state() == "Failed"
    assert outcome is not None
    assert outcome.message == "a|y: cancelled"


# -- transfer -----------------------------------------------------------------------------------


def test_an_order_that_waits_at_its_agent_comes_back_for_the_transfer() -> None:
    noon = {"periods": [{"TYPE": "DailyPeriod", "secondOfDay": 43_200, "duration": HOUR}]}
    night = Night(run(), jobs={"load": job(admissionTimeScheme=noon), "copy": job()})
    night.add()
    assert (night.state(), night.order().attached_to) == ("Ready", AGENT)
    night.deploy(run("copy"))
    assert night.ask(rq.TransferOrders("flow")).ok
    assert (night.order().version, night.order().mark) == ("v2", None)
    night.wait(1)
    assert night.trace() == [("copy", "succeeded")]


def test_a_transfer_that_has_become_impossible_is_dropped() -> None:
    retried = attempt(run(), retryDelays=[5], maxTries=3)
    night = Night(retried, run("copy"), does={"load": [FAILS, WORKS]})
    night.add()
    night.wait(2)
    assert (night.state(), night.order().attached_to) == ("DelayingRetry", AGENT)
    links, night.system.links = night.system.links, []  # nobody hears anybody
    night.deploy(retried)
    assert night.ask(rq.TransferOrders("flow")).ok
    assert night.order().mark == m.Mark("transfer", version="v2")
    night.wait(20)
    night.system.links = links
    night.system.settle()
    assert (night.state(), night.order().version, night.order().mark) == ("Finished", "v1", None)
    assert night.trace()[1:] == [("load", "succeeded"), ("copy", "succeeded")]


def test_one_order_that_cannot_be_transferred_keeps_all_where_they_are() -> None:
    night = Night(PROMPT, lock(PROMPT))
    night.add("a")
    night.add("b")
    night.ask(rq.ConfirmPrompts(("b",)))
    night.deploy(PROMPT, PROMPT)
    answer = night.ask(rq.TransferOrders("flow"))
    assert {a.id: a.code for a in answer.answers} == {
        "a": "not-transferred",
        "b": "not-transferable",
    }
    assert {night.order(i).version for i in "ab"} == {"v1"}


def test_a_parent_and_its_children_are_transferred_together() -> None:
    night = Night(fork([PROMPT], [PROMPT]))
    night.add()
    night.deploy(fork([PROMPT, run()], [PROMPT]), run("copy"))
    assert night.ask(rq.TransferOrders("flow")).ok
    night.ask(rq.ConfirmPrompts(("a|x", "a|y")))
    night.wait_out()
    assert night.trace("a|x") == [("load", "succeeded")]
    assert night.trace("a") == [("copy", "succeeded")]


def test_a_suspend_mark_outlives_a_transfer() -> None:
    night = Night(PROMPT, run())
    night.add()
    night.ask(rq.SuspendOrders(("a",)))
    night.deploy(PROMPT, run("copy"))
    assert night.ask(rq.TransferOrders("flow")).ok
    night.ask(rq.ConfirmPrompts(("a",)))
    order = night.order()
    assert (order.version, order.suspended, order.position) == ("v2", True, (1,))


# -- workflows ----------------------------------------------------------------------------------


def test_an_agent_that_was_away_freezes_too_once_it_is_back() -> None:
    night = Night(run(), run("copy"), run(), does=LONG)
    night.add()
    night.wait(1)
    night.system.agents[AGENT].down()
    assert night.ask(rq.ControlWorkflow("flow", "suspend")).ok
    night.wait(9)
    night.system.agents[AGENT].up()  # begins its next job before it hears of anything
    night.wait_out()
    assert (night.state(), night.order().position) == ("Ready", (2,))
    assert night.trace() == [("load", "succeeded"), ("copy", "succeeded")]
    assert night.ask(rq.ControlWorkflow("flow", "resume")).ok
    night.wait_out()
    assert night.state() == "Finished"


MANY = 2_300


def many_frozen() -> Night:
    night = Night(PROMPT)
    night.ask(rq.ControlWorkflow("flow", "suspend"))
    orders = tuple(rq.NewOrder(f"o{n:05}", "flow") for n in range(MANY))
    for part in range(0, MANY, OBJECTS_AT_ONCE):
        assert night.ask(rq.AddOrders(orders[part : part + OBJECTS_AT_ONCE])).ok
    assert night.state("o00000") == "Fresh"
    return night


def test_many_orders_thaw_in_slices_behind_a_durable_cursor() -> None:
    night = many_frozen()
    assert night.ask(rq.ControlWorkflow("flow", "resume")).ok
    assert {night.state(f"o{n:05}") for n in range(MANY)} == {"Prompting"}
    journal = night.system.store.journal
    cursors = [en.event.after for en in journal if isinstance(en.event, WorkflowThawed)]
    assert len(cursors) > 2
    assert cursors[-1] is None
    assert ("workflow", "flow", "") not in night.system.store.fact_rows


@pytest.mark.parametrize("thaws", [True, False])
def test_a_thaw_goes_on_after_a_restart(thaws: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    night = many_frozen()
    controller = night.system.controller
    controller.ask(rq.ControlWorkflow("flow", "resume"))
    controller.turn()
    night.system.watch.follow(night.system.store.journal)
    assert night.state(f"o{MANY - 1:05}") == "Fresh"
    if not thaws:  # what finds a forgotten cursor
        monkeypatch.setattr(wake, "thawed", lambda *_: ([], []))
    night.restart_controller()
    states = {night.state(f"o{n:05}") for n in range(MANY)}
    assert states == {"Prompting"} if thaws else "Fresh" in states


def test_labels_and_positions_that_are_not_there_are_refused() -> None:
    night = Night(run())
    for request, code in (
        (rq.ControlWorkflow("flow", "skip", ("nowhere",)), "label-unknown"),
        (rq.ControlWorkflow("flow", "skip"), "label-unknown"),
        (rq.ControlWorkflow("flow", "stop", positions=("7",)), "position-unknown"),
        (rq.ControlWorkflow("flow", "stop"), "position-unknown"),
        (rq.ControlWorkflow("nowhere", "suspend"), "workflow-unknown"),
        (rq.TransferOrders("nowhere"), "workflow-unknown"),
    ):
        assert [a.code for a in night.ask(request).answers] == [code]


# -- after the end ------------------------------------------------------------------------------


def test_an_order_that_remains_is_there_until_it_is_removed() -> None:
    night = Night(PROMPT)
    night.add(remain=True)
    assert not night.ask(rq.RemoveOrders(("a",))).ok
    night.ask(rq.ConfirmPrompts(("a",)))
    assert night.state() == "Finished"
    assert [a.code for a in night.add().answers] == ["order-exists"]
    assert night.ask(rq.RemoveOrders(("a",))).ok
    assert "a" not in night.system.store.rows
    assert night.add().ok


def test_an_order_that_becomes_due_in_a_suspended_workflow_starts_when_that_goes_on() -> None:
    night = Night(PROMPT)
    night.ask(rq.ControlWorkflow("flow", "suspend"))
    night.add(scheduled_us=later(night, 5))
    night.wait(10)
    assert night.state() == "Fresh"
    night.restart_controller()
    assert night.state() == "Fresh"
    night.ask(rq.ControlWorkflow("flow", "resume"))
    assert night.state() == "Prompting"
