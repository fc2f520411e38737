"""What a verb would do to an order, in a sentence, without doing it."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from engine.errors import CommandRefused
from engine.order import model as m
from engine.order import requests as rq
from engine.order.commands import Verb, carry_out
from engine.order.events import OrderStateReset
from engine.order.group import state_name
from engine.order.guards import is_suspending
from engine.order.transfer import transfer
from engine.workflow.program import Program
from engine.world import World

AT_ONCE = "at once"


class Preview(msgspec.Struct, frozen=True):
    """The effect of a verb on one order: a sentence without its subject, and the answer's code.

    `state` is JS7's name of the present state, None where there is no such order.
    """

    effect: str
    code: str = "accepted"
    state: str | None = None


def preview(world: World, order_id: str, verb: Verb) -> Preview:
    """Return what a verb would do to an order now.

    Raises:
        NotLoaded: the world lacks something that the verb needs.
    """
    order = world.find(order_id)
    state = state_name(order) if order else None
    try:
        steps = carry_out(world, order_id, verb)
    except CommandRefused as refused:
        return Preview(f"refused: {refused.sentence}", refused.code, state)
    if not steps or order is None:
        return Preview("stays as it is: that is in effect already", state=state)
    return Preview(_EFFECTS[type(verb)](order, verb), state=state)


def preview_transfer(world: World, order_id: str, new: Program) -> Preview:
    """Return what a transfer to a new version would do to an order; one refusal refuses all.

    Raises:
        NotLoaded: the world lacks the order or its version.
    """
    order = world.order(order_id)
    try:
        steps = transfer(world, order, new)
    except CommandRefused as refused:
        return Preview(f"refused: {refused.sentence}", refused.code, state_name(order))
    anew = any(isinstance(event, OrderStateReset) for _, event in steps)
    effect = "begins its instruction anew in" if anew else "goes on at its position in"
    when = _when_given_back(order)
    return Preview(f"{effect} version {new.version} {when}", state=state_name(order))


def _cancel(order: m.Order, verb: rq.CancelOrders) -> str:
    if isinstance(order.state, m.Processing):
        return "is cancelled when its job " + ("has been ended" if verb.kill else "ends")
    if isinstance(order.state, m.Forked):
        return f"is cancelled when {_children(order, deep=verb.deep, what='cancelled')}"
    return f"is cancelled {_when_given_back(order)}"


def _suspend(order: m.Order, verb: rq.SuspendOrders) -> str:
    if isinstance(order.state, m.Processing):
        return "is suspended when its job " + ("has been ended" if verb.kill else "ends")
    if isinstance(order.state, m.Forked):
        return f"is suspended when {_children(order, deep=verb.deep, what='suspended')}"
    if not isinstance(order.state, m.WAITING):
        return f"is suspended {_when_given_back(order)}"
    if not verb.reset:
        return "is suspended when its wait is over"
    return f"leaves its wait and is suspended {_when_given_back(order)}"


def _children(order: m.Order, *, deep: bool, what: str) -> str:
    assert isinstance(order.state, m.Forked)  # noqa: S101  # the caller looked
    how = f", {what} as well," if deep else ""
    return f"its {order.state.open} children{how} have ended"


def _when_given_back(order: m.Order) -> str:
    return AT_ONCE if order.held is None else f"as soon as agent {order.held.agent} gives it back"


def _resume(order: m.Order, verb: rq.ResumeOrders) -> str:
    if is_suspending(order):
        return "is not suspended after all"
    where = verb.label or verb.position
    with_what = " with changed variables" if verb.variables else ""
    return f"goes on {f'at {where}' if where else 'where it stands'}{with_what} {AT_ONCE}"


def _continue(order: m.Order, _verb: rq.ContinueOrders) -> str:
    does = "starts" if isinstance(order.state, m.Fresh) else "waits no longer and goes on"
    return f"{does} {AT_ONCE if order.held is None else f'at agent {order.held.agent}'}"


def _confirm(_order: m.Order, _verb: rq.ConfirmPrompts) -> str:
    return f"goes on behind its question {AT_ONCE}"


def _priority(order: m.Order, verb: rq.ChangePriority) -> str:
    return f"waits with priority {verb.priority} instead of {order.priority}"


def _start(order: m.Order, verb: rq.ChangeStart) -> str:
    moment = datetime.fromtimestamp(verb.scheduled_us / 1e6, UTC).isoformat(timespec="seconds")
    return f"starts at {moment}, changed {_when_given_back(order)}"


def _arguments(order: m.Order, _verb: rq.ChangeArguments) -> str:
    return f"gets other arguments {_when_given_back(order)}"


def _remove(_order: m.Order, _verb: rq.RemoveOrders) -> str:
    return f"is removed {AT_ONCE}"


_EFFECTS: Mapping[type, Callable[[m.Order, Any], str]] = {
    rq.CancelOrders: _cancel,
    rq.SuspendOrders: _suspend,
    rq.ResumeOrders: _resume,
    rq.ContinueOrders: _continue,
    rq.ConfirmPrompts: _confirm,
    rq.ChangePriority: _priority,
    rq.ChangeStart: _start,
    rq.ChangeArguments: _arguments,
    rq.RemoveOrders: _remove,
}
