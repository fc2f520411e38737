"""What the API tells of job runs."""

import datetime as dt

import msgspec

from history.models import JobRun


class JobSeen(msgspec.Struct, frozen=True, kw_only=True):
    """One execution of a job. `id` is the number of the journal entry that started it.

    `warnings` are sentences about what people should look at; they change nothing else.
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
