"""`/`: what needs a human first, then what is in flight, who is there, what today brought."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from cockpit.access.account import Actor
from cockpit.access.gate import rows
from cockpit.access.policy import Account
from cockpit.pages.addresses import orders_at, with_query
from cockpit.pages.door import page, render
from cockpit.pages.order_lines import OrderLine, lines_of
from cockpit.pages.orders import counts_of, upto
from cockpit.pages.standing import AgentStanding, Member, agents, members
from cockpit.pages.topology import Box, topology
from history import queries
from history.models import JobRun, OrderRun

URGENT = ("failed", "prompting", "blocked", "suspended")
WITH_SOURCE = ("failed", "suspended")
"""The urgent groups that orders can be in now; the others are shown when they have orders."""
IN_FLIGHT = ("running", "ready", "waiting", "scheduled")
NEWEST = 8
_LOOKED_BACK = 20
MOST_COUNTED = 10_000
_FAILED_JOBS = ("failed", "timedout", "killed", "disrupted")


class Tile(msgspec.Struct, frozen=True):
    """A count and where its list is."""

    state: str
    count: int
    href: str


class Figure(msgspec.Struct, frozen=True):
    """A count of today; `more` is whether counting stopped."""

    text: str
    count: int
    more: bool
    bad: bool
    href: str


@page()
def dashboard(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Show the dashboard."""
    account, heard = actor.account, upto(actor.account)
    counts = counts_of(account)
    urgent = [g for g in URGENT if g in WITH_SOURCE or counts.get(g)]
    known_members, known_agents = members(account), agents(account)
    context = {
        "page_title": "Dashboard",
        "upto": heard,
        "urgent": [_tile(group, counts) for group in urgent],
        "urgent_total": sum(counts.get(g, 0) for g in urgent),
        "urgent_href": orders_at(state=",".join(urgent)),
        "newest": _newest(account, urgent),
        "flying": [_tile(group, counts) for group in IN_FLIGHT],
        "shares": [(group, counts.get(group, 0)) for group in IN_FLIGHT],
        "flying_total": sum(counts.get(g, 0) for g in IN_FLIGHT),
        "flying_href": orders_at(state=",".join(IN_FLIGHT)),
        "has_orders": bool(counts),
        "members": known_members,
        "agents": known_agents,
        "picture": _picture(known_members, known_agents),
        "today": _today(account),
        "day_zone": settings.STELLWERK_TIME_ZONE,
    }
    return render(request, actor, "dashboard/dashboard.html", context)


def _tile(group: str, counts: dict[str, int]) -> Tile:
    return Tile(group, counts.get(group, 0), orders_at(state=group))


def _picture(known_members: list[Member], known_agents: list[AgentStanding]) -> str:
    rows_of_kinds = [
        [Box(m.node, m.condition, _member_text(m)) for m in known_members if m.kind == kind]
        for kind in ("cockpit", "controller")
    ]
    return topology(
        [*rows_of_kinds, [Box(a.id, a.condition, _agent_text(a)) for a in known_agents]]
    )


def _member_text(member: Member) -> str:
    return f"{member.condition}, term {member.term}" if member.leads else member.condition


def _agent_text(agent: AgentStanding) -> str:
    jobs = "1 job" if agent.running == 1 else f"{agent.running} jobs"
    return f"{agent.condition}, {jobs}" if agent.condition == "coupled" else agent.condition


def _newest(account: Account, urgent: list[str]) -> list[tuple[OrderLine, datetime]]:
    wanted = queries.OrderFilter(controller=settings.STELLWERK_CONTROLLER_ID, groups=urgent)
    found = queries.order_runs(rows(OrderRun, account), wanted, limit=NEWEST)
    return [(line, _since(line.run)) for line in lines_of(account, found.rows)]


def _since(run: OrderRun) -> datetime:
    """Return since when an order needs somebody: since it is in its state."""
    since = run.added_at
    for was in queries.states(run).reverse()[:_LOOKED_BACK]:
        if (was.state, was.suspended) != (run.state, run.suspended):
            break
        since = was.at  # a warning repeats the state in which the order is
    return since


def _today(account: Account) -> list[Figure]:
    zone = ZoneInfo(settings.STELLWERK_TIME_ZONE)
    midnight = datetime.now(UTC).astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    controller = settings.STELLWERK_CONTROLLER_ID
    orders = rows(OrderRun, account).filter(
        controller=controller, added_at__gte=midnight, parent__isnull=True
    )
    jobs = rows(JobRun, account).filter(controller=controller, started_at__gte=midnight)
    failed = orders.filter(group="failed"), jobs.filter(state__in=_FAILED_JOBS)
    return [
        _figure("orders finished", orders.filter(group="finished"), "/history/orders/", "finished"),
        _figure("orders failed", failed[0], "/orders/", "failed", bad=True),
        _figure("jobs succeeded", jobs.filter(state="succeeded"), "/history/jobs/", "succeeded"),
        _figure("jobs failed", failed[1], "/history/jobs/", ",".join(_FAILED_JOBS), bad=True),
    ]


def _figure(
    text: str, found: QuerySet[Any], place: str, states: str, *, bad: bool = False
) -> Figure:
    # Counting stops, so that a busy day does not make the page slow.
    count = found.values("day")[: MOST_COUNTED + 1].count()
    href = place + with_query({"state": states, "q": "from:today"})
    return Figure(text, min(count, MOST_COUNTED), count > MOST_COUNTED, bad and count > 0, href)
