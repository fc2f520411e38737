"""What must hold before an event can follow; used by the functions that apply events."""

from engine.errors import EventNotApplicable
from engine.order.events import OrderEvent
from engine.order.model import Mark, Order


def expect(order: Order, event: OrderEvent, *states: type) -> None:
    """Refuse the event unless the order is in one of the states."""
    if not isinstance(order.state, states):
        raise _cannot_follow(order, event)


def refuse(order: Order, event: OrderEvent, *states: type) -> None:
    """Refuse the event if the order is in one of the states."""
    if isinstance(order.state, states):
        raise _cannot_follow(order, event)


def _cannot_follow(order: Order, event: OrderEvent) -> EventNotApplicable:
    name, state = type(event).__name__, type(order.state).__name__
    return EventNotApplicable(f"{name} cannot follow: order {order.id} is {state}")


def expect_detached(order: Order, event: OrderEvent) -> None:
    """Refuse the event while an agent has the order."""
    if order.held:
        raise EventNotApplicable(
            f"{type(event).__name__}: order {order.id} is held by {order.agent}"
        )


def not_go(order: Order) -> Mark | None:
    """Return the mark unless it asked to end the wait that ends now."""
    return None if order.mark and order.mark.verb == "go" else order.mark


def only_cancel(order: Order) -> Mark | None:
    """Return the mark of an order that is to leave, also after a failure; others are dropped."""
    return order.mark if order.mark and order.mark.verb == "cancel" else None
