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
from cockpit.api.moments import moment_problems
from cockpit.api.orders.adding import new_orders, plan_problems
from cockpit.api.orders.answering import refusal as refusal_of
from cockpit.api.orders.bodies import OrderBody
from cockpit.api.orders.foreseen import foreseen
from cockpit.api.orders.ids import made_id
from cockpit.api.orders.load import current_version, program_at
from cockpit.api.orders.sealing import sealed_orders
from cockpit.api.problem import FieldProblem
from cockpit.api.reading import problems_of
from cockpit.audit import Deed
from cockpit.pages.addresses import order_at
from cockpit.pages.asking import ask, operation_at, told
from cockpit.pages.door import by_htmx, leave_to, own_address, page, render
from cockpit.pages.moments import EXAMPLES, MomentUnreadable, moment_of
from cockpit.pages.overlays import overlay_of
from cockpit.pages.parameters import arguments_of, fields_of, takes_more
from cockpit.pages.picture import blocks_of, picture_at, startable, stoppable
from cockpit.pages.verb_forms import whole_number
from cockpit.pages.zones import ZoneUnknown, offered, zone_named
from controller.models import DeployedItem
from engine.order.add import argument_problems
from engine.order.requests import AddOrders, NewOrder
from engine.workflow.program import Program

MOST_WORKFLOWS = 500
_TEXTS = ("id", "name", "plan", "start_position", "block_position")
_SWITCHES = ("force_admission", "remain")
_PLACES = ("start_position", "stop_positions", "block_position", *_SWITCHES)


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
    reading = read_form(actor.account, given, path, program)
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
        problems = [_placed(p) for p in refused.problems] or [FieldProblem("", refused.detail)]
        return _form(request, actor, given, order.workflow, program, problems, refused.status)
    return told(request, f"Order {order.id} is added.", back_to=order_at(order.id))


def _placed(problem: FieldProblem) -> FieldProblem:
    """Return a problem of the controller at the field of the form that it speaks of."""
    field, colon, sentence = problem.sentence.partition(": ")
    if colon and field.partition("[")[0] in (*_PLACES, "plan"):
        return FieldProblem(field, sentence)
    return problem


def read_form(account: Account, given: QueryDict, path: str, program: Program | None) -> Reading:
    """Return the order that a form describes, or everything that is wrong with it."""
    now, zone = datetime.now(UTC), ZoneInfo(settings.STELLWERK_TIME_ZONE)
    if program is None:
        sentence = f"No workflow {path} is deployed." if path else "Choose a workflow."
        return Reading(None, [FieldProblem("workflow", sentence)])
    problems: list[FieldProblem] = []
    body = _body(given, path, problems)
    body["arguments"], unreadable = arguments_of(program.workflow.order_preparation, given)
    problems += unreadable + _scheduled(given, body, now, zone)
    problems += list(problems_of(body, OrderBody))
    if "plan" in body:
        problems += [FieldProblem(*found) for found in plan_problems(body["plan"])]
    if problems:
        told_of = {p.field for p in problems}
        found = _argument_problems(program, body["arguments"])
        return Reading(None, [*problems, *(p for p in found if p.field not in told_of)])
    orders, problems = new_orders(
        [msgspec.convert(body, OrderBody)], made_id, now=now, zone=zone, place=""
    )
    problems += [p for order in orders for p in foreseen(account, order)]
    if not problems:
        orders, problems = sealed_orders(account, orders, place="")
    return Reading(None, problems) if problems else Reading(orders[0], [])


def _body(given: QueryDict, path: str, problems: list[FieldProblem]) -> dict[str, Any]:
    """Return what the plain fields of a form say, without those that are empty."""
    found: dict[str, Any] = {"workflow": path}
    found |= {name: text for name in _TEXTS if (text := given.get(name, "").strip())}
    found |= {name: True for name in _SWITCHES if given.get(name) == "1"}
    found["tags"] = given.get("tags", "").replace(",", " ").split()
    stops = given.get("stop_positions", "").splitlines()
    found["stop_positions"] = [line.strip() for line in stops if line.strip()]
    priority = given.get("priority", "").strip()
    if priority:
        found["priority"] = whole_number(priority, problems)
    return found


def _scheduled(
    given: QueryDict, body: dict[str, Any], now: datetime, zone: ZoneInfo
) -> list[FieldProblem]:
    try:
        at = moment_of(given.get("scheduled", ""), now, zone_named(given.get("zone"), zone))
    except MomentUnreadable as unreadable:
        return [FieldProblem("scheduled", str(unreadable))]
    except ZoneUnknown as unknown:
        return [FieldProblem("zone", str(unknown))]
    if at is not None:
        body["scheduled_for"] = at.isoformat()
        return [FieldProblem(*found) for found in moment_problems(at, "scheduled")]
    return []


def _argument_problems(program: Program, arguments: dict[str, Any]) -> list[FieldProblem]:
    lines = argument_problems(program, arguments, before_sealing=True)
    found = (line.partition(": ") for line in lines)
    return [FieldProblem(field, text) for field, _, text in found]


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
        "ticket": given.get("ticket", ""),
        "problems": [{"text": p.sentence, "place": p.field} for p in problems],
        "examples": EXAMPLES,
        "back": own_address(given.get("next", ""), "/orders/"),
        **_zones(given, program),
        **(_places(actor.account, given, program) if program else {}),
    }
    in_dialog = by_htmx(request)
    template = "orders/add_dialog.html" if in_dialog else "orders/add_page.html"
    return render(request, actor, template, context, status if problems else 200)


def _zones(given: QueryDict, program: Program | None) -> dict[str, Any]:
    site = settings.STELLWERK_TIME_ZONE
    zones = offered(site, program.workflow.time_zone if program else "")
    return {"zones": zones, "form_zone": given.get("zone") or site}


def _places(account: Account, given: QueryDict, program: Program) -> dict[str, Any]:
    """Return what the pickers of start, stops and block need."""
    over = overlay_of(account, program)
    return {
        "start_overlay": over._replace(picks=startable(program)),
        "stop_overlay": over._replace(picks=stoppable(program)),
        "start_picture": picture_at(program.path, v=program.version, pick="start"),
        "stop_picture": picture_at(program.path, v=program.version, pick="stop"),
        "blocks": blocks_of(program.workflow),
        "opens_places": any(given.get(name) for name in _PLACES),
    }


def _program(account: Account, path: str) -> Program | None:
    version = current_version(account, path) if path else None
    return program_at(account, path, version) if version else None


def _workflows(account: Account) -> list[str]:
    found = rows(DeployedItem, account, Verb.OPERATE).filter(
        controller=settings.STELLWERK_CONTROLLER_ID, kind="workflow", current=True
    )
    return list(found.order_by("path").values_list("path", flat=True)[:MOST_WORKFLOWS])
