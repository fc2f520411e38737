"""The statements on a lease: look, beat, take over, drain, release.

Each is one guarded change; the row itself is the compare-and-swap. The caller brings a connection
in autocommit mode. Nothing here decides or waits.
"""

from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from cluster.commit import CommitWatch
from cluster.lease import EventKind, Member, Phase, Reason, Seen, Token
from cluster.names import advisory_key, writers_of

_ENSURE = "INSERT INTO cluster_lease (role) VALUES (%s) ON CONFLICT (role) DO NOTHING"
_LOOK = "SELECT term, beat, holder, phase, intended FROM cluster_lease WHERE role = %s"
_LOOK_AND_LOCK = """
    SELECT term, beat, holder, phase, intended FROM cluster_lease WHERE role = %s FOR UPDATE"""
_BEAT = """
    UPDATE cluster_lease SET beat = beat + 1, changed_at = clock_timestamp()
     WHERE role = %(role)s AND term = %(term)s AND holder = %(holder)s
       AND phase IN ('active', 'draining')
    RETURNING term, beat, holder, phase, intended"""
_END_WRITERS = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE starts_with(application_name, %s) AND pid <> pg_backend_pid()"""
# The first eight hex digits of a WAL file's name are its timeline.
_RAISE_TERM = """
    UPDATE cluster_lease SET term = term + 1, holder = %s, beat = beat + 1, phase = 'active',
           intended = NULL, changed_at = clock_timestamp()
     WHERE role = %s
    RETURNING term, ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int"""
_ADVANCE = """
    UPDATE cluster_lease SET phase = %(phase)s, intended = %(to)s, beat = beat + 1,
           changed_at = clock_timestamp()
     WHERE role = %(role)s AND term = %(term)s AND holder = %(holder)s
       AND phase IN ('active', 'draining')"""
_INTEND = """
    UPDATE cluster_lease SET intended = %(to)s, changed_at = clock_timestamp(),
           phase = CASE phase WHEN 'shutdown' THEN 'released' ELSE phase END
     WHERE role = %(role)s AND phase IN ('active', 'shutdown')
       AND NOT starts_with(holder, %(to)s || '/')"""
_RECORD = """
    INSERT INTO cluster_lease_event (role, term, kind, who, detail)
    VALUES (%s, %s, %s, %s, %s)"""


def ensure(conn: psycopg.Connection, role: str) -> None:
    """Makes the role's row, vacant, if there is none yet."""
    conn.execute(_ENSURE, (role,))


def look(conn: psycopg.Connection, role: str) -> Seen | None:
    """Returns the lease row, or None before the role was ever used."""
    return _seen(conn.execute(_LOOK, (role,)).fetchone())


def beat(conn: psycopg.Connection, token: Token) -> Seen | None:
    """Raises the beat and returns the row, or None if the token is not the current one."""
    return _seen(conn.execute(_BEAT, _of(token)).fetchone())


def take_over(
    conn: psycopg.Connection, role: str, seen: Seen, *, member: Member, reason: Reason
) -> Token | None:
    """Raises the term and makes `member` the holder, if the row is still as `seen`.

    Ends the sessions of earlier holders and waits for their writes in flight, so nothing with an
    old term commits after this has.

    Raises:
        UnknownOutcome: the change may not be on the synchronous standby; do not act on it.
    """
    with CommitWatch(conn) as watch, conn.transaction():
        conn.execute("SET LOCAL lock_timeout = '2s'")
        conn.execute("SET LOCAL synchronous_commit TO DEFAULT")
        if _seen(conn.execute(_LOOK_AND_LOCK, (role,)).fetchone()) != seen:
            return None
        # A frozen holder may sit in an open transaction and keep the shared lock for ever.
        conn.execute(_END_WRITERS, (writers_of(role),))
        conn.execute("SELECT pg_advisory_xact_lock(%s)", (advisory_key(role),))
        token = _raise_term(conn, role, member)
        kind = EventKind.TOOK_OVER if reason is Reason.SILENT else EventKind.SWITCHED_OVER
        record(conn, token, kind, **{"from": seen.holder, "reason": reason.value})
        watch.committing()
    return token


def _raise_term(conn: psycopg.Connection, role: str, member: Member) -> Token:
    row = conn.execute(_RAISE_TERM, (member.holder, role)).fetchone()
    if row is None:
        raise psycopg.DataError(f"The lease row of {role} vanished under a row lock.")
    return Token(role, row[0], member.holder, row[1])


def drain(conn: psycopg.Connection, token: Token, to: str | None) -> bool:
    """Marks the lease as being handed over to the node `to`; False if the term is over."""
    with conn.transaction():
        return _advance(conn, token, Phase.DRAINING, EventKind.DRAINING, to=to)


def resume(conn: psycopg.Connection, token: Token) -> bool:
    """Calls a hand-over off; False if the term is over."""
    with conn.transaction():
        return _advance(conn, token, Phase.ACTIVE, EventKind.RESUMED, to=None)


def release(
    conn: psycopg.Connection, token: Token, *, to: str | None, phase: Phase, wait_s: float
) -> bool:
    """Gives the role up, once no write is in flight; False if the term is over.

    `phase` is RELEASED (the next node takes it at once) or SHUTDOWN (this node keeps it). With
    `wait_s` 0 it does not wait; the taker then ends the writes in flight.

    Raises:
        psycopg.errors.LockNotAvailable: a write was in flight for all of `wait_s`.
    """
    kind = EventKind.SHUT_DOWN if phase is Phase.SHUTDOWN else EventKind.RELEASED
    with conn.transaction():
        conn.execute("SET LOCAL synchronous_commit TO DEFAULT")
        if wait_s > 0:
            timeout_ms = str(max(1, int(wait_s * 1000)))
            conn.execute("SELECT set_config('lock_timeout', %s, true)", (timeout_ms,))
            conn.execute("SELECT pg_advisory_xact_lock(%s)", (advisory_key(token.role),))
        return _advance(conn, token, phase, kind, to=to)


def intend(conn: psycopg.Connection, role: str, to: str) -> bool:
    """Asks for a switch-over to the node `to`; False if there is no other holder to ask.

    The holder sees it with its next beat. A role that is shut down is handed over at once.
    """
    return conn.execute(_INTEND, {"role": role, "to": to}).rowcount == 1


def record(conn: psycopg.Connection, token: Token, kind: EventKind, **detail: str | None) -> None:
    """Adds a line to the role's log."""
    conn.execute(_RECORD, (token.role, token.term, kind.value, token.holder, Jsonb(detail)))


def _advance(
    conn: psycopg.Connection, token: Token, phase: Phase, kind: EventKind, *, to: str | None
) -> bool:
    changed = conn.execute(_ADVANCE, {**_of(token), "phase": phase.value, "to": to})
    if changed.rowcount == 1:
        record(conn, token, kind, to=to)
    return changed.rowcount == 1


def _of(token: Token) -> dict[str, Any]:
    return {"role": token.role, "term": token.term, "holder": token.holder}


def _seen(row: tuple[Any, ...] | None) -> Seen | None:
    if row is None:
        return None
    term, beat_no, holder, phase, intended = row
    return Seen(term, beat_no, holder, Phase(phase), intended)
