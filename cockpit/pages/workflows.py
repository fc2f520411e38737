"""`/workflows/`: what is deployed, with how many orders of each state are in it."""

from typing import NamedTuple

from django.conf import settings
from django.db.models import Sum
from django.http import HttpRequest, HttpResponse

from cockpit.access.account import Actor
from cockpit.access.gate import rows
from cockpit.access.policy import Account, Verb, may
from cockpit.api.controls import controls
from cockpit.pages.addresses import orders_at, with_query, workflow_at
from cockpit.pages.door import page, render
from controller.models import DeployedItem
from engine.facts import Control
from engine.order.group import GROUPS
from history.models import GroupCount
from inventory.models import Item

ROWS = 100
LIVE_GROUPS = tuple(g for g in GROUPS if g not in ("finished", "cancelled"))


class Counted(NamedTuple):
    """How many orders of a workflow are in a state, and where they are listed."""

    state: str
    number: int
    href: str


class WorkflowLine(NamedTuple):
    """A deployed workflow as a line of the list; `control` is what people have done to it."""

    path: str
    href: str
    title: str
    version: str
    live: list[Counted]
    ended: list[Counted]
    control: Control


@page()
def workflows(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Show the list of deployed workflows."""
    folder = request.GET.get("folder", "").strip("/").replace("\0", "")
    text = request.GET.get("q", "").strip().replace("\0", "")
    after = request.GET.get("after", "").replace("\0", "")
    found = rows(DeployedItem, actor.account).filter(
        controller=settings.STELLWERK_CONTROLLER_ID, kind="workflow", current=True
    )
    if folder:
        found = found.filter(path__startswith=f"{folder}/")
    if text:
        found = found.filter(path__icontains=text)
    if after:
        found = found.filter(path__gt=after)
    page_rows = list(found.order_by("path").values_list("path", "version")[: ROWS + 1])
    shown, more = page_rows[:ROWS], len(page_rows) > ROWS
    query = {"folder": folder, "q": text}
    context = {
        "page_title": "Workflows",
        "lines": lines_of(actor.account, shown),
        "folder": folder,
        "q": text,
        "is_filtered": bool(folder or text),
        "next": with_query({**query, "after": shown[-1][0]}) if more else "",
        "first": (with_query(query) or "?") if after else "",
        "may_look": may(actor.account, Verb.LOOK),
    }
    return render(request, actor, "workflows/list.html", context)


def lines_of(account: Account, found: list[tuple[str, str]]) -> list[WorkflowLine]:
    """Return workflows, given as path and version, with their counts and titles."""
    paths = [path for path, _ in found]
    items = rows(Item, account).filter(kind="workflow", path__in=paths, trashed_at__isnull=True)
    titles = dict(items.values_list("path", "title"))
    counts = _counts(account, paths)
    marks = controls(paths)
    return [
        WorkflowLine(
            path,
            workflow_at(path),
            titles.get(path, ""),
            version[:12],
            _counted(path, counts, LIVE_GROUPS),
            _counted(path, counts, ("finished", "cancelled")),
            marks.get(path, Control()),
        )
        for path, version in found
    ]


def _counts(account: Account, paths: list[str]) -> dict[tuple[str, str], int]:
    found = rows(GroupCount, account).filter(
        controller=settings.STELLWERK_CONTROLLER_ID, workflow__in=paths, child=False
    )
    counted = found.values_list("workflow", "group").annotate(n=Sum("count"))
    return {(path, group): n for path, group, n in counted if n}


def _counted(
    path: str, counts: dict[tuple[str, str], int], groups: tuple[str, ...]
) -> list[Counted]:
    return [
        Counted(group, n, orders_at(state=group, q=f"wf:{path}"))
        for group in groups
        if (n := counts.get((path, group)))
    ]
