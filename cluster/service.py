"""The form of a background service: named, in intervals, each occurrence at most once.

An occurrence is keyed `(service, planned_at)`: its row is inserted in a fenced transaction, and
whoever inserts it runs it. So neither two members nor two schedulers can run one occurrence twice.
"""

import enum
import threading
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Protocol

import psycopg
from psycopg.types.json import Jsonb

from cluster.fence import fenced
from cluster.lease import Token

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class RunState(enum.StrEnum):
    """How far an occurrence is."""

    RUNNING = "running"  # its member leads to finished or failed; a later term to abandoned
    FINISHED = "finished"  # final: `run_once` returned
    FAILED = "failed"  # final: `run_once` raised
    ABANDONED = "abandoned"  # final: its process ended, or lost its role, meanwhile


class Service(Protocol):
    """Work that the active member does again and again."""

    @property
    def name(self) -> str:
        """The name people see and the first half of each occurrence's key."""
        ...

    @property
    def interval_s(self) -> float:
        """Seconds between two occurrences."""
        ...

    def run_once(self, token: Token, planned_at: datetime) -> Mapping[str, int]:
        """Does the work of one occurrence, with fenced writes, and returns what it counted."""
        ...


class Points:
    """Named points that code passes and tests wait for."""

    def __init__(self) -> None:
        self._passed: dict[str, int] = {}
        self._changed = threading.Condition()

    def reach(self, name: str) -> None:
        """Counts that the code came by."""
        with self._changed:
            self._passed[name] = self._passed.get(name, 0) + 1
            self._changed.notify_all()

    def wait_for(self, name: str, *, times: int = 1, timeout_s: float = 10.0) -> bool:
        """Returns True once the point was passed `times` times, False after `timeout_s`."""
        with self._changed:
            return self._changed.wait_for(lambda: self._passed.get(name, 0) >= times, timeout_s)


def latest_occurrence(now: datetime, interval_s: float) -> datetime:
    """Returns the newest moment at or before `now` on a grid that is the same everywhere."""
    interval = timedelta(seconds=interval_s)
    return _EPOCH + ((now - _EPOCH) // interval) * interval


def run_occurrence(
    conn: psycopg.Connection,
    service: Service,
    token: Token,
    *,
    planned_at: datetime,
    points: Points,
) -> RunState | None:
    """Runs one occurrence unless somebody did already; returns how it ended, None if not run.

    Passes the points `NAME.claimed` and `NAME.ended`. An exception of the service ends this
    occurrence only.

    Raises:
        LeadershipLost: before the run (nothing was done) or after it (its result is not recorded).
    """
    if not _claim(conn, service.name, token, planned_at):
        return None
    points.reach(f"{service.name}.claimed")
    state, counts, problem = RunState.FINISHED, {}, ""
    try:
        counts = dict(service.run_once(token, planned_at))
    except Exception as failure:
        # One failed occurrence must not end the loop; people read it on the cluster page.
        state, problem = RunState.FAILED, f"{type(failure).__name__}: {failure}"
    result = {"state": state.value, "counts": Jsonb(counts), "problem": problem}
    _end(conn, service.name, token, planned_at=planned_at, result=result)
    points.reach(f"{service.name}.ended")
    return state


def abandon(conn: psycopg.Connection, token: Token) -> int:
    """Marks what earlier terms left running, returns how many; for the start of a term."""
    with fenced(conn, token):
        return conn.execute(
            "UPDATE cluster_service_run SET state = 'abandoned', ended_at = clock_timestamp()"
            " WHERE state = 'running' AND term < %s",
            (token.term,),
        ).rowcount


def forget_runs(conn: psycopg.Connection, token: Token, before: datetime) -> int:
    """Deletes occurrences that ended before a moment, returns how many.

    The newest one of each service stays, so that people see when a rare one last ran.
    """
    with fenced(conn, token):
        return conn.execute(
            "DELETE FROM cluster_service_run old WHERE ended_at < %s AND EXISTS ("
            " SELECT 1 FROM cluster_service_run newer"
            " WHERE newer.service = old.service AND newer.planned_at > old.planned_at)",
            (before,),
        ).rowcount


def _claim(conn: psycopg.Connection, name: str, token: Token, planned_at: datetime) -> bool:
    with fenced(conn, token):
        claimed = conn.execute(
            "INSERT INTO cluster_service_run (service, planned_at, term, holder, state)"
            " VALUES (%s, %s, %s, %s, 'running') ON CONFLICT (service, planned_at) DO NOTHING",
            (name, planned_at, token.term, token.holder),
        )
        if claimed.rowcount != 1:
            return False
        # A service runs in one thread of one process: what it seems to run besides was killed.
        conn.execute(
            "UPDATE cluster_service_run SET state = 'abandoned', ended_at = clock_timestamp()"
            " WHERE service = %s AND state = 'running' AND planned_at <> %s",
            (name, planned_at),
        )
        return True


def _end(
    conn: psycopg.Connection,
    name: str,
    token: Token,
    *,
    planned_at: datetime,
    result: Mapping[str, object],
) -> None:
    with fenced(conn, token):
        conn.execute(
            "UPDATE cluster_service_run SET state = %(state)s, counts = %(counts)s,"
            " problem = %(problem)s, ended_at = clock_timestamp()"
            " WHERE service = %(name)s AND planned_at = %(at)s AND term = %(term)s"
            " AND state = 'running'",
            {**result, "name": name, "at": planned_at, "term": token.term},
        )
