"""Cancelling that spares what has started, also what starts before the cancelling reaches it."""

import pytest

from engine.errors import CommandRefused
from engine.order import events as e
from engine.order import model as m
from engine.order import requests as rq
from engine.order.commands import carry_out
from engine.steps.marks import marked
from engine.steps.site import Site
from engine.world import World

AGENT = Site(now_us=1, agent="agent-1")
CONTROLLER = Site(now_us=1)
ONLY_FRESH = rq.CancelOrders(("o",), fresh_only=True)


def order(state: m.State, mark: m.Mark | None = None) -> m.Order:
    return m.Order(id="o", workflow="w", version="1", state=state, mark=mark)


def world(one: m.Order) -> World:
    made = World(complete=True)
    made.put(one)
    return made


def test_a_fresh_order_gets_the_mark() -> None:
    ((_, event),) = carry_out(world(order(m.Fresh())), "o", ONLY_FRESH)
    assert event == e.OrderMarked(m.Mark("cancel", fresh_only=True))


@pytest.mark.parametrize("state", [m.Ready(), m.Processing("r:1", 1), m.Failed()])
def test_a_started_order_refuses(state: m.State) -> None:
    with pytest.raises(CommandRefused, match="it has started"):
        carry_out(world(order(state)), "o", ONLY_FRESH)


def test_an_order_that_started_before_the_mark_took_effect_loses_the_mark() -> None:
    one = order(m.Ready(), m.Mark("cancel", fresh_only=True))
    assert marked(world(one), one, AGENT) == [("o", e.OrderMarked(None))]


def test_an_order_that_is_still_fresh_comes_back_from_its_agent_and_leaves() -> None:
    one = order(m.Fresh(), m.Mark("cancel", fresh_only=True))
    assert marked(world(one), one, AGENT) == [("o", e.OrderDetached("agent-1"))]
    assert ("o", e.OrderCancelled(1)) in (marked(world(one), one, CONTROLLER) or [])


def test_a_plain_cancelling_afterwards_reaches_also_what_has_started() -> None:
    one = order(m.Fresh(), m.Mark("cancel", fresh_only=True))
    ((_, event),) = carry_out(world(one), "o", rq.CancelOrders(("o",)))
    assert event == e.OrderMarked(m.Mark("cancel"))
