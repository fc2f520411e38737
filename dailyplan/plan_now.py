"""Planning: schedules that have changed, and days that have come into sight, become rows.

One slice of schedules is one transaction, guarded by their numbers: whatever is killed has planned
a schedule wholly or not at all, and who comes second finds nothing to do.
"""

import logging
from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError
from django.db.utils import DataError

from dailyplan.claiming import claim
from dailyplan.errors import PlanMoved
from dailyplan.jobs import Known, jobs
from dailyplan.models import PlannedSchedule
from dailyplan.plan_settings import PlanConfig
from dailyplan.prepared import Prepared, Rows, prepared, rows_of
from dailyplan.released import Released
from dailyplan.statements import Transaction
from dailyplan.update_from import update_from
from dailyplan.writing import Planned, RowsOf, write

log = logging.getLogger(__name__)

SCHEDULES_AT_ONCE = 1_000


def plan_now(
    released: Released,
    config: PlanConfig,
    *,
    now: datetime,
    transaction: Transaction,
    given: str = "",
) -> Planned:
    """Plan all that has to be planned, and return what that was.

    Args:
        released: what is in force.
        config: the settings.
        now: the moment.
        transaction: opens one, fenced where there is a term.
        given: what else plans follow from, such as the version of the zones.
    """
    done = Planned()
    waiting = list(jobs(released, known_schedules(), config, now, given))
    begins = update_from([job for job in waiting if job.changed], released, config, now)
    ready = [prepared(job, released, begins.get(job.name, now)) for job in waiting]

    def rows(one: Prepared) -> Rows:
        return rows_of(one, released, config)

    for at in range(0, len(ready), SCHEDULES_AT_ONCE):
        _plan_slice(ready[at : at + SCHEDULES_AT_ONCE], rows, done, now, transaction)
    return done


def known_schedules() -> dict[str, Known]:
    """Return how far each schedule is planned."""
    return {
        row.name: Known(
            name=row.name,
            path=row.path,
            version=row.version,
            digest=bytes(row.digest),
            planned_to=row.planned_to,
            automatic=row.automatic,
            no=row.no,
            problem=row.problem,
        )
        for row in PlannedSchedule.objects.all()
    }


def _plan_slice(
    ready: Sequence[Prepared],
    rows: RowsOf,
    done: Planned,
    now: datetime,
    transaction: Transaction,
    *,
    again: bool = False,
) -> None:
    """Write a slice in one transaction; where that fails, in halves, and one alone as broken."""
    try:
        with transaction():
            written = write(ready, rows, now)
    except PlanMoved:
        log.info("dailyplan.planned_elsewhere", extra={"schedules": len(ready)})
        return
    except (DataError, IntegrityError) as problem:
        if len(ready) == 1 and isinstance(problem, IntegrityError) and not again:
            # Somebody has generated the same rows by hand meanwhile: now they can be seen.
            _plan_slice(ready, rows, done, now, transaction, again=True)
            return
        if len(ready) == 1:
            _note_broken(ready[0], str(problem), done, now, transaction)
            return
        middle = len(ready) // 2
        _plan_slice(ready[:middle], rows, done, now, transaction)
        _plan_slice(ready[middle:], rows, done, now, transaction)
        return
    done.add(written)


def _note_broken(
    one: Prepared, problem: str, done: Planned, now: datetime, transaction: Transaction
) -> None:
    log.error("dailyplan.schedule_broken", extra={"schedule": one.job.name, "problem": problem})
    try:
        with transaction():
            claim([(one.job, problem)], now)
    except PlanMoved:
        return
    done.schedules += 1
    done.broken += 1
