"""Which of the orders of a workflow are transferred, where some of them cannot be. Pure."""

from collections.abc import Iterable, Mapping
from typing import TypeAlias

from engine.errors import CommandRefused, EngineError
from engine.order import model as m
from engine.world import Step

Way: TypeAlias = list[Step] | EngineError
"""How an order comes to the new version, or why it cannot."""

_ALL = "Other orders cannot be transferred, so none is."
_FAMILY = "An order and its children are transferred together, and {} cannot be."


def together(
    orders: Iterable[m.Order], ways: Mapping[str, Way], *, only_possible: bool
) -> dict[str, Way]:
    """Return the ways that are gone, by order: all or none, or all that are possible.

    An order and its children stay together in any case. Who is left for the sake of others has the
    refusal `not-transferred`.
    """
    if not any(isinstance(way, EngineError) for way in ways.values()):
        return dict(ways)
    known = {order.id: order for order in orders}
    families = {i: _root(known, i) if only_possible else "" for i in ways}
    stuck: dict[str, str] = {}
    for i, way in ways.items():
        if isinstance(way, EngineError):
            stuck.setdefault(families[i], i)
    return {i: _left(way, stuck.get(families[i]), families[i]) for i, way in ways.items()}


def _left(way: Way, stuck: str | None, family: str) -> Way:
    if stuck is None or isinstance(way, EngineError):
        return way
    return CommandRefused("not-transferred", _FAMILY.format(stuck) if family else _ALL)


def _root(known: Mapping[str, m.Order], order_id: str) -> str:
    """Return the first ancestor of an order among those that are known, or itself."""
    parent = known[order_id].parent
    while parent is not None and parent in known:
        order_id, parent = parent, known[parent].parent
    return order_id
