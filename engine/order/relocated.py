"""The places that an order keeps with it, and the order with these places elsewhere. Pure."""

from collections.abc import Iterator, Mapping
from typing import TypeVar

from msgspec.structs import replace

from engine import position as p
from engine.order import model as m

_Placed = TypeVar("_Placed", m.Result, m.LockHold, m.Consumption, m.Sticky)


def places_kept(order: m.Order) -> Iterator[p.Position]:
    """Yield each place once that an order keeps beside its position; blocks by their branch."""
    yield from dict.fromkeys(_all(order))


def _all(order: m.Order) -> Iterator[p.Position]:
    for placed in (order.results, order.locks, order.consumptions, order.grants, order.sticky):
        yield from (each.position for each in placed)
    yield from order.stop_positions
    if order.chosen is not None:
        yield order.chosen
    if order.block is not None:
        yield order.block
    if isinstance(order.state, m.DelayingRetry):
        yield order.state.retry


def relocated(order: m.Order, places: Mapping[p.Position, p.Position]) -> m.Order:
    """Return the order with each of these places exchanged for another; its position stays."""
    if not places:
        return order
    state = order.state
    if isinstance(state, m.DelayingRetry):
        state = replace(state, retry=places.get(state.retry, state.retry))
    return replace(
        order,
        state=state,
        results=_elsewhere(order.results, places),
        locks=_elsewhere(order.locks, places),
        consumptions=_elsewhere(order.consumptions, places),
        grants=_elsewhere(order.grants, places),
        sticky=_elsewhere(order.sticky, places),
        stop_positions=tuple(places.get(at, at) for at in order.stop_positions),
        chosen=places.get(order.chosen, order.chosen) if order.chosen else None,
        block=places.get(order.block, order.block) if order.block else order.block,
    )


def _elsewhere(
    placed: tuple[_Placed, ...], places: Mapping[p.Position, p.Position]
) -> tuple[_Placed, ...]:
    return tuple(
        replace(each, position=places[each.position]) if each.position in places else each
        for each in placed
    )
