"""A controller's rounds over the tables of PostgreSQL, with nobody around it."""

import json
import time
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID, uuid4

import msgspec
import psycopg
import pytest

from cluster.connection import connect_writer
from cluster.lease import Token
from controller.journal import Entry, decode
from controller.round import Outside, Round
from controller.store import PostgresStore
from engine.order.requests import (
    AddOrders,
    Answer,
    Answered,
    NewOrder,
    Request,
    SignedItem,
    TakeItems,
)

CONTROLLER = "c"
TOKEN = Token("controller-c", 7, "one/a")


class Desk:
    """Asks a controller, and takes its rounds one by one."""

    def __init__(self, dsn: str, conn: psycopg.Connection) -> None:
        self.dsn, self.conn = dsn, conn
        self.now_us = time.time_ns() // 1000
        self.begin()

    def begin(self) -> None:
        """Begin anew, with nothing in memory."""
        store = PostgresStore(self.conn, CONTROLLER)
        self.round = Round(CONTROLLER, TOKEN, store, self._outside(), letters=deque())

    def _outside(self) -> Outside:
        return Outside(
            now_us=lambda: self.now_us,
            clock=time.monotonic,
            send=lambda _queue, _letter: None,
            drop=lambda _queue: None,
            verify=lambda request: [Answered(item.path, ok=True) for item in request.items],
            keys=dict,
            answer_join=lambda _sealed: False,
            joined=lambda _agent: None,
            outgrow=lambda _term: None,
            knows_batch=lambda _batch: False,
        )

    def ask(self, request: Request) -> UUID:
        """Write a request."""
        made = uuid4()
        with psycopg.connect(self.dsn, autocommit=True) as conn:
            conn.execute(
                "INSERT INTO controller_command (id, controller, lane, body, account, made_at)"
                " VALUES (%s, %s, 0, %s, 'test', now())",
                (made, CONTROLLER, msgspec.msgpack.encode(request)),
            )
        self.round.requests_wait = True
        return made

    def settle(self, most: int = 1_000) -> int:
        """Take rounds until nothing is to be done, and return how many that were."""
        for count in range(most):
            if not self.round.take():
                return count
        raise AssertionError("there is always something to be done")

    def done(self, request: Request) -> Answer:
        """Have a request carried out with all that follows."""
        made = self.ask(request)
        self.settle()
        (row,) = self.rows("SELECT answer FROM controller_command WHERE id=%s", made)
        answer = msgspec.msgpack.decode(row[0], type=Answer)
        assert answer.ok, answer
        return answer

    def deploy(self, kind: str, path: str, document: dict[str, Any]) -> None:
        """Let the controller take over a version of an object."""
        item = SignedItem(kind, path, "v1", json.dumps(document).encode(), b"signed")
        self.done(TakeItems((item,)))

    def add(self, workflow: str, *ids: str, **more: Any) -> None:
        """Add orders, and let them go as far as they can."""
        orders = tuple(NewOrder(id=i, workflow=workflow, **more) for i in ids)
        self.done(AddOrders(orders))

    def rows(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Return the rows of a query, or nothing of another statement."""
        with psycopg.connect(self.dsn, autocommit=True) as conn:
            cursor = conn.execute(statement.encode(), values)
            return cursor.fetchall() if cursor.description else []

    def states(self) -> dict[str, str]:
        """Return the state of every order."""
        return dict(self.rows("SELECT order_id, state FROM controller_orderrow"))

    def entries(self, which: Callable[[Entry], bool] = lambda _entry: True) -> list[Entry]:
        """Return entries of the journal."""
        bodies = self.rows("SELECT body FROM controller_journalbatch ORDER BY first_no")
        return [entry for (body,) in bodies for entry in decode(body) if which(entry)]


@pytest.fixture
def desk(dsn: str) -> Iterator[Desk]:
    with psycopg.connect(dsn, autocommit=True) as conn:
        conn.execute(
            "INSERT INTO cluster_lease (role, term, holder, beat, phase, note, changed_at)"
            " VALUES (%s, %s, %s, 1, 'active', '', now())",
            (TOKEN.role, TOKEN.term, TOKEN.holder),
        )
    with connect_writer(dsn, TOKEN) as conn:
        yield Desk(dsn, conn)
