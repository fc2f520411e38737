"""Which schedules have to be planned anew, and from when on. Pure."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta

import msgspec

from dailyplan.plan_settings import PlanConfig
from dailyplan.released import Released, ReleasedSchedule

DAY = timedelta(days=1)


class Known(msgspec.Struct, frozen=True, gc=False):
    """How far a schedule is planned; as `dailyplan.models.PlannedSchedule`."""

    name: str
    path: str
    version: str
    digest: bytes
    planned_to: date | None
    automatic: bool
    no: int
    problem: str = ""


class PlanJob(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A schedule to be planned from `first` to `last`.

    `changed` tells whether its plan may differ from what is there; else days are only added.
    """

    name: str
    schedule: ReleasedSchedule | None
    known: Known
    digest: bytes
    first: date
    last: date
    changed: bool

    @property
    def automatic(self) -> bool:
        """Whether the schedule is to be planned at all."""
        return self.schedule is not None and self.schedule.automatic


def jobs(
    released: Released,
    known: Mapping[str, Known],
    config: PlanConfig,
    now: datetime,
    given: str = "",
) -> Iterator[PlanJob]:
    """Yield what has to be planned now.

    Args:
        released: what is in force.
        known: how far each schedule is planned.
        config: the settings.
        now: the moment.
        given: what else plans follow from, such as the version of the zones.
    """
    today = config.day_of(now)
    last = today + config.days_ahead_plan * DAY
    for name in sorted(released.schedules.keys() | known.keys()):
        schedule = released.schedules.get(name)
        before = known.get(name) or Known(name, "", "", b"", None, automatic=False, no=0)
        digest = _digest(released, schedule, config, given)
        automatic = schedule is not None and schedule.automatic
        if digest != before.digest:
            if not (before.digest or automatic):
                continue  # nothing was planned, nothing will be
            # Yesterday's day may still last, in zones behind the plan's or over midnight.
            yield PlanJob(
                name=name, schedule=schedule, known=before, digest=digest, changed=True,
                first=today - DAY, last=max(last, before.planned_to or last),
            )  # fmt: skip
        elif automatic and (before.planned_to is None or before.planned_to < last):
            first = max(before.planned_to + DAY, today) if before.planned_to else today
            yield PlanJob(
                name=name, schedule=schedule, known=before, digest=digest, changed=False,
                first=first, last=last,
            )  # fmt: skip


def _digest(
    released: Released, schedule: ReleasedSchedule | None, config: PlanConfig, given: str
) -> bytes:
    if schedule is None:
        return b"revoked"
    return released.digest(schedule, config.time_zone, config.period_begin, given)
