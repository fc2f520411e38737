"""The running system as a case sees it: requests by command rows, everything else by reading.

Plain SQL, so that the same code serves the started system and one that a test has started.
"""

import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec
import psycopg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from controller.journal import Entry, decode
from engine.facts import Fact, LockState, NoticeState
from engine.order.requests import Answer, Request

_encode = msgspec.msgpack.Encoder().encode
_decode_answer = msgspec.msgpack.Decoder(Answer).decode
_decode_fact: msgspec.msgpack.Decoder[Fact] = msgspec.msgpack.Decoder(Fact)
ANSWER_S = 60.0


class Ground:
    """One connection to the database of a running system, and the key of its site."""

    def __init__(
        self, dsn: str, site_key: Ed25519PrivateKey, agents: list[str], controller: str
    ) -> None:
        self.dsn, self.site_key, self.agents = dsn, site_key, agents
        self.controller = controller
        self._conn: psycopg.Connection[Any] | None = None

    def rows(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Return what a statement finds."""
        if self._conn is None or self._conn.closed:
            self._conn = psycopg.connect(self.dsn, autocommit=True)
        cursor = self._conn.execute(statement.encode(), values)
        return cursor.fetchall() if cursor.description else []

    def close(self) -> None:
        """Give the connection back."""
        if self._conn is not None:
            self._conn.close()

    def ask(self, request: Request) -> Answer | None:
        """Ask the controller and wait for its durable answer; None where none came in time."""
        made = uuid.uuid4()
        self.rows(
            "INSERT INTO controller_command (id, controller, lane, body, account, made_at)"
            " VALUES (%s, %s, 0, %s, 'conformance', %s)",
            made,
            self.controller,
            _encode(request),
            datetime.now(UTC),
        )
        self.rows("SELECT pg_notify(%s, '')", f"stellwerk_commands_{self.controller}")
        end = time.monotonic() + ANSWER_S
        while time.monotonic() < end:
            found = self.rows("SELECT answer FROM controller_command WHERE id=%s", made)
            if found[0][0] is not None:
                return _decode_answer(bytes(found[0][0]))
            time.sleep(0.02)
        return None

    def last_no(self) -> int:
        """Return the number of the last journal entry."""
        found = self.rows("SELECT coalesce(max(last_no), 0) FROM controller_journalbatch")
        return int(found[0][0])

    def entries_after(self, no: int) -> Iterator[Entry]:
        """Yield what the journal has behind a number."""
        found = self.rows(
            "SELECT body FROM controller_journalbatch WHERE last_no > %s ORDER BY first_no", no
        )
        for (body,) in found:
            yield from (entry for entry in decode(bytes(body)) if entry.no > no)

    def is_known(self, order_id: str) -> bool:
        """Tell whether the engine knows an order now."""
        return bool(self.rows("SELECT 1 FROM controller_orderrow WHERE order_id=%s", order_id))

    def notices(self, board: str) -> list[str]:
        """Return the keys of the notices that are present on a board."""
        found = self.rows(
            "SELECT key, body FROM controller_fact WHERE kind='notice' AND name=%s ORDER BY key",
            board,
        )
        states = {key: _decode_fact.decode(bytes(body)) for key, body in found}
        return [
            k for k, state in states.items() if isinstance(state, NoticeState) and state.present
        ]

    def lock(self, path: str) -> tuple[list[str], list[str]]:
        """Return who holds a lock, sorted, and its queue in order."""
        found = self.rows("SELECT body FROM controller_fact WHERE kind='lock' AND name=%s", path)
        state = _decode_fact.decode(bytes(found[0][0])) if found else LockState()
        assert isinstance(state, LockState)
        queue = self.rows(
            "SELECT order_id FROM controller_waiter WHERE kind='lock' AND name=%s"
            " ORDER BY negative_priority, no",
            path,
        )
        return sorted(state.holders), [order_id for (order_id,) in queue]
