"""What jobs wrote, from the carrier to the store, and the word to agents that it is stored.

A letter is dropped once it is stored or cannot be read: an agent sends again whatever is not
acknowledged, so losing or doubling letters costs nothing but time.
"""

import base64
import binascii
import datetime as dt
import logging
import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any

import msgspec
import psycopg
from kombu import Connection, Consumer, Queue

from agents.protocol import LogChunk, queue_of_logs
from cluster.failures import UnknownOutcome
from history.logs import LogMoved, Stored, store

log = logging.getLogger(__name__)

LETTERS_AT_ONCE = 64
BYTES_AT_ONCE = 8 << 20
GATHER_S = 0.05
IDLE_S = 0.5
_LONGEST_BACKOFF_S = 5.0
_BROKER = {"socket_connect_timeout": 2, "socket_keepalive": True}

Transaction = Callable[[], AbstractContextManager[psycopg.Connection]]
"""Opens a transaction that is committed at its end; fenced, in a process that may be deposed."""

Tell = Callable[[Sequence[Stored]], None]
"""Tells agents how far their output is stored. May lose what it is given."""

_chunks = msgspec.msgpack.Decoder(list[LogChunk])
_body = msgspec.json.Decoder()


class Receiver:
    """Takes letters from the queue of logs and stores them in batches."""

    def __init__(
        self, broker_url: str, controller: str, *, transaction: Transaction, tell: Tell
    ) -> None:
        self._broker_url, self._controller = broker_url, controller
        self._transaction, self._tell = transaction, tell
        self._letters: list[Any] = []
        self._bytes = 0

    def run(self, stop: threading.Event) -> None:
        """Receive until `stop` is set; waits for broker and database where they are gone."""
        backoff_s = 0.1
        troubles = _troubles(self._broker_url)
        while not stop.is_set():
            try:
                with Connection(
                    self._broker_url, transport_options=_BROKER, connect_timeout=2
                ) as broker:
                    backoff_s = self._receive(broker, stop, backoff_s)
            except troubles as problem:
                log.warning("logs.interrupted", extra={"problem": str(problem)})
                self._letters, self._bytes = [], 0
                stop.wait(backoff_s)
                backoff_s = min(backoff_s * 2, _LONGEST_BACKOFF_S)

    def _receive(self, broker: Connection, stop: threading.Event, backoff_s: float) -> float:
        queue = Queue(queue_of_logs(self._controller))
        consumer = Consumer(
            broker, [queue], on_message=self._take, prefetch_count=LETTERS_AT_ONCE * 2
        )
        with consumer:
            while not stop.is_set():
                self._gather(broker)
                if self._letters:
                    self._store()
                    backoff_s = 0.1
        return backoff_s

    def _gather(self, broker: Connection) -> None:
        """Wait for a letter, then take what else has come: a busy queue makes big batches."""
        wait_s = IDLE_S
        while len(self._letters) < LETTERS_AT_ONCE and self._bytes < BYTES_AT_ONCE:
            try:
                broker.drain_events(timeout=wait_s)
            except TimeoutError:
                return
            wait_s = GATHER_S

    def _take(self, message: Any) -> None:
        self._letters.append(message)
        self._bytes += len(message.body)

    def _store(self) -> None:
        letters, self._letters, self._bytes = self._letters, [], 0
        self._store_all(letters)
        for letter in letters:
            letter.ack()

    def _store_all(self, letters: Sequence[Any]) -> None:
        chunks = [chunk for letter in letters for chunk in read_letter(letter.body)]
        if not chunks:
            return
        try:
            with self._transaction() as conn:
                stored = store(conn, self._controller, chunks, dt.datetime.now(dt.UTC).date())
        except (psycopg.DataError, psycopg.IntegrityError) as problem:
            if len(letters) == 1:
                log.warning("logs.letter_dropped", extra={"problem": str(problem)})
                return
            # One of them cannot be stored; the others can.
            self._store_all(letters[: len(letters) // 2])
            self._store_all(letters[len(letters) // 2 :])
        else:
            self._tell(stored)


def read_letter(body: bytes | str) -> list[LogChunk]:
    """Return the chunks of a letter; none, with a word in the log, where it cannot be read.

    A letter is the only argument of a Celery message: msgpack in base64.
    """
    try:
        (letter,), *_ = _body.decode(body)
        return _chunks.decode(base64.b64decode(letter, validate=True))
    except (msgspec.MsgspecError, binascii.Error, ValueError, TypeError) as problem:
        log.warning("logs.letter_dropped", extra={"problem": str(problem)})
        return []


def _troubles(broker_url: str) -> tuple[type[BaseException], ...]:
    broker = Connection(broker_url)
    of_broker: tuple[type[BaseException], ...] = broker.connection_errors + broker.channel_errors
    return (OSError, psycopg.Error, UnknownOutcome, LogMoved, *of_broker)
