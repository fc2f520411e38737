"""`/plan/forecast/` and `/plan/orders/{id}/forecast/`: what orders are going to do."""

import datetime as dt

from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import Http404, HttpResponse
from rest_framework.request import Request

from cockpit import audit
from cockpit.access.gate import rows
from cockpit.access.policy import Verb
from cockpit.api.documented import told
from cockpit.api.plan import forecast_bodies as b
from cockpit.api.plan.forecast_views import Sight, coverage_seen, order_seen, part_seen
from cockpit.api.problem import FieldProblem, as_json, invalid
from cockpit.api.query import read_query
from cockpit.api.view import View
from cockpit.audit import Deed, Reason
from cockpit.services.forecast import ask_for_forecast
from dailyplan import forecast_seen as seen
from dailyplan.models import ForecastOrder
from dailyplan.plan_settings import kept


class PlanForecast(View):
    """The forecast."""

    @told(query=b.ForecastQuery, answers={200: b.ForecastSeen})
    def get(self, request: Request) -> HttpResponse:
        """Tell when orders are going to start and end, with usual durations of their jobs."""
        query = read_query(request.GET, b.ForecastQuery)
        found, present = self._chosen(query), seen.present()
        at = _page(query.cursor)
        page = list(found[at : at + query.limit + 1])
        more, page = len(page) > query.limit, page[: query.limit]
        return as_json(
            b.ForecastSeen(
                made_at=present.made_at if present else None,
                since=present.since if present else None,
                until=present.until if present else None,
                coverage=coverage_seen(present.basis) if present else None,
                orders=[order_seen(bar) for bar in seen.bars(page)],
                cursor=str(at + query.limit) if more else None,
            )
        )

    def _chosen(self, query: b.ForecastQuery) -> QuerySet[ForecastOrder]:
        found = rows(ForecastOrder, self.account)
        if query.workflow:
            found = found.filter(
                Q(workflow=query.workflow) | Q(workflow__endswith=f"/{query.workflow}")
            )
        if query.late:
            found = found.filter(late=True)
        config = kept().config
        if query.date is None:
            first, last = _EVER
        else:
            first, last = config.begin_of(query.date), config.begin_of(query.date + _DAY)
        return seen.between(found, first, last)


class ForecastRecomputing(View):
    """Asks for a new forecast."""

    verbs = {"POST": Verb.OPERATE}

    @told(body=b.AskBody, answers={202: b.Asked})
    def post(self, request: Request) -> HttpResponse:
        """Ask for a new forecast now; otherwise one is made every few minutes."""
        body = self.body(b.AskBody)
        present = seen.present()
        with transaction.atomic():
            audit.record(
                self.actor,
                Deed(verb="forecast-ask", kind="plan", objects=[]),
                Reason(body.comment, body.ticket),
            )
            ask_for_forecast()
        return as_json(b.Asked(made_at=present.made_at if present else None), status=202)


class ForecastPath(View):
    """The critical path to something."""

    @told(query=b.PathQuery, answers={200: b.PathSeen})
    def get(self, request: Request) -> HttpResponse:
        """Tell which jobs and waits determine the end of an order or the posting of a notice."""
        query = read_query(request.GET, b.PathQuery)
        if bool(query.order) == bool(query.board):
            raise invalid([FieldProblem("order", "Give either an order or a board and a key.")])
        if query.order:
            path = seen.path_to_order(query.order)
            name = query.order
        else:
            path = seen.path_to_notice(query.board, query.key)
            name = f"{query.key} of {query.board}" if query.key else query.board
        visible = rows(ForecastOrder, self.account)
        if path is None or not visible.filter(order_id=path.order).exists():
            raise Http404("Nothing that is forecast leads there.")
        return as_json(Sight(self.account).path(path, name))


class PlannedOrderForecast(View):
    """What becomes of one order."""

    @told(answers={200: b.OrderForecastSeen})
    def get(self, request: Request, order_id: str) -> HttpResponse:
        """Tell what an order is going to do, part by part, and what determines its end."""
        row = rows(ForecastOrder, self.account).filter(order_id=order_id).first()
        present = seen.present()
        if row is None or present is None:
            raise Http404(f"Nothing is forecast of an order {order_id}.")
        found, sight = seen.forecast_of(row), Sight(self.account)
        path = seen.path_to_order(order_id)
        (bar,) = seen.bars([row])
        shown = sight.known(span.cause for span in found.spans)
        return as_json(
            b.OrderForecastSeen(
                made_at=present.made_at,
                order=order_seen(bar),
                parts=[part_seen(span, shown) for span in found.spans],
                assumed=list(found.assumed),
                path=sight.path(path, order_id, found.deadline_us) if path else None,
            )
        )


_DAY = dt.timedelta(days=1)
_EVER = (
    dt.datetime.min.replace(tzinfo=dt.UTC, year=1971),
    dt.datetime.max.replace(tzinfo=dt.UTC, year=9_000),
)


def _page(cursor: str) -> int:
    if not cursor:
        return 0
    if not cursor.isascii() or not cursor.isdecimal() or len(cursor) > 9:
        raise invalid([FieldProblem("cursor", f"{cursor!r} is no cursor of this list.")])
    return int(cursor)
