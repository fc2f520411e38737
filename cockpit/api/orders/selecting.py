"""Which orders a list or a verb is about: the filters, as rows of the history."""

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Annotated, get_args

import msgspec
from django.conf import settings
from django.db.models import Q, QuerySet
from msgspec import Meta

from cockpit.access.gate import rows
from cockpit.access.policy import Account, Verb
from cockpit.api import slices
from cockpit.api.orders.adding import plan_id, plan_problems
from cockpit.api.orders.bodies import Plan
from cockpit.api.orders.verb_bodies import Selection
from cockpit.api.problem import FieldProblem, Refusal, invalid
from cockpit.api.query import Cursor, Limit, Word, checked, one_of, taken
from controller.models import OrderRow
from engine.order.group import GROUPS
from engine.order.model import State
from history import queries
from history.mend import LOST
from history.models import OrderRun

_ENDED = frozenset({"finished", "cancelled"})
_STATES_OF_REASON: dict[str, tuple[str, ...]] = {
    "scheduled": ("Fresh",),
    "running": ("Processing",),
    "children": ("Forked",),
    "retry-delay": ("DelayingRetry",),
    "sleeping": ("Sleeping",),
    "admission": ("WaitingForAdmission",),
    "cycle": ("BetweenCycles",),
    "lock": ("WaitingForLock",),
    "notices": ("ExpectingNotices",),
    "prompt": ("Prompting",),
    "stopped": ("Stopped", "StoppedWhileFresh"),
    "failed": ("Failed", "FailedWhileFresh"),
    "failed-in-fork": ("FailedInFork",),
    "broken": ("Broken",),
}
"""Reasons that the state tells by itself; for the others each order would have to be asked."""

_SUSPENDED = "suspended"
_BY_PERSON = frozenset({"stopped", "failed", "failed-in-fork", "broken"})


STATES = (*(kind.__name__ for kind in get_args(State)), LOST)
"""All that the history calls a state."""

_REASONS = (*_STATES_OF_REASON, _SUSPENDED)


def _plan_problem(plan: str) -> str | None:
    return next((sentence for _, sentence in plan_problems(plan)), None)


class OrderQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which orders a list shows. Without `live` or a group of ended orders: those not ended."""

    state: list[Annotated[str, one_of(STATES)]] = []
    group: list[Annotated[str, one_of(GROUPS)]] = []
    workflow: Annotated[
        str,
        Meta(
            max_length=255,
            pattern=r"^[^\x00-\x1f\x7f]*$",
            description="Path; `*` stands for anything.",
        ),
    ] = ""
    folder: Word = ""
    agent: Word = ""
    tag: list[Word] = []
    text: Annotated[
        str,
        Meta(
            max_length=255,
            pattern=r"^[^\x00-\x1f\x7f]*$",
            description="Part of the id; with `*` a pattern of all of it.",
        ),
    ] = ""
    ids: list[Word] = []
    parent: Word = ""
    date: dt.date | None = None
    plan: Annotated[Plan, checked(_plan_problem)] = ""
    reason: Annotated[
        list[Annotated[str, one_of(_REASONS)]], Meta(description="Codes of what orders wait for.")
    ] = []
    children: bool = False
    live: bool | None = None
    since: dt.datetime | None = None
    until: dt.datetime | None = None
    cursor: Cursor = ""
    limit: Limit = 100


def selection(
    account: Account, query: OrderQuery, verb: Verb = Verb.LOOK
) -> tuple[QuerySet[OrderRun], queries.OrderFilter]:
    """Return the rows and the filter that a query stands for."""
    selected = rows(OrderRun, account, verb)
    if query.state:
        selected = selected.filter(state__in=query.state)
    if query.reason:
        selected = selected.filter(_waits_for(query.reason))
    if query.folder:
        selected = selected.filter(workflow__startswith=query.folder.strip("/") + "/")
    live = query.live
    if live is None and not query.ids and not _ENDED.intersection(query.group):
        live = None if {s.lower() for s in query.state} & _ENDED else True
    wanted = queries.OrderFilter(
        controller=settings.STELLWERK_CONTROLLER_ID,
        groups=query.group,
        workflow=query.workflow,
        order_ids=query.ids,
        text=query.text,
        agent=query.agent,
        tags=query.tag,
        order_date=str(query.date) if query.date else "",
        plan=plan_id(query.plan) if query.plan else "",
        parent=query.parent or None,
        is_live=live,
        with_children=query.children,
        since=query.since,
        until=query.until,
    )
    return selected, wanted


def selected_ids(account: Account, chosen: Selection, *, ended: bool = False) -> Sequence[str]:
    """Return the ids of the orders that a filter selects for a verb, oldest first.

    `ended`: those that have ended and are still with the controller.

    Raises:
        Refusal: more than a verb may concern, or the filter cannot be understood.
    """
    given = {f: getattr(chosen, f) for f in chosen.__struct_fields__}
    fields, problems = taken(OrderQuery, given, "filter.")
    if problems:
        raise invalid(problems)
    selected, wanted = selection(account, OrderQuery(**fields), Verb.OPERATE)
    if ended:
        wanted = msgspec.structs.replace(wanted, is_live=None)
        here = rows(OrderRow, account).filter(controller=wanted.controller, group__in=_ENDED)
        selected = selected.filter(order_id__in=here.values("order_id"))
    found = queries.filtered_orders(selected, wanted).values_list("order_id", flat=True)
    ids = list(found.order_by("added_at", "run")[: slices.MOST_ORDERS + 1])
    if len(ids) > slices.MOST_ORDERS:
        sentence = f"It selects more than {slices.MOST_ORDERS} orders; narrow it."
        raise Refusal(422, "too-many", sentence, problems=[FieldProblem("filter", sentence)])
    return list(dict.fromkeys(ids))


def _waits_for(reasons: Collection[str]) -> Q:
    found = Q(suspended=True) if _SUSPENDED in reasons else Q(state__in=[])
    for reason in reasons:
        if reason in _STATES_OF_REASON:
            by_state = Q(state__in=_STATES_OF_REASON[reason])
            found |= by_state if reason in _BY_PERSON else by_state & Q(suspended=False)
    return found
