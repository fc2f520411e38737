"""Notices: who reads and consumes which instance, and when it vanishes."""

import pytest

from engine.order import events as e
from tests.unit.engine.noticing import END, inside, stage
from tests.unit.engine.stage import consume, expect, post


@pytest.fixture(params=[False, True], ids=["complete", "partial"])
def forgets(request: pytest.FixtureRequest) -> bool:
    """Whether the world forgets everything after each turn."""
    return bool(request.param)


def test_an_expecting_order_goes_on_when_the_notice_comes_and_leaves_it_there(
    forgets: bool,
) -> None:
    scene = stage(forgets)
    scene.add("r", "reads")
    assert scene.state("r") == "ExpectingNotices"
    scene.post("a")
    assert inside(scene, "r")
    assert scene.notice("a").present
    assert scene.queue("a", "k") == []


def test_one_order_posts_to_all_its_boards_at_once(forgets: bool) -> None:
    scene = stage(forgets, needs=[expect("'a' && 'b'"), END])
    scene.add("r", "needs")
    scene.add("p", "posts")
    assert inside(scene, "r")
    assert scene.notice("a").present
    assert scene.notice("b").present


def test_a_consumed_notice_is_there_until_its_block_has_ended_well(forgets: bool) -> None:
    scene = stage(forgets)
    scene.post("a")
    scene.add("x")
    assert scene.notice("a").present
    scene.leave("x")
    assert scene.state("x") == "gone"
    assert scene.notice("a").instances == ()


def test_a_failed_block_makes_the_notice_available_to_who_waits(forgets: bool) -> None:
    scene = stage(forgets)
    scene.post("a")
    scene.add("x")
    scene.add("y")
    assert scene.state("y") == "ExpectingNotices"
    scene.leave("x", fails="yes")
    assert inside(scene, "y")


def test_one_instance_serves_one_order_of_a_workflow(forgets: bool) -> None:
    scene = stage(forgets)
    scene.post("a")
    for order_id, flow in (("x", "flow"), ("y", "flow"), ("z", "other")):
        scene.add(order_id, flow)
    assert [inside(scene, i) for i in "xyz"] == [True, False, True]
    scene.leave("x")
    assert scene.state("y") == "ExpectingNotices"
    scene.leave("z")
    assert scene.state("y") == "ExpectingNotices"
    assert scene.notice("a").instances == ()


def test_one_success_deletes_whoever_ends_last(forgets: bool) -> None:
    scene = stage(forgets)
    scene.post("a")
    scene.add("x", "flow")
    scene.add("z", "other")
    scene.leave("x")
    scene.leave("z", fails="yes")
    assert scene.notice("a").present is None


def test_posting_again_refreshes_but_while_consumed_makes_a_new_instance(forgets: bool) -> None:
    scene = stage(forgets)
    scene.post("a")
    scene.post("a")
    assert scene.notice("a").last_gen == 1
    scene.add("x")
    scene.add("y")
    scene.post("a")
    assert inside(scene, "y")
    assert scene.order("y").consumptions[0].notices == (("/a", "k", 2),)
    scene.leave("x")
    assert [i.gen for i in scene.notice("a").instances] == [2]
    scene.leave("y")
    assert scene.notice("a").instances == ()


def test_a_replaced_instance_does_not_come_back_when_its_block_fails(forgets: bool) -> None:
    scene = stage(forgets)
    scene.post("a")
    scene.add("x")
    scene.post("a")
    scene.leave("x", fails="yes")
    present = scene.notice("a").present
    assert present
    assert present.gen == 2


def test_deleting_what_is_held_takes_effect_at_its_release(forgets: bool) -> None:
    scene = stage(forgets)
    scene.post("a")
    scene.add("x")
    scene.delete("a")
    scene.delete("a")
    scene.add("z", "other")
    assert scene.state("z") == "ExpectingNotices"
    scene.leave("x", fails="yes")
    assert scene.state("z") == "ExpectingNotices"
    assert scene.notice("a").present is None


