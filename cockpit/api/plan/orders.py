"""`/plan/orders/`: planned orders, one or many."""

from datetime import UTC, datetime

from django.http import Http404, HttpResponse
from rest_framework.request import Request

from cockpit.access.gate import everywhere, rows
from cockpit.access.policy import Account, Verb
from cockpit.api.documented import told
from cockpit.api.plan.bodies import PlannedList, PlannedOne, PlanOrdersQuery
from cockpit.api.plan.seen import planned_seen, starts_seen
from cockpit.api.plan.selecting import plan_filter
from cockpit.api.problem import FieldProblem, as_json, invalid
from cockpit.api.query import read_query
from cockpit.api.view import View
from dailyplan.errors import FilterUnreadable
from dailyplan.models import Parameterisation
from dailyplan.plan_settings import kept
from dailyplan.selecting import Listed, page, rows_named


class PlannedCollection(View):
    """The planned orders."""

    @told(query=PlanOrdersQuery, answers={200: PlannedList})
    def get(self, request: Request) -> HttpResponse:
        """List planned orders by day and start; a cyclic period is one line."""
        query = read_query(request.GET, PlanOrdersQuery)
        config, now = kept().config, datetime.now(UTC)
        wanted = plan_filter(self.account, query, config, now)
        try:
            found = page(wanted, cursor=query.cursor or None, limit=query.limit)
        except FilterUnreadable as unreadable:
            raise invalid([FieldProblem(unreadable.field, str(unreadable))]) from None
        seen = planned_seen(found.rows, self.account, config, now)
        return as_json(PlannedList(seen, found.cursor))


class PlannedOrderOne(View):
    """One planned order."""

    @told(answers={200: PlannedOne})
    def get(self, request: Request, order_id: str) -> HttpResponse:
        """Tell about a planned order; of a cyclic period with all of its starts."""
        config, now = kept().config, datetime.now(UTC)
        row = rows_named([order_id]).get(order_id)
        if row is None or not may_see(self.account, [row]):
            raise Http404(f"There is no planned order {order_id}.")
        (seen,) = planned_seen([row], self.account, config, now)
        return as_json(PlannedOne(order=seen, starts=starts_seen(row, self.account, config, now)))


def may_see(account: Account, found: list[Listed], verb: Verb = Verb.LOOK) -> list[Listed]:
    """Return those of the rows on whose workflows the account may do `verb`."""
    if everywhere(account, verb):
        return found
    numbers = {row.parameterisation for row in found}
    allowed = rows(Parameterisation, account, verb).filter(id__in=numbers)
    mine = set(allowed.values_list("id", flat=True))
    return [row for row in found if row.parameterisation in mine]
