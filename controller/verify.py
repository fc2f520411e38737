"""Proof that the rows are what the journal says: replay it and compare.

Orders whose beginning was purged cannot be replayed; they are counted, not guessed.
"""

from collections.abc import Iterator
from typing import Any

import msgspec
import psycopg

from controller.journal import Entry, decode
from controller.store import PostgresStore
from engine.errors import EngineError
from engine.order import events as e
from engine.order.model import Order
from engine.world import World

ROWS_AT_ONCE = 1_000


class Verdict(msgspec.Struct, frozen=True):
    """What a replay found. `differences` are sentences, one per order, at most a hundred."""

    entries: int
    last_no: int
    orders: int
    not_replayable: int
    gaps: tuple[str, ...]
    differences: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Tell whether rows and journal agree and no number is missing."""
        return not self.gaps and not self.differences


def verify_journal(dsn: str, controller: str) -> Verdict:
    """Return what a replay of the whole journal says about the rows, as of one moment."""
    with psycopg.connect(dsn) as conn:
        conn.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        replay = Replay()
        for first, last, body in _batches(conn, controller):
            replay.batch(first, last, decode(body))
        return replay.verdict(_rows(conn, controller))


class Replay:
    """A world made of nothing but events."""

    def __init__(self) -> None:
        self.world = World(complete=True)
        self.entries = self.last_no = 0
        self.torn: set[str] = set()
        self.gaps: list[str] = []
        self.refused: list[str] = []

    def batch(self, first: int, last: int, entries: list[Entry]) -> None:
        """Take one turn's entries; notes numbers that are missing."""
        if self.last_no and first != self.last_no + 1:
            self.gaps.append(f"numbers {self.last_no + 1} to {first - 1} are missing")
        if [entry.no for entry in entries] != list(range(first, last + 1)):
            self.gaps.append(f"the numbers of the turn {first} to {last} are not dense")
        for entry in entries:
            self._take(entry)
        self.entries += len(entries)
        self.last_no = last

    def _take(self, entry: Entry) -> None:
        begins = isinstance(entry.event, e.OrderAdded | e.OrderRestored)
        if entry.order not in self.world.orders and not begins:
            self.torn.add(entry.order)
            return
        try:
            self.world.take(entry.order, entry.event)
        except EngineError as problem:
            self.refused.append(f"{entry.order}: number {entry.no} cannot follow: {problem}")

    def verdict(self, rows: Iterator[Order]) -> Verdict:
        """Compare with the rows."""
        differences = list(self.refused)
        found = not_replayable = 0
        expected = dict(self.world.orders)
        for row in rows:
            found += 1
            made = expected.pop(row.id, None)
            if made is None:
                not_replayable += 1
            elif made != row:
                differences.append(
                    f"{row.id}: the row differs from the replay in {_fields(made, row)}"
                )
        differences += [f"{order_id}: there is no row" for order_id in expected]
        return Verdict(
            self.entries,
            self.last_no,
            found,
            not_replayable,
            tuple(self.gaps),
            tuple(differences[:100]),
        )


def _fields(made: Order, row: Order) -> str:
    names = [name for name in Order.__struct_fields__ if getattr(made, name) != getattr(row, name)]
    return ", ".join(names)


def _batches(conn: psycopg.Connection[Any], controller: str) -> Iterator[tuple[int, int, bytes]]:
    with conn.cursor(name="journal", binary=True) as cursor:
        cursor.execute(
            "SELECT first_no, last_no, body FROM controller_journalbatch"
            " WHERE controller=%s ORDER BY first_no",
            (controller,),
        )
        yield from cursor


def _rows(conn: psycopg.Connection[Any], controller: str) -> Iterator[Order]:
    store = PostgresStore(conn, controller)
    with conn.cursor(name="orders") as cursor:
        cursor.execute(
            "SELECT order_id FROM controller_orderrow WHERE controller=%s", (controller,)
        )
        while ids := [row[0] for row in cursor.fetchmany(ROWS_AT_ONCE)]:
            yield from (order for order, _ in store.orders(ids).values())
