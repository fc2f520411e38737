"""What one may ask of orders, as bodies of requests: of one order, and of many."""

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from cockpit.api.orders.bodies import (
    MOST_ORDERS,
    Date,
    Moment,
    Name,
    Path,
    Place,
    Plan,
    Priority,
    Remark,
    Ticket,
)
from cockpit.api.query import Word


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
    """Lets an order go on: where it stands, at a position or a label, with changed variables.

    `force` runs a killed job again that may not be repeated. `deep` resumes the children of a fork
    too, each where it stands.
    """

    position: Place | None = None
    label: Path | None = None
    variables: dict[str, Any] | None = None
    force: bool = False
    deep: bool = False


class ContinueBody(VerbBody, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Ends a wait for time."""


class PriorityBody(VerbBody, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Changes what goes first among waiting orders; higher first."""

    priority: Priority


class ConfirmBody(VerbBody, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Answers the question of an order that prompts."""


class StartBody(VerbBody, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Lets an order that has not started begin at another moment; one that is past is now."""

    scheduled_for: Moment


class ParametersBody(VerbBody, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Changes arguments of an order that has not started: sets some, takes others away."""

    arguments: dict[str, Any] = {}
    remove: Annotated[list[Name], Meta(max_length=1_000)] = []


class RemoveBody(VerbBody, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Removes an order that remained after its end."""


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
    plan: Plan = ""
    reason: list[Word] = []
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


class BulkConfirm(ConfirmBody, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Answers the question of several orders."""

    ids: Ids | None = None
    filter: Chosen | None = None


class BulkStart(StartBody, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Changes the start of several orders."""

    ids: Ids | None = None
    filter: Chosen | None = None


class BulkParameters(ParametersBody, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Changes arguments of several orders."""

    ids: Ids | None = None
    filter: Chosen | None = None


class BulkRemove(RemoveBody, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Removes several orders that remained after their end."""

    ids: Ids | None = None
    filter: Chosen | None = None
