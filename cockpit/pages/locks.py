"""`/resources/locks/`: the locks with their holders and queues."""

from django.http import HttpRequest, HttpResponse

from cockpit.access.account import Actor
from cockpit.access.policy import Verb, may_at
from cockpit.api.resources.locks import LockSeen, lock_seen, read_cursor
from cockpit.pages.addresses import lock_at, object_at, order_at, with_query, workflow_at
from cockpit.pages.door import page, render
from cockpit.pages.lock_lines import KIND, deployed, lock_lines
from cockpit.pages.orders import upto
from cockpit.pages.resources import listed

ROWS = 100
QUEUED = 50


@page()
def locks(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Show the locks that are deployed."""
    heard = upto(actor.account)
    found = listed(request, deployed(actor.account, KIND), ROWS)
    context = {
        "page_title": "Locks",
        "lines": lock_lines(actor.account, found.rows),
        "q": found.text,
        "next": found.next,
        "first": found.first,
        "upto": heard,
    }
    return render(request, actor, "resources/locks.html", context)


@page()
def lock(request: HttpRequest, actor: Actor, path: str) -> HttpResponse:
    """Show one lock: its limit, who holds it, who waits and in which order."""
    account, heard = actor.account, upto(actor.account)
    given = request.GET.get("after", "")
    cursor = read_cursor(given) if given else None
    after, place = cursor or (None, 0)
    seen = lock_seen(account, path, after=after, place=place, limit=QUEUED)
    context = {
        "page_title": path,
        "path": path,
        "seen": seen,
        "used": seen.limit if seen.taken is None else seen.taken,
        "share": _percent(seen),
        "here": lock_at(path),
        "holders": [
            (each, *_linked(each.order, each.workflow))
            for each in seen.held_by
            if may_at(account, Verb.LOOK, each.workflow)
        ],
        "queue": [
            (each, *_linked(each.order, each.workflow))
            for each in seen.queue
            if may_at(account, Verb.LOOK, each.workflow)
        ],
        "next": with_query({"after": seen.after}) if seen.after else "",
        "first": "?" if given else "",
        "users": [(each, workflow_at(each)) for each in seen.workflows],
        "edit_href": object_at(KIND, path),
        "upto": heard,
    }
    return render(request, actor, "resources/lock.html", context)


def _linked(order: str, workflow: str) -> tuple[str, str]:
    return order_at(order), workflow_at(workflow)


def _percent(seen: LockSeen) -> int:
    if seen.taken is None or not seen.limit:
        return 100
    return min(100, 100 * seen.taken // seen.limit)
