"""Plans of old days are closed, once; a person who opens one again is left alone."""

from datetime import date, datetime, timedelta

from controller.commands import BULK, ask
from dailyplan.models import PlanSettings
from dailyplan.new_orders import PLAN
from dailyplan.plan_settings import Kept
from dailyplan.statements import Transaction
from engine.order.requests import ChangePlan

_DAY = timedelta(days=1)
FIRST_TIME_DAYS = 31
"""So far back plans are closed when nobody has closed one yet."""


def close_old_plans(kept: Kept, *, account: str, now: datetime, transaction: Transaction) -> int:
    """Ask the controller to close the plans of days that are old, and return how many."""
    age = kept.config.age_of_plans_to_be_closed_automatically
    last = kept.config.day_of(now) - age * _DAY - _DAY
    if not age or (kept.closed_to is not None and kept.closed_to >= last):
        return 0
    with transaction():
        PlanSettings.objects.bulk_create([PlanSettings(pk=1)], ignore_conflicts=True)
        row = PlanSettings.objects.select_for_update().get(pk=1)
        days = _days(row.closed_to, last)
        for day in days:
            ask(ChangePlan(f"{PLAN}{day}", closed=True), account=account, lane=BULK,
                key=f"plan/close/{day}")  # fmt: skip
        PlanSettings.objects.filter(pk=1).update(closed_to=max(last, row.closed_to or last))
    return len(days)


def _days(closed_to: date | None, last: date) -> list[date]:
    first = last - FIRST_TIME_DAYS * _DAY if closed_to is None else closed_to + _DAY
    return [first + n * _DAY for n in range((last - first).days + 1)]
