"""Writing a forecast: the old one is replaced as a whole, in one transaction."""

import datetime as dt
from collections.abc import Iterator
from itertools import islice

import msgspec

from dailyplan.forecast_values import Basis, Told, encode
from dailyplan.models import Forecast, ForecastNotice, ForecastOrder
from dailyplan.origin import place_of
from dailyplan.statements import Transaction
from dailyplan.tables import moment
from simulation.forecast.found import Forecast as Found
from simulation.forecast.found import OrderForecast

ROWS_AT_ONCE = 1_000


def replace(
    found: Found,
    basis: Basis,
    *,
    made_at: dt.datetime,
    tolerance_s: int,
    transaction: Transaction,
) -> int:
    """Put a forecast in the place of the present one, and return how many rows it has.

    Args:
        found: the forecast.
        basis: what it rests on.
        made_at: the moment.
        tolerance_s: an order that starts later than planned by more than this is late.
        transaction: opens one, fenced where there is a term.
    """
    notices = {(p.board, p.key): p for p in reversed(found.postings)}
    with transaction():
        for model in (Forecast, ForecastOrder, ForecastNotice):
            model.objects.all().delete()
        for piece in _pieces(_rows(found, tolerance_s)):
            ForecastOrder.objects.bulk_create(piece)
        ForecastNotice.objects.bulk_create(
            [
                ForecastNotice(
                    board=p.board, key=_stored(p.key), order_id=p.order, at=moment(p.at_us)
                )
                for p in notices.values()
            ],
            batch_size=ROWS_AT_ONCE,
        )
        Forecast.objects.create(
            pk=1,
            made_at=made_at,
            since=moment(found.now_us),
            until=moment(found.until_us),
            body=msgspec.to_builtins(basis),
        )
    return len(found.orders)


def _pieces(rows: Iterator[ForecastOrder]) -> Iterator[list[ForecastOrder]]:
    while piece := list(islice(rows, ROWS_AT_ONCE)):
        yield piece


def _rows(found: Found, tolerance_s: int) -> Iterator[ForecastOrder]:
    known: set[str] = set()
    for one in found.orders:
        if one.id not in known:
            known.add(one.id)
            yield _row(one, found.now_us, tolerance_s)


def _row(one: OrderForecast, now_us: int, tolerance_s: int) -> ForecastOrder:
    place = place_of(one.id)
    return ForecastOrder(
        order_id=one.id,
        workflow=one.workflow,
        day=place.day if place else None,
        child=one.is_child,
        planned_at=_moment(one.scheduled_us),
        begins_at=_moment(one.begin_us),
        ends_at=_moment(one.end_us),
        ends_late_at=_moment(one.late_end_us),
        deadline_at=_moment(one.deadline_us),
        late=one.misses or _starts_late(one, now_us, tolerance_s),
        failed=one.failed,
        why=_stored(one.why),
        body=encode(Told(one.spans, one.origin, one.assumed)),
    )


def _starts_late(one: OrderForecast, now_us: int, tolerance_s: int) -> bool:
    """Tell whether an order starts late, or should have started and does not."""
    if one.scheduled_us is None or one.is_child:
        return False
    due_us = one.scheduled_us + tolerance_s * 1_000_000
    begin_us = one.begin_us if one.begin_us is not None else max(now_us, due_us)
    return begin_us > due_us


def _moment(at_us: int | None) -> dt.datetime | None:
    return None if at_us is None else moment(at_us)


def _stored(text: str) -> str:
    """Return a text as PostgreSQL takes it: what jobs and expressions say may have NUL in it."""
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}")
