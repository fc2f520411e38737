"""The loop of a follower: rows and position in one transaction, so it may stop anywhere.

Knows nothing of the rows. A second instance of the same follower cannot double anything, because
the position is raised by a guarded update before the rows are written.
"""

import logging
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from functools import partial
from typing import Protocol

import psycopg

from cluster.connection import connect_writer
from cluster.failures import LeadershipLost, UnknownOutcome
from cluster.fence import fenced
from cluster.lease import Token
from controller.feed import POLL_S, JournalTorn, heard, journal_channel, listen, read_after
from controller.journal import Entry

log = logging.getLogger(__name__)

FLAGGED_IN_A_ROW = 20
SMALL_BATCH = 50
SMALL_PAUSE_S = 0.02
FULL_PAUSE_S = 0.12
_FIRST_BACKOFF_S = 0.1
_LONGEST_BACKOFF_S = 5.0
_ABOUT_DATA = (psycopg.DataError, psycopg.IntegrityError)

Transaction = Callable[[psycopg.Connection], AbstractContextManager[object]]


class PositionMoved(Exception):
    """Another instance of this follower has taken the entries; nothing was written."""


class FollowerBroken(Exception):
    """One entry after another fails: the fault is not in the entries, so none is passed by."""


class Follower(Protocol):
    """Somebody who keeps rows that follow from the journal."""

    @property
    def name(self) -> str:
        """The name under which its position is kept."""
        ...

    def take(self, conn: psycopg.Connection, entries: Sequence[Entry]) -> None:
        """Write the rows that follow from the entries, in the transaction that is open.

        The transaction may fail afterwards and the same entries come again, maybe in parts.
        """
        ...

    def flag(self, conn: psycopg.Connection, entry: Entry, problem: str) -> None:
        """Note that an entry could not be taken and is passed by."""
        ...

    def mend(self, conn: psycopg.Connection, torn: JournalTorn) -> None:
        """Build anew, from state rows, what followed from entries that are purged."""
        ...


class Following:
    """One follower on one connection, step by step."""

    def __init__(
        self,
        conn: psycopg.Connection,
        follower: Follower,
        controller: str,
        *,
        transaction: Transaction,
    ) -> None:
        self._conn, self._follower, self._controller = conn, follower, controller
        self._transaction = transaction
        self._flagged = 0
        self.no = register(conn, follower.name, controller, transaction=transaction)

    def step(self) -> int:
        """Take in what is new, and return how many entries that was; 0 at the end of the journal.

        Raises:
            PositionMoved: another instance did it; begin again with a new `Following`.
        """
        try:
            entries = read_after(self._conn, self._controller, self.no)
        except JournalTorn as torn:
            self._mend(torn)
            return 1
        if entries:
            self._take(entries)
        return len(entries)

    def _take(self, entries: Sequence[Entry]) -> None:
        try:
            with self._transaction(self._conn):
                self._move(entries[-1].no)
                self._follower.take(self._conn, entries)
        except (LeadershipLost, UnknownOutcome, PositionMoved, FollowerBroken):
            raise
        except Exception as problem:
            if isinstance(problem, psycopg.Error) and not isinstance(problem, _ABOUT_DATA):
                raise
            if len(entries) == 1:
                self._flag(entries[0], problem)
                return
            # One of them is poison: halves find it, and the others are taken.
            middle = len(entries) // 2
            self._take(entries[:middle])
            self._take(entries[middle:])
            return
        self.no = entries[-1].no
        self._flagged = 0

    def _flag(self, entry: Entry, problem: Exception) -> None:
        self._flagged += 1
        if self._flagged > FLAGGED_IN_A_ROW:
            raise FollowerBroken(f"{self._flagged} entries in a row, now {entry.no}") from problem
        log.error(
            "follower.entry_flagged",
            extra={"follower": self._follower.name, "no": entry.no, "problem": repr(problem)},
        )
        with self._transaction(self._conn):
            self._move(entry.no)
            self._follower.flag(self._conn, entry, "".join(traceback.format_exception(problem)))
        self.no = entry.no

    def _mend(self, torn: JournalTorn) -> None:
        log.error("follower.torn", extra={"follower": self._follower.name, "problem": str(torn)})
        with self._transaction(self._conn):
            self._move(torn.first_no - 1)
            self._follower.mend(self._conn, torn)
        self.no = torn.first_no - 1

    def _move(self, no: int) -> None:
        moved = self._conn.execute(
            "UPDATE controller_feedposition SET no = %s"
            " WHERE follower = %s AND controller = %s AND no = %s",
            (no, self._follower.name, self._controller, self.no),
        )
        if moved.rowcount != 1:
            raise PositionMoved(f"{self._follower.name} is not at {self.no} any more")


