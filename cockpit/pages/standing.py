"""Who is there now: members, leases, links to agents. Knows no request.

The database's clock says how old a beat is, for people to see; nothing is decided by it.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import Count, Q
from django.db.models.functions import Now

from agents.models import Agent
from cluster.models import Lease, Node
from cockpit.access.gate import rows
from cockpit.access.policy import Account
from cockpit.pages.addresses import agent_at
from cockpit.templatetags.times import duration
from controller.models import Link, OrderRow

SILENT_AFTER_S = 6.0
CLOCK_OFF_S = 5.0
"""From here on moments of jobs and admission periods are wrong enough to be told."""


class Member(NamedTuple):
    """A process that can hold a role. `condition` is a word of the state language."""

    node: str
    role: str
    kind: str
    condition: str
    leads: bool
    term: int | None
    beat_at: datetime
    age_s: float
    url: str
    version: str


class AgentStanding(NamedTuple):
    """An agent with its link; `running` counts its jobs, `orders` all that it has.

    `limit` is how many jobs it runs at once at most, whoever says so; None where nobody knows it.
    `clock` tells by how much its clock is wrong, empty where that does no harm.
    """

    id: str
    title: str
    condition: str
    enabled: bool
    problem: str
    seen_at: datetime | None
    joined_at: datetime | None
    process_limit: int | None
    limit: int | None
    running: int
    orders: int
    host: str
    version: str
    clock: str
    href: str


def members(account: Account) -> list[Member]:
    """Return the processes of all roles, cockpits first."""
    leases = {lease.role: lease for lease in rows(Lease, account)}
    nodes = rows(Node, account).annotate(now=Now()).order_by("role", "node")
    return [_member(node, leases.get(node.role)) for node in nodes]


def _member(node: Any, lease: Lease | None) -> Member:
    age_s = max(0.0, (node.now - node.changed_at).total_seconds())
    holds = lease is not None and (lease.holder or "") == f"{node.node}/{node.incarnation}"
    leads = holds and lease is not None and lease.phase in ("active", "draining")
    return Member(
        node=node.node,
        role=node.role,
        kind=node.role.partition(".")[0],
        condition=_condition(node.incarnation, age_s, leads=leads),
        leads=leads,
        term=lease.term if lease is not None and holds else None,
        beat_at=node.changed_at,
        age_s=age_s,
        url=node.url,
        version=node.version,
    )


def _condition(incarnation: str, age_s: float, *, leads: bool) -> str:
    if not incarnation:
        return "stopped"
    if age_s > SILENT_AFTER_S:
        return "lost"
    return "active" if leads else "standby"


def agents(account: Account, ids: Collection[str] | None = None) -> list[AgentStanding]:
    """Return the registered agents with their links: all of them, or those that are named."""
    controller = settings.STELLWERK_CONTROLLER_ID
    found = rows(Agent, account) if ids is None else rows(Agent, account).filter(pk__in=ids)
    links = {link.agent: link for link in rows(Link, account).filter(controller=controller)}
    held = rows(OrderRow, account).filter(controller=controller, agent__isnull=False)
    if ids is not None:
        held = held.filter(agent__in=ids)
    running = Count("order_id", filter=Q(state="Processing"))
    counted = held.values("agent").annotate(n=Count("order_id"), now=running)
    counts = {agent: (n, now) for agent, n, now in counted.values_list("agent", "n", "now")}
    return [_agent(each, links.get(each.id), *counts.get(each.id, (0, 0))) for each in found]


def _agent(agent: Agent, link: Link | None, orders: int, running: int) -> AgentStanding:
    own = link.processes if link else 0
    return AgentStanding(
        id=agent.id,
        title=agent.title,
        condition=_link_condition(agent, link),
        enabled=agent.enabled,
        problem=link.problem if link else "",
        seen_at=link.seen_at if link else None,
        joined_at=agent.joined_at,
        process_limit=agent.process_limit,
        limit=agent.process_limit or own or None,
        running=running,
        orders=orders,
        host=link.host if link else "",
        version=link.version if link else "",
        clock=_clock(link.ahead_us) if link and link.ahead_us is not None else "",
        href=agent_at(agent.id),
    )


def _clock(ahead_us: int) -> str:
    off_s = abs(ahead_us) / 1e6
    if off_s < CLOCK_OFF_S:
        return ""
    return f"{duration(off_s)} {'ahead' if ahead_us > 0 else 'behind'}"


def _link_condition(agent: Agent, link: Link | None) -> str:
    """Return how the link is; a disabled agent has one too, and what is wrong with it counts."""
    if link is None or (link.seen_at is None and link.state == "fresh"):
        return "unknown"
    if link.problem or link.state == "silent":
        return "unreachable"
    if link.state != "coupled":
        return "coupling"
    return "coupled" if agent.enabled else "disabled"
