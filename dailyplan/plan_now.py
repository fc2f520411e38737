"""Planning: schedules that have changed, and days that have come into sight, become rows.

One slice of schedules is one transaction, guarded by their numbers: whatever is killed has planned
a schedule wholly or not at all, and who comes second finds nothing to do.
"""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from datetime import datetime

import msgspec
from django.db import IntegrityError
from django.db.utils import DataError

from dailyplan import tables
from dailyplan.difference import Bounds, Difference, Key, Row, difference
from dailyplan.errors import PlanMoved
from dailyplan.given import Given, ids_of
from dailyplan.jobs import Known, PlanJob, jobs
from dailyplan.models import PlannedSchedule
from dailyplan.origin import microseconds
from dailyplan.plan_settings import PlanConfig
from dailyplan.released import Released
from dailyplan.statements import changed, fetched
from dailyplan.take_back import stop_cycles, take_back, wish_again
from dailyplan.update_from import update_from
from dailyplan.wanted import Wanted, givens_of, wanted_rows
from timetable.errors import TimetableError
from timetable.schedule import Plan

log = logging.getLogger(__name__)

SCHEDULES_AT_ONCE = 200

Transaction = Callable[[], AbstractContextManager[object]]


class Planned(msgspec.Struct):
    """What planning did: schedules concerned, those that could not be planned, and rows."""

    schedules: int = 0
    broken: int = 0
    added: int = 0
    changed: int = 0
    deleted: int = 0
    taken_back: int = 0

    def add(self, other: "Planned") -> None:
        """Count what another did as well."""
        for field in self.__struct_fields__:
            setattr(self, field, getattr(self, field) + getattr(other, field))


class _Ready(msgspec.Struct, frozen=True):
    """A job whose rows are computed; `problem` where they cannot be."""

    job: PlanJob
    givens: tuple[Given, ...]
    wanted: list[Wanted]
    from_us: int
    submit: bool
    problem: str = ""

    @property
    def broken(self) -> bool:
        """Whether what is planned stays as it is, because nobody knows what is wanted."""
        return bool(self.problem) and not self.givens


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

    def ready(part: Sequence[PlanJob]) -> list[_Ready]:
        return [_ready(job, released, config, begins.get(job.name, now)) for job in part]

    for part in _ahead(ready, _slices(waiting)):
        _plan_slice(part, done, now, transaction)
    return done


def _slices(waiting: Sequence[PlanJob]) -> list[Sequence[PlanJob]]:
    return [
        waiting[at : at + SCHEDULES_AT_ONCE] for at in range(0, len(waiting), SCHEDULES_AT_ONCE)
    ]


def _ahead(
    ready: Callable[[Sequence[PlanJob]], list[_Ready]], slices: Sequence[Sequence[PlanJob]]
) -> Iterator[list[_Ready]]:
    """Yield the slices with their rows; the next one is computed while one is written."""
    if len(slices) < 2:
        yield from map(ready, slices)
        return
    with ThreadPoolExecutor(1, "dailyplan") as beside:
        coming = beside.submit(ready, slices[0])
        for following in slices[1:]:
            found = coming.result()
            coming = beside.submit(ready, following)
            yield found
        yield coming.result()


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


def _ready(job: PlanJob, released: Released, config: PlanConfig, begin: datetime) -> _Ready:
    """Return the job with its rows. `begin`: nothing before is touched; new days count wholly."""
    from_us = microseconds(begin) if job.changed else 0
    if not job.automatic or job.schedule is None or job.schedule.schedule is None:
        problem = job.schedule.problem if job.schedule else ""
        return _Ready(job, (), [], from_us, submit=False, problem=problem)
    schedule = job.schedule.schedule
    workflows = released.workflows_of(schedule)
    givens = givens_of(job.name, job.schedule.path, schedule, workflows)
    plan = Plan(time_zone=config.time_zone, period_begin=config.period_begin)
    try:
        wanted = wanted_rows(
            schedule, released.calendars, givens, first=job.first, last=job.last, plan=plan
        )
    except (TimetableError, ArithmeticError, LookupError, ValueError) as problem:
        return _Ready(job, (), [], from_us, submit=False, problem=str(problem) or repr(problem))
    problem_text = _missing(released.missing(schedule))
    submit = schedule.submit_order_to_controller_when_planned
    return _Ready(job, givens, wanted, from_us, submit=submit, problem=problem_text)


def _missing(names: Sequence[str]) -> str:
    if not names:
        return ""
    one = len(names) == 1
    which = f"The workflow {names[0]} is" if one else f"The workflows {', '.join(names)} are"
    return f"{which} not deployed; orders of {'it' if one else 'them'} will be refused."


