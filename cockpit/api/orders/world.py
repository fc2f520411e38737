"""The controller's rows as a world of the engine, loaded as far as a question needs.

For questions only: nothing of it is ever written. Orders that are asked for by id come through the
gate; what the engine's rules need beyond them (children, locks, notices) is loaded as it is.
"""

import time
from collections.abc import Callable, Collection
from typing import Any, TypeVar, cast

import psycopg
from django.conf import settings
from django.db import connection

from cockpit.access.policy import Account
from cockpit.api.orders.load import orders_now
from controller.loading import Loading
from controller.store_facts import FactReads
from engine.world import World

T = TypeVar("T")


class _Binding:
    """Django's connection with cursors that bind in the server: its own cannot read binary."""

    def __init__(self, conn: psycopg.Connection[Any]) -> None:
        self._conn = conn

    def execute(
        self, query: Any, params: Any = None, *, binary: bool = False
    ) -> psycopg.Cursor[Any]:
        return psycopg.Cursor(self._conn).execute(query, params, binary=binary)


class RowsWorld:
    """A partial world over the rows as they are now."""

    def __init__(self) -> None:
        connection.ensure_connection()
        conn = cast(psycopg.Connection[Any], _Binding(connection.connection))
        reads = FactReads(conn, settings.STELLWERK_CONTROLLER_ID)
        self.world = World()
        self._loading = Loading(self.world, reads, {})

    def put(self, account: Account, ids: Collection[str]) -> None:
        """Load orders that the account may see; the others do not exist for it."""
        found = orders_now(account, ids)
        for order in found.values():
            self.world.put(order)
        self.world.absent.update(set(ids) - found.keys())

    def until(self, decide: Callable[[], T]) -> T:
        """Return what `decide` returns, loading what it turns out to need.

        Raises:
            EngineError: it needs something that nobody has.
        """
        with connection.wrap_database_errors:
            return self._loading.until(decide)


def now_us() -> int:
    """Return the present moment in microseconds since the epoch."""
    return time.time_ns() // 1_000
