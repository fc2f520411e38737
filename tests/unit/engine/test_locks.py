"""Locks: who gets in, who waits, who fails, and that a partial world decides the same."""

from typing import Any

import pytest

from engine.facts import is_unfinished
from engine.order import events as e
from engine.order import object_events as o
from engine.order.commands import carry_out
from engine.order.model import Held, Order, Ready
from engine.order.requests import SuspendOrders
from engine.steps.advance import decide
from engine.steps.site import Site
from tests.unit.engine.stage import Stage, lock


@pytest.fixture(params=[False, True], ids=["complete", "partial"])
def partial(request: pytest.FixtureRequest) -> bool:
    """Whether the world forgets everything after each turn."""
    return bool(request.param)


def stage(partial: bool, limit: int = 1, **flows: list[dict[str, Any]]) -> Stage:
    """Return a stage with two locks; `flow` takes tape alone, `one` and `two` take a count."""
    known = {
        "flow": [lock(("tape", None))],
        "one": [lock(("tape", 1))],
        "two": [lock(("tape", 2))],
        "both": [lock(("tape", None), ("disk", None))],
        "disk": [lock(("disk", None))],
    }
    return Stage(known | flows, locks={"tape": limit, "disk": 1}, forgets=partial)


def test_the_next_in_the_queue_gets_the_lock_when_its_holder_leaves(partial: bool) -> None:
    scene = stage(partial)
    for order_id in "abc":
        scene.add(order_id)
    assert scene.lock("tape") == {"a": None}
    assert scene.queue("tape") == ["b", "c"]
    scene.leave("a")
    assert scene.state("a") == "gone"
    assert scene.lock("tape") == {"b": None}
    assert scene.queue("tape") == ["c"]


@pytest.mark.parametrize("way", ["fail", "cancel"])
def test_failing_and_cancelling_give_the_lock_back(partial: bool, way: str) -> None:
    scene = stage(partial)
    scene.add("a")
    scene.add("b")
    if way == "fail":
        scene.leave("a", fails="yes")
        assert scene.state("a") == "Failed"
        assert scene.order("a").position == (0,)
    else:
        scene.cancel("a")
    assert scene.lock("tape") == {"b": None}


def test_a_failed_order_that_is_resumed_gets_in_line_again(partial: bool) -> None:
    scene = stage(partial)
    scene.add("a")
    scene.add("b")
    scene.leave("a", fails="yes")
    scene.resume("a")
    assert scene.queue("tape") == ["a"]
    scene.leave("b")
    assert scene.lock("tape") == {"a": None}


def test_a_higher_priority_goes_first_and_a_changed_one_moves_in_the_queue(partial: bool) -> None:
    scene = stage(partial)
    for order_id, priority in (("a", 0), ("b", 0), ("c", 5), ("d", 5)):
        scene.add(order_id, priority=priority)
    assert scene.queue("tape") == ["c", "d", "b"]
    scene.priority("b", 9)
    assert scene.queue("tape") == ["b", "c", "d"]


def test_a_small_demand_does_not_overtake_a_big_one(partial: bool) -> None:
    scene = stage(partial, limit=2)
    scene.add("a", "one")
    scene.add("big", "two")
    scene.add("small", "one")
    assert scene.lock("tape") == {"a": 1}
    assert scene.queue("tape") == ["big", "small"]
    scene.leave("a")
    assert scene.lock("tape") == {"big": 2}
    scene.leave("big")
    assert scene.lock("tape") == {"small": 1}


def test_a_big_one_that_leaves_the_queue_lets_the_small_ones_in(partial: bool) -> None:
    scene = stage(partial, limit=2)
    scene.add("a", "one")
    scene.add("big", "two")
    scene.add("small", "one")
    scene.cancel("big")
    assert scene.lock("tape") == {"a": 1, "small": 1}


def test_a_release_lets_in_all_that_fit(partial: bool) -> None:
    scene = stage(partial, limit=3)
    scene.add("all", "flow")
    for order_id in "abcd":
        scene.add(order_id, "one")
    scene.leave("all")
    assert scene.lock("tape") == {"a": 1, "b": 1, "c": 1}
    assert scene.queue("tape") == ["d"]


def test_many_are_let_in_over_many_turns(partial: bool) -> None:
    scene = stage(partial, limit=7)
    scene.add("all", "flow")
    for order_id in "abcdefgh":
        scene.add(order_id, "one")
    scene.looks = 2
    scene.leave("all")
    assert sorted(scene.lock("tape")) == list("abcdefg")


def test_who_was_not_looked_at_in_a_turn_is_not_forgotten_with_the_world(partial: bool) -> None:
    scene = stage(partial, limit=3)
    scene.add("all", "flow")
    for order_id in "abc":
        scene.add(order_id, "one")
    scene.looks = 1
    scene.cancel_only("all")
    assert sorted(scene.lock("tape")) == ["a"]
    assert is_unfinished(scene.facts["lock", "/tape", ""])
    scene.settle()
    assert sorted(scene.lock("tape")) == ["a", "b", "c"]
    assert not is_unfinished(scene.facts["lock", "/tape", ""])


def test_who_waits_for_another_lock_lets_others_pass(partial: bool) -> None:
    scene = stage(partial)
    scene.add("t", "flow")
    scene.add("b", "both")
    scene.add("d", "disk")
    assert scene.lock("disk") == {"d": None}
    scene.leave("t")
    assert scene.state("b") == "WaitingForLock"
    assert scene.lock("tape") == {}
    scene.leave("d")
    assert scene.lock("tape") == scene.lock("disk") == {"b": None}


