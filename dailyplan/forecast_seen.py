"""Reading a forecast: bars of a timeline, late orders, the critical path to an order or notice."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence

import msgspec
from django.db.models import F, Q, QuerySet

from dailyplan.forecast_values import Basis, decode
from dailyplan.models import Forecast, ForecastNotice, ForecastOrder
from dailyplan.origin import microseconds
from simulation.forecast.found import OrderForecast, Span
from simulation.forecast.path import CriticalPath, Find, critical_path


class Present(msgspec.Struct, frozen=True):
    """The present forecast: of what moment it is, how far it reaches, what it rests on."""

    made_at: dt.datetime
    since: dt.datetime
    until: dt.datetime
    basis: Basis


class Bar(msgspec.Struct, frozen=True, kw_only=True):
    """An order on a timeline.

    `ends_at` is its usual end and `ends_late_at` the one that one run in twenty exceeds; null:
    not within the forecast, `why` tells. `lane` is the agent at which it runs longest. `parts` are
    what it does, in its order, for bars that show waits apart.
    """

    order_id: str
    workflow: str
    lane: str
    planned_at: dt.datetime | None
    begins_at: dt.datetime | None
    ends_at: dt.datetime | None
    ends_late_at: dt.datetime | None
    deadline_at: dt.datetime | None
    late: bool
    failed: bool
    why: str
    parts: tuple[Span, ...] = ()


def present() -> Present | None:
    """Return what the present forecast rests on, None where there is none."""
    row = Forecast.objects.filter(pk=1).first()
    if row is None:
        return None
    return Present(row.made_at, row.since, row.until, msgspec.convert(row.body, Basis))


def between(
    rows: QuerySet[ForecastOrder], first: dt.datetime, last: dt.datetime
) -> QuerySet[ForecastOrder]:
    """Return the orders that are to run, or wait for their start, between two moments.

    Children are left out. Rows come as the gate lets them through.
    """
    begins = Q(begins_at__lt=last) | Q(begins_at__isnull=True, planned_at__lt=last)
    ends = Q(ends_at__gte=first) | Q(ends_at__isnull=True)
    return rows.filter(begins, ends, child=False).order_by(
        F("begins_at").asc(nulls_last=True), "order_id"
    )


def bars(rows: Iterable[ForecastOrder]) -> list[Bar]:
    """Return rows as bars."""
    return [_bar(row) for row in rows]


def lane_of(spans: Sequence[Span]) -> str:
    """Return the agent at which jobs run longest, empty where none runs."""
    lasting: dict[str, int] = {}
    for one in spans:
        if one.kind == "job" and one.end_us is not None:
            lasting[one.agent] = lasting.get(one.agent, 0) + one.end_us - one.begin_us
    return max(sorted(lasting), key=lambda agent: lasting[agent], default="")


def told(order_id: str) -> OrderForecast | None:
    """Return everything that is foreseen of an order, None where nothing is."""
    row = ForecastOrder.objects.filter(pk=order_id).first()
    return forecast_of(row) if row is not None else None


def forecast_of(row: ForecastOrder) -> OrderForecast:
    """Return a row as the value it was made of."""
    body = decode(bytes(row.body))
    return OrderForecast(
        id=row.order_id,
        workflow=row.workflow,
        spans=body.spans,
        origin=body.origin,
        is_child=row.child,
        scheduled_us=_us(row.planned_at),
        begin_us=_us(row.begins_at),
        end_us=_us(row.ends_at),
        late_end_us=_us(row.ends_late_at),
        deadline_us=_us(row.deadline_at),
        failed=row.failed,
        why=row.why,
        assumed=body.assumed,
    )


def path_to_order(order_id: str) -> CriticalPath | None:
    """Return the critical path to the end of an order, None where it does not end."""
    return critical_path(_finder(), order_id)


def path_to_notice(board: str, key: str) -> CriticalPath | None:
    """Return the critical path to the posting of a notice, None where nobody posts it."""
    found = ForecastNotice.objects.filter(board=board, key=key).first()
    if found is None:
        return None
    return critical_path(_finder(), found.order_id, microseconds(found.at))


def _finder() -> Find:
    known: dict[str, OrderForecast | None] = {}

    def find(order_id: str) -> OrderForecast | None:
        if order_id not in known:
            known[order_id] = told(order_id)
        return known[order_id]

    return find


def workflows_of(order_ids: Iterable[str]) -> Mapping[str, str]:
    """Return the workflows of those of the orders that are in the forecast."""
    found = ForecastOrder.objects.filter(order_id__in=set(order_ids))
    return dict(found.values_list("order_id", "workflow"))


def _bar(row: ForecastOrder) -> Bar:
    spans = decode(bytes(row.body)).spans
    return Bar(
        order_id=row.order_id,
        workflow=row.workflow,
        lane=lane_of(spans),
        planned_at=row.planned_at,
        begins_at=row.begins_at,
        ends_at=row.ends_at,
        ends_late_at=row.ends_late_at,
        deadline_at=row.deadline_at,
        late=row.late,
        failed=row.failed,
        why=row.why,
        parts=spans,
    )


def _us(at: dt.datetime | None) -> int | None:
    return None if at is None else microseconds(at)
