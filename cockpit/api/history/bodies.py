"""What the API tells of job runs."""

import datetime as dt
from typing import Any

import msgspec

from engine.order.secret import hidden
from history.carried import is_kept, values_left
from history.models import JobRun


class JobSeen(msgspec.Struct, frozen=True, kw_only=True):
    """One execution of a job. `id` is the number of the journal entry that started it.

    `warnings` are sentences about what people should look at; they change nothing else. `returned`
    are the values that it left behind; lists leave them out, and it is null where an earlier
    release has not kept them.
    """

    id: int
    order: str
    workflow: str
    position: str
    label: str | None
    job: str
    agent: str
    attempt: str
    state: str
    lost: bool
    return_code: int | None
    message: str | None
    criticality: str
    warnings: list[str]
    started_at: dt.datetime
    ended_at: dt.datetime | None
    returned: dict[str, Any] | None = None

    @property
    def no(self) -> int:
        """The key of a page of job runs."""
        return self.id


class JobPage(msgspec.Struct, frozen=True):
    """A page of job runs, newest first."""

    jobs: list[JobSeen]
    older: str | None
    newer: str | None


def job_seen(job: JobRun) -> JobSeen:
    """Return a row of the history for the API."""
    return JobSeen(
        id=job.no,
        order=job.order_id,
        workflow=job.workflow,
        position=job.position,
        label=job.label,
        job=job.job,
        agent=job.agent,
        attempt=job.attempt,
        state=job.state,
        lost=job.lost,
        return_code=job.return_code,
        message=job.message,
        criticality=job.criticality or "NORMAL",
        warnings=job.warnings or [],
        started_at=job.started_at,
        ended_at=job.ended_at,
    )


def returned_by(job: JobRun) -> dict[str, Any] | None:
    """Return what a job run left behind, without what is sealed; None where nobody kept it."""
    if not is_kept(job.state, job.returned):
        return None
    found = values_left(job.state, job.return_code, job.returned)
    return {name: hidden(value) for name, value in found.items()}
