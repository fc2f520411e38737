"""`/deployments/`: what was handed to the controller, and choosing what is next."""

from typing import Any

from django.http import HttpRequest, HttpResponse

from agents.site_key import SiteKeyUnusable
from cockpit.access.account import Actor
from cockpit.access.gate import fetch_or_refuse, require_at, restrict, rows
from cockpit.access.policy import Account, Verb
from cockpit.pages.addresses import object_at, with_query
from cockpit.pages.deploying import deployed_with_audit
from cockpit.pages.door import leave_to, page, render
from cockpit.pages.inventory import condition_of, line_of
from inventory.answers import settle
from inventory.deploy import deploy, revoke
from inventory.errors import InventoryRefusal
from inventory.models import Deployment, DeploymentObject
from inventory.queries import present_items

ROWS = 50
MOST_CHOICES = 500
LOOKS = {"requested": "waiting", "done": "finished", "refused": "failed"}
_LARGEST = 2**62


@page()
def deployments(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Show the deployments, newest first."""
    before = request.GET.get("before", "")
    found = rows(Deployment, actor.account).order_by("-pk")
    if before.isdecimal() and int(before) < _LARGEST:
        found = found.filter(pk__lt=int(before))
    page_rows = list(found.prefetch_related("objects_of")[: ROWS + 1])
    shown, more = page_rows[:ROWS], len(page_rows) > ROWS
    context = {
        "page_title": "Deployments",
        "lines": [(made, LOOKS[made.state], _named(made)) for made in shown],
        "older": with_query({"before": str(shown[-1].pk)}) if more else "",
        "newest": "?" if before else "",
    }
    return render(request, actor, "deployments/list.html", context)


@page()
def deployment(request: HttpRequest, actor: Actor, number: int) -> HttpResponse:
    """Show one deployment with the controller's answer."""
    found = fetch_or_refuse(
        rows(Deployment, actor.account), actor.account, pk=min(number, _LARGEST)
    )
    made = settle(found)
    objects = rows(DeploymentObject, actor.account).filter(deployment=made)
    said = {answer["id"]: answer for answer in made.answer}
    context = {
        "page_title": f"Deployment {made.pk}",
        "made": made,
        "look": LOOKS[made.state],
        "lines": [(o, object_at(o.kind, o.path), said.get(o.path)) for o in objects],
    }
    return render(request, actor, "deployments/one.html", context)


@page(Verb.DEPLOY)
def new_deployment(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Show what could be deployed, or deploy what is chosen: all of it or nothing."""
    problems: list[dict[str, str]] = []
    chosen = request.POST.getlist("objects")
    act = revoke if request.POST.get("act") == "revoke" else deploy
    if request.method == "POST":
        refs = [(kind, path) for kind, _, path in (name.partition(":") for name in chosen)]
        for _, path in refs:
            require_at(actor.account, Verb.DEPLOY, path)
        try:
            made = deployed_with_audit(request, actor, refs, act)
        except InventoryRefusal as refused:
            problems = [_told(located) for located in refused.problems]
        except SiteKeyUnusable as unusable:
            problems = [{"text": str(unusable), "place": "", "level": "error"}]
        else:
            return leave_to(request, f"/deployments/{made.pk}/")
    context = {
        "page_title": "New deployment",
        "choices": _choices(actor.account),
        "chosen": chosen,
        "problems": problems,
        "comment": request.POST.get("comment", ""),
        "most": MOST_CHOICES,
    }
    return render(request, actor, "deployments/new.html", context, 422 if problems else 200)


def _choices(account: Account) -> dict[str, list[Any]]:
    items = restrict(present_items(), account, Verb.DEPLOY).defer("source")
    found: dict[str, list[Any]] = {"changed": [], "invalid": [], "deployed": []}
    for item in items.order_by("path", "kind")[: 4 * MOST_CHOICES]:
        kind = {"invalid": "invalid", "deployed": "deployed"}.get(condition_of(item)[0], "changed")
        if len(found[kind]) < MOST_CHOICES:
            found[kind].append(line_of(item))
    return found


def _told(located: Any) -> dict[str, str]:
    found = located.problem
    place = f"{located.kind} {located.path}: {found.place}".strip().removesuffix(":")
    return {"text": found.sentence, "place": place, "level": found.severity.value}


def _named(made: Deployment) -> list[tuple[str, str]]:
    return [(o.path, object_at(o.kind, o.path)) for o in made.objects_of.all()[:5]]
