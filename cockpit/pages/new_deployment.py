"""`/deployments/-/new/`: choosing what is deployed or revoked, seeing what it does, doing it."""

import datetime as dt
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict

from agents.site_key import SiteKeyUnusable
from cockpit.access.account import Actor
from cockpit.access.gate import require_at, restrict
from cockpit.access.policy import Account, Verb
from cockpit.pages.addresses import object_at
from cockpit.pages.chosen_objects import refs_in
from cockpit.pages.deploying import deployed_with_audit
from cockpit.pages.door import leave_to, page, render
from cockpit.pages.inventory import condition_of, line_of
from inventory.dependencies import needed
from inventory.deploy import PlanUpdate, deploy, revoke
from inventory.deployed import Ref
from inventory.errors import InventoryRefusal, Located
from inventory.models import Item
from inventory.preview import Difference, Preview, preview, preview_revocation
from inventory.queries import present_items

MOST_CHOICES = 500
_LOOKS = {
    Difference.NEW: ("draft", "new"),
    Difference.CHANGED: ("draft", "changed"),
    Difference.SAME: ("deployed", "the same"),
    Difference.REVOKED: ("cancelled", "goes"),
    Difference.INVALID: ("invalid", "invalid"),
}


@page(Verb.DEPLOY)
def new_deployment(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Show what could be deployed, what the chosen would do, or do it: all of it or nothing."""
    given = request.POST if request.method == "POST" else request.GET
    refs = refs_in(given.getlist("objects"))
    problems: list[dict[str, str]] = []
    act = given.get("act", "look" if "look" in given else "deploy")
    if request.method == "POST" and act != "look":
        try:
            return _carry_out(request, actor, refs)
        except InventoryRefusal as refused:
            problems = [_told(located) for located in refused.problems]
        except SiteKeyUnusable as unusable:
            problems = [{"text": str(unusable), "place": "", "level": "error"}]
    if given.get("look") and refs:
        return _look(request, actor, refs, problems)
    folder = given.get("folder", "").strip("/").replace("\0", "")
    context = {
        "page_title": "New deployment",
        "choices": _choices(actor.account, folder),
        "folder": folder,
        "chosen": [f"{kind}:{path}" for kind, path in refs],
        "problems": problems,
        "comment": given.get("comment", ""),
        "most": MOST_CHOICES,
    }
    return render(request, actor, "deployments/new.html", context, 422 if problems else 200)


def _carry_out(request: HttpRequest, actor: Actor, refs: list[Ref]) -> HttpResponse:
    act = revoke if request.POST.get("act") == "revoke" else deploy
    taken = set(refs)
    if act is deploy and "with_dependencies" in request.POST:
        taken |= set(needed(refs, restrict(present_items(), actor.account)))
    for _, path in taken:
        require_at(actor.account, Verb.DEPLOY, path)
    made = deployed_with_audit(request, actor, sorted(taken), act, plan_in(request.POST))
    return leave_to(request, f"/deployments/{made.pk}/")


def _look(
    request: HttpRequest, actor: Actor, refs: list[Ref], problems: list[dict[str, str]]
) -> HttpResponse:
    given = request.POST if request.method == "POST" else request.GET
    revoking = given["look"] == "revoke"
    # The first look takes dependencies in; who does not want them takes them out.
    dependent = "with_dependencies" in given or "seen" not in given
    plan = plan_in(given)
    if revoking:
        found = preview_revocation(refs, plan=plan)
    else:
        items = restrict(present_items(), actor.account)
        found = preview(refs, items, with_dependencies=dependent, plan=plan)
    context = {
        "page_title": "Revoke" if revoking else "Deploy",
        "act": "revoke" if revoking else "deploy",
        "found": found,
        "lines": _lines(found),
        "needed": [(ref, object_at(*ref)) for ref in found.needed],
        "concerned": [(user, used, object_at(*user)) for user, used in found.concerned],
        "refs": [f"{kind}:{path}" for kind, path in refs],
        "dependent": dependent and not revoking,
        "plan": plan,
        "problems": problems or [_told(located) for located in found.problems],
        "comment": given.get("comment", ""),
        "ticket": given.get("ticket", ""),
    }
    return render(request, actor, "deployments/preview.html", context, 422 if problems else 200)


def plan_in(given: QueryDict) -> PlanUpdate:
    """Return what a form tells the daily plan; a day that cannot be read is the present one."""
    try:
        since = dt.date.fromisoformat(given.get("update_plan_from", ""))
    except ValueError:
        since = None
    return PlanUpdate(since, "include_late" in given)


def _lines(found: Preview) -> list[tuple[Any, str, str, str]]:
    return [
        (each, object_at(each.kind, each.path), *_LOOKS[each.difference]) for each in found.objects
    ]


def _choices(account: Account, folder: str) -> dict[str, list[Any]]:
    items = restrict(present_items(), account, Verb.DEPLOY).defer("source")
    if folder:
        items = items.within([folder])  # type: ignore[attr-defined]
    found: dict[str, list[Any]] = {"changed": [], "invalid": [], "deployed": []}
    for item in items.order_by("path", "kind")[: 4 * MOST_CHOICES]:
        kind = _group(item)
        if len(found[kind]) < MOST_CHOICES:
            found[kind].append(line_of(item))
    return found


def _group(item: Item) -> str:
    return {"invalid": "invalid", "deployed": "deployed"}.get(condition_of(item)[0], "changed")


def _told(located: Located) -> dict[str, str]:
    found = located.problem
    place = f"{located.kind} {located.path}: {found.place}".strip().removesuffix(":")
    return {"text": found.sentence, "place": place, "level": found.severity.value}
