"""A member that freezes between two statements holds up nobody who takes over."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing
from typing import Any

import psycopg
import pytest

from cluster import statements
from cluster.connection import connect_watcher
from cluster.lease import LeaseConfig, Member, Reason
from cluster.role import Role

QUICK = LeaseConfig(
    beat_s=0.1, poll_s=0.05, self_fence_s=0.5, lost_s=1.0, uncoupled_s=0.5, drain_s=0.6,
    progress_limit_s=60.0,
)  # fmt: skip
ROLE = "controller"


class Freezer:
    """Freezes a member where it reads the answer to a statement that was sent."""

    def __init__(self) -> None:
        self.armed, self.frozen, self._thawed = (threading.Event() for _ in range(3))

    def connect(self, *given: Any) -> psycopg.Connection:
        """Return a connection as members have it, whose reading may freeze."""
        conn = connect_watcher(*given)
        conn.cursor_factory = self._cursor()
        return conn

    def thaw(self) -> None:
        """Let it go on."""
        self.armed.clear()
        self._thawed.set()

    def _cursor(self) -> type[psycopg.Cursor]:
        freezer = self

        class Freezing(psycopg.Cursor):
            def fetchone(self) -> Any:
                if freezer.armed.is_set():
                    freezer.frozen.set()
                    freezer._thawed.wait(60)
                return super().fetchone()

        return Freezing


@pytest.fixture
def freezer() -> Iterator[Freezer]:
    made = Freezer()
    yield made
    made.thaw()


def test_a_holder_frozen_behind_its_beat_is_followed(
    dsn: str, freezer: Freezer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ExitStack() as running:
        running.callback(freezer.thaw)
        with monkeypatch.context() as patched:
            patched.setattr("cluster.candidate.connect_watcher", freezer.connect)
            anne = running.enter_context(Role(dsn, ROLE, "anne", config=QUICK))
            assert anne.wait_for_leadership(10)
        bert = running.enter_context(Role(dsn, ROLE, "bert", config=QUICK))
        freezer.armed.set()
        assert freezer.frozen.wait(10)
        assert bert.wait_for_leadership(10)


def test_a_member_frozen_in_a_take_over_is_ended_by_the_server(dsn: str) -> None:
    with closing(connect_watcher(dsn, "lease:a", QUICK)) as frozen:
        statements.ensure(frozen, ROLE)
        frozen.execute("BEGIN")
        frozen.execute("SELECT 1 FROM cluster_lease WHERE role = %s FOR UPDATE", (ROLE,))
        with connect_watcher(dsn, "lease:b", LeaseConfig()) as conn:
            seen = statements.look(conn, ROLE)
            assert seen
            bert = Member("bert", "b1")
            assert statements.take_over(conn, ROLE, seen, member=bert, reason=Reason.VACANT)
