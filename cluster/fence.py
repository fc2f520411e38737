"""The only way to write for a role: a transaction that no later holder can be overtaken by.

Each writing transaction holds the role's advisory lock *shared*; a take-over needs it exclusively.
So a write either commits before the term is raised, or finds the new term and writes nothing.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import psycopg
from psycopg.pq import TransactionStatus

from cluster.commit import CommitWatch
from cluster.failures import LeadershipLost, NotFenceable
from cluster.lease import Token
from cluster.names import advisory_key

_LOCK = "SELECT pg_advisory_xact_lock_shared(%s)"
_CHECK = """
    SELECT current_setting('transaction_isolation') FROM cluster_lease
     WHERE role = %s AND term = %s AND holder = %s AND phase IN ('active', 'draining')"""


@contextmanager
def fenced(conn: psycopg.Connection, token: Token) -> Iterator[psycopg.Connection]:
    """Opens a transaction that commits only while `token` is the current one.

    One round trip opens it: BEGIN, lock and check travel together. Leaving the block commits, an
    exception rolls back. Use a connection from `connect_writer`, with no transaction open.

    Raises:
        LeadershipLost: the term is over; nothing was written.
        UnknownOutcome: the commit may or may not have happened; look it up.
        NotFenceable: this connection cannot be fenced.
    """
    if conn.info.transaction_status is not TransactionStatus.IDLE:
        raise NotFenceable("A transaction is open already; its commit is not the fence's to judge.")
    with CommitWatch(conn) as watch, ExitStack() as transaction:
        with conn.pipeline():
            # Not `conn.transaction()`: begun in a pipeline, it would stay in one to its end.
            transaction.enter_context(psycopg.Transaction(conn))
            check = _ask(conn, token)
        _judge(check, token)
        yield conn
        watch.committing()


def raise_fence(conn: psycopg.Connection, token: Token) -> None:
    """Fences the transaction that is open on `conn`, or opens with this; for other openers.

    Raises:
        LeadershipLost: the term is over; roll back.
        NotFenceable: the transaction's isolation is not read committed.
    """
    with conn.pipeline():
        check = _ask(conn, token)
    _judge(check, token)


def _ask(conn: psycopg.Connection, token: Token) -> psycopg.Cursor:
    # Two statements, not one: the check's snapshot has to be younger than the lock.
    conn.execute(_LOCK, (advisory_key(token.role),))
    return conn.execute(_CHECK, (token.role, token.term, token.holder))


def _judge(check: psycopg.Cursor, token: Token) -> None:
    found = check.fetchone()
    if found is None:
        raise LeadershipLost(f"{token.role}: term {token.term} of {token.holder} is over.")
    if found[0] != "read committed":
        # Any stricter level keeps the snapshot of the lock statement, taken before it was granted.
        raise NotFenceable(f"Fenced writes need read committed, this connection has {found[0]}.")
