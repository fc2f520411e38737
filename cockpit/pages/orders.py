"""`/orders/`: the list with its filters, its rows for the live table, and the drawer's address."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict

from cockpit.access.account import Actor
from cockpit.access.gate import rows
from cockpit.access.policy import Account, Verb, may
from cockpit.pages.addresses import with_query
from cockpit.pages.door import page, refusal, render
from cockpit.pages.filtering import Wanted, read_filter
from cockpit.pages.order_lines import lines_of, rendered_rows
from cockpit.pages.verb_dialogs import DIALOGS
from controller.models import FeedPosition
from engine.order.group import GROUPS
from history import queries
from history.keyset import CursorUnreadable, Page
from history.models import GroupCount, OrderRun

ROWS = 100
SHOWN_GROUPS = frozenset(
    {
        "scheduled", "ready", "running", "waiting", "prompting", "suspended", "failed", "finished",
        "cancelled",
    }
)  # fmt: skip
"""The groups that an order can be in now; the others come with what leads to them."""


class Chip(msgspec.Struct, frozen=True):
    """A state with its count and the page on which it is switched."""

    state: str
    count: int | None
    on: bool
    url: str


@page()
def orders(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Show the list of orders."""
    heard, wanted = upto(actor.account), filter_of(request)
    try:
        found = page_of(actor.account, wanted, request.GET.get("cursor") or None)
    except CursorUnreadable:
        return refusal(request, 400, "The cursor in the address is not one of this list.")
    query = request.GET.get("q", "")
    context = {
        "page_title": "Orders",
        "q": query,
        "wanted": wanted,
        "lines": lines_of(actor.account, found.rows),
        "chips": chips(request, actor.account, wanted),
        "older": around(request, found.older),
        "newer": around(request, found.newer),
        "upto": heard,
        "empty": empty(actor.account, query, wanted),
        "selected": request.GET.get("sel", ""),
        "here": request.get_full_path(),
        "filter_state": ",".join(wanted.groups),
        "bulk": DIALOGS.items(),
    }
    return render(request, actor, "orders/list.html", context, 422 if wanted.problems else 200)


@page()
def order_rows(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Answer the rows of some ids as far as they match the filter, for the live table."""
    ids = request.GET.get("ids", "").split("\n")[:ROWS]
    wanted = filter_of(request)
    newest: dict[str, Any] = {}
    if not wanted.problems:
        selected, order_filter = selection(actor.account, wanted, ids)
        for run in queries.order_runs(selected, order_filter, limit=2 * ROWS).rows:
            newest.setdefault(run.order_id, run)  # type: ignore[attr-defined]
    can_operate = may(actor.account, Verb.OPERATE)
    found = rendered_rows(actor.account, list(newest.values()), can_operate=can_operate)
    return JsonResponse({"rows": found}, headers={"Cache-Control": "no-store"})


def filter_of(request: HttpRequest) -> Wanted:
    """Return what the address asks for."""
    return filter_in(request.GET)


def filter_in(given: QueryDict) -> Wanted:
    """Return what a query or a form asks for."""
    zone = ZoneInfo(settings.STELLWERK_TIME_ZONE)
    states = given.getlist("state")
    return read_filter(given.get("q", ""), states, now=datetime.now(UTC), zone=zone)


def selection(
    account: Account, wanted: Wanted, ids: list[str] | None = None, verb: Verb = Verb.LOOK
) -> tuple[QuerySet[OrderRun], queries.OrderFilter]:
    """Return rows and filter that a list stands for; children only where they are asked for."""
    selected = rows(OrderRun, account, verb)
    if not wanted.parent:
        selected = selected.filter(parent__isnull=True)
    return selected, queries.OrderFilter(
        controller=settings.STELLWERK_CONTROLLER_ID,
        groups=wanted.groups,
        workflow=wanted.workflow,
        order_ids=[i for i in ids or () if "\0" not in i],
        text=wanted.text,
        agent=wanted.agent,
        tags=wanted.tags,
        order_date=wanted.date,
        parent=wanted.parent or None,
        is_live=wanted.live,
        since=wanted.since,
        until=wanted.until,
    )


def page_of(account: Account, wanted: Wanted, cursor: str | None) -> Page:
    """Return a page of the list; nothing while the filter cannot be read.

    Raises:
        CursorUnreadable: the cursor is not one of this list.
    """
    if wanted.problems:
        return Page([], None, None)
    selected, order_filter = selection(account, wanted)
    return queries.order_runs(selected, order_filter, cursor=cursor, limit=ROWS)


def chips(request: HttpRequest, account: Account, wanted: Wanted) -> list[Chip]:
    """Return the states with maintained counts; counts stand only where they say the truth."""
    counts = counts_of(account, wanted.workflow)
    restricted = wanted != Wanted(workflow=wanted.workflow, groups=wanted.groups)
    shown = SHOWN_GROUPS | {group for group, count in counts.items() if count}
    return [
        Chip(
            state,
            None if restricted else counts.get(state, 0),
            state in wanted.groups,
            _switched(request, state, wanted),
        )
        for state in GROUPS
        if state in shown
    ]


def counts_of(account: Account, workflow: str = "") -> dict[str, int]:
    """Return how many orders are in each group."""
    controller = settings.STELLWERK_CONTROLLER_ID
    return queries.counts_by_group(rows(GroupCount, account), controller, workflow=workflow)


def _switched(request: HttpRequest, state: str, wanted: Wanted) -> str:
    query = [(k, v) for k, v in _pairs(request) if k not in ("state", "cursor", "sel")]
    chosen = {s for value in request.GET.getlist("state") for s in value.split(",")} & set(GROUPS)
    chosen ^= {state}
    return with_query([*query, ("state", ",".join(g for g in GROUPS if g in chosen))]) or "?"


def around(request: HttpRequest, cursor: str | None) -> str:
    """Return the address of the page with a cursor, empty without one."""
    if cursor is None:
        return ""
    query = [(k, v) for k, v in _pairs(request) if k not in ("cursor", "sel")]
    return with_query([*query, ("cursor", cursor)])


def upto(account: Account) -> int:
    """Return up to which journal number the history is followed.

    A page asks before it reads anything else: what changes while it reads is then told to it.
    """
    found = rows(FeedPosition, account).filter(
        controller=settings.STELLWERK_CONTROLLER_ID, follower="history"
    )
    return found.values_list("no", flat=True).first() or 0


def empty(account: Account, query: str, wanted: Wanted) -> dict[str, str]:
    """Return which of three texts an empty list shows."""
    if not may(account, Verb.LOOK):
        return {"kind": "no-permission", "title": "Nothing you may see"}
    if query or wanted.groups:
        return {"kind": "no-match", "title": "No order matches"}
    return {"kind": "nothing-yet", "title": "No orders yet"}


def _pairs(request: HttpRequest) -> list[tuple[str, str]]:
    return [(name, value) for name, values in request.GET.lists() for value in map(str, values)]
