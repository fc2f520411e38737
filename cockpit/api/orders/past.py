"""`/orders/{id}/events/`, `/steps/` and `/log/`: what an order has been through."""

import datetime as dt
from collections.abc import Iterator
from typing import Annotated

import msgspec
from django.http import HttpResponse, StreamingHttpResponse
from msgspec import Meta
from rest_framework.request import Request

from cockpit.access.failures import NotThere
from cockpit.access.gate import restrict, rows
from cockpit.api.documented import told
from cockpit.api.history.bodies import JobSeen, job_seen
from cockpit.api.history.logs import LogQuery, log_seen
from cockpit.api.journal import JournalEntrySeen
from cockpit.api.orders.ended import run_of
from cockpit.api.orders.happened import journal_of
from cockpit.api.orders.one import order_seen
from cockpit.api.problem import as_json
from cockpit.api.query import Limit, read_query
from cockpit.api.view import View
from history import queries
from history.models import JobRun, OrderRun


class EventSeen(msgspec.Struct, frozen=True):
    """A state or place that an order came to; `no` is the number of the journal entry.

    `outcome` is how what stood before came to an end, where it was no success: `failed`,
    `timedout`, `killed`, `disrupted` or `skipped`. `transferred`: only the version
    changed, and the position with it.
    """

    no: int
    at: dt.datetime
    state: str
    suspended: bool
    position: str
    note: str | None
    outcome: str | None = None


class EventPage(msgspec.Struct, frozen=True):
    """The way of an order, oldest first; `after` leads to the next page, if there is one.

    `journal` has the events themselves, newest first, as far as the journal still keeps them, with
    what happened to the order's workflow and to the boards that it waits for; `before` leads on.
    """

    id: str
    events: list[EventSeen]
    after: int | None
    journal: list[JournalEntrySeen] = []
    before: int | None = None


class StepPage(msgspec.Struct, frozen=True):
    """The job runs of an order, oldest first; `after` is as in the list of events."""

    id: str
    steps: list[JobSeen]
    after: int | None


class PastQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Where a page begins."""

    after: Annotated[
        int, Meta(ge=0, le=2**63 - 1, description="Number of the last entry seen.")
    ] = 0
    limit: Limit = 100


class EventQuery(PastQuery, frozen=True, kw_only=True):
    """Where a page of states begins, and where a page of the journal does."""

    before: (
        Annotated[int, Meta(ge=0, le=2**63 - 1, description="Number of the oldest event seen.")]
        | None
    ) = None


class OrderPast(View):
    """What the views on an order's past have in common."""

    def run(self, order_id: str) -> OrderRun | None:
        """Return the newest run, None while only the controller knows the order.

        Raises:
            NotThere: nobody knows the order.
        """
        try:
            return run_of(self.account, order_id)
        except NotThere:
            order_seen(self.account, order_id)
            return None


class OrderEvents(OrderPast):
    """The way of an order."""

    @told(query=EventQuery, answers={200: EventPage})
    def get(self, request: Request, order_id: str) -> HttpResponse:
        """List the states and places of an order's newest run, and its events in the journal."""
        query = read_query(request.GET, EventQuery)
        run = self.run(order_id)
        states = self._states(run, query) if run else []
        entries, before = journal_of(self.account, order_id, before=query.before, limit=query.limit)
        after = _after(states, query.limit)
        return as_json(EventPage(order_id, states, after, entries, before))

    def _states(self, run: OrderRun, query: EventQuery) -> list[EventSeen]:
        states = restrict(queries.states(run), self.account).filter(no__gt=query.after)
        return [
            EventSeen(s.no, s.at, s.state, s.suspended, s.position, s.note, s.outcome)
            for s in states.defer("carried")[: query.limit]
        ]


class OrderSteps(OrderPast):
    """The job runs of an order."""

    @told(query=PastQuery, answers={200: StepPage})
    def get(self, request: Request, order_id: str) -> HttpResponse:
        """List the job runs of an order's newest run, oldest first."""
        query = read_query(request.GET, PastQuery)
        run = self.run(order_id)
        if run is None:
            return as_json(StepPage(order_id, [], None))
        jobs = queries.job_runs_of(rows(JobRun, self.account), run).filter(no__gt=query.after)
        found = [job_seen(job) for job in jobs[: query.limit]]
        return as_json(StepPage(order_id, found, _after(found, query.limit)))


class OrderLog(OrderPast):
    """What the jobs of an order wrote."""

    @told(media="text/plain")
    def get(self, request: Request, order_id: str) -> StreamingHttpResponse:
        """Return the logs of an order's job runs one after the other, as text."""
        run = self.run(order_id)
        jobs = list(queries.job_runs_of(rows(JobRun, self.account), run)) if run else []
        return StreamingHttpResponse(_texts(jobs), content_type="text/plain; charset=utf-8")


def _texts(jobs: list[JobRun]) -> Iterator[str]:
    for job in jobs:
        began = f"{job.started_at:%Y-%m-%d %H:%M:%S} UTC"
        where = f" on {job.agent}" if job.agent else ""  # none for a job that was passed by
        yield f"---- {job.job} at {job.position}{where}, {began}\n"
        from_line = 1
        while True:
            seen = log_seen(job, LogQuery(from_line=from_line, lines=1_000))
            yield from (f"{line.text}\n" for line in seen.log)
            if len(seen.log) < 1_000:
                break
            from_line = seen.log[-1].no + 1


def _after(found: list[EventSeen] | list[JobSeen], limit: int) -> int | None:
    return found[-1].no if len(found) == limit else None
