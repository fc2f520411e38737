"""Scans over many turns, ends of life, and what people may not do."""

from typing import Any

import pytest

from engine.errors import CommandRefused
from engine.facts import fact_due_us
from engine.order.object_events import NoticeReleased
from tests.unit.engine.noticing import DAILY, END, PLAN, inside, stage
from tests.unit.engine.stage import SECOND, Stage, board, consume, expect, post


@pytest.fixture(params=[False, True], ids=["complete", "partial"])
def forgets(request: pytest.FixtureRequest) -> bool:
    """Whether the world forgets everything after each turn."""
    return bool(request.param)


def test_many_waiting_orders_are_released_over_many_turns(forgets: bool) -> None:
    scene = stage(forgets)
    ids = [f"r{n:02}" for n in range(20)]
    for order_id in ids:
        scene.add(order_id, "reads")
    scene.looks = 3
    scene.post("a")
    assert all(inside(scene, i) for i in ids)
    cursors = [ev.after for _, ev in scene.past if isinstance(ev, NoticeReleased)]
    assert len(cursors) == 7
    assert cursors == [*sorted(c for c in cursors if c), None]
    assert scene.notice("a").scan is None


def test_a_notice_deleted_meanwhile_is_seen_by_who_waited_and_by_nobody_else(
    forgets: bool,
) -> None:
    scene = stage(forgets)
    for order_id in "uvw":
        scene.add(order_id, "reads")
    scene.looks = 1
    scene.post_only("a")
    scene.turn()
    assert [inside(scene, i) for i in "uvw"] == [True, False, False]
    scene.delete_only("a")
    scene.world.wakes.clear()  # the other turns come later
    scene.add("late", "reads")
    assert scene.state("late") == "ExpectingNotices"
    scene.world.wakes["notice", "/a", "k"] = None
    scene.settle()
    assert [inside(scene, i) for i in "uvw"] == [True, True, True]
    assert scene.state("late") == "ExpectingNotices"
    assert scene.notice("a").instances == ()


def test_two_workflows_consume_what_is_through_with_the_first_before_the_second_looks(
    forgets: bool,
) -> None:
    quick = {n: [consume("'a'", inside=[])] for n in ("quick", "swift")}
    scene = stage(forgets, **quick)
    scene.add("x", "quick")
    scene.add("y", "swift")
    scene.add("z", "quick")
    scene.looks = 1
    scene.post("a")
    assert [scene.state(i) for i in "xyz"] == ["gone", "gone", "ExpectingNotices"]
    assert scene.notice("a").instances == ()


def test_a_new_posting_during_the_scan_is_seen_by_everybody(forgets: bool) -> None:
    scene = stage(forgets)
    for order_id in "uvw":
        scene.add(order_id, "flow")
    scene.looks = 1
    scene.post_only("a")
    scene.turn()
    scene.post("a")
    scene.post("a")
    gens = [scene.order(i).consumptions[0].notices[0][2] for i in "uvw"]
    assert gens == [1, 2, 3]


def test_partial_and_complete_worlds_give_the_same_events() -> None:
    told = []
    for forgets in (False, True):
        scene = stage(forgets, both=[consume("'a' && 'b'")], **DAILY)
        scene.looks = 2
        for order_id, flow in (("1", "flow"), ("2", "both"), ("3", "other"), ("4", "reads")):
            scene.add(order_id, flow)
        scene.add("p", "posts")
        scene.leave("1", fails="yes")
        scene.leave("2")
        scene.delete("a") if scene.notice("a").present else None
        scene.resume("1")
        scene.cancel("3")
        told.append(scene.past)
    assert told[0] == told[1]


def test_a_notice_ends_its_life_and_a_held_one_at_its_release(forgets: bool) -> None:
    flows = {"flow": [consume("'a'")], "posts": [post("a")], "reads": [expect("'a'"), END]}
    boards = {"a": board(end_of_life="$js7EpochMilli + 10 * 1000")}
    scene = Stage(flows, boards=boards, forgets=forgets)
    scene.add("p", "posts")
    assert fact_due_us(scene.notice("a")) == 10 * SECOND
    scene.pass_time(9)
    scene.add("r", "reads")
    scene.add("x")
    scene.pass_time(2)
    assert fact_due_us(scene.notice("a")) is None
    scene.add("s", "reads")
    assert [scene.state(i) for i in "rs"] == ["Prompting", "ExpectingNotices"]
    scene.leave("x", fails="yes")
    assert scene.notice("a").present is None
    scene.post("a")
    assert fact_due_us(scene.notice("a")) == 21 * SECOND
    scene.pass_time(1)
    scene.post("a")
    assert fact_due_us(scene.notice("a")) == 22 * SECOND


def test_an_end_of_life_that_is_no_number_fails_the_poster(forgets: bool) -> None:
    scene = Stage({"flow": [post("a")]}, boards={"a": board(end_of_life="'soon'")}, forgets=forgets)
    order = scene.add("p")
    assert order
    assert "no number of milliseconds" in str(order.outcome)
    with pytest.raises(CommandRefused, match="give a moment"):
        scene.post("a")
    scene.post("a", end_of_life_us=5 * SECOND)
    assert fact_due_us(scene.notice("a")) == 5 * SECOND


@pytest.mark.parametrize(
    ("ask", "code"),
    [
        (lambda s: s.post("nowhere"), "board-unknown"),
        (lambda s: s.post("a", ""), "invalid"),
        (lambda s: s.post("a", "x" * 501), "invalid"),
        (lambda s: s.post("a", "line\nbreak"), "invalid"),
        (lambda s: s.post("a", plan=PLAN), "invalid"),
        (lambda s: s.post("day"), "invalid"),
        (lambda s: s.delete("a"), "notice-unknown"),
        (lambda s: s.delete("day", plan=PLAN), "notice-unknown"),
        (lambda s: s.close("today"), "invalid"),
    ],
)
def test_what_makes_no_sense_is_refused_and_changes_nothing(
    forgets: bool, ask: Any, code: str
) -> None:
    scene = stage(forgets)
    with pytest.raises(CommandRefused) as refused:
        ask(scene)
    assert refused.value.code == code
    assert scene.past == []


def test_closing_a_closed_plan_changes_nothing(forgets: bool) -> None:
    scene = stage(forgets)
    scene.close(PLAN)
    scene.close(PLAN)
    assert len(scene.past) == 1
