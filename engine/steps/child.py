"""What a parent learns when a child ends."""

from engine.order import events as e
from engine.order import model as m
from engine.world import Step, World, awaits


def child_succeeded(world: World, order: m.Order, values: dict[str, object]) -> list[Step]:
    """Return what the parent learns of a child that ended well; `values` go into the join.

    Raises:
        NotLoaded: the parent is not in this world yet.
    """
    return _told(
        world, order, e.OrderChildEnded(order.id, ok=True, values=values, own_no=order.own_no)
    )


def child_failed(world: World, order: m.Order, message: str | None) -> list[Step]:
    """Return what the parent learns of a child that failed or was cancelled.

    Raises:
        NotLoaded: the parent is not in this world yet.
    """
    event = e.OrderChildEnded(
        order.id, ok=False, values={}, message=message or "", own_no=order.own_no
    )
    return _told(world, order, event)


def _told(world: World, order: m.Order, event: e.OrderChildEnded) -> list[Step]:
    """Return the event for the parent; nothing where no parent waits for this child."""
    parent = world.find(order.parent) if order.parent else None
    return [(parent.id, event)] if parent is not None and awaits(parent, order.id) else []
