"""From when on a changed schedule changes the plan: as the deployment that released it says."""

from collections.abc import Sequence
from datetime import datetime

from dailyplan.jobs import PlanJob
from dailyplan.plan_settings import PlanConfig
from dailyplan.released import Released
from inventory.models import DeploymentObject

_MANY = 200
"""More objects than this are not looked up by name: all are read."""


def update_from(
    changed: Sequence[PlanJob], released: Released, config: PlanConfig, now: datetime
) -> dict[str, datetime]:
    """Return for each changed schedule from which moment on its plan changes; now if missing."""
    refs = {job.name: _refs(job, released) for job in changed}
    wanted = {ref for of_one in refs.values() for ref in of_one}
    if not wanted:
        return {}
    rows = DeploymentObject.objects.filter(kind__in=("schedule", "calendar"))
    if len(wanted) < _MANY:
        rows = rows.filter(path__in={path for _, path, _ in wanted})
    rows = rows.order_by("deployment_id")
    fields = ("kind", "path", "version", "deployment_id", "deployment__update_plan_from",
              "deployment__include_late")  # fmt: skip
    latest = {row[:3]: row[3:] for row in rows.values_list(*fields)}
    found: dict[str, datetime] = {}
    for name, of_one in refs.items():
        told = [latest[ref] for ref in of_one if ref in latest]
        if told:
            _, day, include_late = max(told, key=lambda t: t[0])
            found[name] = _begin(day, config, now, include_late=include_late)
    return found


def _begin(day: object, config: PlanConfig, now: datetime, *, include_late: bool) -> datetime:
    today = config.begin_of(config.day_of(now)) if include_late else now
    return max(config.begin_of(day), today) if day is not None else today  # type: ignore[arg-type]


def _refs(job: PlanJob, released: Released) -> list[tuple[str, str, str]]:
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
