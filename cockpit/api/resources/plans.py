"""Plans as they are now: closed or open, with the orders of their day that have not ended."""

import msgspec
from django.conf import settings
from django.db.models import Count, QuerySet

from cockpit.access.gate import rows
from cockpit.access.policy import Account
from cockpit.api.orders.adding import day_of, plan_id
from cockpit.api.orders.world import RowsWorld
from controller import looking
from history.models import OrderRun

_MOST = 5_000


class PlanSeen(msgspec.Struct, frozen=True, kw_only=True):
    """A plan; in a closed one no order is added and no notice posted. `orders` have not ended."""

    id: str
    date: str | None
    closed: bool
    orders: int


class PlanList(msgspec.Struct, frozen=True):
    """The plans that are closed, and those that have orders, newest first."""

    plans: list[PlanSeen]


def plan_list(account: Account, *, closed: bool | None = None) -> PlanList:
    """Return the plans known so far; `closed` narrows them to closed or to open ones."""
    shut = set(looking.closed_plans(settings.STELLWERK_CONTROLLER_ID, limit=_MOST))
    counts = {plan_id(day): n for day, n in _orders_by_day(account).items()}
    found = [_plan(plan, counts.get(plan, 0), closed=plan in shut) for plan in {*shut, *counts}]
    wanted = [plan for plan in found if closed is None or plan.closed is closed]
    return PlanList(sorted(wanted, key=lambda plan: plan.id, reverse=True))


def plan_seen(account: Account, plan: str) -> PlanSeen:
    """Return one plan; one that nobody has touched is open and has no orders."""
    rows_now = RowsWorld()
    closed = rows_now.until(lambda: rows_now.world.plan(plan)).closed
    day = day_of(plan)
    orders = _live(account).filter(order_date=day).count() if day else 0
    return _plan(plan, orders, closed=closed)


def _plan(plan: str, orders: int, *, closed: bool) -> PlanSeen:
    return PlanSeen(id=plan, date=day_of(plan), closed=closed, orders=orders)


def _orders_by_day(account: Account) -> dict[str, int]:
    days = _live(account).filter(order_date__isnull=False).values_list("order_date")
    return dict(days.annotate(n=Count("order_id")).order_by("-order_date")[:_MOST])


def _live(account: Account) -> QuerySet[OrderRun]:
    here = {"controller": settings.STELLWERK_CONTROLLER_ID, "live": True}
    return rows(OrderRun, account).filter(**here, parent__isnull=True)
