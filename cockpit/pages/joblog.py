"""`/history/jobs/NO/log/`: the log of one job run, its lines for the island, its text as a file."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.text import slugify

from cockpit.access.account import Actor
from cockpit.access.failures import NotThere
from cockpit.access.gate import rows
from cockpit.access.policy import Account
from cockpit.pages.addresses import order_at, workflow_at
from cockpit.pages.door import page, render
from cockpit.pages.family import family_steps, root_of
from cockpit.pages.steps import step_of
from history import log_read, queries
from history.log_lines import Line
from history.models import JobRun

STREAMS = {"out": "stdout", "err": "stderr"}
MOST_LINES = 2_000
_LINES_OF_FILE = 5_000
_LARGEST_NO = 2**62


@page()
def job_log(request: HttpRequest, actor: Actor, no: int) -> HttpResponse:
    """Show the log beside the other steps of the order."""
    job = job_at(actor.account, no)
    root = root_of(actor.account, job)
    context = {
        "page_title": f"Log of {job.label or job.job}",
        "job": job,
        "chosen": step_of(job),
        "steps": family_steps(actor.account, root) if root else [step_of(job)],
        "order_href": order_at(job.order_id),
        "workflow_href": workflow_at(job.workflow),
    }
    return render(request, actor, "history/job_log.html", context)


@page()
def log_lines(request: HttpRequest, actor: Actor, no: int) -> HttpResponse:
    """Answer lines by number, the last ones without one, or where a text stands."""
    job = job_at(actor.account, no)
    text = request.GET.get("text", "")
    if text:
        found = log_read.search(job.attempt, text[:500], ignore_case=True)
        return _json({"hits": found.lines, "count": found.count})
    count = min(_number(request, "lines", 500), MOST_LINES)
    first = _number(request, "from_line", 0)
    # The size is read first: lines that come in between belong to the next answer.
    size = log_read.size(job.attempt)
    lines = log_read.page(job.attempt, first, count) if first else log_read.tail(job.attempt, count)
    return _json(
        {
            "lines": [_shown(line) for line in lines],
            "total": max(size.lines, lines[-1].no if lines else 0),
            "bytes": size.out_bytes + size.err_bytes,
            "ended": job.ended_at is not None,
        }
    )


@page()
def log_file(request: HttpRequest, actor: Actor, no: int) -> HttpResponseBase:
    """Answer the whole log as a file, a piece at a time; one stream exactly as it was written."""
    job = job_at(actor.account, no)
    stream = request.GET.get("stream", "")
    pieces = log_read.raw(job.attempt, stream) if stream in STREAMS else _merged(job.attempt)
    mark = f"-{stream}" if stream in STREAMS else ""
    name = f"{slugify(job.label or job.job) or 'job'}-{no}{mark}"
    given: Any = _async(pieces) if isinstance(request, ASGIRequest) else pieces
    return StreamingHttpResponse(
        given,
        content_type="text/plain; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{name}.log"',
            "X-Content-Type-Options": "nosniff",
        },
    )


def job_at(account: Account, no: int) -> JobRun:
    """Return a job run.

    Raises:
        NotThere: there is none with this number, or the account may not see it.
    """
    found = None
    if no < _LARGEST_NO:
        found = queries.job_run(rows(JobRun, account), settings.STELLWERK_CONTROLLER_ID, no)
    if found is None:
        raise NotThere(f"There is no job run {no}.")
    return found


def _shown(line: Line) -> tuple[int, int, str, str]:
    return line.no, line.at_us, STREAMS.get(line.stream, line.stream), log_read.text_of(line)


def _number(request: HttpRequest, name: str, otherwise: int) -> int:
    text = request.GET.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 16 else otherwise


def _merged(attempt: str) -> Iterator[bytes]:
    """Yield both streams in the order in which they came."""
    first = 1
    while lines := log_read.page(attempt, first, _LINES_OF_FILE):
        yield b"".join(line.text + b"\n" for line in lines)
        first = lines[-1].no + 1


async def _async(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    """Yield the pieces without holding up the server while the database reads."""
    following = sync_to_async(lambda: next(pieces, None))
    while (piece := await following()) is not None:
        yield piece


def _json(answer: dict[str, Any]) -> HttpResponse:
    return JsonResponse(answer, headers={"Cache-Control": "no-store"})
