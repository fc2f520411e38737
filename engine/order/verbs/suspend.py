"""Suspend: an order stands still at the next safe point."""

from engine.order import model as m
from engine.order.guards import check, refusal
from engine.order.requests import SuspendOrders
from engine.order.verbs.mark import marked
from engine.world import Step, World


def suspend(world: World, order: m.Order, verb: SuspendOrders) -> list[Step]:
    """Return the mark that lets an order stand still, and with `deep` its children."""
    check(order, "suspend")
    if order.suspended:
        return []
    steps = marked(order, m.Mark("suspend", verb.kill, verb.reset))
    if verb.deep and isinstance(order.state, m.Forked):
        for child in order.state.children:
            found = world.find(child)
            if found is not None and refusal(found, "suspend") is None:
                steps += suspend(world, found, verb)
    return steps
