"""`/deployments/`: what was handed to the controller, and choosing what is next."""

from django.http import HttpRequest, HttpResponse

from cockpit.access.account import Actor
from cockpit.access.gate import fetch_or_refuse, rows
from cockpit.pages.addresses import object_at, with_query
from cockpit.pages.door import page, render
from inventory.answers import settle
from inventory.models import Deployment, DeploymentObject

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


def _named(made: Deployment) -> list[tuple[str, str]]:
    return [(o.path, object_at(o.kind, o.path)) for o in made.objects_of.all()[:5]]
