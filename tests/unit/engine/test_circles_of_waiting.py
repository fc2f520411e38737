"""Orders that wait for themselves, straight or through others, and who only seems to."""

from typing import Any

import pytest

from engine.order.why import Wait, why
from tests.unit.engine.noticing import DAILY, PLAN, inside
from tests.unit.engine.stage import Stage, board, consume, expect, lock, planned, post

END = {"TYPE": "Prompt", "question": "'end'"}
FLOWS: dict[str, list[dict[str, Any]]] = {
    **DAILY,
    "twice": [consume("'a'", inside=[consume("'a'")])],
    "rereads": [consume("'a'", inside=[expect("'a'"), END])],
    "own": [expect("'day'"), post("day")],
}


@pytest.fixture(params=[False, True], ids=["complete", "partial"])
def forgets(request: pytest.FixtureRequest) -> bool:
    """Whether the world forgets everything after each turn."""
    return bool(request.param)


def stage(forgets: bool, **more: list[dict[str, Any]]) -> Stage:
    known = {"a": board(), "b": board(), "c": board(), "day": planned()}
    return Stage(FLOWS | more, boards=known, locks={"l": 1}, forgets=forgets)


def told(scene: Stage, order_id: str) -> Wait:
    return scene.loaded(lambda: why(scene.world, scene.order(order_id), 0))


def test_an_order_that_needs_what_it_holds_says_so(forgets: bool) -> None:
    scene = stage(forgets)
    scene.post("a")
    scene.add("x", "twice")
    wait = told(scene, "x")
    assert (wait.code, wait.for_whom) == ("notices-circle", ("x",))
    assert wait.sentence == (
        "It waits for notice k on board /a, consumed now by x."
        " It holds that itself, or only it would post it: a new posting leads on."
    )
    scene.post("a")
    assert inside(scene, "x")


def test_who_only_reads_what_it_holds_does_not_wait(forgets: bool) -> None:
    scene = stage(forgets)
    scene.post("a")
    scene.add("x", "rereads")
    assert inside(scene, "x")


def either(first: dict[str, Any], second: dict[str, Any]) -> list[dict[str, Any]]:
    """Return a workflow whose orders begin with one of two blocks, by their variable."""
    return [{"TYPE": "If", "predicate": "$fails == 'no'", "then": {"instructions": [first]},
             "else": {"instructions": [second]}}]  # fmt: skip


def crossed(forgets: bool, first: dict[str, Any], second: dict[str, Any]) -> Stage:
    """Return a stage where x has gone into the first block and y into the second, and inside."""
    scene = stage(forgets, crossed=either(first, second))
    scene.post("a")
    scene.post("b")
    scene.add("x", "crossed")
    scene.add("y", "crossed", arguments={"fails": "yes"})
    scene.leave("x")
    scene.leave("y")
    return scene


def test_two_orders_that_hold_what_the_other_needs_both_tell_the_circle(forgets: bool) -> None:
    scene = crossed(
        forgets,
        consume("'a'", inside=[END, consume("'b'")]),
        consume("'b'", inside=[END, consume("'a'")]),
    )
    assert [scene.state(i) for i in "xy"] == ["ExpectingNotices"] * 2
    for one, other in ("xy", "yx"):
        wait = told(scene, one)
        assert (wait.code, wait.for_whom) == ("notices-circle", (one, other))
        assert f"{one} waits for {other} waits for {one}: a new posting leads on" in wait.sentence
    scene.cancel("x")
    assert inside(scene, "y")


def test_where_another_notice_would_do_there_is_no_circle(forgets: bool) -> None:
    scene = crossed(
        forgets,
        consume("'a'", inside=[END, consume("'b' || 'c'")]),
        consume("'b'", inside=[END, consume("'a'")]),
    )
    assert [told(scene, i).code for i in "xy"] == ["notices", "notices"]
    assert "consumed now by y" in told(scene, "x").sentence


def test_a_circle_through_a_lock_is_found(forgets: bool) -> None:
    scene = crossed(
        forgets,
        consume("'a'", inside=[END, lock(("l", None))]),
        lock(("l", None), inside=[END, consume("'a'")]),
    )
    assert [scene.state(i) for i in "xy"] == ["WaitingForLock", "ExpectingNotices"]
    wait = told(scene, "y")
    assert (wait.code, wait.for_whom) == ("notices-circle", ("y", "x"))


def test_a_child_that_needs_what_its_parent_holds_is_in_a_circle(forgets: bool) -> None:
    branch = {"id": "one", "workflow": {"instructions": [consume("'a'")]}}
    fork = {"TYPE": "Fork", "branches": [branch]}
    scene = stage(forgets, forks=[consume("'a'", inside=[fork])])
    scene.post("a")
    scene.add("x", "forks")
    (child,) = set(scene.rows) - {"x"}
    wait = told(scene, child)
    assert (wait.code, set(wait.for_whom)) == ("notices-circle", {"x", child})


def test_an_order_that_alone_would_post_what_it_waits_for_is_in_a_circle(forgets: bool) -> None:
    scene = stage(forgets)
    scene.add("x", "own", plan=PLAN)
    assert told(scene, "x").code == "notices-circle"
    scene.add("p", "later", plan=PLAN)
    assert told(scene, "x").code == "notices"


def test_a_notice_that_nobody_has_posted_is_no_circle(forgets: bool) -> None:
    scene = stage(forgets)
    scene.add("x", "twice")
    assert told(scene, "x").code == "notices"


def test_an_order_that_runs_in_its_block_keeps_others_waiting_without_a_circle(
    forgets: bool,
) -> None:
    scene = stage(forgets, flow=[consume("'a'")])
    scene.post("a")
    scene.add("x", "flow")
    scene.add("y", "flow")
    wait = told(scene, "y")
    assert wait.code == "notices"
    assert wait.sentence == "It waits for notice k on board /a, consumed now by x."
