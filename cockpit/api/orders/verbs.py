"""What one may ask of orders: the body of each verb, and the request it becomes."""

from collections.abc import Callable
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from cockpit.api.orders.adding import place_problems, position_text, value_problems
from cockpit.api.orders.bodies import MOST_ORDERS, Date, Name, Path, Place, Priority, Remark, Ticket
from cockpit.api.problem import FieldProblem
from cockpit.api.query import Word
from engine.order.commands import Verb
from engine.order.requests import (
    CancelOrders,
    ChangePriority,
    ContinueOrders,
    ResumeOrders,
    SuspendOrders,
)


class VerbBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What every verb takes. `dry_run` tells what would happen and changes nothing."""

    comment: Remark = ""
    ticket: Ticket = ""
    dry_run: bool = False


class CancelBody(VerbBody, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Lets an order leave. `kill` ends its job, `deep` reaches its children."""

    kill: bool = False
    deep: bool = False


class SuspendBody(VerbBody, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Stops an order. `kill` ends its job, `reset` its wait, `deep` stops its children too."""

    kill: bool = False
    reset: bool = False
    deep: bool = False


class ResumeBody(VerbBody, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Lets an order go on: where it stands, at a position or a label, with changed variables."""

    position: Place | None = None
    label: Path | None = None
    variables: dict[str, Any] | None = None
    force: bool = False


class ContinueBody(VerbBody, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Ends a wait for time."""


class PriorityBody(VerbBody, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Changes what goes first among waiting orders; higher first."""

    priority: Priority


class Selection(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which orders a filter selects; as in the list of orders."""

    state: list[Word] = []
    group: list[Word] = []
    workflow: Word = ""
    folder: Word = ""
    agent: Word = ""
    tag: list[Word] = []
    text: Word = ""
    parent: Word = ""
    date: Date | None = None
    children: bool = False


Ids = Annotated[list[Name], Meta(max_length=MOST_ORDERS, description="Either these orders …")]
Chosen = Annotated[Selection, Meta(description="… or those that a filter selects.")]


class BulkCancel(CancelBody, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Lets several orders leave."""

    ids: Ids | None = None
    filter: Chosen | None = None


class BulkSuspend(SuspendBody, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Stops several orders."""

    ids: Ids | None = None
    filter: Chosen | None = None


class BulkResume(ResumeBody, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Lets several orders go on."""

    ids: Ids | None = None
    filter: Chosen | None = None


class BulkContinue(ContinueBody, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Ends the wait of several orders for time."""

    ids: Ids | None = None
    filter: Chosen | None = None


class BulkPriority(PriorityBody, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Changes the priority of several orders."""

    ids: Ids | None = None
    filter: Chosen | None = None


class VerbKind(msgspec.Struct, frozen=True):
    """A verb: its bodies for one and for many orders, and how a body becomes a request."""

    body: type[VerbBody]
    bulk: type[VerbBody]
    request: Callable[[Any, tuple[str, ...]], Verb]


def _resume(body: ResumeBody, ids: tuple[str, ...]) -> ResumeOrders:
    position = position_text(body.position)
    return ResumeOrders(ids, position, body.label, body.variables, body.force)


VERBS: dict[str, VerbKind] = {
    "cancel": VerbKind(
        CancelBody, BulkCancel, lambda b, ids: CancelOrders(ids, kill=b.kill, deep=b.deep)
    ),
    "suspend": VerbKind(
        SuspendBody,
        BulkSuspend,
        lambda b, ids: SuspendOrders(ids, kill=b.kill, reset=b.reset, deep=b.deep),
    ),
    "resume": VerbKind(ResumeBody, BulkResume, _resume),
    "continue": VerbKind(ContinueBody, BulkContinue, lambda _, ids: ContinueOrders(ids)),
    "priority": VerbKind(
        PriorityBody, BulkPriority, lambda b, ids: ChangePriority(ids, b.priority)
    ),
}


def body_problems(body: VerbBody) -> list[FieldProblem]:
    """Return what is wrong with a body beyond the types of its fields."""
    if not isinstance(body, ResumeBody):
        return []
    found = place_problems("position", body.position)
    found += value_problems(body.variables or {}, "variables")
    if body.position is not None and body.label is not None:
        found.append(("label", "Give a position or a label, not both."))
    return [FieldProblem(field, sentence) for field, sentence in found]
