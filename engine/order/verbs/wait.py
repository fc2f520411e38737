"""Continue, confirm and priority: what people do about a wait."""

from engine.order import events as e
from engine.order import model as m
from engine.order.guards import check
from engine.order.requests import ChangePriority, ConfirmPrompts, ContinueOrders
from engine.order.verbs.mark import marked
from engine.world import Step, World


def continue_(_world: World, order: m.Order, _verb: ContinueOrders) -> list[Step]:
    """Return the mark that ends a wait for time."""
    check(order, "continue")
    return marked(order, m.Mark("go"))


def confirm(world: World, order: m.Order, _verb: ConfirmPrompts) -> list[Step]:
    """Return the answer to the question that the order asks."""
    check(order, "confirm")
    to = world.program_of(order).onward(order.position)
    return [(order.id, e.OrderPromptAnswered(to))]


def change_priority(_world: World, order: m.Order, verb: ChangePriority) -> list[Step]:
    """Return the new priority; nothing where it is the old one."""
    check(order, "priority")
    if order.priority == verb.priority:
        return []
    return [(order.id, e.OrderPriorityChanged(verb.priority))]
