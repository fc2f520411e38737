"""The fence on a real database: who may write, and what a commit in doubt looks like."""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress

import psycopg
import pytest

from cluster import statements
from cluster.connection import connect_watcher, connect_writer
from cluster.failures import LeadershipLost, NotFenceable, UnknownOutcome
from cluster.fence import fenced
from cluster.lease import CONTROLLER, Member, Phase, Reason, Token
from cluster.names import advisory_key, writer

ROLE = "controller-1"
ANNE, BERT = Member("anne", "a1"), Member("bert", "b1")


@pytest.fixture
def watcher(dsn: str) -> Iterator[psycopg.Connection]:
    with connect_watcher(dsn, "lease:test", CONTROLLER) as conn:
        statements.ensure(conn, ROLE)
        conn.execute("CREATE TABLE written (term bigint, what text)")
        yield conn


def taken_by(conn: psycopg.Connection, member: Member) -> Token:
    seen = statements.look(conn, ROLE)
    assert seen is not None
    token = statements.take_over(conn, ROLE, seen, member=member, reason=Reason.SILENT)
    assert token is not None
    return token


def write(conn: psycopg.Connection, token: Token, what: str = "x") -> None:
    conn.execute("INSERT INTO written VALUES (%s, %s)", (token.term, what))


def written(conn: psycopg.Connection) -> list[str]:
    return [row[0] for row in conn.execute("SELECT what FROM written ORDER BY what")]


def test_the_holder_of_the_current_term_writes(dsn: str, watcher: psycopg.Connection) -> None:
    token = taken_by(watcher, ANNE)
    with connect_writer(dsn, token) as conn:
        with fenced(conn, token):
            write(conn, token)
        for _ in range(7):  # beyond the point where psycopg prepares statements
            with fenced(conn, token):
                pass
    assert written(watcher) == ["x"]


def test_an_exception_inside_rolls_back(dsn: str, watcher: psycopg.Connection) -> None:
    token = taken_by(watcher, ANNE)
    with connect_writer(dsn, token) as conn:
        with suppress(KeyError), fenced(conn, token):
            write(conn, token)
            raise KeyError
        with fenced(conn, token):
            write(conn, token, "after")
    assert written(watcher) == ["after"]


def test_an_old_term_writes_nothing(dsn: str, watcher: psycopg.Connection) -> None:
    old = taken_by(watcher, ANNE)
    taken_by(watcher, BERT)
    with (
        connect_writer(dsn, old) as conn,
        pytest.raises(LeadershipLost),
        fenced(conn, old),
    ):
        write(conn, old)
    assert written(watcher) == []


def test_after_a_release_the_old_token_writes_nothing(
    dsn: str, watcher: psycopg.Connection
) -> None:
    token = taken_by(watcher, ANNE)
    assert statements.release(watcher, token, to=None, phase=Phase.RELEASED, wait_s=1)
    with connect_writer(dsn, token) as conn, pytest.raises(LeadershipLost), fenced(conn, token):
        write(conn, token)
    assert written(watcher) == []


def test_a_write_that_waited_for_a_take_over_sees_the_new_term(
    dsn: str, watcher: psycopg.Connection
) -> None:
    assert written_during_take_over(dsn, watcher, fenced) == []


def test_lock_and_check_in_one_statement_would_write_with_the_old_term(
    dsn: str, watcher: psycopg.Connection
) -> None:
    """Negative control: such a check uses a snapshot from before the wait for the lock."""
    assert written_during_take_over(dsn, watcher, fenced_by_one_statement) == ["late"]


@contextmanager
def fenced_by_one_statement(conn: psycopg.Connection, token: Token) -> Iterator[object]:
    with conn.transaction():
        found = conn.execute(
            "SELECT pg_advisory_xact_lock_shared(%s) FROM cluster_lease WHERE term = %s",
            (advisory_key(token.role), token.term),
        ).fetchone()
        if found is None:
            raise LeadershipLost
        yield conn


Fence = Callable[[psycopg.Connection, Token], AbstractContextManager[object]]


