"""The verbs on orders as pages offer them: words, keys, options, and why one is not offered. Pure.

Which state takes which verb is decided by `engine.order.guards`.
"""

from collections.abc import Mapping
from typing import NamedTuple

from engine.order.guards import may, refusal
from engine.order.model import Order


class Dialog(NamedTuple):
    """How a verb presents itself.

    `help` says what it does. `kill`, `deep` and `reset` are the texts of its options, empty where
    it has none; `main` verbs are buttons, the others are in a menu.
    """

    title: str
    submit: str
    icon: str
    help: str
    key: str = ""
    main: bool = False
    danger: bool = False
    kill: str = ""
    deep: str = ""
    reset: str = ""


_KILL = "End the running job now (SIGTERM, after the grace time SIGKILL)"
_DEEP = "The children of a fork too"

DIALOGS: Mapping[str, Dialog] = {
    "resume": Dialog(
        "Resume", "Resume", "play", "Lets an order go on that is suspended, has failed or stopped.",
        key="r", main=True, deep="The children of a fork that stand still too",
    ),
    "confirm": Dialog(
        "Confirm", "Confirm", "check", "Answers the question; the order goes on behind it.",
        key="c", main=True,
    ),
    "continue": Dialog(
        "Continue now", "Continue", "circle-arrow-right",
        "Ends a wait for time: a scheduled start, a delay, a pause, a period, the next cycle.",
        main=True,
    ),
    "suspend": Dialog(
        "Suspend", "Suspend", "pause",
        "Stops an order at once, or after its job; it keeps its place and what it holds.",
        key="s", main=True, kill=_KILL, deep=_DEEP,
        reset="End its wait: it leaves the queue and begins the instruction again when resumed",
    ),
    "cancel": Dialog(
        "Cancel", "Cancel orders", "x", "Lets an order leave; this cannot be undone.",
        key="Delete", main=True, danger=True, kill=_KILL, deep=_DEEP,
    ),
    "priority": Dialog(
        "Change priority", "Change", "arrow-up", "Who goes first among waiting orders.", key="p"
    ),
    "start-time": Dialog(
        "Change start", "Change", "calendar-clock", "Another start, as long as it has not begun."
    ),
    "parameters": Dialog(
        "Change parameters", "Change", "sliders-horizontal",
        "Other arguments, as long as it has not begun.",
    ),
    "remove": Dialog(
        "Remove", "Remove orders", "trash-2",
        "Takes away an order that remained after its end; its history stays.", danger=True,
    ),
}  # fmt: skip

_GUARDS = {"start-time": "start", "parameters": "arguments"}
_IS_SO = "that is in effect already"


class Offer(NamedTuple):
    """A verb for one order; `refused` says why it cannot be used now, empty where it can."""

    verb: str
    dialog: Dialog
    refused: str


def offers_of(order: Order) -> list[Offer]:
    """Return all verbs for an order, in the order of the buttons."""
    able = may(order)
    found = []
    for verb, dialog in DIALOGS.items():
        guard = _GUARDS.get(verb, verb)
        why = "" if guard in able else refusal(order, guard) or _IS_SO
        found.append(Offer(verb, dialog, why))
    return found