def _plan_slice(
    ready: Sequence[_Ready],
    done: Planned,
    now: datetime,
    transaction: Transaction,
    *,
    again: bool = False,
) -> None:
    """Write a slice in one transaction; where that fails, in halves, and one alone as broken."""
    try:
        with transaction():
            written = _write(ready, now)
    except PlanMoved:
        log.info("dailyplan.planned_elsewhere", extra={"schedules": len(ready)})
        return
    except (DataError, IntegrityError) as problem:
        if len(ready) == 1 and isinstance(problem, IntegrityError) and not again:
            # Somebody has generated the same rows by hand meanwhile: now they can be seen.
            _plan_slice(ready, done, now, transaction, again=True)
            return
        if len(ready) == 1:
            _note_broken(ready[0], str(problem), done, now, transaction)
            return
        middle = len(ready) // 2
        _plan_slice(ready[:middle], done, now, transaction)
        _plan_slice(ready[middle:], done, now, transaction)
        return
    done.add(written)


def _write(ready: Sequence[_Ready], now: datetime) -> Planned:
    _claim(ready, now)
    broken = [one for one in ready if one.broken]
    sound = [one for one in ready if not one.broken]
    before = _parameterisations(sound)
    ids = iter(ids_of([g for one in sound for g in one.givens]))
    own = [[next(ids) for _ in one.givens] for one in sound]
    existing = _existing(sound, before)
    total = Difference()
    for one, numbers in zip(sound, own, strict=True):
        rows = existing.get(one.job.name, {})
        _add(total, _difference(one, numbers, rows))
        wish_again([(w.day, w.origin, numbers[w.given]) for w in one.wanted], rows)
    done = Planned(schedules=len(ready), broken=len(broken))
    done.added = tables.insert(total.insert)
    done.changed = tables.update(total.update)
    done.deleted = tables.delete_planned([(r.day, r.origin) for r in total.delete])
    done.taken_back = take_back(total.take_back, account=PLANNER, now=now)
    done.taken_back += stop_cycles(total.stop, total.update, account=PLANNER, now=now)
    return done


PLANNER = "daily plan"
"""The account in whose name the planner asks."""


def _parameterisations(ready: Sequence[_Ready]) -> dict[int, str]:
    """Return the schedule of each parameterisation that rows of the schedules may have."""
    names = [one.job.name for one in ready]
    statement = "SELECT id, schedule FROM dailyplan_parameterisation WHERE schedule = ANY (%s)"
    return dict(fetched(statement, [names])) if names else {}


def _existing(ready: Sequence[_Ready], schedule_of: Mapping[int, str]) -> dict[str, dict[Key, Row]]:
    """Return the rows that the schedules have on the days concerned."""
    by_schedule: dict[str, dict[Key, Row]] = {}
    if not schedule_of:
        return by_schedule
    first = min(one.job.first for one in ready)
    for row in tables.rows_of(list(schedule_of), first, None):
        rows = by_schedule.setdefault(schedule_of[row.parameterisation], {})
        rows[row.day, row.origin] = row
    return by_schedule


def _difference(one: _Ready, ids: Sequence[int], existing: dict[Key, Row]) -> Difference:
    job = one.job
    rows = {key: row for key, row in existing.items() if job.first <= key[0] <= job.last}
    return difference(
        one.wanted,
        ids,
        rows,
        Bounds(from_us=one.from_us, submit=one.submit, keep_generated=not job.automatic),
    )


def _add(total: Difference, one: Difference) -> None:
    total.insert += one.insert
    total.update += one.update
    total.delete += one.delete
    total.stop += one.stop
    total.take_back += one.take_back


_CLAIM = """
    INSERT INTO dailyplan_plannedschedule AS t
           (name, path, version, digest, planned_to, automatic, no, problem, changed_at)
    SELECT u.*, %s FROM unnest(%s::text[], %s::text[], %s::text[], %s::bytea[], %s::date[],
                               %s::bool[], %s::bigint[], %s::text[]) AS u (name) ORDER BY 1
    ON CONFLICT (name) DO UPDATE
       SET path = excluded.path, version = excluded.version, digest = excluded.digest,
           planned_to = excluded.planned_to, automatic = excluded.automatic, no = excluded.no,
           problem = excluded.problem, changed_at = excluded.changed_at
     WHERE t.no = excluded.no - 1"""


def _claim(ready: Sequence[_Ready], now: datetime) -> None:
    """Note how far the schedules are planned, guarded by their numbers, and hold their rows.

    Raises:
        PlanMoved: one of them has been planned since it was looked at.
    """
    found = [one.job for one in ready]
    done = changed(
        _CLAIM,
        [
            now,
            [job.name for job in found],
            [job.schedule.path if job.schedule else job.known.path for job in found],
            [job.schedule.version if job.schedule else "" for job in found],
            [job.digest for job in found],
            [job.last if job.automatic else None for job in found],
            [job.automatic for job in found],
            [job.known.no + 1 for job in found],
            [one.problem for one in ready],
        ],
    )
    if done != len(found):
        raise PlanMoved("A schedule has been planned meanwhile.")


def _note_broken(
    one: _Ready, problem: str, done: Planned, now: datetime, transaction: Transaction
) -> None:
    log.error("dailyplan.schedule_broken", extra={"schedule": one.job.name, "problem": problem})
    broken = msgspec.structs.replace(one, problem=problem)
    try:
        with transaction():
            _claim([broken], now)
    except PlanMoved:
        return
    done.schedules += 1
    done.broken += 1
