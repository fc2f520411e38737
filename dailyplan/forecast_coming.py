"""The planned orders of a range that the controller does not have yet, cyclic rows expanded.

Only what the planner is going to submit: nobody can foresee what a person will.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping

import msgspec

from dailyplan.cycle import starts_from
from dailyplan.forecast_deadline import deadline_us, deadlines_of
from dailyplan.given import Given
from dailyplan.models import PlannedOrder
from dailyplan.new_orders import given_by_id, new_order
from dailyplan.origin import microseconds, place_of
from dailyplan.plan_settings import PlanConfig
from dailyplan.released import Released
from dailyplan.state import PlanState
from engine.order.requests import NewOrder

BEFORE = dt.timedelta(days=2)
"""So long before today days may still have orders that are to come."""


class Coming(msgspec.Struct, frozen=True):
    """Orders to come by their start; `unsubmitted` are those that only a person would submit."""

    orders: tuple[NewOrder, ...]
    unsubmitted: int
    left_out: int


def read_coming(config: PlanConfig, *, now: dt.datetime, until: dt.datetime, most: int) -> Coming:
    """Return the planned orders that start before a moment and are not submitted."""
    first, last = config.day_of(now - BEFORE), config.day_of(until) + dt.timedelta(days=1)
    rows = PlannedOrder.objects.filter(day__gte=first, day__lte=last, start_at__lt=until)
    planned = rows.filter(state=PlanState.PLANNED)
    found = list(planned.filter(submit=True).order_by("start_at", "origin")[: most + 1])
    found += rows.filter(
        state=PlanState.SUBMITTED, repeat_s__isnull=False, next_at__isnull=False
    ).order_by("next_at", "origin")[: most + 1]
    given = given_by_id(row.parameterisation for row in found)
    orders = sorted(
        (new for row in found for new in _orders(row, given[row.parameterisation], until)),
        key=lambda new: (new.scheduled_us or 0, new.id),
    )
    return Coming(
        tuple(orders[:most]), planned.filter(submit=False).count(), max(0, len(orders) - most)
    )


def _orders(row: PlannedOrder, given: Given, until: dt.datetime) -> Iterator[NewOrder]:
    if row.repeat_s is None or row.end_at is None:
        yield new_order(row.day, row.origin, given, microseconds(row.start_at))
        return
    begin_us, next_at = microseconds(row.start_at), row.next_at or row.start_at
    end_us = min(microseconds(row.end_at), microseconds(until))
    most = (end_us - begin_us) // (max(row.repeat_s, 1) * 1_000_000) + 1
    left_out = row.left_out or ()
    for at_us in starts_from(
        begin_us, end_us, row.repeat_s, left_out, microseconds(next_at), max(most, 0)
    ):
        yield new_order(row.day, row.origin, given, at_us, is_cyclic=True)


def read_deadlines(
    orders: Iterable[tuple[str, int | None]], released: Released, zone: str
) -> Mapping[str, int]:
    """Return the deadlines of planned orders, given by id and planned start."""
    set_by = deadlines_of(released.schedules.values())
    if not set_by:
        return {}
    places = {order_id: (place_of(order_id), start_us) for order_id, start_us in orders}
    days = {place.day for place, _ in places.values() if place is not None}
    rows = PlannedOrder.objects.filter(day__in=days)
    numbers = {(d, o): n for d, o, n in rows.values_list("day", "origin", "parameterisation")}
    texts = {n: set_by.get((g.schedule, g.order_name)) for n, g in _given(numbers.values()).items()}
    found: dict[str, int] = {}
    for order_id, (place, start_us) in places.items():
        text = texts.get(numbers.get((place.day, place.origin), 0)) if place is not None else None
        if text and start_us is not None:
            found[order_id] = deadline_us(text, start_us, zone)
    return found


def _given(numbers: Iterable[int]) -> Mapping[int, Given]:
    return given_by_id(set(numbers))
