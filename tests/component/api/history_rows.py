"""Rows of the history, as its follower would write them."""

import datetime as dt
from typing import Any

import msgspec
from django.conf import settings
from django.db import connection

from history import partitions
from history.models import JobRun, Log, LogChunk, OrderRun, OrderRunState

DAY = dt.date(2026, 1, 31)
MOMENT = dt.datetime(2026, 1, 31, 8, tzinfo=dt.UTC)


def make_room() -> None:
    """Make the partitions of the day."""
    connection.ensure_connection()
    partitions.ensure(connection.connection, [DAY])


def order_run(order_id: str, run: int = 0, **changes: Any) -> OrderRun:
    """An order run; live and Ready where nothing else is said."""
    make_room()
    return OrderRun.objects.create(
        **{
            "day": DAY,
            "controller": settings.STELLWERK_CONTROLLER_ID,
            "run": run or (OrderRun.objects.count() + 1) << 20,
            "order_id": order_id,
            "workflow": "demo/report",
            "version": "v1",
            "state": "Ready",
            "group": "ready",
            "suspended": False,
            "live": True,
            "position": "0",
            "added_at": MOMENT + dt.timedelta(seconds=OrderRun.objects.count()),
            "priority": 0,
            "tags": [],
            "arguments": msgspec.msgpack.encode({"day": "x"}),
            "changed_no": 1,
            **changes,
        }
    )


def state(run: OrderRun, no: int, name: str, position: str = "0") -> OrderRunState:
    """A state of an order on its way."""
    return OrderRunState.objects.create(
        day=run.day,
        controller=run.controller,
        run=run.run,
        no=no,
        at=MOMENT,
        state=name,
        suspended=False,
        position=position,
    )


def job_run(run: OrderRun, no: int, **changes: Any) -> JobRun:
    """A job run of an order."""
    return JobRun.objects.create(
        **{
            "day": run.day,
            "controller": run.controller,
            "no": no,
            "run": run.run,
            "order_id": run.order_id,
            "workflow": run.workflow,
            "position": "0",
            "label": "start",
            "job": "work",
            "agent": "agent-1",
            "attempt": f"r-{no}",
            "started_at": MOMENT + dt.timedelta(seconds=no),
            **changes,
        }
    )


def log(job: JobRun, text: bytes) -> None:
    """What a job wrote to its standard output."""
    import zstandard

    lines = text.count(b"\n")
    Log.objects.create(
        controller=job.controller,
        attempt=job.attempt,
        day=job.day,
        agent=job.agent,
        chunks=1,
        lines=lines,
        out_bytes=len(text),
        err_bytes=0,
        open_bytes=0,
    )
    LogChunk.objects.create(
        day=job.day,
        controller=job.controller,
        attempt=job.attempt,
        n=1,
        stream="out",
        length=len(text),
        first_no=1,
        last_no=lines,
        joined_bytes=0,
        at=MOMENT,
        body=zstandard.compress(text),
    )
