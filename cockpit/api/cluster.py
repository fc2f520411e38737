"""`/cluster/`: who acts, who stands by, which services ran, and how agents are linked."""

import datetime as dt
from typing import Any

import msgspec
from django.conf import settings
from django.http import HttpResponse
from rest_framework.request import Request

from cluster.models import Lease, LeaseEvent, Node, ServiceRun
from cockpit.access.gate import rows
from cockpit.api.documented import told
from cockpit.api.problem import as_json
from cockpit.api.view import View
from controller.models import FeedPosition, Link


class LeaseSeen(msgspec.Struct, frozen=True, kw_only=True):
    """A role and who holds it. `beat` rises while the holder lives."""

    role: str
    term: int
    holder: str | None
    phase: str
    intended: str | None
    beat: int
    changed_at: dt.datetime


class NodeSeen(msgspec.Struct, frozen=True, kw_only=True):
    """A process that can hold a role; `running` is false after a clean stop."""

    role: str
    node: str
    running: bool
    leads: bool
    coupled_no: int | None
    beat: int
    changed_at: dt.datetime


class LeaseEventSeen(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened to a role."""

    role: str
    term: int
    kind: str
    who: str
    detail: Any
    at: dt.datetime


class ServiceSeen(msgspec.Struct, frozen=True, kw_only=True):
    """The last occurrence of a background service."""

    service: str
    state: str
    planned_at: dt.datetime
    ended_at: dt.datetime | None
    counts: Any
    problem: str


class FollowerSeen(msgspec.Struct, frozen=True):
    """How far a follower of the journal is."""

    follower: str
    no: int


class LinkSeen(msgspec.Struct, frozen=True, kw_only=True):
    """The two streams between the controller and an agent."""

    agent: str
    state: str
    problem: str
    taken_n: int
    next_n: int
    seen_at: dt.datetime | None


class ClusterSeen(msgspec.Struct, frozen=True, kw_only=True):
    """The whole cluster."""

    leases: list[LeaseSeen]
    nodes: list[NodeSeen]
    services: list[ServiceSeen]
    followers: list[FollowerSeen]
    links: list[LinkSeen]
    events: list[LeaseEventSeen]


class Cluster(View):
    """The cluster."""

    @told(answers={200: ClusterSeen})
    def get(self, request: Request) -> HttpResponse:
        """Tell who holds which role, who stands by, and what happened last."""
        leases = list(rows(Lease, self.account).order_by("role")[:100])
        holders = {(lease.role, lease.holder) for lease in leases}
        controller = settings.STELLWERK_CONTROLLER_ID
        return as_json(
            ClusterSeen(
                leases=[_lease(lease) for lease in leases],
                nodes=[
                    _node(node, holders)
                    for node in rows(Node, self.account).order_by("role", "node")[:500]
                ],
                services=self._services(),
                followers=[
                    FollowerSeen(f.follower, f.no)
                    for f in rows(FeedPosition, self.account).filter(controller=controller)[:100]
                ],
                links=[
                    _link(link)
                    for link in rows(Link, self.account)
                    .filter(controller=controller)
                    .order_by("agent")[:1_000]
                ],
                events=[_event(e) for e in rows(LeaseEvent, self.account).order_by("-id")[:50]],
            )
        )

    def _services(self) -> list[ServiceSeen]:
        last = rows(ServiceRun, self.account).order_by("service", "-planned_at").distinct("service")
        return [
            ServiceSeen(
                service=run.service,
                state=run.state,
                planned_at=run.planned_at,
                ended_at=run.ended_at,
                counts=run.counts,
                problem=run.problem,
            )
            for run in last
        ]


def _lease(lease: Lease) -> LeaseSeen:
    return LeaseSeen(
        role=lease.role,
        term=lease.term,
        holder=lease.holder,
        phase=lease.phase,
        intended=lease.intended,
        beat=lease.beat,
        changed_at=lease.changed_at,
    )


def _node(node: Node, holders: set[tuple[str, str | None]]) -> NodeSeen:
    return NodeSeen(
        role=node.role,
        node=node.node,
        running=bool(node.incarnation),
        leads=(node.role, f"{node.node}/{node.incarnation}") in holders,
        coupled_no=node.coupled_no,
        beat=node.beat,
        changed_at=node.changed_at,
    )


def _link(link: Link) -> LinkSeen:
    return LinkSeen(
        agent=link.agent,
        state=link.state,
        problem=link.problem,
        taken_n=link.taken_n,
        next_n=link.next_n,
        seen_at=link.seen_at,
    )


def _event(event: LeaseEvent) -> LeaseEventSeen:
    return LeaseEventSeen(
        role=event.role,
        term=event.term,
        kind=event.kind,
        who=event.who,
        detail=event.detail,
        at=event.at,
    )
