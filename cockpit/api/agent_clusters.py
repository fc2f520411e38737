"""`/agents/clusters/`: named sets of agents, of which one gets each job."""

from typing import Annotated, Any

import msgspec
from django.db import transaction
from django.http import HttpResponse
from msgspec import Meta
from rest_framework.request import Request

from agents.models import Agent, AgentCluster, AgentClusterMember
from cockpit import audit
from cockpit.access.failures import NotThere
from cockpit.access.gate import rows
from cockpit.access.policy import Account, Verb
from cockpit.api import keep
from cockpit.api.agents import AgentId, Title
from cockpit.api.documented import told
from cockpit.api.orders.bodies import Remark, Ticket
from cockpit.api.problem import FieldProblem, Refusal, as_json, invalid
from cockpit.api.uses import deployed_relations
from cockpit.api.view import View
from cockpit.audit import Deed, Reason

_NAMED = 5
_MOST_MEMBERS = 1_000
_MEMBERS: list[dict[str, Any]] = [{"agent": "agent-1"}, {"agent": "agent-2", "priority": -1}]
EXAMPLES: dict[str, Any] = {"active and reserve": {"name": "loaders", "members": _MEMBERS}}


class MemberBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An agent of a cluster; of those that are there the highest priority shares the work."""

    agent: AgentId
    priority: Annotated[int, Meta(ge=-(2**31), le=2**31 - 1)] = 0


Members = Annotated[list[MemberBody], Meta(max_length=_MOST_MEMBERS)]


class ClusterBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A new cluster; jobs name it like an agent."""

    name: AgentId
    title: Title = ""
    members: Members = []
    comment: Remark = ""
    ticket: Ticket = ""


class ClusterChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What changes about a cluster; what is left out stays, `members` are replaced as a whole."""

    title: Title | msgspec.UnsetType = msgspec.UNSET
    members: Members | msgspec.UnsetType = msgspec.UNSET
    comment: Remark = ""
    ticket: Ticket = ""


class ClusterReason(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Why a cluster is deleted."""

    comment: Remark = ""
    ticket: Ticket = ""


class MemberSeen(msgspec.Struct, frozen=True, kw_only=True):
    """An agent of a cluster."""

    agent: str
    priority: int
    enabled: bool


class AgentClusterSeen(msgspec.Struct, frozen=True, kw_only=True):
    """A cluster with its agents, the highest priority first, and the workflows that name it."""

    name: str
    title: str
    members: list[MemberSeen]
    workflows: list[str]


class AgentClusterList(msgspec.Struct, frozen=True):
    """All clusters by name."""

    clusters: list[AgentClusterSeen]


def clusters_seen(account: Account, names: list[str] | None = None) -> list[AgentClusterSeen]:
    """Return clusters by name: all of them, or those that are named."""
    found = rows(AgentCluster, account).order_by("pk")
    if names is not None:
        found = found.filter(pk__in=names)
    clusters = list(found[:_MOST_MEMBERS])
    members = rows(AgentClusterMember, account).filter(cluster__in=clusters)
    by_cluster: dict[str, list[MemberSeen]] = {}
    for member in members.select_related("agent").order_by("-priority", "agent_id"):
        seen = MemberSeen(
            agent=member.agent_id, priority=member.priority, enabled=member.agent.enabled
        )
        by_cluster.setdefault(member.cluster_id, []).append(seen)
    using = workflows_using(account)
    return [
        AgentClusterSeen(
            name=cluster.pk,
            title=cluster.title,
            members=by_cluster.get(cluster.pk, []),
            workflows=using.get(cluster.pk, []),
        )
        for cluster in clusters
    ]


def workflows_using(account: Account) -> dict[str, list[str]]:
    """Return the deployed workflows by the agents and clusters that they name."""
    found: dict[str, list[str]] = {}
    for path, known in deployed_relations(account):
        for name in sorted({*known.agents, *known.subagent_clusters}):
            found.setdefault(name, []).append(path)
    return found


