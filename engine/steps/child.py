"""What a parent learns when a child ends."""

from engine.order import events as e
from engine.order import model as m
from engine.world import Step, World


def child_ended(
    world: World, order: m.Order, *, ok: bool, values: dict[str, object] | None = None
) -> list[Step]:
    """Return what the parent learns when its child ends; nothing for an order without parent.

    Raises:
        NotLoaded: the parent is not in this world yet.
    """
    if order.parent is None:
        return []
    world.order(order.parent)
    return [(order.parent, e.OrderChildEnded(order.id, ok, values or {}))]
