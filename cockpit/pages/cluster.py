"""`/cluster/`: who leads, who stands by, what the background services did, who is linked."""

from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse

from cluster.models import Lease, LeaseEvent, ServiceRun
from cockpit.access.account import Actor
from cockpit.access.gate import rows
from cockpit.pages.door import page, render
from cockpit.pages.standing import agents, members

MOST_EVENTS = 30
MOST_RUNS = 30


@page()
def cluster(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Show the cluster."""
    account = actor.account
    context = {
        "page_title": "Cluster",
        "leases": rows(Lease, account).annotate(now=Now()).order_by("role"),
        "members": members(account),
        "agents": agents(account),
        "events": rows(LeaseEvent, account).order_by("-id")[:MOST_EVENTS],
        "runs": rows(ServiceRun, account).order_by("-started_at")[:MOST_RUNS],
    }
    return render(request, actor, "cluster/cluster.html", context)
