"""`/resources/agents/ID/`: an agent: its link, what runs and waits there, who names it."""

import datetime as dt
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse

from cockpit.access.account import Actor
from cockpit.access.gate import rows
from cockpit.access.policy import Account
from cockpit.api.agent_clusters import AgentClusterSeen, clusters_seen, workflows_using
from cockpit.pages.addresses import orders_at, with_query, workflow_at
from cockpit.pages.audit_lines import entries_about
from cockpit.pages.door import page, render
from cockpit.pages.order_lines import OrderLine, lines_of
from cockpit.pages.orders import upto
from cockpit.pages.standing import AgentStanding
from cockpit.pages.standing import agents as standing_agents
from cockpit.pages.steps import Step, steps_of
from controller.models import OrderRow
from history import queries
from history.models import JobRun, OrderRun

SHOWN = 50
ENDED_SHOWN = 20
CHANGES_SHOWN = 10
USERS_SHOWN = 20
LATELY = dt.timedelta(days=1)


class Running(NamedTuple):
    """An order whose job runs here; `since` is the job's start, None where no row tells it yet."""

    line: OrderLine
    since: dt.datetime | None


class Cluster(NamedTuple):
    """A cluster with those of its agents that are registered, the highest priority first."""

    seen: AgentClusterSeen
    members: list[tuple[AgentStanding, int]]


@page()
def agent(request: HttpRequest, actor: Actor, agent_id: str) -> HttpResponse:
    """Show one agent."""
    account, heard = actor.account, upto(actor.account)
    found = standing_agents(account, [agent_id]) if "\0" not in agent_id else []
    if not found:
        raise Http404(f"There is no agent {agent_id}.")
    running, users = Q(state="Processing"), workflows_using(account).get(agent_id, [])
    context = {
        "page_title": agent_id,
        "agent": found[0],
        "clusters": _clusters(account, agent_id),
        "users": [(path, workflow_at(path)) for path in users[:USERS_SHOWN]],
        "more_users": max(0, len(users) - USERS_SHOWN),
        "running": _running(account, _orders(account, agent_id, running)),
        "waiting": _orders(account, agent_id, ~running),
        "steps": _ended(account, agent_id),
        "orders_href": orders_at(q=f"agent:{agent_id}"),
        "runs_href": "/history/jobs/" + with_query({"q": f"agent:{agent_id}"}),
        "entries": entries_about(account, "agent", agent_id)[:CHANGES_SHOWN],
        "audit_href": "/audit/" + with_query({"kind": "agent", "object": agent_id}),
        "upto": heard,
    }
    return render(request, actor, "resources/agent.html", context)


def _clusters(account: Account, agent_id: str) -> list[Cluster]:
    seen = [c for c in clusters_seen(account) if agent_id in {m.agent for m in c.members}]
    ids = {member.agent for cluster in seen for member in cluster.members}
    known = {each.id: each for each in standing_agents(account, ids)} if ids else {}
    return [
        Cluster(each, [(known[m.agent], m.priority) for m in each.members if m.agent in known])
        for each in seen
    ]


def _orders(account: Account, agent_id: str, which: Q) -> list[OrderLine]:
    """Return orders that the agent has or is to get, who waits there longest first."""
    here = rows(OrderRow, account).filter(
        which, controller=settings.STELLWERK_CONTROLLER_ID, agent=agent_id
    )
    ids = list(here.order_by("changed_no").values_list("order_id", flat=True)[:SHOWN])
    runs: Any = rows(OrderRun, account).filter(
        controller=settings.STELLWERK_CONTROLLER_ID, order_id__in=ids, live=True
    )
    place = {order_id: n for n, order_id in enumerate(ids)}
    return lines_of(account, sorted(runs, key=lambda run: place[run.order_id]))


def _running(account: Account, lines: list[OrderLine]) -> list[Running]:
    """Return the lines with the starts of their jobs."""
    runs = [line.run for line in lines]
    jobs = rows(JobRun, account).filter(
        controller=settings.STELLWERK_CONTROLLER_ID,
        no__in=[run.job_no for run in runs if run.job_no is not None],
        day__in={run.job_day for run in runs if run.job_day is not None},
    )
    starts: dict[int, dt.datetime] = dict(jobs.values_list("no", "started_at"))
    return [Running(line, starts.get(line.run.job_no or 0)) for line in lines]


def _ended(account: Account, agent_id: str) -> list[Step]:
    """Return the newest job runs of the last day that have ended."""
    wanted = queries.JobFilter(
        controller=settings.STELLWERK_CONTROLLER_ID,
        agent=agent_id,
        since=dt.datetime.now(dt.UTC) - LATELY,
        states=("succeeded", "failed", "timedout", "killed", "disrupted"),
    )
    found = queries.job_runs(rows(JobRun, account), wanted, limit=ENDED_SHOWN)
    return steps_of(found.rows)  # type: ignore[arg-type]
