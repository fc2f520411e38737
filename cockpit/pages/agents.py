"""`/resources/agents/`: the agents with their links; adding, changing, switching one off and on."""

import re
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse

from agents.join import issue_token
from agents.models import Agent
from cockpit import audit
from cockpit.access.account import Actor
from cockpit.access.gate import fetch_or_refuse, rows
from cockpit.access.policy import Verb
from cockpit.api.agents import check_free
from cockpit.api.problem import Refusal
from cockpit.audit import Deed
from cockpit.pages.addresses import agent_at
from cockpit.pages.asking import reason_of
from cockpit.pages.door import by_htmx, leave_to, own_address, page, render
from cockpit.pages.standing import agents as standing_agents

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_MOST_PROCESSES = 100_000


@page()
def agents(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Show the agents."""
    context = {"page_title": "Agents", "agents": standing_agents(actor.account)}
    return render(request, actor, "resources/agents.html", context)


@page(Verb.ADMINISTER)
def add_agent(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Show the form of a new agent; its token is shown once, in the answer."""
    given = request.POST
    problems: list[dict[str, str]] = []
    if request.method == "POST":
        name, title = given.get("id", "").strip(), given.get("title", "").strip()[:200]
        limit, problems = _limit(given.get("process_limit", "").strip())
        if not _NAME.fullmatch(name):
            problems.append(
                {"place": "Id", "text": "Use letters, digits, dots, - and _ (at most 100)."}
            )
        if not problems:
            try:
                return _shown_once(request, actor, name, _made(request, actor, name, title, limit))
            except Refusal as refused:
                sentence = refused.problems[0].sentence if refused.problems else refused.detail
                problems.append({"place": "Id", "text": sentence})
    return _form(
        request, actor, problems, page_title="Add agent", submit_text="Add agent", given=given,
        action="/resources/agents/-/add/", back="/resources/agents/",
    )  # fmt: skip


@page(Verb.ADMINISTER)
def change_agent(request: HttpRequest, actor: Actor, agent_id: str) -> HttpResponse:
    """Show the form with the title and the limit of an agent, and change them."""
    agent, given, here = _agent(actor, agent_id), request.POST, agent_at(agent_id)
    problems: list[dict[str, str]] = []
    known = {"title": agent.title, "process_limit": agent.process_limit}
    if request.method == "POST":
        limit, problems = _limit(given.get("process_limit", "").strip())
        if not problems:
            wanted = {"title": given.get("title", "").strip()[:200], "process_limit": limit}
            _changed(request, actor, agent.pk, known, wanted)
            return leave_to(request, here)
    return _form(
        request, actor, problems, page_title=f"Change agent {agent_id}", submit_text="Change",
        given=given or {**known, "process_limit": agent.process_limit or ""},
        agent=agent, action=f"{here}-/change/", back=here,
    )  # fmt: skip


def _form(
    request: HttpRequest, actor: Actor, problems: list[dict[str, str]], **context: Any
) -> HttpResponse:
    context |= {"problems": problems, "comment": request.POST.get("comment", "")}
    in_dialog = by_htmx(request)
    template = "resources/add_dialog.html" if in_dialog else "resources/add_page.html"
    return render(request, actor, template, context, 422 if problems else 200)


def _changed(
    request: HttpRequest, actor: Actor, agent_id: str, known: dict[str, Any], wanted: dict[str, Any]
) -> None:
    """Write what of an agent is to be different, with the audit row."""
    after = {name: value for name, value in wanted.items() if value != known[name]}
    if not after:
        return
    before = {name: known[name] for name in after}
    with transaction.atomic():
        rows(Agent, actor.account, Verb.ADMINISTER).filter(pk=agent_id).update(**after)
        deed = Deed(verb="change", kind="agent", objects=[agent_id], before=before, after=after)
        audit.record(actor, deed, reason_of(request))
    messages.success(request, f"Agent {agent_id} is changed.")


@page(Verb.ADMINISTER)
def agent_token(request: HttpRequest, actor: Actor, agent_id: str) -> HttpResponse:
    """Issue a new token for an agent that has to join again; shown once, in the answer."""
    agent = _agent(actor, agent_id)
    if request.method != "POST":
        return leave_to(request, "/resources/agents/")
    with transaction.atomic():
        token = issue_token(agent.pk)
        deed = Deed(verb="issue-token", kind="agent", objects=[agent.pk])
        audit.record(actor, deed, reason_of(request))
    return _shown_once(request, actor, agent.pk, token)


@page(Verb.ADMINISTER)
def switch_agent(request: HttpRequest, actor: Actor, agent_id: str, verb: str) -> HttpResponse:
    """Let an agent start jobs, or none until it is enabled again."""
    agent = _agent(actor, agent_id)
    if request.method == "POST":
        enabled = verb == "enable"
        with transaction.atomic():
            changed = rows(Agent, actor.account, Verb.ADMINISTER).filter(
                pk=agent.pk, enabled=not enabled
            )
            if changed.update(enabled=enabled):
                before, after = {"enabled": not enabled}, {"enabled": enabled}
                deed = Deed(verb=verb, kind="agent", objects=[agent.pk], before=before, after=after)
                audit.record(actor, deed, reason_of(request))
        messages.success(request, f"Agent {agent.pk} is {verb}d.")
    return leave_to(request, own_address(request.POST.get("next", ""), "/resources/agents/"))


def _agent(actor: Actor, agent_id: str) -> Agent:
    if "\0" in agent_id:
        raise Http404
    return fetch_or_refuse(rows(Agent, actor.account), actor.account, Verb.ADMINISTER, pk=agent_id)


def _made(request: HttpRequest, actor: Actor, name: str, title: str, limit: int | None) -> str:
    """Return the token of a new agent.

    Raises:
        Refusal: its name is taken.
    """
    with transaction.atomic():
        check_free(actor.account, name)
        token = issue_token(name)
        fields = {"title": title, "process_limit": limit}
        rows(Agent, actor.account, Verb.ADMINISTER).filter(pk=name).update(**fields)
        deed = Deed(verb="register", kind="agent", objects=[name], after=fields)
        audit.record(actor, deed, reason_of(request))
        return token


def _shown_once(request: HttpRequest, actor: Actor, name: str, token: str) -> HttpResponse:
    context = {"page_title": f"Token of {name}", "name": name, "token": token}
    in_dialog = by_htmx(request)
    template = "resources/token_dialog.html" if in_dialog else "resources/token_page.html"
    return render(request, actor, template, context)


def _limit(text: str) -> tuple[int | None, list[dict[str, str]]]:
    if not text:
        return None, []
    if text.isdecimal() and 0 < int(text[:9]) <= _MOST_PROCESSES:
        return int(text), []
    sentence = f"Give a whole number from 1 to {_MOST_PROCESSES}, or nothing for no limit."
    return None, [{"place": "Most processes at once", "text": sentence}]
