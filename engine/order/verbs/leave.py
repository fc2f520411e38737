"""Cancel and remove: orders leave."""

from engine.order import events as e
from engine.order import model as m
from engine.order.guards import check, not_applicable, refusal
from engine.order.requests import CancelOrders, RemoveOrders
from engine.order.verbs.mark import marked
from engine.world import Step, World


def cancel(world: World, order: m.Order, verb: CancelOrders) -> list[Step]:
    """Return the mark that lets an order leave, and with `deep` its children."""
    check(order, "cancel")
    if verb.fresh_only and not isinstance(order.state, m.Fresh):
        raise not_applicable(order, "it has started")
    steps = marked(order, m.Mark("cancel", verb.kill, fresh_only=verb.fresh_only))
    if verb.deep and isinstance(order.state, m.Forked):
        for child in order.state.children:
            found = world.find(child)
            if found is not None and refusal(found, "cancel") is None:
                steps += cancel(world, found, verb)
    return steps


def remove(_world: World, order: m.Order, _verb: RemoveOrders) -> list[Step]:
    """Return the end of an order that remained."""
    check(order, "remove")
    return [(order.id, e.OrderRemoved())]
