"""Who holds a notice for longer than its board allows is warned of, once, and nothing ends."""

import pytest

from engine.facts import fact_due_us
from engine.order import events as e
from engine.order.why import why
from tests.unit.engine.noticing import inside
from tests.unit.engine.stage import SECOND, Stage, board, consume

FLOWS = {"flow": [consume("'a'")], "other": [consume("'a'")]}


@pytest.fixture(params=[False, True], ids=["complete", "partial"])
def forgets(request: pytest.FixtureRequest) -> bool:
    """Whether the world forgets everything after each turn."""
    return bool(request.param)


def stage(forgets: bool, longest: int | None = 10) -> Stage:
    scene = Stage(FLOWS, boards={"a": board(max_block_duration=longest)}, forgets=forgets)
    scene.now_us = 1_000 * SECOND
    scene.post("a")
    return scene


def warned(scene: Stage) -> list[str]:
    return [i for i, event in scene.past if isinstance(event, e.OrderNoticeHeldLong)]


def warnings(scene: Stage, order_id: str) -> tuple[str, ...]:
    return scene.loaded(lambda: why(scene.world, scene.order(order_id), scene.now_us)).warnings


def test_each_holder_is_warned_of_once_at_its_own_moment(forgets: bool) -> None:
    scene = stage(forgets)
    scene.add("x")
    assert fact_due_us(scene.notice("a")) == 1_010 * SECOND
    scene.pass_time(4)
    scene.add("z", "other")
    scene.pass_time(5.9)
    assert warned(scene) == []
    scene.pass_time(0.1)
    assert warned(scene) == ["x"]
    assert fact_due_us(scene.notice("a")) == 1_014 * SECOND
    scene.pass_time(100)
    scene.pass_time(100)
    assert warned(scene) == ["x", "z"]
    assert fact_due_us(scene.notice("a")) is None


def test_nothing_ends_by_the_warning_and_the_order_tells_it(forgets: bool) -> None:
    scene = stage(forgets)
    scene.add("x")
    assert warnings(scene, "x") == ()
    scene.pass_time(10)
    assert inside(scene, "x")
    assert warnings(scene, "x") == ("It holds notice k of board /a for longer than 10 s.",)
    scene.leave("x")
    assert scene.state("x") == "gone"
    assert scene.notice("a").instances == ()


def test_who_left_in_time_is_not_warned_of(forgets: bool) -> None:
    scene = stage(forgets)
    scene.add("x")
    scene.leave("x", fails="yes")
    assert fact_due_us(scene.notice("a")) is None
    scene.pass_time(60)
    scene.resume("x")
    scene.pass_time(9)
    assert warned(scene) == []
    scene.pass_time(1)
    assert warned(scene) == ["x"]


def test_a_board_without_a_limit_warns_of_nobody(forgets: bool) -> None:
    scene = stage(forgets, longest=None)
    scene.add("x")
    scene.pass_time(10_000_000)
    assert warned(scene) == []


def test_the_end_of_its_life_and_the_warning_come_each_at_its_moment(forgets: bool) -> None:
    scene = stage(forgets)
    scene.post("a", end_of_life_us=1_005 * SECOND)
    scene.add("x")
    assert fact_due_us(scene.notice("a")) == 1_005 * SECOND
    scene.pass_time(5)
    assert scene.notice("a").present is None
    assert fact_due_us(scene.notice("a")) == 1_010 * SECOND
    scene.pass_time(5)
    assert warned(scene) == ["x"]
