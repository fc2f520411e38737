"""An avalanche: a workflow that adds an order of itself, again and again."""

import pytest

from engine.order.events import OrderAdded
from engine.steps import add_order
from tests.simulation.scenes import Night

LOOP = {"TYPE": "AddOrder", "workflowName": "flow"}


def added(night: Night) -> int:
    """Return how many orders have come."""
    return sum(isinstance(entry.event, OrderAdded) for entry in night.system.store.journal)


def test_orders_that_add_each_other_let_everybody_else_pass() -> None:
    night = Night(LOOP)
    night.add()
    assert added(night) == 2
    night.wait(0.000_020)
    assert added(night) == 22
    assert night.events()[-1] == "OrderFinished"


def test_otherwise_one_turn_would_add_all_of_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    """Negative control."""
    monkeypatch.setattr(add_order, "ADDED_A_MINUTE", 50)
    monkeypatch.setattr(add_order, "_is_new", lambda order, site: False)
    night = Night(LOOP)
    night.add()
    assert added(night) == 51


def test_the_throttle_of_a_minute_holds_besides(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(add_order, "ADDED_A_MINUTE", 50)
    night = Night(LOOP)
    night.add()
    night.wait(59)
    assert added(night) == 51
    night.wait(2)
    assert added(night) == 101
