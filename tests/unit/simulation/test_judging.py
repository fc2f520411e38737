"""What the judges of a night may blame: neither what is right nor what is not over."""

from typing import cast

from controller.journal import Entry
from engine.order import events as e
from engine.order import model as m
from simulation.invariants.waiting import Timers
from simulation.night import Night, plan

DUE = m.Order(id="a", workflow="flow", version="v1", run=1, scheduled_us=100)
NOBODY = cast("Night", None)


def judged(judge: Timers, event: e.OrderEvent, order: m.Order = DUE) -> list[str]:
    """Return what a judge says of an event."""
    return list(judge.before(NOBODY, Entry(1, 0, order.id, event), order))


def test_an_order_that_could_not_wait_may_start_early_whatever_was_asked_since() -> None:
    judge = Timers()
    for verb in ("go", "suspend"):
        assert judged(judge, e.OrderMarked(m.Mark(verb))) == []
    assert judged(judge, e.OrderStarted(50)) == []


def test_an_order_that_nobody_hurried_may_not_start_early() -> None:
    judge = Timers()
    judged(judge, e.OrderMarked(m.Mark("suspend")))
    assert judged(judge, e.OrderStarted(50)) == ["a starts at 50, due is 100"]
    assert judged(judge, e.OrderStarted(100)) == []


def test_a_night_is_not_over_before_all_have_met_the_controller_that_leads_now() -> None:
    night = Night(plan(0), [])
    night.take_over()
    for host in night.hosts.values():
        host.up()
    night.clock.go_to(night.clock.now_us + 3_000_000)
    assert night._at_rest()
    for node in night.nodes:
        node.end()
    assert not night._at_rest()
    night.take_over()
    assert not night._at_rest()
