"""What a schedule is planned with, and the rows that come of it.

Who writes them needs the first early and the second late: rows are most of the work.
"""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from dailyplan.given import Given
from dailyplan.jobs import PlanJob
from dailyplan.origin import microseconds
from dailyplan.plan_settings import PlanConfig
from dailyplan.released import Released
from dailyplan.wanted import Wanted, givens_of, wanted_rows
from timetable.errors import TimetableError
from timetable.schedule import Plan, Schedule


class Prepared(msgspec.Struct, frozen=True, gc=False):
    """A job with all but its rows. Nothing before `from_us` is touched.

    `schedule` is None where nothing is to be planned.
    """

    job: PlanJob
    schedule: Schedule | None
    givens: tuple[Given, ...]
    from_us: int
    submit: bool = False
    problem: str = ""

    @property
    def broken(self) -> bool:
        """Whether what is planned stays as it is, because nobody knows what is wanted."""
        return bool(self.problem) and not self.givens


class Rows(msgspec.Struct, frozen=True, gc=False):
    """The rows of a schedule; `problem` says why nobody knows them."""

    wanted: Sequence[Wanted] = ()
    problem: str = ""


def prepared(job: PlanJob, released: Released, begin: datetime) -> Prepared:
    """Return the job prepared.

    Args:
        job: the job.
        released: what is in force.
        begin: nothing before is touched where the schedule has changed; new days count wholly.
    """
    from_us = microseconds(begin) if job.changed else 0
    if not job.automatic or job.schedule is None or job.schedule.schedule is None:
        return Prepared(
            job, None, (), from_us, problem=job.schedule.problem if job.schedule else ""
        )
    schedule = job.schedule.schedule
    givens = givens_of(job.name, job.schedule.path, schedule, released.workflows_of(schedule))
    submit = schedule.submit_order_to_controller_when_planned
    missing = _missing(released.missing(schedule))
    return Prepared(job, schedule, givens, from_us, submit, missing)


def rows_of(one: Prepared, released: Released, config: PlanConfig) -> Rows:
    """Return the rows that the schedule wants on the days of its job."""
    if one.schedule is None:
        return Rows()
    plan = Plan(time_zone=config.time_zone, period_begin=config.period_begin)
    days = {"first": one.job.first, "last": one.job.last}
    try:
        return Rows(wanted_rows(one.schedule, released.calendars, one.givens, plan=plan, **days))
    except (TimetableError, ArithmeticError, LookupError, ValueError) as problem:
        return Rows(problem=str(problem) or repr(problem))


def _missing(names: Sequence[str]) -> str:
    if not names:
        return ""
    one = len(names) == 1
    which = f"The workflow {names[0]} is" if one else f"The workflows {', '.join(names)} are"
    return f"{which} not deployed; orders of {'it' if one else 'them'} will be refused."
