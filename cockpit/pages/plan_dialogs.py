"""The verbs on planned orders as pages offer them: words, keys, and which row takes which. Pure.

Which state takes which verb is decided by `dailyplan.verbs.deciding`.
"""

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from dailyplan import verbs as v
from dailyplan.difference import Row
from dailyplan.selecting import Listed
from dailyplan.state import PlanState
from dailyplan.verbs.deciding import Refused

_SOME_DAY = date(2000, 1, 1)


class PlanDialog(NamedTuple):
    """How a verb presents itself; `probe` is the verb as it is asked whether a row takes it."""

    title: str
    submit: str
    icon: str
    help: str
    probe: v.PlanVerb
    key: str = ""
    main: bool = False
    danger: bool = False


PLAN_DIALOGS: Mapping[str, PlanDialog] = {
    "submit": PlanDialog(
        "Submit", "Submit", "log-in", "Hands planned orders to the controller.",
        v.Submit(), key="s", main=True,
    ),
    "start": PlanDialog(
        "Change start", "Change start", "calendar-clock",
        "Another start; the order keeps its plan day, and its schedule does not move it back.",
        v.Change(shift_s=0), key="m", main=True,
    ),
    "let-run": PlanDialog(
        "Let run", "Let run now", "play", "Starts orders now, whatever their time says.",
        v.LetRun(), key="r", main=True,
    ),
    "cancel": PlanDialog(
        "Take back", "Take back", "log-out",
        "Takes submitted orders back that have not started. They are planned again, and only a"
        " person submits them.",
        v.Cancel(), key="c", main=True,
    ),
    "remove": PlanDialog(
        "Remove", "Remove from the plan", "trash-2",
        "Takes planned orders out of this day. They stay removed when the schedule changes, and"
        " can be restored.",
        v.Remove(), key="Delete", main=True, danger=True,
    ),
    "restore": PlanDialog(
        "Restore", "Restore", "history", "Takes removed orders back into the plan.",
        v.Restore(), key="b", main=True,
    ),
    "parameters": PlanDialog(
        "Change parameters", "Change", "sliders-horizontal",
        "Other variables, positions and tags, as long as the order has not started.",
        v.Change(tags=()), key="v",
    ),
    "priority": PlanDialog(
        "Change priority", "Change", "arrow-up", "Who goes first among waiting orders.",
        v.Change(priority=0), key="p",
    ),
    "copy": PlanDialog(
        "Copy to a day", "Copy", "copy", "Plans the same orders once more, at the same local time.",
        v.Copy(_SOME_DAY), key="Shift+c",
    ),
}  # fmt: skip


PLAN_WORDS: Mapping[str, tuple[str, str]] = {
    "submit": ("Submit {}", "Submitted"),
    "start": ("Change the start of {}", "Start changed"),
    "let-run": ("Let {} run", "Started"),
    "cancel": ("Take {} back", "Taken back"),
    "remove": ("Remove {}", "Removed"),
    "restore": ("Restore {}", "Restored"),
    "parameters": ("Change the parameters of {}", "Parameters changed"),
    "priority": ("Change the priority of {}", "Priority changed"),
    "copy": ("Copy {} to a day", "Copied"),
}
"""By verb: the title of its dialog, with a place for the orders, and what was done."""


class PlanOffer(NamedTuple):
    """A verb for one planned order; `refused` says why not now, empty where it is taken."""

    verb: str
    dialog: PlanDialog
    refused: str


def plan_offers(row: Listed) -> list[PlanOffer]:
    """Return all verbs for a row, in the order of the buttons."""
    probed = _row(row)
    return [
        PlanOffer(verb, dialog, why.sentence if (why := _why(probed, dialog, verb)) else "")
        for verb, dialog in PLAN_DIALOGS.items()
    ]


def able(row: Listed) -> str:
    """Return the verbs that a row takes now, separated by spaces."""
    return " ".join(offer.verb for offer in plan_offers(row) if not offer.refused)


def _why(row: Row, dialog: PlanDialog, verb: str) -> Refused | None:
    if verb == "remove" and row.state == PlanState.REMOVED:
        return Refused("not-applicable", "It is removed already.")
    return v.refusal(row, dialog.probe)


def _row(row: Listed) -> Row:
    """Return what verbs look at of a row: its state and whether it is cyclic."""
    return Row(
        row.day, row.origin, row.parameterisation, 0, row.state, row.flags, row.submit,
        row.repeat_s, None, None, row.orders, (), problem=row.problem is not None,
    )  # fmt: skip
