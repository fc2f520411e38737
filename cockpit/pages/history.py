"""`/history/orders/` and `/history/jobs/`: what has been, newest first."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from msgspec.structs import replace

from cockpit.access.account import Actor
from cockpit.access.gate import rows
from cockpit.access.policy import Account
from cockpit.pages.addresses import with_query
from cockpit.pages.door import page, refusal, render
from cockpit.pages.filtering import JOB_KEYS, JOB_STATES, Wanted, read_filter
from cockpit.pages.order_lines import lines_of
from cockpit.pages.orders import ROWS, Chip, around, filter_of, page_of
from cockpit.pages.steps import steps_of
from history import queries
from history.keyset import CursorUnreadable, Page
from history.models import JobRun

ENDED = ("finished", "failed", "cancelled")


@page()
def history_orders(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Show orders that have ended, or that failed and still wait for somebody."""
    wanted = filter_of(request)
    shown = wanted if wanted.groups else replace(wanted, groups=ENDED)
    try:
        found = page_of(actor.account, shown, request.GET.get("cursor") or None)
    except CursorUnreadable:
        return refusal(request, 400, "The cursor in the address is not one of this list.")
    context = _context(request, wanted, found, ENDED) | {
        "page_title": "Order history",
        "lines": lines_of(actor.account, found.rows),
    }
    return render(request, actor, "history/orders.html", context, 422 if wanted.problems else 200)


@page()
def history_jobs(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Show job runs."""
    wanted = read_filter(
        request.GET.get("q", ""),
        request.GET.getlist("state"),
        now=datetime.now(UTC),
        zone=ZoneInfo(settings.STELLWERK_TIME_ZONE),
        keys=JOB_KEYS,
        known_states=JOB_STATES,
    )
    try:
        found = _jobs(actor.account, wanted, request.GET.get("cursor") or None)
    except CursorUnreadable:
        return refusal(request, 400, "The cursor in the address is not one of this list.")
    context = _context(request, wanted, found, JOB_STATES) | {
        "page_title": "Job history",
        "steps": steps_of(found.rows),  # type: ignore[arg-type]
    }
    return render(request, actor, "history/jobs.html", context, 422 if wanted.problems else 200)


def _jobs(account: Account, wanted: Wanted, cursor: str | None) -> Page:
    if wanted.problems:
        return Page([], None, None)
    job_filter = queries.JobFilter(
        controller=settings.STELLWERK_CONTROLLER_ID,
        states=wanted.groups,
        workflow=wanted.workflow,
        job=wanted.job,
        agent=wanted.agent,
        order_id=wanted.text,
        warned=wanted.warned,
        since=wanted.since,
        until=wanted.until,
    )
    return queries.job_runs(rows(JobRun, account), job_filter, cursor=cursor, limit=ROWS)


def _context(
    request: HttpRequest, wanted: Wanted, found: Page, states: tuple[str, ...]
) -> dict[str, Any]:
    query = request.GET.get("q", "")
    return {
        "q": query,
        "wanted": wanted,
        "filter_state": ",".join(wanted.groups),
        "is_filtered": bool(query or wanted.groups),
        "chips": [_chip(state, query, wanted, states) for state in states],
        "older": around(request, found.older),
        "newer": around(request, found.newer),
    }


def _chip(state: str, query: str, wanted: Wanted, states: tuple[str, ...]) -> Chip:
    chosen = set(wanted.groups) ^ {state}
    url = with_query({"q": query, "state": ",".join(s for s in states if s in chosen)}) or "?"
    return Chip(state, None, state in wanted.groups, url)
