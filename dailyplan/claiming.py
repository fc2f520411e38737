"""Who plans a schedule notes first how far, guarded by its number: a second planner stands back."""

from collections.abc import Sequence
from datetime import date, datetime

import msgspec

from dailyplan.errors import PlanMoved
from dailyplan.jobs import PlanJob
from dailyplan.statements import as_json, changed

_CLAIM = """
    INSERT INTO dailyplan_plannedschedule AS t
           (name, path, version, digest, planned_to, automatic, no, problem, changed_at)
    SELECT u.name, u.path, u.version, decode(u.digest, 'base64'), u.planned_to, u.automatic, u.no,
           u.problem, %s
      FROM json_to_recordset(%s::json)
           AS u (name text, path text, version text, digest text, planned_to date, automatic bool,
                 no bigint, problem text)
     ORDER BY u.name
    ON CONFLICT (name) DO UPDATE
       SET path = excluded.path, version = excluded.version, digest = excluded.digest,
           planned_to = excluded.planned_to, automatic = excluded.automatic, no = excluded.no,
           problem = excluded.problem, changed_at = excluded.changed_at
     WHERE t.no = excluded.no - 1"""
_NOTE = """
    UPDATE dailyplan_plannedschedule t SET problem = u.problem
      FROM json_to_recordset(%s::json) AS u (name text, problem text) WHERE t.name = u.name"""


class _Claim(msgspec.Struct, gc=False):
    name: str
    path: str
    version: str
    digest: bytes
    planned_to: date | None
    automatic: bool
    no: int
    problem: str


class Problem(msgspec.Struct):
    """Why a schedule cannot be planned."""

    name: str
    problem: str


def claim(found: Sequence[tuple[PlanJob, str]], now: datetime) -> None:
    """Note how far schedules are planned, guarded by their numbers, and hold their rows.

    Args:
        found: jobs, each with what is wrong with its schedule.
        now: the moment.

    Raises:
        PlanMoved: one of them has been planned since it was looked at.
    """
    done = changed(_CLAIM, [now, as_json([_claim(job, problem) for job, problem in found])])
    if done != len(found):
        raise PlanMoved("A schedule has been planned meanwhile.")


def note_problems(found: Sequence[Problem]) -> None:
    """Note what is wrong with schedules that are claimed in this transaction."""
    if found:
        changed(_NOTE, [as_json(found)])


def _claim(job: PlanJob, problem: str) -> _Claim:
    return _Claim(
        name=job.name,
        path=job.schedule.path if job.schedule else job.known.path,
        version=job.schedule.version if job.schedule else "",
        digest=job.digest,
        planned_to=job.last if job.automatic else None,
        automatic=job.automatic,
        no=job.known.no + 1,
        problem=problem,
    )
