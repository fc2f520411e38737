"""The two stores of a turn, each with the token of the present term and that of an earlier one."""

from collections.abc import Iterable, Iterator
from typing import Protocol
from uuid import UUID

import msgspec
import psycopg
import pytest

from cluster.connection import connect_writer
from cluster.lease import Token
from controller.changes import Changes, LinkState, Store
from controller.store import PostgresStore
from engine.order.requests import SignedItem
from simulation.store import MemoryStore

TERM = 7
TABLES = pytest.mark.django_db(transaction=True)


class WholeStore(Store, Protocol):
    """What both stores can do beyond what a turn reads."""

    def last_no(self) -> int: ...
    def links(self) -> dict[str, LinkState]: ...
    def due(self, above_us: int, upto_us: int, limit: int) -> list[tuple[int, str]]: ...
    def held_by(self, agent: str) -> list[str]: ...
    def outbox(self, agent: str, after: int, limit: int) -> list[tuple[int, bytes]]: ...
    def knows_batch(self, batch: UUID) -> bool: ...
    def commit(self, changes: Changes, token: Token, batch: UUID | None = None) -> None: ...


class Held(msgspec.Struct):
    """A store with the right to write to it."""

    store: WholeStore
    token: Token

    def commit(self, changes: Changes, batch: UUID | None = None) -> None:
        """Write with the present term."""
        self.store.commit(changes, self.token, batch)


def taken(*items: SignedItem, revoked: Iterable[tuple[str, str]] = ()) -> Changes:
    """Return the changes of a turn that takes versions over and revokes objects."""
    changes = Changes()
    changes.take(items, revoked)
    return changes


@pytest.fixture
def token() -> Token:
    return Token("controller-c", TERM, "one/a")


@pytest.fixture
def memory(token: Token) -> Held:
    store = MemoryStore()
    store.term = token.term
    return Held(store, token)


@pytest.fixture
def postgres(dsn: str, token: Token) -> Iterator[Held]:
    with psycopg.connect(dsn, autocommit=True) as conn:
        conn.execute(
            "INSERT INTO cluster_lease (role, term, holder, beat, phase, note, changed_at)"
            " VALUES (%s, %s, %s, 1, 'active', '', now())",
            (token.role, token.term, token.holder),
        )
    with connect_writer(dsn, token) as conn:
        yield Held(PostgresStore(conn, "c"), token)


@pytest.fixture(params=["memory", pytest.param("postgres", marks=TABLES)])
def held(request: pytest.FixtureRequest) -> Held:
    """Each of the two stores in its turn."""
    found: Held = request.getfixturevalue(request.param)
    return found
