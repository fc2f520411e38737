"""The threads of the background services: each runs its service again and again.

Every start of a service is an occurrence in the store, keyed and fenced (`cluster.service`), so
people see what runs, when it failed and why, and no occurrence runs twice.
"""

import logging
import queue
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime

import psycopg

from cluster.connection import connect_writer
from cluster.failures import LeadershipLost, UnknownOutcome
from cluster.fence import fenced
from cluster.lease import Token
from cluster.service import (
    Points,
    RunState,
    Service,
    abandon,
    run_occurrence,
)

log = logging.getLogger(__name__)

LONGEST_BACKOFF_S = 30.0
HEALTHY_S = 60.0
WATCH_S = 2.0


class Running:
    """All services of one term, each in a thread; ends as a whole when the term is over."""

    def __init__(
        self,
        dsn: str,
        token: Token,
        stop: threading.Event,
        *,
        points: Points | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._dsn, self._token, self._stop, self._now = dsn, token, stop, now
        self.points = points or Points()
        self.deposed = False
        self._threads: list[threading.Thread] = []
        self._wakes: dict[str, queue.SimpleQueue[datetime | None]] = {}

    def begin(self) -> None:
        """Close the books of earlier terms.

        Raises:
            LeadershipLost: the term is over already.
        """
        with connect_writer(self._dsn, self._token) as conn:
            abandon(conn, self._token)

    def watch(self) -> None:
        """Return once `stop` is set; sets it when the term is over, even where nobody writes."""
        while not self._stop.is_set():
            try:
                with connect_writer(self._dsn, self._token) as conn:
                    while not self._stop.wait(WATCH_S):
                        with fenced(conn, self._token):
                            pass
            except LeadershipLost as lost:
                self._end(str(lost))
            except (psycopg.Error, UnknownOutcome) as problem:
                # Without a database nothing can be written by anybody; wait for it.
                log.warning("services.store_gone", extra={"problem": str(problem)})
                self._stop.wait(WATCH_S)

    def lasting(self, service: Service) -> None:
        """Keep a service running that ends only with the process; it restarts when it fails."""
        self._start(service, self._keep)

    def timed(self, service: Service) -> None:
        """Run a service each time somebody wakes it for an occurrence."""
        self._wakes[service.name] = queue.SimpleQueue()
        self._start(service, self._attend)

    def wake(self, name: str, planned_at: datetime) -> bool:
        """Let a timed service run one occurrence; False where there is none of that name.

        May be called twice for the same occurrence: its key lets it run once.
        """
        wakes = self._wakes.get(name)
        if wakes is not None:
            wakes.put(planned_at)
        return wakes is not None

    def run_now(self, name: str) -> bool:
        """Let a timed service run as soon as it can; False where there is none of that name."""
        return self.wake(name, self._now())

    def join(self, timeout_s: float) -> list[str]:
        """Wait for the threads after `stop`, and return the names of those that did not end."""
        for wakes in self._wakes.values():
            wakes.put(None)
        end = time.monotonic() + timeout_s
        for thread in self._threads:
            thread.join(max(0.0, end - time.monotonic()))
        return [thread.name for thread in self._threads if thread.is_alive()]

    def _start(self, service: Service, loop: Callable[[Service], None]) -> None:
        thread = threading.Thread(
            target=self._until_deposed, args=(service, loop), name=service.name, daemon=True
        )
        self._threads.append(thread)
        thread.start()

    def _until_deposed(self, service: Service, loop: Callable[[Service], None]) -> None:
        try:
            loop(service)
        except LeadershipLost as lost:
            self._end(str(lost))

    def _end(self, reason: str) -> None:
        log.warning("services.deposed", extra={"reason": reason})
        self.deposed = True
        self._stop.set()

    def _keep(self, service: Service) -> None:
        backoff_s = 0.5
        while not self._stop.is_set():
            began = time.monotonic()
            self._run(service, self._now())
            if time.monotonic() - began > HEALTHY_S:
                backoff_s = 0.5
            self._stop.wait(backoff_s)
            backoff_s = min(backoff_s * 2, LONGEST_BACKOFF_S)

    def _attend(self, service: Service) -> None:
        wakes = self._wakes[service.name]
        while (planned_at := wakes.get()) is not None:
            # Again where the store was away: the key keeps what was begun from being repeated.
            while not self._stop.is_set() and not self._run(service, planned_at):
                pass

    def _run(self, service: Service, planned_at: datetime) -> bool:
        """Run an occurrence; False where the store did not take down that it began or ended."""
        try:
            with connect_writer(self._dsn, self._token) as conn:
                state = run_occurrence(
                    conn, service, self._token, planned_at=planned_at, points=self.points
                )
        except (psycopg.Error, UnknownOutcome) as problem:
            log.warning(
                "service.unrecorded", extra={"service": service.name, "problem": str(problem)}
            )
            self._stop.wait(1.0)
            return False
        if state is RunState.FAILED:
            log.error("service.failed", extra={"service": service.name, "at": str(planned_at)})
        return True
