"""Closing a plan to new orders and notices, and opening it again, wherever a plan is named."""

from typing import NamedTuple

from django.http import HttpRequest, HttpResponse

from cockpit.access.account import Actor
from cockpit.access.gate import require_at
from cockpit.access.policy import Account, Verb, may_at
from cockpit.api.orders.preview_objects import preview_of_plan
from cockpit.api.problem import Refusal
from cockpit.audit import Deed
from cockpit.pages.addresses import with_query
from cockpit.pages.asking import ask, operation_at, told
from cockpit.pages.door import by_htmx, leave_to, own_address, page, render
from cockpit.pages.known_facts import facts_of
from engine.facts import PlanState
from engine.order.requests import ChangePlan

SHOWN = 50
_SUBMITS = {"close": "Close the plan", "open": "Open the plan"}


class PlanSeen(NamedTuple):
    """A plan where it is named; `verb` is what may be done to it, empty where nothing may."""

    id: str
    is_closed: bool
    verb: str
    href: str


def plan_seen(account: Account, plan: str) -> PlanSeen:
    """Return a plan as pages name it."""
    state = facts_of(account, [("plan", plan, "")]).get(("plan", plan, ""))
    is_closed = isinstance(state, PlanState) and state.closed
    verb = "open" if is_closed else "close"
    href = f"/plan/-/{verb}/" + with_query({"plan": plan})
    # A plan lies in no folder: who changes it has to be allowed everywhere.
    return PlanSeen(plan, is_closed, verb if may_at(account, Verb.OPERATE, "") else "", href)


@page(Verb.OPERATE)
def change_plan(request: HttpRequest, actor: Actor, verb: str) -> HttpResponse:
    """Show what closing or opening a plan does, or ask for it."""
    require_at(actor.account, Verb.OPERATE, "")
    given = request.POST if request.method == "POST" else request.GET
    plan = given.get("plan", "").strip()
    back_to = own_address(given.get("next", ""), "/orders/")
    if request.method != "POST":
        return _form(request, actor, verb, plan=plan, back_to=back_to)
    asked = ChangePlan(plan, closed=verb == "close")
    deed = Deed(verb=f"{verb}-plan", kind="plan", objects=[plan])
    command, answer = ask(request, actor, asked, deed=deed)
    if answer is None:
        return leave_to(request, operation_at(command, back_to))
    if answer.ok:
        done = "closed" if verb == "close" else "open"
        return told(request, f"Plan {plan} is {done}.", back_to=back_to)
    refused = answer.answers[0].sentence
    return _form(request, actor, verb, plan=plan, back_to=back_to, refused=refused)


def _form(
    request: HttpRequest, actor: Actor, verb: str, *, plan: str, back_to: str, refused: str = ""
) -> HttpResponse:
    given = request.POST if request.method == "POST" else request.GET
    context = {
        "page_title": f"{_SUBMITS[verb]} {plan}".strip(),
        "verb": verb,
        "plan": plan,
        "action": f"/plan/-/{verb}/",
        "submit_text": _SUBMITS[verb],
        "keep_text": "Leave it",
        "problems": [{"text": refused, "place": "plan"}] if refused else [],
        "back": back_to,
        "comment": given.get("comment", ""),
        "ticket": given.get("ticket", ""),
        "fields": "cockpit/plan/change_fields.html",
        **_effects(actor.account, ChangePlan(plan, closed=verb == "close")),
    }
    in_dialog = by_htmx(request)
    template = "parts/form_dialog.html" if in_dialog else "parts/form_page.html"
    return render(request, actor, template, context, 409 if refused else 200)


def _effects(account: Account, asked: ChangePlan) -> dict[str, object]:
    """Return what the verb would mean for the plan's orders; nothing where there is no plan."""
    try:
        seen = preview_of_plan(account, asked)
    except Refusal:
        return {}
    shown = seen.orders[:SHOWN]
    return {
        "seen": seen,
        "lines": [(effect, "") for effect in shown],
        "counts": seen.counts if seen.matched > 1 else [],
        "ids": range(seen.matched),
        "not_shown": seen.matched - len(shown),
    }
