"""`/workflows/PATH/`: one workflow with its live picture, orders, history, versions and audit."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse

from cockpit.access.account import Actor
from cockpit.access.failures import NotThere
from cockpit.access.gate import restrict, rows
from cockpit.access.policy import Account, Verb, may_at
from cockpit.api.controls import control_seen
from cockpit.api.orders.load import current_version, program_at
from cockpit.pages import order_lines
from cockpit.pages.addresses import object_at, orders_at, with_query, workflow_at
from cockpit.pages.audit_lines import entries_about
from cockpit.pages.door import is_part, page, render
from cockpit.pages.instructions import panel_of
from cockpit.pages.orders import upto
from cockpit.pages.overlays import orders_in, overlay_of
from cockpit.pages.transferring import outdated
from cockpit.pages.verb_dialogs import DIALOGS
from cockpit.pages.workflows import lines_of
from engine.workflow.program import Program
from history import queries
from history.models import OrderRun
from inventory.models import Version
from inventory.queries import difference, versions_of

TABS = (
    ("", "Live"),
    ("orders", "Orders"),
    ("history", "History"),
    ("versions", "Versions"),
    ("audit", "Audit"),
)
ROWS = 50
MOST_VERSIONS = 200


@page()
def workflow(request: HttpRequest, actor: Actor, path: str, tab: str = "") -> HttpResponse:
    """Show one tab of a workflow; htmx gets the panel of the selected instruction."""
    program = program_of(actor.account, path, request.GET.get("v", ""))
    if is_part(request) and not tab:
        return _panel(request, actor, program)
    heard = {"upto": upto(actor.account)}
    context = _frame(actor, program, tab) | heard | _FILLED[tab](request, actor, program)
    return render(request, actor, f"workflows/tab_{tab or 'live'}.html", context)


@page()
def workflow_tokens(request: HttpRequest, actor: Actor, path: str) -> HttpResponse:
    """Answer where the orders of a workflow stand, for the diagram."""
    if "\0" in path:
        raise NotThere("There is no workflow like this.")
    tokens = [
        {"position": position, "state": group, "id": first if n == 1 else "", "count": n}
        for position, group, n, first in orders_in(actor.account, path)
    ]
    return JsonResponse({"tokens": tokens}, headers={"Cache-Control": "no-store"})


def program_of(account: Account, path: str, version: str = "") -> Program:
    """Return a deployed workflow in a version, the current one where none is named.

    Raises:
        NotThere: it is not deployed, or the account may not see it.
    """
    wanted = version or (current_version(account, path) if "\0" not in path else None)
    known = wanted and "\0" not in path + wanted
    program = program_at(account, path, wanted) if known and wanted else None
    if program is None:
        raise NotThere(f"No workflow {path} is deployed{' in this version' if version else ''}.")
    return program


def _frame(actor: Actor, program: Program, tab: str) -> dict[str, Any]:
    path = program.path
    line = lines_of(actor.account, [(path, program.version)])[0]
    folder, _, name = path.rpartition("/")
    return {
        "page_title": path,
        "path": path,
        "name": name,
        "folder": folder,
        "program": program,
        "line": line,
        "href": workflow_at(path),
        "edit_href": object_at("workflow", path),
        "tab": tab,
        "tabs": [(workflow_at(path, name), text, name == tab) for name, text in TABS],
        "may_operate": may_at(actor.account, Verb.OPERATE, path),
        "control": control_seen(actor.account, path),
        "outdated": outdated(actor.account, program).count(),
        "newest": current_version(actor.account, path),
        "add_href": "/orders/-/add/" + with_query({"workflow": path}),
    }


def _live(request: HttpRequest, actor: Actor, program: Program) -> dict[str, Any]:
    version = request.GET.get("v", "")
    return {
        "overlay": overlay_of(actor.account, program),
        "topic": f"workflow:{program.path}",
        "tokens_url": workflow_at(program.path, "tokens"),
        "picture_url": workflow_at(program.path, "picture") + with_query({"v": version}),
        "panel_url": workflow_at(program.path) + with_query({"v": version}),
        "orders_url": orders_at(q=f"wf:{program.path}") + "&state={state}",
        "panel": panel_of(actor.account, program, request.GET.get("at", "")),
        "version_asked": version,
        **_marks(actor, program),
    }


def _panel(request: HttpRequest, actor: Actor, program: Program) -> HttpResponse:
    panel = panel_of(actor.account, program, request.GET.get("at", ""))
    context = _marks(actor, program) | {"panel": panel}
    return render(request, actor, "workflows/panel.html", context)


def _marks(actor: Actor, program: Program) -> dict[str, Any]:
    """Return what the panel says of marks at its instruction, and where they are changed."""
    control = control_seen(actor.account, program.path)
    return {
        "may_operate": may_at(actor.account, Verb.OPERATE, program.path),
        "control": control,
        "stopped": [stop.position for stop in control.stops],
        "labels_href": workflow_at(program.path, "labels"),
        "stops_href": workflow_at(program.path, "stops"),
    }


def _orders(request: HttpRequest, actor: Actor, program: Program) -> dict[str, Any]:
    return _listed(actor, program, is_live=True) | {
        "rows_url": "/orders/-/rows/" + with_query({"q": f"wf:{program.path}"}),
        "here": workflow_at(program.path, "orders"),
        "bulk": DIALOGS.items(),
        "empty": {"kind": "nothing-yet", "title": "No order is in this workflow now"},
    }


def _history(request: HttpRequest, actor: Actor, program: Program) -> dict[str, Any]:
    return _listed(actor, program, is_live=False)


def _listed(actor: Actor, program: Program, *, is_live: bool) -> dict[str, Any]:
    wanted = queries.OrderFilter(
        controller=settings.STELLWERK_CONTROLLER_ID, workflow=program.path, is_live=is_live
    )
    found = queries.order_runs(rows(OrderRun, actor.account), wanted, limit=ROWS)
    query = f"wf:{program.path} live:{'yes' if is_live else 'no'}"
    return {
        "lines": order_lines.lines_of(actor.account, found.rows),
        "all_href": orders_at(q=query) if found.older else "",
    }


def _versions(request: HttpRequest, actor: Actor, program: Program) -> dict[str, Any]:
    found = list(restrict(versions_of("workflow", program.path), actor.account)[:MOST_VERSIONS])
    known = {version.version: version for version in found}
    new = known.get(request.GET.get("to", "")) or (found[0] if found else None)
    old = known.get(request.GET.get("from", "")) or _before(found, new)
    return {
        "versions": found,
        "current": current_version(actor.account, program.path),
        "old": old,
        "new": new,
        "diff": difference(old, new).splitlines() if old and new else [],
    }


def _before(found: list[Version], new: Version | None) -> Version | None:
    later = found[found.index(new) + 1 :] if new else []
    return later[0] if later else None


def _audit(request: HttpRequest, actor: Actor, program: Program) -> dict[str, Any]:
    return {"entries": entries_about(actor.account, "workflow", program.path)}


_FILLED = {
    "": _live,
    "orders": _orders,
    "history": _history,
    "versions": _versions,
    "audit": _audit,
}
