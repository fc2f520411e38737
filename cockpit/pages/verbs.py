"""The dialogs of the verbs on orders: what would happen to each order, then asking for it.

One view for one order and for many: the ids come in the address, or the filter of the list does.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec
from django.http import Http404, HttpRequest, HttpResponse

from cockpit.access.account import Actor
from cockpit.access.policy import Verb
from cockpit.api.orders.acting import previewed, refuse_unreachable
from cockpit.api.orders.preview import Preview
from cockpit.api.orders.verbs import VERBS, VerbBody, VerbKind, body_problems
from cockpit.api.problem import FieldProblem
from cockpit.audit import Deed
from cockpit.pages.addresses import order_at
from cockpit.pages.asking import ask, operation_at, told
from cockpit.pages.door import leave_to, own_address, page, render
from cockpit.pages.orders import filter_of, selection
from cockpit.pages.resuming import Resumption, given_variables, resumption
from engine.order import commands
from engine.order.requests import Answer
from history import queries

MOST = 1_000
SHOWN = 50
COUNT_TYPED_FROM = 50


class Dialog(NamedTuple):
    """How a verb presents itself."""

    title: str
    submit: str
    danger: bool = False
    kill: str = ""
    deep: str = ""


DIALOGS = {
    "resume": Dialog("Resume", "Resume"),
    "continue": Dialog("Continue now", "Continue"),
    "suspend": Dialog(
        "Suspend", "Suspend", kill="End the running job now", deep="The children of a fork too"
    ),
    "priority": Dialog("Change priority", "Change"),
    "cancel": Dialog(
        "Cancel",
        "Cancel orders",
        danger=True,
        kill="End the running job now",
        deep="The children of a fork too",
    ),
}


@page(Verb.OPERATE)
def order_verb(request: HttpRequest, actor: Actor, verb: str) -> HttpResponse:
    """Show what a verb would do to the chosen orders, or ask for it."""
    if verb not in VERBS:
        raise Http404(f"There is no verb {verb}.")
    ids = _chosen(request, actor)
    if request.method == "POST":
        return _ask(request, actor, verb, ids)
    return _dialog(request, actor, verb, ids, ())


def _chosen(request: HttpRequest, actor: Actor) -> list[str]:
    """Return the ids that the request names, or that its filter selects."""
    given = request.POST if request.method == "POST" else request.GET
    if given.get("all"):
        selected, wanted = selection(actor.account, filter_of(request))
        found = queries.filtered_orders(selected, wanted).filter(live=True)
        return list(found.order_by("added_at", "run").values_list("order_id", flat=True)[:MOST])
    ids = [i for i in dict.fromkeys(given.getlist("ids")) if i and "\0" not in i]
    return ids[:MOST]


def _ask(request: HttpRequest, actor: Actor, verb: str, ids: list[str]) -> HttpResponse:
    body, problems = _body(request, VERBS[verb])
    problems += _count_problems(request, ids, body)
    if problems or body is None or not ids:
        return _dialog(request, actor, verb, ids, problems)
    refuse_unreachable(actor.account, ids)
    asked = VERBS[verb].request(body, tuple(ids))
    given = {k: v for k, v in msgspec.to_builtins(asked).items() if k not in ("orders", "type")}
    deed = Deed(verb=verb, kind="order", objects=ids, after=given)
    command, answer = ask(request, actor, asked, deed=deed, objects=len(ids))
    back_to = _back(request, ids)
    if answer is None:
        return leave_to(request, operation_at(command, back_to))
    refused = [a for a in answer.answers if not a.ok]
    if len(ids) == 1 and refused:
        problem = FieldProblem("", refused[0].sentence)
        return _dialog(request, actor, verb, ids, [problem], status=409)
    if refused:
        return leave_to(request, operation_at(command, back_to))
    return told(request, _result(verb, answer), back_to=back_to)


def _dialog(
    request: HttpRequest,
    actor: Actor,
    verb: str,
    ids: list[str],
    problems: Sequence[FieldProblem],
    status: int = 422,
) -> HttpResponse:
    body, _ = _body(request, VERBS[verb])
    asked = VERBS[verb].request(body or _plain(verb), tuple(ids[:SHOWN]))
    seen = _preview(actor, asked)
    context = {
        "page_title": f"{DIALOGS[verb].title} {_many(len(ids))}",
        "verb": verb,
        "dialog": DIALOGS[verb],
        "action": f"/orders/-/{verb}/",
        "danger": DIALOGS[verb].danger,
        "submit_text": DIALOGS[verb].submit,
        "keep_text": "Keep as it is",
        "ids": ids,
        "effects": seen.orders,
        "not_shown": len(ids) - len(seen.orders),
        "accepted": seen.accepted,
        "capped": len(ids) == MOST,
        "problems": [{"text": p.sentence, "place": p.field} for p in problems],
        "back": _back(request, ids),
        "stay": request.GET.get("next", "") or request.POST.get("stay", ""),
        "given": request.POST,
        "comment": request.POST.get("comment", ""),
        "count_typed": len(ids) > COUNT_TYPED_FROM,
        "resumption": _resumption(actor, verb, ids),
    }
    template = "orders/verb_dialog.html" if _in_dialog(request) else "orders/verb_page.html"
    return render(request, actor, template, context, status if problems else 200)


def _preview(actor: Actor, asked: commands.Verb) -> Preview:
    return (
        previewed(actor.account, asked)
        if asked.orders
        else Preview(dry_run=True, accepted=0, refused=0, orders=[])
    )


def _resumption(actor: Actor, verb: str, ids: list[str]) -> Resumption | None:
    return resumption(actor.account, ids[0]) if verb == "resume" and len(ids) == 1 else None


def _plain(verb: str) -> Any:
    kind = VERBS[verb].body
    return kind(priority=0) if verb == "priority" else kind()  # type: ignore[call-arg]


def _body(request: HttpRequest, kind: VerbKind) -> tuple[Any, list[FieldProblem]]:
    """Return what the form says as the body that the API would take, with its problems."""
    problems: list[FieldProblem] = []
    given: dict[str, Any] = {}
    fields = kind.body.__struct_fields__
    for name in ("kill", "deep"):
        if name in fields:
            given[name] = request.POST.get(name) == "1"
    if "priority" in fields:
        given["priority"] = _whole(request.POST.get("priority", "0"), problems)
    if "variables" in fields:
        given["position"] = request.POST.get("position") or None
        variables, found = given_variables(request.POST)
        given["variables"] = variables or None
        problems += found
    body: VerbBody = kind.body(**given)
    return (body, problems + body_problems(body)) if not problems else (None, problems)


def _whole(text: str, problems: list[FieldProblem]) -> int:
    try:
        number = int(text)
    except ValueError:
        number = 2**40
    if not -(2**31) <= number < 2**31:
        problems.append(FieldProblem("priority", "It must be a whole number, as in -10 or 5."))
        return 0
    return number


def _count_problems(
    request: HttpRequest, ids: list[str], body: VerbBody | None
) -> list[FieldProblem]:
    if not ids:
        return [FieldProblem("", "Choose at least one order.")]
    kill = getattr(body, "kill", False) and len(ids) > 1
    if not kill and len(ids) <= COUNT_TYPED_FROM:
        return []
    if request.POST.get("count", "").strip() == str(len(ids)):
        return []
    what = "ends running jobs of" if kill else "concerns"
    return [FieldProblem("count", f"This {what} {len(ids)} orders: type {len(ids)} to confirm.")]


def _back(request: HttpRequest, ids: list[str]) -> str:
    given = request.POST.get("next") or request.GET.get("next") or ""
    return own_address(given, order_at(ids[0]) if len(ids) == 1 else "/orders/")


def _result(verb: str, answer: Answer) -> str:
    first = answer.answers[0]
    if len(answer.answers) == 1:
        return f"{DIALOGS[verb].title}: order {first.id} took it and is {first.state}."
    return f"{DIALOGS[verb].title}: {_many(len(answer.answers))} took it."


def _many(count: int) -> str:
    return "1 order" if count == 1 else f"{count} orders"


def _in_dialog(request: HttpRequest) -> bool:
    return request.headers.get("HX-Request") == "true"
