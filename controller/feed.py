"""The journal, read in the order of its numbers.

One fenced writer numbers densely and commits in order, so "everything after n" misses nothing.
Readers pull; the database's announcements only say when. Knows nothing of what readers do with it.
"""

import select

import psycopg
from psycopg import sql

from controller.journal import Entry, decode

POLL_S = 1.0
BATCHES_AT_ONCE = 100


class JournalTorn(Exception):
    """Entries that a reader still needed are purged; it has to begin anew from state rows."""

    def __init__(self, after_no: int, first_no: int) -> None:
        super().__init__(f"the journal begins at {first_no}, entries after {after_no} are purged")
        self.after_no = after_no
        self.first_no = first_no


def read_after(
    conn: psycopg.Connection, controller: str, no: int, limit_batches: int = BATCHES_AT_ONCE
) -> list[Entry]:
    """Return the entries after a number in order, from at most `limit_batches` turns.

    Raises:
        JournalTorn: the entry `no + 1` is purged.
    """
    found = conn.execute(
        "SELECT first_no, body FROM controller_journalbatch"
        " WHERE controller = %s AND last_no > %s ORDER BY last_no LIMIT %s",
        (controller, no, limit_batches),
        binary=True,
    ).fetchall()
    if found and found[0][0] > no + 1:
        raise JournalTorn(no, found[0][0])
    entries = [entry for _, body in found for entry in decode(body)]
    skip = next((i for i, entry in enumerate(entries) if entry.no > no), len(entries))
    return entries[skip:]


def last_no(conn: psycopg.Connection, controller: str) -> int:
    """Return the number of the newest entry, 0 in an empty journal."""
    found = conn.execute(
        "SELECT coalesce(max(last_no), 0) FROM controller_journalbatch WHERE controller = %s",
        (controller,),
    ).fetchone()
    return int(found[0]) if found else 0


def journal_channel(controller: str) -> str:
    """Return the channel on which each committed turn is announced by its last number."""
    return f"stellwerk_journal_{controller}"


def answers_channel(controller: str) -> str:
    """Return the channel on which ids of answered commands are announced."""
    return f"stellwerk_answers_{controller}"


def listen(conn: psycopg.Connection, *channels: str) -> None:
    """Subscribe a connection in autocommit mode to channels."""
    for channel in channels:
        conn.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel)))


def heard(conn: psycopg.Connection, timeout_s: float) -> list[psycopg.Notify]:
    """Return the announcements that have come, waiting for the first one up to `timeout_s`.

    The driver's own wait looks up ten times a second; a process that listens all day should sleep.
    """
    found = list(conn.notifies(timeout=0))
    if not found:
        select.select([conn.fileno()], [], [], timeout_s)
        found = list(conn.notifies(timeout=0))
    return found
