"""What a verb would do to an order, in a sentence, without doing it."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import msgspec

from engine import position as p
from engine.errors import CommandRefused
from engine.order import model as m
from engine.order import requests as rq
from engine.order.commands import Verb, carry_out
from engine.order.counterparts import Found
from engine.order.events import OrderStateReset
from engine.order.group import state_name
from engine.order.guards import is_marked, is_suspending
from engine.order.transfer import destination, transfer
from engine.workflow.program import Program
from engine.world import Step, World

AT_ONCE = "at once"


class When(StrEnum):
    """When a verb takes effect on an order."""

    NOW = "now"  # with the turn that takes the verb
    LATER = "later"  # at the next safe point; the sentence names it
    NEVER = "none"  # it is so already
    REFUSED = "refused"  # the sentence says why


class Preview(msgspec.Struct, frozen=True):
    """The effect of a verb on one order: a sentence without its subject, and the answer's code.

    `state` is JS7's name of the present state, None where there is no such order.
    """

    effect: str
    when: When
    code: str = "accepted"
    state: str | None = None


class _Effect(msgspec.Struct, frozen=True):
    sentence: str
    when: When = When.NOW


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
        return Preview(refused.sentence, When.REFUSED, refused.code, state)
    if not steps or order is None:
        return Preview("stays as it is: that is in effect already", When.NEVER, state=state)
    effect = _EFFECTS[type(verb)](order, verb)
    return Preview(effect.sentence, effect.when, state=state)


class TransferPreview(Preview, frozen=True, kw_only=True):
    """The effect of a transfer, and which place of the new version the order's place is."""

    found: Found


def preview_transfer(world: World, order_id: str, new: Program) -> TransferPreview:
    """Return what a transfer to a new version would do to an order, looked at alone.

    Raises:
        NotLoaded: the world lacks the order or its version.
    """
    order = world.order(order_id)
    state = state_name(order)
    found = destination(order, world.program_of(order), new)
    try:
        steps = transfer(world, order, new)
    except CommandRefused as refused:
        effect = _Effect(refused.sentence.removeprefix(f"Order {order.id}: "), When.REFUSED)
        code = refused.code
    else:
        effect, code = _when_given_back(order, f"{_goes_on(order, found, steps)},"), "accepted"
    return TransferPreview(effect.sentence, effect.when, code, state, found=found)


def _goes_on(order: m.Order, found: Found, steps: list[Step]) -> str:
    old, to = (p.to_text(p.place(at)) for at in (order.position, found.position))
    moved = f"at {to} instead of {old}" if to != old else f"at {to}"
    anew = any(isinstance(event, OrderStateReset) for _, event in steps)
    begins = "begins its instruction anew" if anew else "goes on"
    return f"{begins} {moved}, found by {found.words}"


def _cancel(order: m.Order, verb: rq.CancelOrders) -> _Effect:
    if isinstance(order.state, m.Processing):
        return _when_job_ends("is cancelled", kill=verb.kill)
    if isinstance(order.state, m.Forked):
        return _when_children_end(order.state, "is cancelled", deep=verb.deep)
    return _when_given_back(order, "is cancelled")


def _suspend(order: m.Order, verb: rq.SuspendOrders) -> _Effect:
    does = "is suspended and not transferred" if is_marked(order, "transfer") else "is suspended"
    if isinstance(order.state, m.Processing):
        return _when_job_ends(does, kill=verb.kill)
    if isinstance(order.state, m.Forked):
        return _when_children_end(order.state, does, deep=verb.deep)
    if not isinstance(order.state, m.WAITING):
        return _when_given_back(order, does)
    if not verb.reset:
        return _Effect(f"{does} when its wait is over", When.LATER)
    return _when_given_back(order, f"leaves its wait and {does}")


def _when_job_ends(does: str, *, kill: bool) -> _Effect:
    end = "has been ended" if kill else "ends"
    return _Effect(f"{does} when its job {end}", When.LATER)


def _when_children_end(state: m.Forked, does: str, *, deep: bool) -> _Effect:
    how = f", {does.removeprefix('is ')} as well," if deep else ""
    return _Effect(f"{does} when its {state.open} children{how} have ended", When.LATER)


def _when_given_back(order: m.Order, does: str) -> _Effect:
    if order.held is None:
        return _Effect(f"{does} {AT_ONCE}")
    return _Effect(f"{does} as soon as agent {order.held.agent} gives it back", When.LATER)


def _resume(order: m.Order, verb: rq.ResumeOrders) -> _Effect:
    if verb.deep and isinstance(order.state, m.Forked):
        return _Effect(f"goes on with its children that stand still {AT_ONCE}")
    if is_suspending(order):
        return _Effect("is not suspended after all")
    where = verb.label or verb.position
    with_what = " with changed variables" if verb.variables else ""
    if isinstance(order.state, m.Fresh) and not where:
        return _Effect(f"waits for its start again{with_what} {AT_ONCE}")
    return _Effect(f"goes on {f'at {where}' if where else 'where it stands'}{with_what} {AT_ONCE}")


def _continue(order: m.Order, _verb: rq.ContinueOrders) -> _Effect:
    does = "starts" if isinstance(order.state, m.Fresh) else "waits no longer and goes on"
    if order.held is None:
        return _Effect(f"{does} {AT_ONCE}")
    return _Effect(f"{does} at agent {order.held.agent}", When.LATER)


def _confirm(_order: m.Order, _verb: rq.ConfirmPrompts) -> _Effect:
    return _Effect(f"goes on behind its question {AT_ONCE}")


def _priority(order: m.Order, verb: rq.ChangePriority) -> _Effect:
    return _Effect(f"waits with priority {verb.priority} instead of {order.priority}")


def _start(order: m.Order, verb: rq.ChangeStart) -> _Effect:
    moment = datetime.fromtimestamp(verb.scheduled_us / 1e6, UTC).isoformat(timespec="seconds")
    return _when_given_back(order, f"gets another start, {moment},")


def _arguments(order: m.Order, _verb: rq.ChangeArguments) -> _Effect:
    return _when_given_back(order, "gets other arguments")


def _remove(_order: m.Order, _verb: rq.RemoveOrders) -> _Effect:
    return _Effect(f"is removed {AT_ONCE}")


_EFFECTS: Mapping[type, Callable[[m.Order, Any], _Effect]] = {
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
