"""`/plan/DATE/orders/ID/`: one planned order with what it is given, and the starts of a cycle."""

from datetime import UTC, date, datetime

from django.http import Http404, HttpRequest, HttpResponse

from cockpit.access.account import Actor
from cockpit.access.gate import rows
from cockpit.access.policy import Verb, may_at
from cockpit.api.plan.orders import may_see
from cockpit.pages.door import by_htmx, page, render
from cockpit.pages.plan_dialogs import plan_offers
from cockpit.pages.plan_lines import plan_lines
from cockpit.pages.plan_places import day_at
from dailyplan.models import ForecastOrder
from dailyplan.plan_settings import kept
from dailyplan.selecting import rows_named


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
        "variables": line.seen.variables,
        "here": request.get_full_path(),
    }
    is_drawer = by_htmx(request)
    return render(request, actor, "plan/drawer.html" if is_drawer else "plan/order.html", context)


def _forecast(actor: Actor, order_id: str) -> ForecastOrder | None:
    found = rows(ForecastOrder, actor.account).filter(order_id=order_id, child=False)
    return found.defer("body").first()