def written_during_take_over(dsn: str, watcher: psycopg.Connection, fence: Fence) -> list[str]:
    """Lets a write wait for the lock while another session raises the term."""
    old = taken_by(watcher, ANNE)

    def late_write() -> None:
        # Under another name, so that the take-over does not simply end the session.
        session = psycopg.connect(dsn, autocommit=True, application_name="late")
        with session as conn, suppress(LeadershipLost), fence(conn, old):
            write(conn, old, "late")

    with psycopg.connect(dsn) as taker:
        taker.execute("SELECT pg_advisory_xact_lock(%s)", (advisory_key(ROLE),))
        thread = threading.Thread(target=late_write)
        thread.start()
        wait_for_lock(watcher, "late")
        taker.execute("UPDATE cluster_lease SET term = term + 1, holder = 'bert/b1'")
        taker.commit()
        thread.join(10)
    return written(watcher)


def wait_for_lock(conn: psycopg.Connection, application_name: str) -> None:
    waiting = (
        "SELECT 1 FROM pg_stat_activity WHERE application_name = %s AND wait_event = 'advisory'"
    )
    for _ in range(500):
        if conn.execute(waiting, (application_name,)).fetchone():
            return
        conn.execute("SELECT pg_sleep(0.01)")
    raise AssertionError(f"{application_name} never waited for the lock")


def test_a_take_over_ends_a_writer_that_sits_in_a_transaction(
    dsn: str, watcher: psycopg.Connection
) -> None:
    old = taken_by(watcher, ANNE)
    conn = connect_writer(dsn, old)

    def sit_in_a_transaction() -> None:
        with fenced(conn, old):
            write(conn, old)
            taken_by(watcher, BERT)

    # The commit fails on a session that is gone, so its outcome is not for the writer to know.
    with pytest.raises(UnknownOutcome):
        sit_in_a_transaction()
    assert conn.closed
    assert written(watcher) == []


def test_a_stricter_isolation_is_refused(dsn: str, watcher: psycopg.Connection) -> None:
    token = taken_by(watcher, ANNE)
    with connect_writer(dsn, token) as conn:
        conn.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        with pytest.raises(NotFenceable, match="repeatable read"), fenced(conn, token):
            write(conn, token)
    assert written(watcher) == []


def test_an_open_transaction_is_refused(dsn: str, watcher: psycopg.Connection) -> None:
    token = taken_by(watcher, ANNE)
    with connect_writer(dsn, token) as conn, conn.transaction():
        conn.execute("SELECT 1")
        with pytest.raises(NotFenceable, match="open already"), fenced(conn, token):
            write(conn, token)


def test_writers_carry_role_holder_and_term_in_their_name(
    dsn: str, watcher: psycopg.Connection
) -> None:
    token = taken_by(watcher, ANNE)
    with connect_writer(dsn, token) as conn:
        row = conn.execute("SELECT current_setting('application_name')").fetchone()
    assert row == (writer(token),) == ("w:controller-1:anne/a1:1",)


def test_a_warning_at_commit_means_unknown(dsn: str, watcher: psycopg.Connection) -> None:
    """What a cancelled wait for the synchronous standby answers: success, with a warning."""
    token = taken_by(watcher, ANNE)
    watcher.execute(
        "CREATE FUNCTION doubt() RETURNS trigger LANGUAGE plpgsql AS"
        " $$BEGIN RAISE WARNING 'canceling wait for synchronous replication'; RETURN NULL; END$$"
    )
    watcher.execute(
        "CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON written"
        " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION doubt()"
    )
    with connect_writer(dsn, token) as conn:
        with pytest.raises(UnknownOutcome, match="synchronous replication"), fenced(conn, token):
            write(conn, token)
        with fenced(conn, token):
            conn.execute("DO $$BEGIN RAISE WARNING 'said before the commit'; END$$")


def test_a_cancelled_wait_for_a_synchronous_standby_is_unknown(
    dsn: str, watcher: psycopg.Connection
) -> None:
    token = taken_by(watcher, ANNE)
    watcher.execute("ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
    watcher.execute("SELECT pg_reload_conf()")
    cancel = threading.Thread(target=cancel_sync_wait, args=(dsn,))
    cancel.start()
    try:
        with (
            connect_writer(dsn, token) as conn,
            pytest.raises(UnknownOutcome),
            fenced(conn, token),
        ):
            write(conn, token)
    finally:
        watcher.execute("ALTER SYSTEM RESET synchronous_standby_names")
        watcher.execute("SELECT pg_reload_conf()")
        cancel.join(10)


def cancel_sync_wait(dsn: str) -> None:
    statement = "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
    with psycopg.connect(dsn, autocommit=True) as conn:
        for _ in range(500):
            if conn.execute(statement).fetchone():
                return
            conn.execute("SELECT pg_sleep(0.01)")
    raise AssertionError("nobody waited for a synchronous standby")
