"""`/cluster/`: who leads, who stands by, what the background services did, who is linked."""

import datetime as dt

from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse

from cluster.models import Lease, LeaseEvent, ServiceRun
from cockpit.access.account import Actor
from cockpit.access.gate import rows
from cockpit.access.policy import Account
from cockpit.pages.door import page, render
from cockpit.pages.standing import agents, members

MOST_EVENTS = 30
MOST_FAILED = 10
FAILED_SHOWN = dt.timedelta(days=1)


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
        "runs": [(run, _told(run)) for run in _runs(account)],
    }
    return render(request, actor, "cluster/cluster.html", context)


def _runs(account: Account) -> list[ServiceRun]:
    """Return the last run of each service, then what failed lately.

    Some run each half minute, others once a day: the newest runs of all would hide the latter.
    """
    runs = rows(ServiceRun, account)
    last = list(runs.order_by("service", "-planned_at").distinct("service"))
    failed = runs.filter(started_at__gt=Now() - FAILED_SHOWN).exclude(problem="")
    failed = failed.exclude(pk__in=[run.pk for run in last]).order_by("-started_at")
    return [*last, *failed[:MOST_FAILED]]


def _told(run: ServiceRun) -> str:
    """Return what a run has done; what is 0 says nothing."""
    counts = [f"{name.replace('_', ' ')} {count}" for name, count in run.counts.items() if count]
    return ", ".join(counts) if counts or run.problem or not run.ended_at else "nothing to do"
