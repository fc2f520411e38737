"""Deleting a notice by force: those who consume it fail first, wherever they stand."""

from typing import Any

import pytest
from msgspec.structs import replace

from engine.errors import CommandRefused
from engine.order import events as e
from engine.order import model as m
from engine.order import requests as rq
from engine.order.commands import carry_out
from engine.order.guards import refusal
from engine.order.notice_users import hits
from engine.steps.advance import decide
from engine.steps.site import Site
from engine.world import Step
from tests.unit.engine.noticing import END, inside
from tests.unit.engine.stage import INSIDE, Stage, board, consume, expect, lock

STOPS = {"TYPE": "Options", "stopOnFailure": True, "block": {"instructions": [consume("'a'")]}}
TRIES = {
    "TYPE": "Try",
    "maxTries": 5,
    "try": {"instructions": [consume("'a'")]},
    "catch": {"instructions": [{"TYPE": "Retry"}]},
}
BRANCHES = [{"id": i, "workflow": {"instructions": INSIDE}} for i in ("one", "two")]
FORKS = consume("'a'", inside=[{"TYPE": "Fork", "branches": BRANCHES}])
FLOWS: dict[str, list[dict[str, Any]]] = {
    "flow": [consume("'a'")],
    "other": [consume("'a'")],
    "third": [consume("'a'")],
    "locked": [lock(("l", None), inside=[consume("'a'")])],
    "stops": [STOPS],
    "tries": [TRIES],
    "forks": [FORKS],
    "waits": [consume("'a'", inside=[expect("'b'"), END])],
    "reads": [expect("'a'"), END],
}


@pytest.fixture(params=[False, True], ids=["complete", "partial"])
def forgets(request: pytest.FixtureRequest) -> bool:
    """Whether the world forgets everything after each turn."""
    return bool(request.param)


def stage(forgets: bool) -> Stage:
    known = {"a": board(), "b": board()}
    scene = Stage(FLOWS, boards=known, locks={"l": 1}, forgets=forgets)
    scene.post("a")
    return scene


def effects(scene: Stage) -> list[tuple[str, str]]:
    asked = rq.DeleteNotice("a", "k", force=True)
    return [(hit.order_id, hit.effect) for hit in scene.loaded(lambda: hits(scene.world, asked))]


def test_who_consumes_it_fails_and_nothing_is_left_for_who_comes(forgets: bool) -> None:
    scene = stage(forgets)
    scene.add("x", "flow")
    scene.add("z", "other")
    scene.add("y", "flow")
    scene.force("a")
    assert [scene.state(i) for i in "xzy"] == ["Failed", "Failed", "ExpectingNotices"]
    outcome = scene.order("x").outcome
    assert outcome
    assert outcome.message == "Notice k of board a was deleted by force."
    assert scene.notice("a").present is None
    scene.add("r", "reads")
    assert scene.state("r") == "ExpectingNotices"


def test_without_force_who_consumes_it_goes_on(forgets: bool) -> None:
    scene = stage(forgets)
    scene.add("x", "flow")
    scene.delete("a")
    assert inside(scene, "x")


@pytest.mark.parametrize("flow", ["tries", "stops", "locked", "waits"])
def test_no_catch_and_no_option_keeps_an_order_in_its_block(flow: str, forgets: bool) -> None:
    scene = stage(forgets)
    scene.add("x", flow)
    scene.force("a")
    assert scene.state("x") == "Failed"
    assert scene.order("x").consumptions == ()
    assert scene.order("x").mark is None
    assert scene.lock("l") == {}
    assert scene.queue("b", "k") == []


def test_children_in_the_block_are_cancelled_first(forgets: bool) -> None:
    scene = stage(forgets)
    scene.add("x", "forks")
    assert effects(scene) == [("x", "fails when its 2 children, cancelled as well, have ended")]
    scene.force("a")
    assert scene.state("x") == "Failed"
    assert set(scene.rows) == {"x"}
    assert scene.notice("a").present is None


