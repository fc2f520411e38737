"""From when on a changed schedule changes the plan: as the deployment that released it says."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import TypeAlias

from dailyplan.jobs import PlanJob
from dailyplan.plan_settings import PlanConfig
from dailyplan.released import Released
from inventory.models import DeploymentObject

_Ref: TypeAlias = tuple[str, str, str]
_Told: TypeAlias = tuple[int, date | None, bool]
_MANY = 200
"""Of more schedules than this, objects are not looked up by path: all are read."""


def update_from(
    changed: Sequence[PlanJob], released: Released, config: PlanConfig, now: datetime
) -> dict[str, datetime]:
    """Return for each changed schedule from which moment on its plan changes; now if missing."""
    latest = _latest(changed, released) if changed else {}
    found: dict[str, datetime] = {}
    for job in changed if latest else ():
        told = [latest[ref] for ref in _refs(job, released) if ref in latest]
        if told:
            _, day, include_late = max(told, key=lambda t: t[0])
            found[job.name] = _begin(day, config, now, include_late=include_late)
    return found


def _latest(changed: Sequence[PlanJob], released: Released) -> dict[_Ref, _Told]:
    """Return what the last deployment of each object has said, of more objects if need be."""
    rows = DeploymentObject.objects.filter(kind__in=("schedule", "calendar"))
    if len(changed) < _MANY:
        paths = {path for job in changed for _, path, _ in _refs(job, released)}
        rows = rows.filter(path__in=paths)
    fields = ("kind", "path", "version", "deployment_id", "deployment__update_plan_from",
              "deployment__include_late")  # fmt: skip
    found = rows.order_by("deployment_id").values_list(*fields)
    return {row[:3]: row[3:] for row in found}


def _begin(day: date | None, config: PlanConfig, now: datetime, *, include_late: bool) -> datetime:
    today = config.begin_of(config.day_of(now)) if include_late else now
    return max(config.begin_of(day), today) if day is not None else today


def _refs(job: PlanJob, released: Released) -> list[_Ref]:
    if job.schedule is None:
        return []
    found = [("schedule", job.schedule.path, job.schedule.version)]
    if job.schedule.schedule is not None:
        names = {entry.calendar_name for entry in job.schedule.schedule.calendars}
        found += [
            ("calendar", released.calendar_paths[name], released.calendar_versions[name])
            for name in sorted(names)
            if name in released.calendar_paths
        ]
    return found
