"""`/plan/DATE/orders/ID/`: one planned order with what it is given, and the starts of a cycle."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse

from cockpit.access.account import Actor
from cockpit.access.gate import rows
from cockpit.access.policy import Verb, may_at
from cockpit.api.orders.load import current_version, program_at
from cockpit.api.plan.orders import may_see
from cockpit.pages.door import page, render
from cockpit.pages.plan_dialogs import plan_offers
from cockpit.pages.plan_lines import plan_lines
from cockpit.pages.plan_places import day_at
from dailyplan.models import ForecastOrder
from dailyplan.plan_settings import kept
from dailyplan.selecting import rows_named
from engine.order.secret import HIDDEN, is_sealed


@page()
def planned_order(request: HttpRequest, actor: Actor, day: date, order_id: str) -> HttpResponse:
    """Show a planned order, as a page or in the drawer of a list."""
    config, now = kept().config, datetime.now(UTC)
    row = rows_named([order_id]).get(order_id) if "\0" not in order_id else None
    if row is None or row.day != day or not may_see(actor.account, [row]):
        raise Http404(f"There is no planned order {order_id}.")
    (line,) = plan_lines(actor.account, [row], config, now)
    (line,) = plan_lines(actor.account, [row], config, now, opened=line.seen.id)
    operates = may_at(actor.account, Verb.OPERATE, line.seen.workflow)
    context = {
        "page_title": line.seen.name,
        "line": line,
        "seen": line.seen,
        "day": day,
        "day_href": day_at(day),
        "zone": config.time_zone,
        "offers": plan_offers(row) if operates else [],
        "forecast": _forecast(actor, line.seen.id),
        "path_href": day_at(day, view="timeline", path=line.seen.id),
        "variables": _variables(actor, line.seen.workflow, line.seen.variables),
        "here": request.get_full_path(),
    }
    is_drawer = request.headers.get("HX-Request") == "true"
    return render(request, actor, "plan/drawer.html" if is_drawer else "plan/order.html", context)


def _forecast(actor: Actor, order_id: str) -> ForecastOrder | None:
    found = rows(ForecastOrder, actor.account).filter(order_id=order_id, child=False)
    return found.defer("body").first()


def _variables(actor: Actor, path: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the variables; those that the workflow declares as secret are hidden."""
    version = current_version(actor.account, path)
    program = program_at(actor.account, path, version) if version else None
    preparation = program.workflow.order_preparation if program else None
    declared = preparation.parameters if preparation else {}
    return {
        name: HIDDEN if is_sealed(value) or (name in declared and declared[name].secret) else value
        for name, value in values.items()
    }
