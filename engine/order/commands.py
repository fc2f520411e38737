"""What people ask of orders, turned into events or a refusal.

A verb that cannot take effect at once leaves a mark; `engine.steps.advance` carries it out at the
next safe point, wherever the order is. Which state takes which verb: `engine.order.guards`.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from engine.errors import CommandRefused
from engine.order import model as m
from engine.order import requests as rq
from engine.order.resume import resume
from engine.order.verbs.change import change_arguments, change_start
from engine.order.verbs.leave import cancel, remove
from engine.order.verbs.suspend import suspend
from engine.order.verbs.wait import change_priority, confirm, continue_
from engine.world import Step, World

Verb: TypeAlias = rq.OrderRequest


def carry_out(world: World, order_id: str, verb: Verb) -> list[Step]:
    """Return the events of one verb for one order; none where it is already in effect.

    Raises:
        CommandRefused: it does not fit the state; nothing follows.
        NotLoaded: the world lacks the order.
    """
    order = world.find(order_id)
    if order is None:
        raise CommandRefused("order-unknown", f"There is no order {order_id}.")
    return list(_VERBS[type(verb)](world, order, verb))


def name_of(verb: Verb) -> str:
    """Return the name that guards and interfaces use for a verb, such as `cancel`."""
    return _NAMES[type(verb)]


_VERBS: Mapping[type, Callable[[World, m.Order, Any], list[Step]]] = {
    rq.CancelOrders: cancel,
    rq.SuspendOrders: suspend,
    rq.ResumeOrders: resume,
    rq.ChangePriority: change_priority,
    rq.ContinueOrders: continue_,
    rq.ConfirmPrompts: confirm,
    rq.ChangeStart: change_start,
    rq.ChangeArguments: change_arguments,
    rq.RemoveOrders: remove,
}
_NAMES: Mapping[type, str] = {
    rq.CancelOrders: "cancel",
    rq.SuspendOrders: "suspend",
    rq.ResumeOrders: "resume",
    rq.ChangePriority: "priority",
    rq.ContinueOrders: "continue",
    rq.ConfirmPrompts: "confirm",
    rq.ChangeStart: "start",
    rq.ChangeArguments: "arguments",
    rq.RemoveOrders: "remove",
}
