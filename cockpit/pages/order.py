"""`/orders/ID/`: one order with its tabs, its drawer beside the list, and its tokens."""

from typing import Any, NamedTuple

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.safestring import SafeString, mark_safe

from cockpit import diagram
from cockpit.access.account import Actor
from cockpit.access.failures import NotThere
from cockpit.access.gate import restrict, rows
from cockpit.access.policy import Account, Verb, may_at
from cockpit.api.orders.bodies import OrderSeen
from cockpit.api.orders.load import program_at
from cockpit.api.orders.one import order_seen
from cockpit.pages.addresses import order_at, with_query, workflow_at
from cockpit.pages.audit_lines import entries_about
from cockpit.pages.door import is_part, page, render
from cockpit.pages.family import family_marks, family_of, family_steps
from cockpit.pages.known_facts import bare_orders
from cockpit.pages.order_lines import OrderLine, line_of, lines_of
from cockpit.pages.orders import upto
from cockpit.pages.overlays import overlay_of
from cockpit.pages.plans import plan_seen
from cockpit.pages.resuming import as_json_texts
from cockpit.pages.steps import Step
from cockpit.pages.tokens import tokens_of
from cockpit.pages.verb_dialogs import DIALOGS, Dialog, Offer, offers_of
from cockpit.pages.waits import waits_of
from engine.order.model import Order
from engine.workflow.program import Program
from history import queries
from history.models import OrderRun, OrderRunState

TABS = (
    ("", "Overview"),
    ("path", "Path"),
    ("variables", "Variables"),
    ("log", "Log"),
    ("history", "History"),
    ("audit", "Audit"),
)
MOST_STATES = 500
MOST_CHILDREN = 1_000
SHOWN_CHILDREN = 100


class Found(NamedTuple):
    """An order as the controller and the history know it.

    `run` is None while it is too young, `order` once the controller has it no more.
    """

    seen: OrderSeen
    run: OrderRun | None
    program: Program | None
    order: Order | None


class Child(NamedTuple):
    """A child order as a line; `name` is what its id adds to the parent's."""

    line: OrderLine
    name: str
    verbs: list[tuple[str, Dialog]]


@page()
def order(request: HttpRequest, actor: Actor, order_id: str, tab: str = "") -> HttpResponse:
    """Show one tab of an order; htmx gets the drawer."""
    heard = upto(actor.account)  # before all else: what changes from here on is told
    found = look_up(actor.account, order_id)
    context = _frame(actor, found, tab) | {"upto": heard} | _FILLED[tab](request, actor, found)
    if is_part(request):
        return render(request, actor, "orders/drawer.html", context)
    return render(request, actor, f"orders/tab_{tab or 'overview'}.html", context)


@page()
def order_tokens(request: HttpRequest, actor: Actor, order_id: str) -> HttpResponse:
    """Answer where the order and its children stand, for the diagram."""
    found = look_up(actor.account, order_id)
    answer = {
        "tokens": tokens_of(_family(actor.account, found)),
        "highlights": _marks(actor.account, found, _steps(actor.account, found)),
    }
    return JsonResponse(answer, headers={"Cache-Control": "no-store"})


def look_up(account: Account, order_id: str) -> Found:
    """Return an order with its run and its workflow.

    Raises:
        NotThere: nobody knows the order, or the account may not see it.
    """
    if "\0" in order_id:
        raise NotThere("There is no order like this.")
    seen = order_seen(account, order_id)
    controller = settings.STELLWERK_CONTROLLER_ID
    run = queries.order_run(rows(OrderRun, account), controller, order_id)
    if run is not None and run.workflow != seen.workflow:
        run = None  # the id came again, and the history has not followed yet
    order = bare_orders(account, [order_id]).get(order_id)
    return Found(seen, run, program_at(account, seen.workflow, seen.version), order)


def _frame(actor: Actor, found: Found, tab: str) -> dict[str, Any]:
    seen = found.seen
    return {
        "page_title": seen.id,
        "seen": seen,
        "run": found.run,
        "line": line_of(actor.account, found.run) if found.run else None,
        # A failed order stands still: the controller has it, but its time is over.
        "ended_at": found.run.ended_at if found.run else seen.ended_at,
        "href": order_at(seen.id),
        "workflow_href": workflow_at(seen.workflow),
        "tab": tab,
        "tabs": [(order_at(seen.id, name), text, name == tab) for name, text in TABS],
        "offers": _offers(actor.account, found),
        "waits": waits_of(found.order, seen.reason),
        "plan": plan_seen(actor.account, seen.plan) if seen.plan else None,
        "word": "broken" if seen.state == "Broken" else seen.group,
        "here": order_at(seen.id, tab),
    }