def register(
    conn: psycopg.Connection, follower: str, controller: str, *, transaction: Transaction
) -> int:
    """Return the follower's position; a new one begins at 0 and from now on holds up purging."""
    with transaction(conn):
        conn.execute(
            "INSERT INTO controller_feedposition (follower, controller, no) VALUES (%s, %s, 0)"
            " ON CONFLICT DO NOTHING",
            (follower, controller),
        )
        found = conn.execute(
            "SELECT no FROM controller_feedposition WHERE follower = %s AND controller = %s",
            (follower, controller),
        ).fetchone()
    assert found is not None  # noqa: S101  # inserted above
    return int(found[0])


def run_follower(
    dsn: str,
    follower: Follower,
    stop: threading.Event,
    *,
    controller: str,
    token: Token | None = None,
    poll_s: float = POLL_S,
) -> None:
    """Follow until `stop` is set; waits for the database where it is gone.

    With a token every transaction is fenced by it.

    Raises:
        LeadershipLost: the token's term is over.
    """
    backoff_s = _FIRST_BACKOFF_S
    while not stop.is_set():
        began = time.monotonic()
        try:
            with connect_reader(dsn, token) as conn:
                listen(conn, journal_channel(controller))
                following = Following(conn, follower, controller, transaction=_opener(token))
                _loop(conn, following, stop, poll_s)
        except PositionMoved:
            stop.wait(poll_s)
        except (psycopg.Error, UnknownOutcome) as problem:
            log.warning(
                "follower.interrupted", extra={"follower": follower.name, "problem": str(problem)}
            )
            if time.monotonic() - began > _LONGEST_BACKOFF_S:
                # To connect proves nothing: a full disk lets everybody in and fails each write.
                backoff_s = _FIRST_BACKOFF_S
            stop.wait(backoff_s)
            backoff_s = min(backoff_s * 2, _LONGEST_BACKOFF_S)


def connect_reader(dsn: str, token: Token | None) -> psycopg.Connection:
    """Return a connection in autocommit mode, named after the token where there is one."""
    return connect_writer(dsn, token) if token else psycopg.connect(dsn, autocommit=True)


def _opener(token: Token | None) -> Transaction:
    return partial(fenced, token=token) if token else lambda conn: conn.transaction()


def _loop(
    conn: psycopg.Connection, following: Following, stop: threading.Event, poll_s: float
) -> None:
    while not stop.is_set():
        began = time.monotonic()
        taken = following.step()
        if taken:
            # A transaction costs as much as dozens of entries: under load let them gather.
            pause_s = SMALL_PAUSE_S if taken < SMALL_BATCH else FULL_PAUSE_S
            stop.wait(max(0.0, began + pause_s - time.monotonic()))
        else:
            _wait(conn, stop, poll_s)


def _wait(conn: psycopg.Connection, stop: threading.Event, poll_s: float) -> None:
    # In short slices, so that a stop need not wait for the poll.
    end = time.monotonic() + poll_s
    while not stop.is_set() and (left := end - time.monotonic()) > 0:
        if heard(conn, min(left, 0.25)):
            return
