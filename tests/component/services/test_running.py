"""The threads of the services: woken for an occurrence, once each, until the term is over."""

import queue
import threading
from collections.abc import Mapping
from datetime import UTC, datetime

import psycopg
import pytest

from cluster.connection import connect_writer
from cluster.failures import LeadershipLost
from cluster.lease import Token
from cluster.models import ServiceRun
from cockpit.services.running import Running
from tests.system.waiting import wait_until

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Counting:
    """A service that tells when it is run."""

    name = "cleanup"
    interval_s = 60.0

    def __init__(self) -> None:
        self.runs: queue.Queue[datetime] = queue.Queue()

    def run_once(self, token: Token, planned_at: datetime) -> Mapping[str, int]:
        self.runs.put(planned_at)
        return {}


@pytest.fixture
def stop() -> threading.Event:
    return threading.Event()


def test_a_moment_that_wakes_twice_runs_once_and_run_now_runs_besides(
    dsn: str, token: Token, stop: threading.Event
) -> None:
    service, later = Counting(), NOON.replace(minute=7)
    running = Running(dsn, token, stop, now=lambda: later)
    running.timed(service)
    assert [running.wake("cleanup", NOON) for _ in range(2)] == [True, True]
    assert running.run_now("cleanup")
    assert not running.run_now("unknown")
    assert [service.runs.get(timeout=10) for _ in range(2)] == [NOON, later]
    stop.set()
    assert running.join(10) == []
    assert service.runs.empty()


def test_an_occurrence_waits_for_a_store_that_is_away(
    dsn: str, token: Token, stop: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = threading.Event()

    def away_once(dsn: str, token: Token) -> psycopg.Connection:
        if not refused.is_set():
            refused.set()
            raise psycopg.OperationalError("gone")
        return connect_writer(dsn, token)

    monkeypatch.setattr("cockpit.services.running.connect_writer", away_once)
    service = Counting()
    running = Running(dsn, token, stop)
    running.timed(service)
    running.wake("cleanup", NOON)
    assert service.runs.get(timeout=10) == NOON
    assert refused.is_set()
    wait_until(lambda: ServiceRun.objects.filter(state="finished").exists())
    stop.set()
    running.join(10)


def test_all_threads_end_when_the_term_is_over(
    dsn: str, token: Token, stop: threading.Event, conn: psycopg.Connection
) -> None:
    service = Counting()
    running = Running(dsn, token, stop)
    running.begin()
    running.timed(service)
    conn.execute("UPDATE cluster_lease SET term = 4, holder = 'cockpit-2/bb'")
    running.wake("cleanup", NOON)
    assert stop.wait(10)
    assert running.deposed
    assert running.join(10) == []
    assert service.runs.empty()
    with pytest.raises(LeadershipLost):
        running.begin()