def test_a_failed_order_enters_its_block_again_although_the_notice_is_gone(forgets: bool) -> None:
    scene = stage(forgets)
    scene.post("a")
    scene.add("x", "flow")
    scene.add("z", "other")
    scene.leave("x", fails="yes")
    scene.leave("z")
    assert scene.notice("a").present is None
    scene.resume("x")
    assert inside(scene, "x")
    assert scene.notice("a").present is None
    scene.add("late", "other")
    assert scene.state("late") == "ExpectingNotices"
    scene.leave("x")
    assert scene.notice("a").instances == ()


def test_a_grant_ends_with_its_order(forgets: bool) -> None:
    scene = stage(forgets)
    scene.post("a")
    scene.add("x")
    scene.delete("a")
    scene.leave("x", fails="yes")
    assert scene.notice("a").instances
    scene.cancel("x")
    assert scene.notice("a").instances == ()


def test_a_grant_does_not_let_a_workflow_consume_twice(forgets: bool) -> None:
    scene = stage(forgets)
    scene.post("a")
    scene.add("x")
    scene.leave("x", fails="yes")
    scene.add("y")
    assert inside(scene, "y")
    scene.leave("y")
    scene.resume("x")
    assert scene.state("x") == "ExpectingNotices"


def test_a_grant_is_good_again_when_the_other_consumption_fails(forgets: bool) -> None:
    scene = stage(forgets)
    scene.post("a")
    scene.add("x")
    scene.leave("x", fails="yes")
    scene.add("y")
    scene.delete("a")
    scene.resume("x")
    assert scene.state("x") == "ExpectingNotices"
    scene.leave("y", fails="yes")
    assert inside(scene, "x")


def test_the_next_try_holds_what_the_failed_one_held(forgets: bool) -> None:
    once = {"TYPE": "If", "predicate": "$js7TryCount == 1", "then": {"instructions": [
        {"TYPE": "Fail", "message": "'once'"}]}}  # fmt: skip
    retry = {
        "TYPE": "Try",
        "maxTries": 2,
        "try": {"instructions": [consume("'a'", inside=[once])]},
        "catch": {"instructions": [{"TYPE": "Retry"}]},
    }
    scene = stage(forgets, again=[retry])
    scene.post("a")
    scene.add("x", "again")
    assert scene.state("x") == "gone"
    started = [ev for _, ev in scene.past if isinstance(ev, e.OrderConsumptionStarted)]
    assert [ev.notices for ev in started] == [(("/a", "k", 1),)] * 2


def test_of_an_or_only_what_is_present_is_held(forgets: bool) -> None:
    scene = stage(forgets, either=[consume("'a' || 'b'")], mixed=[consume("'a' && ('b' || 'c')")])
    scene.add("x", "either")
    scene.post("b")
    assert scene.order("x").consumptions[0].notices == (("/b", "k", 1),)
    scene.post("a")
    scene.add("y", "mixed")
    assert [n[0] for n in scene.order("y").consumptions[0].notices] == ["/a", "/b"]


def test_what_notices_carry_is_read_by_who_takes_them(forgets: bool) -> None:
    carries = [post("a", arguments={"rows": "7 * 6", "who": "$js7OrderId"})]
    scene = stage(forgets, carries=carries)
    scene.add("p", "carries")
    scene.add("r", "reads")
    assert scene.order("r").results[-1].values == {"rows": 42, "who": "p"}
    scene.add("x")
    assert scene.order("x").results[-1].values == {"rows": 42, "who": "p"}
    scene.post("b", arguments={"by": "hand"})
    present = scene.notice("b").present
    assert present
    assert present.arguments == {"by": "hand"}


def test_a_notice_that_was_consumed_does_not_come_back_for_who_comes_late(forgets: bool) -> None:
    scene = stage(forgets)
    scene.post("a")
    scene.add("x")
    scene.leave("x")
    scene.add("z", "other")
    assert scene.state("z") == "ExpectingNotices"
