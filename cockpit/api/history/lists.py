"""`/history/orders/` and `/history/jobs/`: what has happened."""

from datetime import datetime
from typing import Literal

import msgspec
from django.conf import settings
from django.http import HttpResponse
from msgspec.structs import replace
from rest_framework.request import Request

from cockpit.access.failures import NotThere
from cockpit.access.gate import rows
from cockpit.access.policy import Account
from cockpit.api.documented import told
from cockpit.api.history.bodies import JobPage, JobSeen, job_seen, returned_by
from cockpit.api.orders.bodies import OrderPage
from cockpit.api.orders.collection import listed
from cockpit.api.orders.selecting import OrderQuery, selection
from cockpit.api.problem import FieldProblem, as_json, invalid
from cockpit.api.query import Cursor, Limit, Word, read_query
from cockpit.api.view import View
from history import queries
from history.keyset import CursorUnreadable
from history.models import JobRun


class HistoryOrderQuery(OrderQuery, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which order runs a list shows: ended ones and those under way."""


class JobQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which job runs a list shows. Moments are of the start."""

    state: list[
        Literal["running", "succeeded", "failed", "timedout", "killed", "disrupted", "skipped"]
    ] = []
    workflow: Word = ""
    folder: Word = ""
    job: Word = ""
    agent: Word = ""
    order: Word = ""
    criticality: list[Literal["NORMAL", "CRITICAL", "MINOR", "MAJOR"]] = []
    warned: bool | None = None
    since: datetime | None = None
    until: datetime | None = None
    cursor: Cursor = ""
    limit: Limit = 100


class HistoryOrders(View):
    """Order runs, ended or not."""

    @told(query=HistoryOrderQuery, answers={200: OrderPage})
    def get(self, request: Request) -> HttpResponse:
        """List order runs, newest first by the moment of adding."""
        query = read_query(request.GET, HistoryOrderQuery)
        selected, wanted = selection(self.account, query)
        wanted = replace(wanted, is_live=query.live)
        try:
            page = queries.order_runs(
                selected, wanted, cursor=query.cursor or None, limit=query.limit
            )
        except CursorUnreadable as unreadable:
            raise invalid([FieldProblem("cursor", str(unreadable))]) from None
        return as_json(OrderPage([listed(run) for run in page.rows], page.older, page.newer))


class HistoryJobs(View):
    """Job runs, ended or not."""

    @told(query=JobQuery, answers={200: JobPage})
    def get(self, request: Request) -> HttpResponse:
        """List job runs, newest first by their start."""
        query = read_query(request.GET, JobQuery)
        selected = rows(JobRun, self.account)
        if query.folder:
            selected = selected.filter(workflow__startswith=query.folder.strip("/") + "/")
        wanted = queries.JobFilter(
            controller=settings.STELLWERK_CONTROLLER_ID,
            states=query.state,
            workflow=query.workflow,
            job=query.job,
            agent=query.agent,
            order_id=query.order,
            criticalities=query.criticality,
            warned=query.warned,
            since=query.since,
            until=query.until,
        )
        try:
            page = queries.job_runs(
                selected, wanted, cursor=query.cursor or None, limit=query.limit
            )
        except CursorUnreadable as unreadable:
            raise invalid([FieldProblem("cursor", str(unreadable))]) from None
        jobs = [job_seen(job) for job in page.rows if isinstance(job, JobRun)]
        return as_json(JobPage(jobs, page.older, page.newer))


class HistoryJob(View):
    """One job run."""

    @told(answers={200: JobSeen})
    def get(self, request: Request, no: int) -> HttpResponse:
        """Tell about a job run."""
        job = job_of(self.account, no)
        return as_json(replace(job_seen(job), returned=returned_by(job)))


def job_of(account: Account, no: int) -> JobRun:
    """Return the job run that a journal entry started.

    Raises:
        NotThere: there is none, or the account may not see it.
    """
    found = None
    if no < 2**63:
        found = queries.job_run(rows(JobRun, account), settings.STELLWERK_CONTROLLER_ID, no)
    if found is None:
        raise NotThere(f"There is no job run {no}.")
    return found
