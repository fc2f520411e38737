"""Which verb an order takes in which state: the one table for verbs, pages and the API.

A guard looks at the order alone; what else a verb needs (a position, a free id) it checks itself.
"""

from collections.abc import Callable, Mapping

from engine.errors import CommandRefused
from engine.order import model as m
from engine.order.group import state_name

_STILL = "it stands still already"
_FAILING = "a person lets it fail"
_WHILE_FRESH = (m.FailedWhileFresh, m.StoppedWhileFresh)


def refusal(order: m.Order, verb: str) -> str | None:
    """Return why an order does not take a verb now, None where it does.

    Verbs are `cancel`, `suspend`, `resume`, `continue`, `confirm`, `priority`, `start`,
    `arguments`, `transfer`, `remove`.
    """
    if verb != "remove" and isinstance(order.state, (*m.TERMINATED, m.FailedInFork)):
        return "it has ended"
    return _GUARDS[verb](order)


def check(order: m.Order, verb: str) -> None:
    """Let a verb pass.

    Raises:
        CommandRefused: the order does not take it now.
    """
    why = refusal(order, verb)
    if why is not None:
        raise not_applicable(order, why)


def not_applicable(order: m.Order, why: str) -> CommandRefused:
    """Return the refusal of something that does not fit the order's state."""
    return CommandRefused("not-applicable", f"Order {order.id} is {state_name(order)}: {why}.")


def may(order: m.Order) -> frozenset[str]:
    """Return the verbs that would change something about the order now."""
    return frozenset(v for v in VERBS if refusal(order, v) is None and not _is_so(order, v))


def is_marked(order: m.Order, *verbs: str) -> bool:
    """Tell whether one of these verbs is still to take effect."""
    return order.mark is not None and order.mark.verb in verbs


def is_suspending(order: m.Order) -> bool:
    """Tell whether the order is going to be suspended."""
    return is_marked(order, "suspend") and not order.suspended


def _is_so(order: m.Order, verb: str) -> bool:
    """Tell whether the plain verb, or more of it, would change nothing any more."""
    if verb == "suspend" and order.suspended:
        return True
    if order.mark is None or order.mark.verb != _MARKS.get(verb):
        return False
    kills = isinstance(order.state, m.Processing) and not order.mark.kill
    resets = verb == "suspend" and isinstance(order.state, m.WAITING) and not order.mark.reset
    return not (kills or resets or isinstance(order.state, m.Forked))


def _cancel(_order: m.Order) -> str | None:
    return None


def _suspend(order: m.Order) -> str | None:
    if isinstance(order.state, (*m.FAILED, m.Broken)):
        return "it has failed"
    if isinstance(order.state, m.STOPPED):
        return _STILL
    if is_marked(order, "fail"):
        return _FAILING
    return "it is being cancelled" if is_marked(order, "cancel") else None


def _resume(order: m.Order) -> str | None:
    if isinstance(order.state, m.Broken):
        return "nobody knows where it stands; it can only be cancelled"
    if is_marked(order, "cancel", "fail"):
        return "it is being cancelled" if is_marked(order, "cancel") else _FAILING
    if order.suspended or is_suspending(order) or isinstance(order.state, m.RESUMABLE):
        return None
    return "it is neither suspended nor failed nor stopped"


def _continue(order: m.Order) -> str | None:
    if is_marked(order, "go"):
        return None
    if order.mark is not None:
        return f"it is marked: {order.mark.verb}"
    return None if order.waits_for_time else "it does not wait for a time"


def _confirm(order: m.Order) -> str | None:
    return None if isinstance(order.state, m.Prompting) else "it does not ask anything"


def _priority(_order: m.Order) -> str | None:
    return None


def _before_start(order: m.Order) -> str | None:
    if isinstance(order.state, _WHILE_FRESH):
        return "it has to be resumed first"
    if not isinstance(order.state, m.Fresh):
        return "it has started"
    return _marked_at_agent(order, "change")


def _transfer(order: m.Order) -> str | None:
    return (
        "its job runs"
        if isinstance(order.state, m.Processing)
        else _marked_at_agent(order, "transfer")
    )


def _marked_at_agent(order: m.Order, verb: str) -> str | None:
    """Return what keeps an agent busy with an order: it knows one mark at a time."""
    if order.held is None or order.mark is None or order.mark.verb == verb:
        return None
    return f"agent {order.held.agent} has it and it is marked: {order.mark.verb}"


def _remove(order: m.Order) -> str | None:
    if not isinstance(order.state, m.TERMINATED):
        return "it has not ended"
    if order.remain:
        return None
    if order.external is not None:
        return "it leaves by itself once its file has vanished"
    return "it leaves by itself at the join of its parent"


_GUARDS: Mapping[str, Callable[[m.Order], str | None]] = {
    "cancel": _cancel,
    "suspend": _suspend,
    "resume": _resume,
    "continue": _continue,
    "confirm": _confirm,
    "priority": _priority,
    "start": _before_start,
    "arguments": _before_start,
    "transfer": _transfer,
    "remove": _remove,
}
VERBS = tuple(_GUARDS)
_MARKS = {"cancel": "cancel", "suspend": "suspend", "continue": "go", "transfer": "transfer"}
