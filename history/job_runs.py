"""Job runs that start and end with an order's events, and those that were passed by. Pure."""

import json
from collections.abc import Callable

from msgspec.structs import replace

from controller.journal import Entry
from engine.order import events as e
from engine.order.model import Outcome, Processing
from engine.position import to_text
from history.carried import returned_of
from history.changes import Changes
from history.runs import JobEnd, JobRun, Judged, Run, day_of
from history.texts import short, stored_text

SKIPPED = "skipped"


def _job_started(changes: Changes, run: Run, entry: Entry) -> Run:
    event = entry.event
    assert isinstance(event, e.OrderProcessingStarted)  # noqa: S101  # dispatched by type
    job = JobRun(
        day=day_of(entry.at_us),
        controller=changes.controller,
        no=entry.no,
        run=run.run,
        order_id=run.order_id,
        workflow=run.workflow,
        position=to_text(event.position),
        label=stored_text(event.label),
        job=stored_text(event.job),
        agent=event.agent,
        attempt=event.attempt,
        started_us=event.at_us,
        criticality=event.criticality,
    )
    changes.jobs[job.no] = job
    return replace(run, job_no=job.no, job_day=job.day)


def _job_processed(changes: Changes, run: Run, entry: Entry) -> Run:
    event = entry.event
    assert isinstance(event, e.OrderProcessed)  # noqa: S101  # dispatched by type
    if event.usual and event.outcome.ok and run.job_no is not None and run.job_day is not None:
        changes.judged.append(Judged(run.job_day, run.job_no, *event.usual))
    returned = returned_of(event.outcome, event.result)
    return _end_job(changes, run, event.outcome, event.at_us, returned=returned)


def _job_broken(changes: Changes, run: Run, entry: Entry) -> Run:
    assert isinstance(entry.event, e.OrderBroken)  # noqa: S101  # dispatched by type
    outcome = Outcome("disrupted", message=entry.event.problem, lost=True)
    return _end_job(changes, run, outcome, entry.at_us)


def _job_restored(changes: Changes, run: Run, entry: Entry) -> Run:
    assert isinstance(entry.event, e.OrderRestored)  # noqa: S101  # dispatched by type
    if isinstance(entry.event.order.state, Processing):
        return run
    outcome = Outcome("disrupted", message=entry.event.reason, lost=True)
    return _end_job(changes, run, outcome, entry.at_us)


def _end_job(
    changes: Changes, run: Run, outcome: Outcome, at_us: int, *, returned: bytes | None = None
) -> Run:
    if run.job_no is None or run.job_day is None:
        return run
    end = JobEnd(
        day=run.job_day,
        no=run.job_no,
        state=outcome.kind,
        lost=outcome.lost,
        return_code=outcome.return_code,
        message=short(outcome.message),
        ended_us=at_us,
        warnings=_told(outcome.warnings),
        returned=returned,
    )
    started = changes.jobs.get(end.no)
    if started is None:
        changes.ends[end.no] = end
    else:
        changes.jobs[end.no] = replace(
            started,
            state=end.state,
            lost=end.lost,
            return_code=end.return_code,
            message=end.message,
            ended_us=at_us,
            warnings=end.warnings,
            returned=end.returned,
        )
    return replace(run, job_no=None, job_day=None)


def _job_skipped(changes: Changes, run: Run, entry: Entry) -> Run:
    event = entry.event
    assert isinstance(event, e.OrderMoved)  # noqa: S101  # dispatched by type
    if event.skipped is None:
        return run
    changes.jobs[entry.no] = JobRun(
        day=day_of(entry.at_us),
        controller=changes.controller,
        no=entry.no,
        run=run.run,
        order_id=run.order_id,
        workflow=run.workflow,
        position=changes.current[run.order_id].position,
        label=stored_text(event.skipped),
        job=stored_text(event.skipped),
        agent="",
        attempt="",
        started_us=entry.at_us,
        state=SKIPPED,
        message=short(event.reason),
        ended_us=entry.at_us,
    )
    return run


def _told(warnings: tuple[str, ...]) -> str | None:
    return json.dumps([short(one) for one in warnings]) if warnings else None


JOBS: dict[type, Callable[[Changes, Run, Entry], Run]] = {
    e.OrderMoved: _job_skipped,
    e.OrderProcessingStarted: _job_started,
    e.OrderProcessed: _job_processed,
    e.OrderBroken: _job_broken,
    e.OrderRestored: _job_restored,
}
