"""Moments at which orders are looked at again."""

from agents.worker.timers import Timers


def test_moments_come_in_order_of_time_then_of_arrival() -> None:
    timers = Timers()
    for order_id, at_us in (("late", 9), ("b", 5), ("a", 5)):
        timers.set(order_id, at_us)
    assert timers.next_us() == 5
    assert timers.due(4) == []
    assert timers.due(5) == ["b", "a"]
    assert timers.next_us() == 9


def test_a_later_word_replaces_an_earlier_one() -> None:
    timers = Timers()
    timers.set("a", 1)
    timers.set("a", 7)
    assert timers.due(6) == []
    timers.drop("a")
    assert timers.next_us() is None
    timers.set("a", 7)
    timers.set("a", 7)
    assert timers.due(7) == ["a"]
    assert timers.due(7) == []
