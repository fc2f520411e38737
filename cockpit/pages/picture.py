"""`/workflows/PATH/-/picture/`: both faces of a workflow as a part of a page, also to pick a place.

Parameters: `view`, `open`, `fold`, `at` as in `cockpit.diagram.view`, `v` for a version, `order`
for what has happened to an order, `pick=resume` with `order`, or `pick=start`, to pick a place.
"""

from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse

from cockpit.access.account import Actor
from cockpit.access.failures import NotThere
from cockpit.access.policy import Account
from cockpit.api.orders.load import orders_now
from cockpit.diagram import outline
from cockpit.pages.addresses import with_query, workflow_at
from cockpit.pages.door import page, render
from cockpit.pages.order import look_up, way_of
from cockpit.pages.overlays import overlay_of
from cockpit.pages.workflow import program_of
from engine.order.resume import boundary, reachable
from engine.position import to_text
from engine.workflow.model import Workflow
from engine.workflow.program import Program
from engine.workflow.walk import walk


@page()
def workflow_picture(request: HttpRequest, actor: Actor, path: str) -> HttpResponse:
    """Answer the faces of a workflow, folded and opened as the address says."""
    order_id, pick = request.GET.get("order", ""), request.GET.get("pick", "")
    version = request.GET.get("v", "")
    program = program_of(actor.account, path, version)
    if order_id and not pick:
        overlay = way_of(actor.account, look_up(actor.account, order_id), program)
    else:
        overlay = overlay_of(actor.account, program)._replace(
            picks=picks_of(actor.account, program, pick, order_id),
            chosen=frozenset(request.GET.getlist("chosen")),
        )
    context = {"workflow": program.workflow, "overlay": overlay, "several": pick == "stop"}
    return render(request, actor, "parts/workflow_part.html", context)


def picks_of(
    account: Account, program: Program, pick: str, order_id: str = ""
) -> Mapping[str, str | None] | None:
    """Return which places may be picked, and for the others why not; None where none is asked for.

    Raises:
        NotThere: there is no such order to be resumed.
    """
    if pick == "resume":
        order = orders_now(account, [order_id]).get(order_id)
        if order is None:
            raise NotThere("There is no order like this.")
        return reachable(program, order)
    if pick == "start":
        return startable(program)
    return stoppable(program) if pick == "stop" else None


def startable(program: Program) -> Mapping[str, str | None]:
    """Return for each place why no order can begin there, None where it can."""
    return {
        to_text(
            visit.position
        ): "An order cannot begin inside of a fork, a lock or consumed notices."
        if boundary(visit.position)
        else None
        for visit in walk(program.workflow)
    }


def stoppable(program: Program) -> Mapping[str, str | None]:
    """Return all places: an order may end, or be stopped, before any of them."""
    return {to_text(visit.position): None for visit in walk(program.workflow)}


def blocks_of(workflow: Workflow) -> list[tuple[str, str]]:
    """Return the blocks that an order may run alone: position, and what they belong to."""
    names = {row.position: row.text for row in outline(workflow) if row.is_place}
    found: dict[str, str] = {}
    for visit in walk(workflow):
        block = visit.position[:-1]
        if block:
            around = to_text(block[:-1])
            found.setdefault(to_text(block), f"{block[-1]} of {names.get(around, around)}")
    return list(found.items())


def picture_at(path: str, **query: str) -> str:
    """Return the address of a workflow's faces."""
    return f"{workflow_at(path, 'picture')}{with_query(query)}"
