"""Who is there now: members, leases, links to agents. Knows no request.

The database's clock says how old a beat is, for people to see; nothing is decided by it.
"""

from datetime import datetime
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import Count
from django.db.models.functions import Now

from agents.models import Agent
from cluster.models import Lease, Node
from cockpit.access.gate import rows
from cockpit.access.policy import Account
from controller.models import Link, OrderRow

SILENT_AFTER_S = 6.0


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
    """An agent with its link; `running` counts its jobs."""

    id: str
    title: str
    condition: str
    enabled: bool
    problem: str
    seen_at: datetime | None
    joined_at: datetime | None
    process_limit: int | None
    running: int


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


def agents(account: Account) -> list[AgentStanding]:
    """Return the registered agents with their links."""
    controller = settings.STELLWERK_CONTROLLER_ID
    links = {link.agent: link for link in rows(Link, account).filter(controller=controller)}
    counted = rows(OrderRow, account).filter(
        controller=controller, agent__isnull=False, state="Processing"
    )
    running = dict(counted.values("agent").annotate(n=Count("order_id")).values_list("agent", "n"))
    return [_agent(agent, links.get(agent.id), running) for agent in rows(Agent, account)]


def _agent(agent: Agent, link: Link | None, running: dict[Any, int]) -> AgentStanding:
    return AgentStanding(
        id=agent.id,
        title=agent.title,
        condition=_link_condition(agent, link),
        enabled=agent.enabled,
        problem=link.problem if link else "",
        seen_at=link.seen_at if link else None,
        joined_at=agent.joined_at,
        process_limit=agent.process_limit,
        running=running.get(agent.id, 0),
    )


def _link_condition(agent: Agent, link: Link | None) -> str:
    if not agent.enabled:
        return "disabled"
    if link is None:
        return "unknown"
    if link.problem:
        return "unreachable"
    return "coupling" if link.state == "fresh" else link.state
