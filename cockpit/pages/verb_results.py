"""What pages say about verbs on orders: a dialog's title, and what came of it. Pure."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from engine.order.group import group_of
from engine.order.model import Order
from engine.order.requests import Answered


class Words(NamedTuple):
    """The words of a verb: `title` with a place for the orders, what was done, and what will be."""

    title: str
    done: str
    later: str


WORDS: Mapping[str, Words] = {
    "resume": Words("Resume {}", "Resumed", "will be resumed"),
    "confirm": Words("Confirm {}", "Confirmed", "will be confirmed"),
    "continue": Words("Continue {} now", "Continued", "will go on"),
    "suspend": Words("Suspend {}", "Suspended", "will be suspended"),
    "cancel": Words("Cancel {}", "Cancelled", "will be cancelled"),
    "priority": Words("Change the priority of {}", "Priority changed", "will have it"),
    "start-time": Words("Change the start of {}", "Start changed", "will have another start"),
    "parameters": Words(
        "Change the parameters of {}", "Parameters changed", "will have other parameters"
    ),
    "remove": Words("Remove {}", "Removed", "will be removed"),
}
_MARKS: Mapping[str, str] = {
    "suspend": "suspend",
    "cancel": "cancel",
    "continue": "go",
    "start-time": "change",
    "parameters": "change",
}
"""By verb: the mark that an order has until the verb takes effect."""


def title_of(verb: str, count: int) -> str:
    """Return the title of a verb's dialog."""
    return WORDS[verb].title.format(many(count))


def many(count: int) -> str:
    """Return `1 order` or `5 orders`."""
    return "1 order" if count == 1 else f"{count} orders"


def result_of(verb: str, answers: Sequence[Answered], now: Mapping[str, Order]) -> str:
    """Return what came of a verb that all orders took; `now` are those that are still there."""
    words = WORDS[verb]
    waiting = [a.id for a in answers if a.id in now and _is_to_come(verb, now[a.id])]
    if len(answers) == 1:
        return _of_one(words, answers[0], now.get(answers[0].id), later=bool(waiting))
    done = len(answers) - len(waiting)
    if not waiting:
        return f"{words.done}: {many(done)}."
    later = f"{many(len(waiting))} {words.later}, each at its next safe point."
    return f"{words.done}: {many(done)}. {later}" if done else later


def _of_one(words: Words, told: Answered, order: Order | None, *, later: bool) -> str:
    if later and order is not None:
        return f"{told.id} {words.later}; it is {group_of(order)} now."
    state = group_of(order) if order is not None else ""
    says_more = state not in ("", words.done.lower())
    return f"{words.done}: {told.id}{f', now {state}' if says_more else ''}."


def _is_to_come(verb: str, order: Order) -> bool:
    return order.mark is not None and order.mark.verb == _MARKS.get(verb)
