"""Queues that are loaded a piece at a time, and effects that happen as a whole or not at all."""

import pytest
from msgspec.structs import replace

from engine.errors import NotLoaded
from engine.facts import Instance, LockState, NoticeState, Scan, due_id, fact_due_us, key_of
from engine.order import events as e
from engine.order.model import Consumption, LockHold, Order, Prompting
from engine.queue import Queue, Waiter
from engine.world import World

KEY = ("lock", "/tape", "")
ROWS: list[Waiter] = [(-1, 4, "d"), (0, 1, "a"), (0, 2, "b"), (0, 3, "c")]


def load(queue: Queue, count: int) -> None:
    """Load the next rows, as a store would."""
    after = queue.bound or queue.start
    found = [row for row in ROWS if after is None or row > after][:count]
    queue.loaded(found, whole=len(found) < count)


def all_of(queue: Queue, count: int = 2) -> list[str]:
    """Return the whole queue, loading it on the way."""
    for _ in range(20):
        try:
            return [order_id for _, _, order_id in queue.behind()]
        except NotLoaded:
            load(queue, count)
    raise AssertionError("it never ends")


def test_a_queue_that_was_never_loaded_does_not_pretend_to_be_empty() -> None:
    with pytest.raises(NotLoaded) as missing:
        next(Queue(KEY).behind())
    assert missing.value.key == ("queue", *KEY)


@pytest.mark.parametrize("count", [1, 2, 3, 9])
def test_a_queue_is_read_in_order_piece_by_piece(count: int) -> None:
    assert all_of(Queue(KEY), count) == ["d", "a", "b", "c"]


def test_who_came_or_left_before_the_load_is_where_he_belongs() -> None:
    queue = Queue(KEY)
    queue.add((-5, 9, "first"))
    queue.add((0, 10, "last"))
    queue.remove((0, 2, "b"))
    assert all_of(queue) == ["first", "d", "a", "c", "last"]


def test_a_piece_that_has_left_as_a_whole_is_passed() -> None:
    queue = Queue(KEY)
    for row in ROWS[:2]:
        queue.remove(row)
    assert all_of(queue) == ["b", "c"]


def test_who_leaves_and_comes_back_is_there_once() -> None:
    queue = Queue(KEY)
    queue.remove((0, 2, "b"))
    queue.add((0, 2, "b"))
    assert all_of(queue) == ["d", "a", "b", "c"]


def test_what_is_behind_a_place_is_read_without_what_is_before_it() -> None:
    queue = Queue(KEY)
    found = []
    for _ in range(3):
        try:
            found = [order_id for _, _, order_id in queue.behind((0, 1))]
        except NotLoaded:
            load(queue, 2)
    assert found == ["b", "c"]


def test_an_event_whose_effects_are_not_all_loaded_changes_nothing() -> None:
    world = World()
    world.facts["lock", "/tape", ""] = LockState({"o": None})
    block = Consumption((0, "lock", 0), (("/a", "k", 1),))
    hold = LockHold((0,), (("/tape", None),))
    state = Prompting("?")
    inside = (0, "lock", 0, "consumeNotices", 0)
    order = Order(id="o", workflow="w", version="v", position=inside, state=state)
    world.put(replace(order, locks=(hold,), consumptions=(block,)))
    with pytest.raises(NotLoaded):
        world.take("o", e.OrderCancelled(0))
    assert world.lock("/tape").holders == {"o": None}
    assert not world.changed
    assert not world.wakes


def test_an_instance_that_is_deleted_is_seen_by_who_waited_for_it_only() -> None:
    gone = Instance(1, 0, doomed=True, doomed_no=7)
    state = NoticeState((gone,), 1, scan=Scan(5, (0, 2)))
    assert state.present is None
    assert state.seen_by(None) is None
    assert state.seen_by((0, 2)) is None
    assert state.seen_by((0, 3)) is gone
    assert state.seen_by((0, 6)) is None
    assert NoticeState((gone,), 1, scan=Scan(9)).seen_by((0, 3)) is None


def test_a_fact_that_is_due_is_found_by_its_text() -> None:
    key = ("notice", "/a", "DailyPlan|2026-03-02/k")
    assert key_of(due_id(key)) == key
    assert key_of("#2026-03-02#T1-a") is None
    assert fact_due_us(NoticeState((Instance(1, 0, 9),), 1)) == 9
    assert fact_due_us(LockState()) is None
