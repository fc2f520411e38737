"""Occurrences of background services: each at most once, fenced, and waited for by name."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from cluster import statements
from cluster.connection import connect_watcher, connect_writer
from cluster.failures import LeadershipLost
from cluster.lease import COCKPIT, Member, Reason, Token
from cluster.service import (
    Points,
    RunState,
    abandon,
    forget_runs,
    latest_occurrence,
    run_occurrence,
)

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Counting:
    """A service that counts its runs, or fails."""

    name = "cleanup"
    interval_s = 60.0

    def __init__(self, failure: Exception | None = None) -> None:
        self.runs: list[datetime] = []
        self.failure = failure

    def run_once(self, token: Token, planned_at: datetime) -> Mapping[str, int]:
        self.runs.append(planned_at)
        if self.failure:
            raise self.failure
        return {"deleted": 3}


def take(conn: psycopg.Connection, node: str) -> Token:
    statements.ensure(conn, "cockpit")
    seen = statements.look(conn, "cockpit")
    assert seen is not None
    member = Member(node, "1")
    token = statements.take_over(conn, "cockpit", seen, member=member, reason=Reason.SILENT)
    assert token is not None
    return token


@pytest.fixture
def watcher(dsn: str) -> Iterator[psycopg.Connection]:
    with connect_watcher(dsn, "lease:test", COCKPIT) as conn:
        yield conn


def states(conn: psycopg.Connection) -> list[tuple[object, ...]]:
    return conn.execute(
        "SELECT state, counts, problem FROM cluster_service_run ORDER BY planned_at"
    ).fetchall()


def test_an_occurrence_runs_once_even_if_two_schedulers_wake_it(
    dsn: str, watcher: psycopg.Connection
) -> None:
    token, service, points = take(watcher, "anne"), Counting(), Points()
    with connect_writer(dsn, token) as conn:
        outcomes = [
            run_occurrence(conn, service, token, planned_at=NOON, points=points) for _ in range(2)
        ]
    assert outcomes == [RunState.FINISHED, None]
    assert service.runs == [NOON]
    assert states(watcher) == [("finished", {"deleted": 3}, "")]
    assert points.wait_for("cleanup.ended", timeout_s=0)
    assert not points.wait_for("cleanup.ended", times=2, timeout_s=0)


def test_a_failed_occurrence_is_recorded_and_the_next_one_runs(
    dsn: str, watcher: psycopg.Connection
) -> None:
    token, service = take(watcher, "anne"), Counting(ValueError("no space"))
    with connect_writer(dsn, token) as conn:
        for minutes in (0, 1):
            planned_at = NOON + timedelta(minutes=minutes)
            run_occurrence(conn, service, token, planned_at=planned_at, points=Points())
    assert states(watcher) == [("failed", {}, "ValueError: no space")] * 2


def test_a_deposed_member_runs_nothing(dsn: str, watcher: psycopg.Connection) -> None:
    old, service = take(watcher, "anne"), Counting()
    take(watcher, "bert")
    with connect_writer(dsn, old) as conn, pytest.raises(LeadershipLost):
        run_occurrence(conn, service, old, planned_at=NOON, points=Points())
    assert service.runs == []


def test_what_an_earlier_term_left_running_is_abandoned(
    dsn: str, watcher: psycopg.Connection
) -> None:
    old = take(watcher, "anne")

    class Interrupted(Counting):
        def run_once(self, token: Token, planned_at: datetime) -> Mapping[str, int]:
            raise SystemExit

    with connect_writer(dsn, old) as conn, pytest.raises(SystemExit):
        run_occurrence(conn, Interrupted(), old, planned_at=NOON, points=Points())
    new = take(watcher, "bert")
    with connect_writer(dsn, new) as conn:
        assert abandon(conn, new) == 1
        assert abandon(conn, new) == 0
        assert run_occurrence(conn, Counting(), new, planned_at=NOON, points=Points()) is None
    assert states(watcher) == [("abandoned", {}, "")]


def test_what_a_killed_process_of_the_same_term_left_is_closed_by_the_next_run(
    dsn: str, watcher: psycopg.Connection
) -> None:
    token = take(watcher, "anne")

    class Killed(Counting):
        def run_once(self, token: Token, planned_at: datetime) -> Mapping[str, int]:
            raise SystemExit

    class Other(Killed):
        name = "journal"

    with connect_writer(dsn, token) as conn:
        for service in (Killed(), Other()):
            with pytest.raises(SystemExit):
                run_occurrence(conn, service, token, planned_at=NOON, points=Points())
        hour_later = NOON + timedelta(hours=1)
        run_occurrence(conn, Counting(), token, planned_at=hour_later, points=Points())
    found = watcher.execute("SELECT service, state FROM cluster_service_run ORDER BY id")
    assert found.fetchall() == [
        ("cleanup", "abandoned"),
        ("journal", "running"),
        ("cleanup", "finished"),
    ]


def test_old_runs_are_forgotten_except_the_newest_and_those_that_run(
    dsn: str, watcher: psycopg.Connection
) -> None:
    token = take(watcher, "anne")
    with connect_writer(dsn, token) as conn:
        for hours in range(3):
            planned_at = NOON + timedelta(hours=hours)
            run_occurrence(conn, Counting(), token, planned_at=planned_at, points=Points())
        conn.execute(
            "UPDATE cluster_service_run SET ended_at = NULL WHERE planned_at = %s", (NOON,)
        )
        assert forget_runs(conn, token, datetime.now(UTC) - timedelta(minutes=5)) == 0
        assert forget_runs(conn, token, datetime.now(UTC) + timedelta(minutes=5)) == 1
    found = watcher.execute("SELECT planned_at FROM cluster_service_run ORDER BY planned_at")
    assert [at for (at,) in found] == [NOON, NOON + timedelta(hours=2)]


def test_all_members_agree_on_the_grid_of_occurrences() -> None:
    later = NOON + timedelta(seconds=59.9)
    assert latest_occurrence(later, 60) == latest_occurrence(NOON, 60) == NOON
    assert latest_occurrence(later, 15) == NOON + timedelta(seconds=45)
