"""What an order gives back when it leaves blocks that hold something for it."""

from engine.order import events as e
from engine.order import model as m
from engine.position import Position

Leaving = e.OrderLocksReleased | e.OrderNoticesConsumed


def leaving(order: m.Order, to: Position | None, *, ok: bool) -> list[Leaving]:
    """Return the events by which an order leaves blocks on its way to `to`, innermost first.

    None is the way out of all blocks. `ok` tells whether consuming blocks count as successful.
    """
    left: list[Leaving] = [
        e.OrderLocksReleased(hold.position) for hold in order.locks if _leaves(hold.position, to)
    ]
    left += [
        e.OrderNoticesConsumed(used.position, ok)
        for used in order.consumptions
        if _leaves(used.position, to)
    ]
    return sorted(left, key=lambda event: -len(event.position))


def _leaves(block: Position, to: Position | None) -> bool:
    return to is None or len(to) <= len(block) or to[: len(block)] != block