def test_a_stopped_and_a_suspended_order_fail_too(forgets: bool) -> None:
    scene = stage(forgets)
    scene.add("x", "stops")
    scene.leave("x", fails="yes")
    assert scene.state("x") == "Stopped"
    scene.add("z", "other")
    scene.take(lambda: scene_suspend(scene, "z"))
    scene.settle("z")
    scene.force("a")
    assert [scene.state(i) for i in "xz"] == ["Failed", "Failed"]
    assert not scene.order("z").suspended


def scene_suspend(scene: Stage, order_id: str) -> list[Step]:
    verb = rq.SuspendOrders((order_id,), reset=True)
    return carry_out(scene.world, order_id, verb)


def test_a_resumed_order_enters_its_block_by_its_grant(forgets: bool) -> None:
    scene = stage(forgets)
    scene.add("x", "flow")
    scene.force("a")
    scene.resume("x")
    assert inside(scene, "x")
    scene.leave("x")
    assert scene.notice("a").instances == ()


def test_force_reaches_those_of_a_notice_that_was_deleted_before(forgets: bool) -> None:
    scene = stage(forgets)
    scene.add("x", "flow")
    scene.delete("a")
    scene.force("a")
    assert scene.state("x") == "Failed"


def test_users_of_an_earlier_posting_are_left_alone(forgets: bool) -> None:
    scene = stage(forgets)
    scene.add("x", "flow")
    scene.post("a")
    scene.add("z", "other")
    assert effects(scene) == [("z", "fails at once")]
    scene.force("a")
    assert inside(scene, "x")
    assert scene.state("z") == "Failed"


def test_others_than_those_who_were_seen_are_not_made_to_fail(forgets: bool) -> None:
    scene = stage(forgets)
    scene.add("x", "flow")
    scene.add("z", "other")
    with pytest.raises(CommandRefused, match="Others use the notice by now: z") as refused:
        scene.force("a", users=("x",))
    assert refused.value.code == "users-changed"
    assert scene.notice("a").present
    scene.force("a", users=("x", "z", "gone"))
    assert [scene.state(i) for i in "xz"] == ["Failed", "Failed"]


def test_force_without_users_only_deletes_and_what_is_not_there_is_refused(forgets: bool) -> None:
    scene = stage(forgets)
    scene.force("a")
    assert scene.notice("a").instances == ()
    with pytest.raises(CommandRefused, match="There is no notice k"):
        scene.force("a")


def test_an_order_that_is_being_cancelled_is_cancelled(forgets: bool) -> None:
    scene = stage(forgets)
    scene.add("x", "forks")
    scene.cancel_only("x")
    assert effects(scene) == [
        ("x", "is cancelled when its 2 children, cancelled as well, have ended")
    ]
    scene.force("a")
    assert scene.state("x") == "gone"


@pytest.mark.parametrize(
    ("verb", "taken"), [("suspend", False), ("resume", False), ("cancel", True)]
)
def test_only_cancel_takes_the_place_of_a_failure_on_its_way(verb: str, taken: bool) -> None:
    order = m.Order(id="x", workflow="w", version="v", state=m.Ready(), suspended=verb == "resume")
    assert refusal(order, verb) is None
    failing = replace(order, mark=m.Mark("fail", kill=True))
    assert (refusal(failing, verb) is None) == taken


def test_an_order_that_has_left_its_block_forgets_that_it_was_to_fail(forgets: bool) -> None:
    scene = stage(forgets)
    scene.add("x", "flow")
    scene.take(lambda: [("x", e.OrderNoticesConsumed((0,), ok=True))])
    scene.take(lambda: [("x", e.OrderMarked(m.Mark("fail", kill=True)))])
    steps = scene.loaded(lambda: decide(scene.world, scene.world.order("x"), Site(now_us=0)))
    assert steps == [("x", e.OrderMarked(None))]
