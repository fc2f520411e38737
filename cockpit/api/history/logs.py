"""`/history/jobs/{id}/log/`: what a job wrote, by line, by search, as it was, and as it comes."""

import datetime as dt
import time
from collections.abc import Iterator
from typing import Annotated, Literal

import msgspec
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from msgspec import Meta
from rest_framework.request import Request

from cockpit.api.documented import told
from cockpit.api.history.lists import job_of
from cockpit.api.problem import FieldProblem, as_json, invalid
from cockpit.api.query import read_query
from cockpit.api.view import View
from history import log_read
from history.log_lines import Line
from history.models import JobRun

_FOLLOW_PAUSE_S = 0.25
_LONGEST_FOLLOW_S = 3600.0
_UNIX = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


class LogQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which part of a log. `text` searches, `raw` downloads one stream, `follow` waits for more."""

    from_line: Annotated[int, Meta(ge=1, le=2**53)] = 1
    lines: Annotated[int, Meta(ge=1, le=5_000)] = 500
    tail: Annotated[int, Meta(ge=0, le=5_000, description="The last lines instead.")] = 0
    text: Annotated[str, Meta(max_length=500)] = ""
    regex: bool = False
    ignore_case: bool = False
    raw: Literal["", "out", "err"] = ""
    follow: bool = False


class LineSeen(msgspec.Struct, frozen=True):
    """A line of a log; its number counts over both streams."""

    no: int
    stream: str
    at: dt.datetime
    text: str


class LogSeen(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a log, and how much there is of it. `ended` is whether no more can come."""

    id: int
    attempt: str
    total_lines: int
    out_bytes: int
    err_bytes: int
    ended: bool
    log: list[LineSeen]


class LogFound(msgspec.Struct, frozen=True):
    """The lines in which a search found something: how many, and the numbers of the first ones."""

    id: int
    count: int
    lines: list[int]


class JobLog(View):
    """The log of a job run."""

    @told(query=LogQuery, answers={200: (LogSeen, LogFound)})
    def get(self, request: Request, no: int) -> HttpResponseBase:
        """Return lines, the lines that a text is in, or the bytes of one stream."""
        query = read_query(request.GET, LogQuery)
        job = job_of(self.account, no)
        if query.raw:
            return _download(job, query.raw)
        if query.text:
            return _searched(job, query)
        if query.follow:
            return StreamingHttpResponse(
                follow(self, job, query.from_line), content_type="application/x-ndjson"
            )
        return as_json(log_seen(job, query))


def log_seen(job: JobRun, query: LogQuery) -> LogSeen:
    """Return the wanted part of a job run's log."""
    size = log_read.size(job.attempt)
    lines = (
        log_read.tail(job.attempt, query.tail)
        if query.tail
        else log_read.page(job.attempt, query.from_line, query.lines)
    )
    return LogSeen(
        id=job.no,
        attempt=job.attempt,
        total_lines=size.lines,
        out_bytes=size.out_bytes,
        err_bytes=size.err_bytes,
        ended=job.ended_at is not None,
        log=[line_seen(line) for line in lines],
    )


def line_seen(line: Line) -> LineSeen:
    """Return a line for the API: text, whatever bytes it was."""
    at = _UNIX + dt.timedelta(microseconds=line.at_us)
    return LineSeen(line.no, line.stream, at, log_read.text_of(line))


def follow(view: View, job: JobRun, from_line: int) -> Iterator[bytes]:
    """Yield lines as JSON, one each, until the job has ended and all of them are out."""
    end = time.monotonic() + _LONGEST_FOLLOW_S
    encode = msgspec.json.Encoder().encode
    while time.monotonic() < end:
        ended = job_of(view.account, job.no).ended_at is not None
        lines = log_read.page(job.attempt, from_line, 1_000)
        for line in lines:
            yield encode(line_seen(line)) + b"\n"
        if lines:
            from_line = lines[-1].no + 1
        elif ended:
            return
        else:
            time.sleep(_FOLLOW_PAUSE_S)


def _searched(job: JobRun, query: LogQuery) -> HttpResponse:
    try:
        found = log_read.search(
            job.attempt, query.text, is_regex=query.regex, ignore_case=query.ignore_case
        )
    except log_read.PatternRefused as refused:
        raise invalid([FieldProblem("text", str(refused))]) from None
    return as_json(LogFound(job.no, found.count, found.lines))


def _download(job: JobRun, stream: str) -> StreamingHttpResponse:
    response = StreamingHttpResponse(
        log_read.raw(job.attempt, stream), content_type="application/octet-stream"
    )
    response["Content-Disposition"] = f'attachment; filename="job-{job.no}.{stream}"'
    return response
