"""A process's one reader of the journal, with any number of subscribers.

Pages that live and requests that wait share it. Knows nothing of what they do with the entries.
"""

import logging
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Self

import psycopg

from controller.commands import answer_to
from controller.feed import (
    POLL_S,
    JournalTorn,
    answers_channel,
    heard,
    journal_channel,
    last_no,
    listen,
    read_after,
)
from controller.journal import Entry
from engine.order.requests import Answer

log = logging.getLogger(__name__)

_LONGEST_PAUSE_S = 5.0

Take = Callable[[Sequence[Entry]], None]


class _Subscriber:
    """One in-process reader and how far it has come."""

    def __init__(self, take: Take, no: int | None, torn: Callable[[], None]) -> None:
        self.take, self.no, self.torn = take, no, torn

    def offer(self, entries: Sequence[Entry]) -> None:
        """Hand over what is new to it; its failures are its own."""
        assert self.no is not None  # noqa: S101  # set before the first offer
        fresh = entries if entries[0].no > self.no else [e for e in entries if e.no > self.no]
        self.no = max(self.no, entries[-1].no)
        if fresh:
            try:
                self.take(fresh)
            except Exception:
                # One broken subscriber must not silence the others of this process.
                log.exception("feed.subscriber_failed")


class Feed:
    """The reader of a process: one thread, one connection, any number of subscribers.

    Callbacks run on the reader's thread and must return at once. A subscriber that begins in the
    past catches up without a gap and without doubles.
    """

    def __init__(self, dsn: str, controller: str, *, poll_s: float = POLL_S) -> None:
        self._dsn, self._controller, self._poll_s = dsn, controller, poll_s
        self._subscribers: list[_Subscriber] = []
        self._listeners: dict[str, list[Callable[[str], None]]] = {}
        self._listened: set[str] = set()
        self._waiting: dict[str, list[threading.Event]] = {}
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._conn: psycopg.Connection | None = None
        self._read_at: float | None = None
        self._no: int | None = None
        self._thread = threading.Thread(target=self._run, name="feed", daemon=True)

    def start(self) -> Self:
        """Begin to read."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """End the reader; returns when its thread has ended."""
        self._stop.set()
        conn = self._conn
        if conn is not None:
            _nudge(self._dsn, self._controller)
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join(self._poll_s + 5)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        failure: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def lag_s(self) -> float | None:
        """Return the seconds since the journal was last read, None before the first time."""
        read_at = self._read_at
        return None if read_at is None else time.monotonic() - read_at

    def subscribe(
        self, take: Take, *, since_no: int | None = None, torn: Callable[[], None] = lambda: None
    ) -> Callable[[], None]:
        """Hand all entries after `since_no` (None: from now on) to `take`; returns how to end that.

        `torn` is called where entries after `since_no` are purged; `take` then goes on from now.
        """
        with self._lock:
            subscriber = _Subscriber(take, self._no if since_no is None else since_no, torn)
            self._subscribers.append(subscriber)

        def end() -> None:
            with self._lock:
                if subscriber in self._subscribers:
                    self._subscribers.remove(subscriber)

        return end

    def hear(self, channel: str, take: Callable[[str], None]) -> Callable[[], None]:
        """Hand what is announced on another channel to `take`: hints, which may be lost."""
        with self._lock:
            self._listeners.setdefault(channel, []).append(take)
        return lambda: self._listeners[channel].remove(take)

    def wait_answer(self, command_id: uuid.UUID, timeout_s: float = 5.0) -> Answer | None:
        """Return the answer to a command as soon as it is there, None after the time."""
        answered = threading.Event()
        key = str(command_id)
        with self._lock:
            self._waiting.setdefault(key, []).append(answered)
        try:
            return self._await_answer(command_id, answered, time.monotonic() + timeout_s)
        finally:
            with self._lock:
                left = [w for w in self._waiting.pop(key, []) if w is not answered]
                if left:
                    self._waiting[key] = left

    def _await_answer(
        self, command_id: uuid.UUID, answered: threading.Event, end: float
    ) -> Answer | None:
        if self._conn is not None:
            # The usual answer comes within milliseconds: one look afterwards instead of two.
            answered.wait(min(0.02, end - time.monotonic()))
            answered.clear()
        while (answer := answer_to(command_id)) is None and (left := end - time.monotonic()) > 0:
            # Without a reader, or with a lost announcement, polling still finds the answer.
            answered.wait(min(left, 0.5 if self._conn is not None else 0.05))
            answered.clear()
        return answer

    def _run(self) -> None:
        pause_s = 0.1
        while not self._stop.is_set():
            try:
                with psycopg.connect(self._dsn, autocommit=True) as conn:
                    pause_s = 0.1
                    self._follow(conn)
            except psycopg.Error as problem:
                log.warning("feed.interrupted", extra={"problem": str(problem)})
                self._stop.wait(pause_s)
                pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)
            finally:
                self._conn = None

    def _follow(self, conn: psycopg.Connection) -> None:
        answers = answers_channel(self._controller)
        listen(conn, journal_channel(self._controller), answers)
        self._listened = set()
        self._conn = conn
        while not self._stop.is_set():
            self._listen_to_more(conn)
            self._hand_out(conn)
            for note in heard(conn, self._poll_s):
                if note.channel == answers:
                    self._announce_answers(note.payload)
                else:
                    self._announce(note)

    def _listen_to_more(self, conn: psycopg.Connection) -> None:
        more = set(self._listeners) - self._listened
        listen(conn, *more)
        self._listened |= more

    def _hand_out(self, conn: psycopg.Connection) -> None:
        while not self._stop.is_set():
            with self._lock:
                subscribers = list(self._subscribers)
                self._no = self._no if subscribers else None
            self._begin(conn, subscribers)
            entries = self._read(conn, subscribers) if subscribers else []
            self._read_at = time.monotonic()
            if not entries:
                return
            self._no = max(self._no or 0, entries[-1].no)
            for subscriber in subscribers:
                subscriber.offer(entries)

    def _read(self, conn: psycopg.Connection, subscribers: list[_Subscriber]) -> list[Entry]:
        lowest = min(s.no for s in subscribers if s.no is not None)
        try:
            return read_after(conn, self._controller, lowest)
        except JournalTorn as torn:
            left_behind = [s for s in subscribers if s.no is not None and s.no < torn.first_no - 1]
            # First the number, then the word: who reads state rows when told misses nothing.
            now = last_no(conn, self._controller)
            for subscriber in left_behind:
                subscriber.no = now
                subscriber.torn()
            return self._read(conn, subscribers)

    def _begin(self, conn: psycopg.Connection, subscribers: list[_Subscriber]) -> None:
        if any(s.no is None for s in subscribers):
            now = last_no(conn, self._controller)
            for subscriber in subscribers:
                subscriber.no = now if subscriber.no is None else subscriber.no

    def _announce_answers(self, payload: str) -> None:
        with self._lock:
            for command_id in payload.split(","):
                for waiting in self._waiting.get(command_id, ()):
                    waiting.set()

    def _announce(self, note: psycopg.Notify) -> None:
        for take in list(self._listeners.get(note.channel, ())):
            try:
                take(note.payload)
            except Exception:
                log.exception("feed.subscriber_failed")


def _nudge(dsn: str, controller: str) -> None:
    try:
        with psycopg.connect(dsn, autocommit=True) as conn:
            conn.execute("SELECT pg_notify(%s, '')", (journal_channel(controller),))
    except psycopg.Error:
        return
