"""`/agents/`: the register of agents, and their links."""

import datetime as dt
from typing import Annotated, Any

import msgspec
from django.conf import settings
from django.db import transaction
from django.db.models import Count
from django.http import HttpResponse
from msgspec import Meta
from rest_framework.request import Request

from agents.join import issue_token
from agents.models import Agent, AgentCluster
from cockpit import audit
from cockpit.access.gate import fetch_or_refuse, rows
from cockpit.access.policy import Account, Verb
from cockpit.api import keep
from cockpit.api.documented import told
from cockpit.api.orders.bodies import Remark, Ticket
from cockpit.api.problem import FieldProblem, Refusal, as_json, invalid
from cockpit.api.view import View
from cockpit.audit import Deed, Reason
from controller.models import Link, OrderRow

AgentId = Annotated[str, Meta(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9][\w.-]*$(?!\n)")]
Title = Annotated[str, Meta(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$(?!\n)")]
_CLUSTERS = "clusters"
ProcessLimit = Annotated[int, Meta(ge=1, le=100_000)]


class AgentBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A new agent."""

    id: AgentId
    title: Title = ""
    process_limit: ProcessLimit | None = None
    comment: Remark = ""
    ticket: Ticket = ""


class AgentChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What changes about an agent; what is left out stays."""

    title: Title | msgspec.UnsetType = msgspec.UNSET
    process_limit: ProcessLimit | msgspec.UnsetType | None = msgspec.UNSET
    comment: Remark = ""
    ticket: Ticket = ""


class AgentReason(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Why something is done."""

    comment: Remark = ""
    ticket: Ticket = ""


class AgentSeen(msgspec.Struct, frozen=True, kw_only=True):
    """An agent and its link. `link` is `coupled` while both sides know each other's numbers.

    `host`, `version` and `own_limit` are what it says of itself; `clock_ahead_s` is by how much its
    clock was ahead of the controller's at its last message.
    """

    id: str
    title: str
    enabled: bool
    process_limit: int | None
    joined_at: dt.datetime | None
    link: str
    problem: str
    seen_at: dt.datetime | None
    orders: int
    host: str
    version: str
    own_limit: int | None
    clock_ahead_s: float | None


class AgentMade(msgspec.Struct, frozen=True, kw_only=True):
    """A new agent; `token` lets it join once and is shown only now."""

    agent: AgentSeen
    token: str | None


class AgentList(msgspec.Struct, frozen=True):
    """All agents by name."""

    agents: list[AgentSeen]


def check_free(account: Account, agent_id: str) -> None:
    """Check that an agent can be registered by this id; clusters are named in the same places.

    Raises:
        Refusal: it is taken.
    """
    if agent_id == _CLUSTERS:
        raise invalid([FieldProblem("id", f"{_CLUSTERS} is an address of its own.")])
    if rows(AgentCluster, account).filter(pk=agent_id).exists():
        raise Refusal(409, "cluster-exists", f"There is a cluster {agent_id} already.")
    if rows(Agent, account).filter(pk=agent_id).exists():
        raise Refusal(409, "agent-exists", f"There is an agent {agent_id} already.")


class AgentView(View):
    """What the views on agents have in common."""

    verbs = {"POST": Verb.ADMINISTER, "PATCH": Verb.ADMINISTER}

    def agent(self, agent_id: str, verb: Verb = Verb.LOOK) -> Agent:
        """Return a registered agent.

        Raises:
            NotThere: there is none.
        """
        pk = agent_id if "\0" not in agent_id else ""
        return fetch_or_refuse(rows(Agent, self.account), self.account, verb, pk=pk)

    def seen(self, agents: list[Agent]) -> list[AgentSeen]:
        """Return agents with their links and how many orders each has."""
        ids = [agent.pk for agent in agents]
        here = {"controller": settings.STELLWERK_CONTROLLER_ID, "agent__in": ids}
        links = {link.agent: link for link in rows(Link, self.account).filter(**here)}
        held = rows(OrderRow, self.account).filter(**here).values_list("agent")
        orders = dict(held.annotate(n=Count("order_id")))
        return [_seen(agent, links.get(agent.pk), orders.get(agent.pk, 0)) for agent in agents]


class AgentCollection(AgentView):
    """The agents."""

    @told(answers={200: AgentList})
    def get(self, request: Request) -> HttpResponse:
        """List the agents by name."""
        return as_json(AgentList(self.seen(list(rows(Agent, self.account).order_by("pk")[:1_000]))))

    @told(body=AgentBody, answers={201: AgentMade}, problems=(409,))
    def post(self, request: Request) -> HttpResponse:
        """Register an agent; the answer has the token with which it joins, once."""
        body = self.body(AgentBody)
        return keep.once(
            request._request,  # noqa: SLF001
            self.actor,
            lambda: self._made(body),
            kept_form=_without_token,
        )

    def _made(self, body: AgentBody) -> HttpResponse:
        check_free(self.account, body.id)
        token = issue_token(body.id)
        fields = {"title": body.title, "process_limit": body.process_limit}
        rows(Agent, self.account, Verb.ADMINISTER).filter(pk=body.id).update(**fields)
        audit.record(
            self.actor,
            Deed(verb="register", kind="agent", objects=[body.id], after=fields),
            Reason(body.comment, body.ticket),
        )
        return as_json(AgentMade(agent=self.seen([self.agent(body.id)])[0], token=token), 201)


class AgentOne(AgentView):
    """One agent."""

    @told(answers={200: AgentSeen})
    def get(self, request: Request, agent_id: str) -> HttpResponse:
        """Tell about an agent."""
        return as_json(self.seen([self.agent(agent_id)])[0])

    @told(body=AgentChange, answers={200: AgentSeen})
    def patch(self, request: Request, agent_id: str) -> HttpResponse:
        """Change an agent's title or process limit."""
        body = self.body(AgentChange)
        given: dict[str, Any] = {"title": body.title, "process_limit": body.process_limit}
        fields = {name: v for name, v in given.items() if v is not msgspec.UNSET}
        if not fields:
            raise invalid([FieldProblem("", "Nothing is to be changed.")])
        self.change("change", agent_id, fields, Reason(body.comment, body.ticket))
        return as_json(self.seen([self.agent(agent_id)])[0])

    def change(self, verb: str, agent_id: str, fields: dict[str, Any], reason: Reason) -> None:
        """Write the fields of an agent, with the audit row."""
        with transaction.atomic():
            agent = self.agent(agent_id, Verb.ADMINISTER)
            before = {name: getattr(agent, name) for name in fields}
            rows(Agent, self.account, Verb.ADMINISTER).filter(pk=agent.pk).update(**fields)
            deed = Deed(verb=verb, kind="agent", objects=[agent.pk], before=before, after=fields)
            audit.record(self.actor, deed, reason)


class AgentSwitch(AgentOne):
    """Enables and disables an agent."""

    http_method_names = ["post", "options"]

    @told(body=AgentReason, answers={200: AgentSeen})
    def post(self, request: Request, agent_id: str, verb: str) -> HttpResponse:
        """Let an agent start jobs, or none until it is enabled again; what runs there ends."""
        body = self.body(AgentReason)

        def act() -> HttpResponse:
            reason = Reason(body.comment, body.ticket)
            self.change(verb, agent_id, {"enabled": verb == "enable"}, reason)
            return as_json(self.seen([self.agent(agent_id)])[0])

        return keep.once(request._request, self.actor, act)  # noqa: SLF001


class AgentToken(AgentView):
    """Issues a joining token anew."""

    @told(body=AgentReason, answers={201: AgentMade})
    def post(self, request: Request, agent_id: str) -> HttpResponse:
        """Return a new joining token; an earlier one ends, the link stays until it is used."""
        body = self.body(AgentReason)

        def act() -> HttpResponse:
            agent = self.agent(agent_id, Verb.ADMINISTER)
            token = issue_token(agent.pk)
            deed = Deed(verb="issue-token", kind="agent", objects=[agent.pk])
            audit.record(self.actor, deed, Reason(body.comment, body.ticket))
            return as_json(AgentMade(agent=self.seen([agent])[0], token=token), 201)

        return keep.once(request._request, self.actor, act, kept_form=_without_token)  # noqa: SLF001


def _without_token(response: HttpResponse) -> HttpResponse:
    made = msgspec.json.decode(response.content, type=AgentMade)
    return as_json(msgspec.structs.replace(made, token=None), response.status_code)


def _seen(agent: Agent, link: Link | None, orders: int) -> AgentSeen:
    return AgentSeen(
        id=agent.pk,
        title=agent.title,
        enabled=agent.enabled,
        process_limit=agent.process_limit,
        joined_at=agent.joined_at,
        link=link.state if link else "never",
        problem=link.problem if link else "",
        seen_at=link.seen_at if link else None,
        orders=orders,
        host=link.host if link else "",
        version=link.version if link else "",
        own_limit=link.processes or None if link else None,
        clock_ahead_s=link.ahead_us / 1e6 if link and link.ahead_us is not None else None,
    )
