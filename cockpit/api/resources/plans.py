"""Plans as they are now: closed or open, with the orders of their day that have not ended."""

import datetime as dt

import msgspec
from django.conf import settings
from django.db.models import Count, QuerySet

from cockpit.access.gate import everywhere, rows
from cockpit.access.policy import Account, Verb
from cockpit.api.orders.adding import day_of, plan_id
from cockpit.api.orders.world import RowsWorld
from controller import looking
from dailyplan.counts import count_days, count_late
from dailyplan.plan_settings import kept
from history.models import OrderRun

_MOST = 5_000


class PlanSeen(msgspec.Struct, frozen=True, kw_only=True):
    """A plan; in a closed one no order is added and no notice posted. `orders` have not ended.

    `planned` counts the orders of the daily plan by state, those of cyclic periods singly; `late`
    are rows that started late or have not started, told for one plan alone.
    """

    id: str
    date: str | None
    closed: bool
    orders: int
    planned: dict[str, int] = {}
    late: int | None = None


class PlanList(msgspec.Struct, frozen=True):
    """The plans that are closed, and those that have orders, newest first."""

    plans: list[PlanSeen]


def plan_list(
    account: Account,
    *,
    closed: bool | None = None,
    since: dt.date | None = None,
    until: dt.date | None = None,
) -> PlanList:
    """Return the plans known so far, of all days or of some; `closed` narrows them further."""
    shut = set(looking.closed_plans(settings.STELLWERK_CONTROLLER_ID, limit=_MOST))
    counts = {plan_id(day): n for day, n in _orders_by_day(account).items()}
    planned = _planned(account, since or dt.date.min, until or dt.date.max)
    found = [
        _plan(plan, counts.get(plan, 0), closed=plan in shut, planned=planned.get(plan, {}))
        for plan in {*shut, *counts, *planned}
    ]
    wanted = [
        plan
        for plan in found
        if (closed is None or plan.closed is closed) and _lies(plan.date, since, until)
    ]
    return PlanList(sorted(wanted, key=lambda plan: plan.id, reverse=True))


def plan_seen(account: Account, plan: str) -> PlanSeen:
    """Return one plan; one that nobody has touched is open and has no orders."""
    rows_now = RowsWorld()
    closed = rows_now.until(lambda: rows_now.world.plan(plan)).closed
    day = day_of(plan)
    orders = _live(account).filter(order_date=day).count() if day else 0
    if day is None or not everywhere(account, Verb.LOOK):
        return _plan(plan, orders, closed=closed)
    date, now = dt.date.fromisoformat(day), dt.datetime.now(dt.UTC)
    late = count_late(date, now=now, tolerance_s=kept().config.late_tolerance_s)
    planned = _planned(account, date, date).get(plan, {})
    return _plan(plan, orders, closed=closed, planned=planned, late=late)


def _plan(
    plan: str,
    orders: int,
    *,
    closed: bool,
    planned: dict[str, int] | None = None,
    late: int | None = None,
) -> PlanSeen:
    return PlanSeen(
        id=plan, date=day_of(plan), closed=closed, orders=orders, planned=planned or {}, late=late
    )


def _planned(account: Account, first: dt.date, last: dt.date) -> dict[str, dict[str, int]]:
    """Return the counts of planned orders by plan; kept for all folders together."""
    if not everywhere(account, Verb.LOOK):
        return {}
    return {
        plan_id(found.day.isoformat()): {s.state: s.orders for s in found.states}
        for found in count_days(first, last)[-_MOST:]
    }


def _lies(day: str | None, since: dt.date | None, until: dt.date | None) -> bool:
    if since is None and until is None:
        return True
    return day is not None and str(since or "") <= day <= str(until or "9999")


def _orders_by_day(account: Account) -> dict[str, int]:
    days = _live(account).filter(order_date__isnull=False).values_list("order_date")
    return dict(days.annotate(n=Count("order_id")).order_by("-order_date")[:_MOST])


def _live(account: Account) -> QuerySet[OrderRun]:
    here = {"controller": settings.STELLWERK_CONTROLLER_ID, "live": True}
    return rows(OrderRun, account).filter(**here, parent__isnull=True)
