"""What a parent learns when a child ends, and what may take the place of a child."""

from engine import position as p
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


def may_replace(known: m.Order, told: m.Order) -> bool:
    """Tell whether a state told of an order may take the place of the known one.

    An order of another workflow is another one. The state of a child counts only in the very fork
    where its parent waits, until the parent has heard of its end: what another fork has made of the
    child is of no use to this one.
    """
    if known.workflow != told.workflow:
        return False
    if known.parent is None:
        return True
    heard = isinstance(known.state, (*m.TERMINATED, m.FailedInFork))
    return not heard and p.fork_scope(known.position) == p.fork_scope(told.position)
