"""What is known about an object beside its text: who uses whom, and its versions."""

from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from cockpit.access.account import Actor
from cockpit.access.failures import NotThere
from cockpit.access.gate import require_at, restrict
from cockpit.access.policy import Verb
from cockpit.api.inventory.audited import record_changes
from cockpit.api.inventory.references import references_seen
from cockpit.pages.addresses import object_at
from cockpit.pages.asking import reason_of, told
from cockpit.pages.door import page, render
from cockpit.pages.drafts import item_of, listed, problems_in
from cockpit.pages.jobs_of_template import jobs_of_template
from cockpit.pages.object_head import object_head
from inventory import edit
from inventory.dependencies import needed
from inventory.errors import InventoryRefusal
from inventory.models import Item, Version
from inventory.queries import deployments_of, difference, present_items, versions_of

ROWS = 100


@page()
def references(request: HttpRequest, actor: Actor, kind: str, path: str) -> HttpResponse:
    """Show what an object names, who names it, and what deploying it would need."""
    item = item_of(actor.account, kind, path)
    items = restrict(present_items(), actor.account)
    context = {
        **object_head(actor.account, item, "references"),
        "references": references_seen(items, item),
        **jobs_of_template(actor.account, item),
        "needed": [(ref, object_at(*ref)) for ref in needed([(kind, path)], items)],
        "users_href": f"/inventory/?uses={kind}:{path}",
    }
    return render(request, actor, "inventory/references_page.html", context)


@page()
def versions(request: HttpRequest, actor: Actor, kind: str, path: str) -> HttpResponse:
    """Show the versions of an object and the difference of two, or roll back to one."""
    item = item_of(actor.account, kind, path)
    found = restrict(versions_of(kind, path), actor.account)
    problems: list[dict[str, str]] = []
    if request.method == "POST":
        require_at(actor.account, Verb.EDIT, path)
        try:
            return _roll_back(request, actor, item, found)
        except InventoryRefusal as refused:
            problems = problems_in(refused)
    shown = list(found[:ROWS])
    old, new = _compared(request, shown)
    context = {
        **object_head(actor.account, item, "versions"),
        "versions": shown,
        "old": old,
        "new": new,
        "diff": difference(old, new).splitlines() if old and new else [],
        "deployments": deployments_of(kind, path)[:20],
        "problems": listed(problems),
    }
    return render(request, actor, "inventory/versions.html", context, 422 if problems else 200)


def _compared(request: HttpRequest, shown: list[Version]) -> tuple[Version | None, Version | None]:
    """Return the two versions that are compared: the newest and the one before by themselves."""
    by_id = {version.version: version for version in shown}
    new = by_id.get(request.GET.get("to", ""), shown[0] if shown else None)
    old = by_id.get(request.GET.get("from", ""), shown[1] if len(shown) > 1 else None)
    return old, new


def _roll_back(
    request: HttpRequest, actor: Actor, item: Item, found: QuerySet[Version]
) -> HttpResponse:
    version = found.filter(version=request.POST.get("version", "").replace("\0", "")).first()
    if version is None:
        raise NotThere("There is no such version.")
    with transaction.atomic():
        done = edit.roll_back(item.kind, item.path, version, account=actor.account.name)
        record_changes(actor, [done], reason_of(request))
    text = f"The draft says again what version {version.version[:12]} says; it is not deployed yet."
    return told(request, text, back_to=object_at(item.kind, item.path))