class ClusterView(View):
    """What the views on clusters have in common."""

    verbs = dict.fromkeys(("POST", "PATCH", "DELETE"), Verb.ADMINISTER)

    def cluster(self, name: str) -> AgentClusterSeen:
        """Return a cluster.

        Raises:
            NotThere: there is none.
        """
        found = clusters_seen(self.account, [name]) if "\0" not in name else []
        if not found:
            raise NotThere(f"There is no cluster {name}.", "cluster-unknown")
        return found[0]

    def put_members(self, name: str, members: list[MemberBody]) -> None:
        """Replace the members of a cluster.

        Raises:
            Refusal: agents that are not registered, or named twice.
        """
        names = [member.agent for member in members]
        known = set(rows(Agent, self.account).filter(pk__in=names).values_list("pk", flat=True))
        problems = []
        for n, agent in enumerate(names):
            if agent not in known:
                sentence = f"There is no agent {agent}."
                problems.append(FieldProblem(f"members[{n}].agent", sentence, "agent-unknown"))
            elif agent in names[:n]:
                problems.append(FieldProblem(f"members[{n}].agent", f"{agent} is named twice."))
        if problems:
            raise invalid(problems)
        mine = rows(AgentClusterMember, self.account, Verb.ADMINISTER)
        mine.filter(cluster_id=name).delete()
        mine.bulk_create(
            AgentClusterMember(cluster_id=name, agent_id=m.agent, priority=m.priority)
            for m in members
        )


class ClusterCollection(ClusterView):
    """The clusters."""

    @told(answers={200: AgentClusterList})
    def get(self, request: Request) -> HttpResponse:
        """List the clusters by name."""
        return as_json(AgentClusterList(clusters_seen(self.account)))

    @told(body=ClusterBody, answers={201: AgentClusterSeen}, problems=(409,), examples=EXAMPLES)
    def post(self, request: Request) -> HttpResponse:
        """Make a cluster."""
        body = self.body(ClusterBody)
        return keep.once(request._request, self.actor, lambda: self._made(body))  # noqa: SLF001

    def _made(self, body: ClusterBody) -> HttpResponse:
        if rows(Agent, self.account).filter(pk=body.name).exists():
            raise Refusal(409, "agent-exists", f"There is an agent {body.name} already.")
        _, is_new = rows(AgentCluster, self.account, Verb.ADMINISTER).get_or_create(
            pk=body.name, defaults={"title": body.title}
        )
        if not is_new:
            raise Refusal(409, "cluster-exists", f"There is a cluster {body.name} already.")
        self.put_members(body.name, body.members)
        seen = self.cluster(body.name)
        audit.record(
            self.actor,
            Deed(verb="make", kind="agent-cluster", objects=[body.name], after=_audited(seen)),
            Reason(body.comment, body.ticket),
        )
        return as_json(seen, 201)


class ClusterOne(ClusterView):
    """One cluster."""

    @told(answers={200: AgentClusterSeen})
    def get(self, request: Request, name: str) -> HttpResponse:
        """Tell about a cluster."""
        return as_json(self.cluster(name))

    @told(body=ClusterChange, answers={200: AgentClusterSeen})
    def patch(self, request: Request, name: str) -> HttpResponse:
        """Change a cluster's title or its members; jobs that run are not disturbed."""
        body = self.body(ClusterChange)
        if body.title is msgspec.UNSET and body.members is msgspec.UNSET:
            raise invalid([FieldProblem("", "Nothing is to be changed.")])
        with transaction.atomic():
            before = self.cluster(name)
            if body.title is not msgspec.UNSET:
                mine = rows(AgentCluster, self.account, Verb.ADMINISTER)
                mine.filter(pk=name).update(title=body.title)
            if body.members is not msgspec.UNSET:
                self.put_members(name, body.members)
            after = self.cluster(name)
            self._record("change", before, after, Reason(body.comment, body.ticket))
        return as_json(after)

    @told(body=ClusterReason, answers={204: None}, problems=(409,))
    def delete(self, request: Request, name: str) -> HttpResponse:
        """Delete a cluster that no deployed workflow names."""
        body = self.body(ClusterReason)
        with transaction.atomic():
            before = self.cluster(name)
            if before.workflows:
                named = ", ".join(before.workflows[:_NAMED])
                raise Refusal(409, "cluster-in-use", f"Workflows name it: {named}.")
            rows(AgentCluster, self.account, Verb.ADMINISTER).filter(pk=name).delete()
            self._record("delete", before, None, Reason(body.comment, body.ticket))
        return HttpResponse(status=204)

    def _record(
        self, verb: str, before: AgentClusterSeen, after: AgentClusterSeen | None, reason: Reason
    ) -> None:
        deed = Deed(
            verb=verb,
            kind="agent-cluster",
            objects=[before.name],
            before=_audited(before),
            after=_audited(after) if after else None,
        )
        audit.record(self.actor, deed, reason)


def _audited(seen: AgentClusterSeen) -> dict[str, Any]:
    members = {member.agent: member.priority for member in seen.members}
    return {"title": seen.title, "members": members}
