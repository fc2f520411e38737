"""Lines of a running job on their way to a page, as they are stored."""

import asyncio
from collections.abc import Awaitable, Callable

import msgspec
from channels.db import database_sync_to_async
from django.conf import settings

from cockpit.access.gate import rows
from cockpit.access.policy import Account
from cockpit.live.client import frame_of
from history import log_read, queries
from history.log_lines import Line
from history.models import JobRun

AT_ONCE = 500
LOOK_S = 1.0
"""How long at most until a look, should an announcement get lost."""

SETTLED_S = 3.0
"""How long after the end of a job its last lines may come."""


class Part(msgspec.Struct, frozen=True):
    """New lines, and whether the job has ended."""

    lines: list[Line]
    ended: bool


def _job_for(account: Account, no: int) -> JobRun | None:
    """Return a job run that the account may see."""
    return queries.job_run(rows(JobRun, account), settings.STELLWERK_CONTROLLER_ID, no)


def _part_of(account: Account, no: int, from_line: int) -> Part:
    """Return the next lines of a job run."""
    job = queries.job_run(rows(JobRun, account), settings.STELLWERK_CONTROLLER_ID, no)
    if job is None:
        return Part([], ended=True)
    return Part(log_read.page(job.attempt, from_line, AT_ONCE), job.ended_at is not None)


job_for = database_sync_to_async(_job_for)
part_of = database_sync_to_async(_part_of)


async def stream(
    account: Account,
    no: int,
    *,
    since: int,
    grew: asyncio.Event,
    send: Callable[[str], Awaitable[None]],
) -> None:
    """Send the lines of a job run after number `since` as they come, until it has ended.

    The last line is read again, for it may have been without its end.
    """
    topic, last = f"log:{no}", Line(since, "", 0, b"")
    quiet_s = 0.0
    while True:
        grew.clear()
        part = await part_of(account, no, max(1, last.no))
        fresh = [line for line in part.lines if line.no > last.no or _has_grown(line, last)]
        if fresh:
            quiet_s, last = 0.0, fresh[-1]
            lines = [[x.no, x.at_us, x.stream, log_read.text_of(x)] for x in fresh]
            await send(frame_of({"topic": topic, "lines": lines}))
        elif part.ended and quiet_s >= SETTLED_S:
            await send(frame_of({"topic": topic, "lines": [], "ended": True}))
            return
        if len(part.lines) < AT_ONCE:
            quiet_s += await _wait(grew)


def _has_grown(line: Line, last: Line) -> bool:
    return line.no == last.no and bool(last.stream) and len(line.text) > len(last.text)


async def _wait(grew: asyncio.Event) -> float:
    """Return how long nothing came."""
    try:
        await asyncio.wait_for(grew.wait(), LOOK_S)
    except TimeoutError:
        return LOOK_S
    return 0.0