def test_all_demands_are_fulfilled_at_once_or_none(partial: bool) -> None:
    scene = stage(partial)
    scene.add("t", "flow")
    scene.add("b", "both")
    assert scene.lock("disk") == {}
    assert scene.queue("tape") == scene.queue("disk") == ["b"]


def test_a_demand_over_the_limit_fails_and_names_the_limit(partial: bool) -> None:
    scene = stage(partial, limit=1)
    order = scene.add("a", "two")
    assert order
    assert scene.state("a") == "Failed"
    assert order.outcome
    assert order.outcome.message == "Lock /tape has a limit of 1, 2 are demanded."


@pytest.mark.parametrize("demands", [[("none", None)], [("tape", 1), ("/tape", 1)]])
def test_an_unknown_lock_and_one_demanded_twice_fail(
    partial: bool, demands: list[tuple[str, int | None]]
) -> None:
    scene = stage(partial, odd=[lock(*demands)])
    scene.add("a", "odd")
    assert scene.state("a") == "Failed"


def test_a_lock_held_already_fails_and_the_outer_one_is_given_back(partial: bool) -> None:
    scene = stage(partial, nested=[lock(("tape", None), inside=[lock(("tape", None))])])
    order = scene.add("a", "nested")
    assert order
    assert scene.state("a") == "Failed"
    assert order.position == (0,)
    assert scene.lock("tape") == {}


def test_a_child_cannot_wait_for_the_lock_of_its_parent(partial: bool) -> None:
    branch = {"id": "x", "workflow": {"instructions": [lock(("tape", None), inside=[])]}}
    fork = {"TYPE": "Fork", "branches": [branch], "joinIfFailed": True}
    scene = stage(partial, forks=[lock(("tape", None), inside=[fork])])
    order = scene.add("a", "forks")
    assert order
    assert scene.state("a") == "Failed"
    assert "waits for this order" in str(order.outcome)


def test_a_child_gets_a_share_beside_that_of_its_parent(partial: bool) -> None:
    branch = {"id": "x", "workflow": {"instructions": [lock(("tape", 1), inside=[])]}}
    fork = {"TYPE": "Fork", "branches": [branch]}
    scene = stage(partial, limit=2, forks=[lock(("tape", 1), inside=[fork])])
    scene.add("a", "forks")
    assert scene.state("a") == "gone"


def test_an_empty_block_is_entered_and_left(partial: bool) -> None:
    scene = stage(partial, empty=[lock(("tape", None), inside=[])])
    scene.add("a", "empty")
    assert scene.kinds("a")[-4:] == [
        "OrderLocksAcquired", "OrderLocksReleased", "OrderMoved", "OrderFinished",
    ]  # fmt: skip


def test_a_bigger_limit_lets_in_who_waited(partial: bool) -> None:
    scene = stage(partial)
    scene.add("a", "one")
    scene.add("b", "one")
    assert scene.queue("tape") == ["b"]
    scene.limit("tape", 2)
    assert scene.lock("tape") == {"a": 1, "b": 1}


def test_a_limit_that_became_too_small_fails_who_can_never_get_in(partial: bool) -> None:
    scene = stage(partial, limit=2)
    scene.add("a", "one")
    scene.add("big", "two")
    scene.add("b", "one")
    scene.limit("tape", 1)
    assert scene.state("big") == "Failed"
    assert scene.queue("tape") == ["b"]


def test_a_limit_of_nothing_keeps_everybody_waiting(partial: bool) -> None:
    scene = stage(partial, limit=0)
    scene.add("a", "one")
    assert scene.state("a") == "WaitingForLock"
    scene.limit("tape", 1)
    assert scene.lock("tape") == {"a": 1}


def test_a_frozen_workflow_acquires_nothing_and_holds_nobody_up(partial: bool) -> None:
    scene = stage(partial)
    scene.add("a", "flow")
    scene.add("b", "one")
    scene.add("c", "flow")
    frozen = o.WorkflowControlled("one", suspended=True)
    scene.take(lambda: [(o.subject("workflow", "one"), frozen)])
    scene.commit()
    scene.leave("a")
    assert scene.lock("tape") == {"c": None}
    assert scene.state("b") == "WaitingForLock"


def test_a_reset_leaves_the_queue(partial: bool) -> None:
    scene = stage(partial)
    scene.add("a")
    scene.add("b")
    verb = SuspendOrders(("b",), reset=True)
    scene.take(lambda: carry_out(scene.world, "b", verb))
    scene.settle("b")
    assert scene.queue("tape") == []
    assert scene.order("b").suspended


def test_partial_and_complete_worlds_give_the_same_events() -> None:
    told = []
    for partial in (False, True):
        scene = stage(partial, limit=2)
        for order_id, flow in (("a", "two"), ("b", "both"), ("c", "one"), ("d", "disk")):
            scene.add(order_id, flow)
        scene.leave("a")
        scene.leave("d")
        scene.cancel("b")
        told.append(scene.past)
    assert told[0] == told[1]
    assert any(isinstance(event, e.OrderLocksQueued) for _, event in told[0])


def test_an_agent_gives_an_order_back_that_stands_at_a_lock() -> None:
    scene = stage(False)
    held = Held("agent", "attached")
    order = Order(id="a", workflow="flow", version="v", state=Ready(), held=held)
    scene.world.put(order)
    assert decide(scene.world, order, Site(now_us=0, agent="agent")) == [
        ("a", e.OrderDetached("agent"))
    ]
