"""The dialog that adds an order: its workflow, the variables it wants, when it starts."""

from datetime import UTC, datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import msgspec
from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict

from cockpit.access.account import Actor
from cockpit.access.gate import require_at, rows
from cockpit.access.policy import Account, Verb
from cockpit.api.orders.adding import new_orders
from cockpit.api.orders.answering import refusal as refusal_of
from cockpit.api.orders.bodies import OrderBody
from cockpit.api.orders.ids import made_id
from cockpit.api.orders.load import current_version, program_at
from cockpit.api.problem import FieldProblem
from cockpit.api.reading import problems_of
from cockpit.audit import Deed
from cockpit.pages.addresses import order_at
from cockpit.pages.asking import ask, operation_at, told
from cockpit.pages.door import leave_to, own_address, page, render
from cockpit.pages.moments import EXAMPLES, MomentUnreadable, moment_of
from cockpit.pages.parameters import arguments_of, fields_of, takes_more
from controller.models import DeployedItem
from engine.order.add import argument_problems
from engine.order.requests import AddOrders, NewOrder
from engine.workflow.program import Program

MOST_WORKFLOWS = 500


class Reading(NamedTuple):
    """The form as an order, or what is wrong with it."""

    order: NewOrder | None
    problems: list[FieldProblem]


@page(Verb.OPERATE)
def add_order(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Show the form of a new order, or ask for it."""
    given = request.POST if request.method == "POST" else request.GET
    path = given.get("workflow", "").strip().strip("/")
    program = _program(actor.account, path)
    if request.method != "POST" or "choose" in given:
        return _form(request, actor, given, path, program, [])
    require_at(actor.account, Verb.OPERATE, path)
    reading = read_form(given, path, program)
    if reading.order is None:
        return _form(request, actor, given, path, program, reading.problems)
    return _add(request, actor, given, program, reading.order)


def _add(
    request: HttpRequest, actor: Actor, given: QueryDict, program: Program | None, order: NewOrder
) -> HttpResponse:
    deed = Deed(verb="add", kind="order", objects=[order.id], after=order)
    command, answer = ask(request, actor, AddOrders((order,)), deed=deed)
    if answer is None:
        return leave_to(request, operation_at(command, order_at(order.id)))
    if not answer.ok:
        refused = refusal_of(answer.answers[0])
        problems = list(refused.problems) or [FieldProblem("", refused.detail)]
        return _form(request, actor, given, order.workflow, program, problems, refused.status)
    return told(request, f"Order {order.id} is added.", back_to=order_at(order.id))


def read_form(given: QueryDict, path: str, program: Program | None) -> Reading:
    """Return the order that a form describes, or everything that is wrong with it."""
    now, zone = datetime.now(UTC), ZoneInfo(settings.STELLWERK_TIME_ZONE)
    if program is None:
        sentence = f"No workflow {path} is deployed." if path else "Choose a workflow."
        return Reading(None, [FieldProblem("workflow", sentence)])
    preparation = program.workflow.order_preparation
    arguments, problems = arguments_of(preparation, given)
    body: dict[str, Any] = {"workflow": path, "arguments": arguments}
    body |= {name: text for name in ("id", "name") if (text := given.get(name, "").strip())}
    tags = given.get("tags", "").replace(",", " ").split()
    body |= {"tags": tags} if tags else {}
    problems += _scheduled(given, body, now, zone) + _priority(given, body)
    problems += list(problems_of(body, OrderBody))
    problems += _argument_problems(program, arguments, {p.field for p in problems})
    if problems:
        return Reading(None, problems)
    orders, problems = new_orders(
        [msgspec.convert(body, OrderBody)], made_id, now=now, zone=zone, place=""
    )
    return Reading(orders[0] if orders else None, problems)


def _scheduled(
    given: QueryDict, body: dict[str, Any], now: datetime, zone: ZoneInfo
) -> list[FieldProblem]:
    try:
        at = moment_of(given.get("scheduled", ""), now, zone)
    except MomentUnreadable as unreadable:
        return [FieldProblem("scheduled", str(unreadable))]
    if at is not None:
        body["scheduled_for"] = at.isoformat()
    return []


def _priority(given: QueryDict, body: dict[str, Any]) -> list[FieldProblem]:
    text = given.get("priority", "").strip()
    if not text:
        return []
    try:
        body["priority"] = int(text)
    except ValueError:
        return [FieldProblem("priority", "It must be a whole number, as in -10 or 5.")]
    return []


def _argument_problems(
    program: Program, arguments: dict[str, Any], told_of: set[str]
) -> list[FieldProblem]:
    found = (line.partition(": ") for line in argument_problems(program, arguments))
    return [FieldProblem(field, text) for field, _, text in found if field not in told_of]


def _form(
    request: HttpRequest,
    actor: Actor,
    given: QueryDict,
    path: str,
    program: Program | None,
    problems: list[FieldProblem],
    status: int = 422,
) -> HttpResponse:
    preparation = program.workflow.order_preparation if program else None
    context = {
        "page_title": "Add order",
        "action": "/orders/-/add/",
        "submit_text": "Add order",
        "workflows": _workflows(actor.account),
        "path": path,
        "program": program,
        "unknown": bool(path) and program is None,
        "fields": fields_of(preparation, given),
        "takes_more": program is not None and takes_more(preparation),
        "given": given,
        "comment": given.get("comment", ""),
        "problems": [{"text": p.sentence, "place": p.field} for p in problems],
        "day_zone": settings.STELLWERK_TIME_ZONE,
        "examples": EXAMPLES,
        "back": own_address(given.get("next", ""), "/orders/"),
    }
    in_dialog = request.headers.get("HX-Request") == "true"
    template = "orders/add_dialog.html" if in_dialog else "orders/add_page.html"
    return render(request, actor, template, context, status if problems else 200)


def _program(account: Account, path: str) -> Program | None:
    version = current_version(account, path) if path else None
    return program_at(account, path, version) if version else None


def _workflows(account: Account) -> list[str]:
    found = rows(DeployedItem, account, Verb.OPERATE).filter(
        controller=settings.STELLWERK_CONTROLLER_ID, kind="workflow", current=True
    )
    return list(found.order_by("path").values_list("path", flat=True)[:MOST_WORKFLOWS])