def _offers(account: Account, found: Found) -> list[Offer]:
    if found.order is None or not may_at(account, Verb.OPERATE, found.seen.workflow):
        return []
    return offers_of(found.order)


def _overview(request: HttpRequest, actor: Actor, found: Found) -> dict[str, Any]:
    steps = _steps(actor.account, found)
    return {
        "steps": steps,
        "children": _children(actor.account, found),
        "svg": picture(found.program, _marks(actor.account, found, steps)),
    }


def _children(account: Account, found: Found) -> list[Child]:
    """Return the children as far as they are shown, each with what one may ask of it."""
    if found.run is None:
        return []
    runs = list(queries.children(rows(OrderRun, account), found.run)[:SHOWN_CHILDREN])
    able = may_at(account, Verb.OPERATE, found.seen.workflow)
    return [
        Child(
            line,
            line.run.order_id.removeprefix(found.seen.id),
            [(verb, DIALOGS[verb]) for verb in line.verbs.split() if able and DIALOGS[verb].main],
        )
        for line in lines_of(account, runs)
    ]


def _path(request: HttpRequest, actor: Actor, found: Found) -> dict[str, Any]:
    if found.program is None:
        return {}
    href, path = order_at(found.seen.id), found.program.path
    asked = with_query({"v": found.program.version, "order": found.seen.id})
    return {
        "program": found.program,
        "overlay": way_of(actor.account, found, found.program),
        "topic": f"order:{found.seen.id}",
        "tokens_url": f"{href}tokens/",
        "picture_url": f"{workflow_at(path, 'picture')}{asked}",
    }


def way_of(account: Account, found: Found, program: Program) -> diagram.Overlay:
    """Return what lies over the workflow of an order: what happened to it and its children."""
    standings: dict[str, list[diagram.Standing]] = {}
    for run in _family(account, found):
        one = diagram.Standing(run.group, 1, run.order_id)
        standings.setdefault(run.position, []).append(one)
    over = overlay_of(account, program)
    marked = _marks(account, found, _steps(account, found))
    return over._replace(orders=standings, highlights=marked)


def _family(account: Account, found: Found) -> list[OrderRun]:
    """Return the order and its children, as far as they are under way."""
    if found.run is None:
        return []
    children = family_of(account, found.run).filter(live=True)[:MOST_CHILDREN]
    return [run for run in (found.run, *children) if run.live]


def _variables(request: HttpRequest, actor: Actor, found: Found) -> dict[str, Any]:
    seen = found.seen
    changed_by = [
        (result.label or result.job or result.position, as_json_texts(result.values))
        for result in seen.results
    ]
    return {"effective": as_json_texts(seen.variables), "arguments": as_json_texts(seen.arguments),
            "results": changed_by}  # fmt: skip


def _log(request: HttpRequest, actor: Actor, found: Found) -> dict[str, Any]:
    steps = _steps(actor.account, found)
    wanted = request.GET.get("step", "")
    chosen = next((s for s in steps if str(s.run.no) == wanted), None)
    failed = next((s for s in reversed(steps) if s.state == "failed"), None)
    return {"steps": steps, "chosen": chosen or failed or (steps[-1] if steps else None)}


def _history(request: HttpRequest, actor: Actor, found: Found) -> dict[str, Any]:
    states: list[OrderRunState] = []
    if found.run is not None:
        states = list(restrict(queries.states(found.run), actor.account)[:MOST_STATES])
    return {"states": states, "most": MOST_STATES}


def _audit(request: HttpRequest, actor: Actor, found: Found) -> dict[str, Any]:
    return {"entries": entries_about(actor.account, "order", found.seen.id)}


_FILLED = {
    "": _overview,
    "path": _path,
    "variables": _variables,
    "log": _log,
    "history": _history,
    "audit": _audit,
}


def _steps(account: Account, found: Found) -> list[Step]:
    return family_steps(account, found.run) if found.run is not None else []


def _marks(account: Account, found: Found, steps: list[Step]) -> dict[str, str]:
    return family_marks(account, found.run, steps) if found.run is not None else {}


def picture(program: Program | None, marks: dict[str, str]) -> SafeString | None:
    """Return the diagram of the order's workflow with what has happened so far."""
    if program is None:
        return None
    # The diagram escapes every text of the workflow itself.
    over = diagram.Overlay(highlights=marks)
    return mark_safe(diagram.draw(program.workflow, overlay=over))  # noqa: S308
