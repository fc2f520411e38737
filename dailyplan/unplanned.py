"""Days that nobody has planned: they passed while no planner ran for longer than it plans ahead.

Such days are neither planned nor run afterwards, for days are planned from today on. But they are
not passed by in silence: each leaves a line among the submissions, which pages tell of.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from dailyplan.jobs import Known
from dailyplan.models import Submission
from dailyplan.plan_settings import PlanConfig
from dailyplan.projection import project, selected
from dailyplan.released import Released

UNPLANNED = "not planned"
"""The verb of such a line."""

_DAY = timedelta(days=1)


def unplanned_days(known: Mapping[str, Known], config: PlanConfig, now: datetime) -> list[date]:
    """Return the days before today that no schedule was planned for; pure.

    Those older than days are kept are left out.
    """
    planned = [one.planned_to for one in known.values() if one.automatic and one.planned_to]
    if not planned:
        return []
    today = config.day_of(now)
    first = max(max(planned) + _DAY, today - config.keep_days * _DAY)
    return [first + n * _DAY for n in range(max((today - first).days, 0))]


def note_unplanned(
    days: Sequence[date],
    released: Released,
    config: PlanConfig,
    *,
    account: str,
    now: datetime,
) -> int:
    """Leave a line for each day in the open transaction; one that has a line gets no second."""
    if not days:
        return 0
    noted = Submission.objects.filter(verb=UNPLANNED, day__in=days).values_list("day", flat=True)
    missing = [day for day in days if day not in set(noted)]
    if not missing:
        return 0
    schedules = selected(released, (), "", may=lambda _path: True, only_automatic=True)
    found = project(schedules, released, config, first=missing[0], last=missing[-1])
    orders = {one.day: one for one in found.days}
    Submission.objects.bulk_create(
        Submission(
            at=now,
            account=account,
            verb=UNPLANNED,
            day=day,
            comment=_said(orders[day].orders, len(orders[day].schedules)),
        )
        for day in missing
    )
    return len(missing)


def _said(orders: int, schedules: int) -> str:
    of = "1 schedule" if schedules == 1 else f"{schedules} schedules"
    said = "1 order" if orders == 1 else f"{orders} orders"
    return (
        "No planner ran until this day had passed, so nothing of it was planned or started."
        f" The schedules now in force have {said} of {of} on it."
    )
