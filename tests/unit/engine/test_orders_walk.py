"""How orders walk through their workflows, decided by nothing but the rules."""

import pytest

from engine.errors import CommandRefused
from engine.order import events as e
from engine.order.model import (
    Cancelled,
    DelayingRetry,
    Failed,
    Finished,
    Forked,
    Outcome,
    Processing,
    Ready,
)
from engine.order.requests import CancelOrders, ResumeOrders, SuspendOrders
from tests.unit.engine.orders import AGENT, SECOND, Scene, execute, fork, refused


def test_an_order_runs_its_jobs_at_the_agent_and_finishes_at_the_controller() -> None:
    scene = Scene(execute("one"), execute("two"))
    order = scene.add()
    assert isinstance(order.state, Processing)
    assert order.attached_to == AGENT
    assert scene.end().position == (1,)
    last = scene.end()
    assert isinstance(last.state, Finished)
    assert last.held is None
    assert scene.kinds().count("OrderAttachable") == 1


def test_each_change_of_owner_raises_the_own_number() -> None:
    scene = Scene(execute("one"))
    assert scene.add().own_no == 1
    assert scene.end().own_no == 2


def test_an_event_that_cannot_follow_is_refused_and_changes_nothing() -> None:
    scene = Scene(execute("one"))
    order = scene.add()
    assert refused(scene, "o", e.OrderStarted(0))
    assert refused(scene, "o", e.OrderAttached(AGENT))
    assert refused(scene, "o", e.OrderFinished(0))
    assert scene.world.order("o") == order


def test_the_end_of_another_attempt_is_refused() -> None:
    scene = Scene(execute("one"))
    scene.add()
    ended = e.OrderProcessed("a-99", Outcome("succeeded", 0), None, 0)
    assert refused(scene, "o", ended)


def test_children_join_with_the_results_that_their_branches_declare() -> None:
    branch = fork(("a", [execute("left")]), ("b", [execute("right")]))
    branch["branches"][0]["workflow"]["result"] = {"rows": "$n"}
    scene = Scene(branch, execute("last"))
    assert isinstance(scene.add().state, Forked)
    scene.end("o|a", n="7")
    scene.end("o|b")
    order = scene.go("o")
    assert order.position == (1,)
    assert order.results[-1].values == {"rows": 7} or order.results[-1].values == {"rows": "7"}
    assert "o|a" not in scene.world.orders


def test_a_failed_child_waits_for_a_person_unless_the_fork_joins_failures() -> None:
    waits = Scene(fork(("a", [execute("left")])))
    waits.add()
    waits.end("o|a", code=1)
    assert isinstance(waits.last("o|a").state, Failed)
    assert isinstance(waits.last("o").state, Forked)
    joins = Scene(fork(("a", [execute("left")]), joinIfFailed=True))
    joins.add()
    joins.end("o|a", code=1)
    assert isinstance(joins.go("o").state, Failed)


def test_a_forked_order_cancelled_with_its_children_is_cancelled_not_failed() -> None:
    scene = Scene(fork(("a", [execute("left")]), ("b", [execute("right")])), execute("last"))
    scene.add()
    scene.ask("o", CancelOrders(("o",), deep=True))
    for child in ("o|a", "o|b"):
        scene.end(child)
    assert isinstance(scene.go("o").state, Cancelled)


def test_a_retry_waits_for_its_delay_and_repeats_the_last_one() -> None:
    retry = {
        "TYPE": "Retry",
        "maxTries": 3,
        "retryDelays": [2],
        "try": {"instructions": [execute("one")]},
    }
    scene = Scene(retry)
    scene.add()
    order = scene.end(code=1)
    assert order.state == DelayingRetry(2 * SECOND) or isinstance(order.state, DelayingRetry)
    scene.now_us = 2 * SECOND
    assert scene.go("o").position == (0, "try+1", 0)
    scene.end(code=1)
    scene.now_us = 4 * SECOND
    scene.go("o")
    last = scene.end(code=1)
    assert isinstance(last.state, Failed)
    assert last.position == (0, "try+2", 0)


def test_a_suspended_order_stands_until_it_is_resumed_with_other_variables() -> None:
    scene = Scene(execute("one"), execute("two"))
    scene.add()
    scene.ask("o", SuspendOrders(("o",)))
    order = scene.end(n="1")
    assert order.suspended
    assert isinstance(order.state, Ready)
    order = scene.ask("o", ResumeOrders(("o",), variables={"n": "2"}))
    assert isinstance(order.state, Processing)
    assert order.results[0].values["n"] == "2"


def test_resuming_from_an_earlier_position_drops_what_came_after_it() -> None:
    scene = Scene(execute("one"), execute("two"))
    scene.add()
    scene.end(n="1")
    scene.end(code=1)
    order = scene.ask("o", ResumeOrders(("o",), position="0"))
    assert order.position == (0,)
    assert order.results == ()


@pytest.mark.parametrize(
    "verb",
    [
        ResumeOrders(("o",)),
        ResumeOrders(("o",), position="9"),
        CancelOrders(("unknown",)),
    ],
)
def test_verbs_that_do_not_fit_are_refused_with_a_sentence(
    verb: ResumeOrders | CancelOrders,
) -> None:
    scene = Scene(execute("one"))
    scene.add()
    with pytest.raises(CommandRefused) as caught:
        scene.ask(verb.orders[0], verb)
    assert caught.value.sentence.endswith(".")


@pytest.mark.parametrize("order_id", ["", "a|b", "a\0", "x" * 251, "a\nb"])
def test_bad_order_ids_are_refused(order_id: str) -> None:
    with pytest.raises(CommandRefused):
        Scene(execute("one")).add(order_id)


def test_an_order_waits_for_its_moment_and_goes_to_its_agent_before() -> None:
    scene = Scene(execute("one"))
    order = scene.add(scheduled_us=3600 * SECOND)
    assert order.attached_to == AGENT
    assert scene.kinds() == ["OrderAdded", "OrderAttachable", "OrderAttached"]
    scene.now_us = 3600 * SECOND
    assert isinstance(scene.go("o").state, Processing)
