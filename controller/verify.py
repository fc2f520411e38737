"""Proof that the rows are what the journal says: replay it and compare.

Orders whose beginning was purged cannot be replayed; they are counted, not guessed. Facts and
queues are compared only while the journal is whole: they come of many orders.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
import psycopg

from controller.journal import Entry, decode
from controller.store import PostgresStore
from controller.store_facts import all_facts, all_waiters
from engine.errors import EngineError
from engine.facts import DEFAULTS, Fact, FactKey, Rank
from engine.order import events as e
from engine.order.model import Order
from engine.order.object_events import OBJECT_EVENTS
from engine.world import World

ROWS_AT_ONCE = 1_000


_BEGINS = OBJECT_EVENTS | {e.OrderAdded, e.OrderRestored}


class Verdict(msgspec.Struct, frozen=True):
    """What a replay found. `differences` are sentences, one per order or fact, at most a hundred.

    `facts` and `waiters` are how many rows were compared, None where the journal is not whole.
    """

    entries: int
    last_no: int
    orders: int
    not_replayable: int
    gaps: tuple[str, ...]
    differences: tuple[str, ...]
    facts: int | None = None
    waiters: int | None = None

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
        known = Known(dict(all_facts(conn, controller)), dict(all_waiters(conn, controller)))
        return replay.verdict(_rows(conn, controller), known)


class Known(msgspec.Struct, frozen=True):
    """Facts and places in queues as the rows have them."""

    facts: Mapping[FactKey, Fact] = {}
    waiters: Mapping[tuple[FactKey, str], Rank] = {}


class Replay:
    """A world made of nothing but events."""

    def __init__(self) -> None:
        self.world = World(complete=True)
        self.entries = self.last_no = self.first_no = 0
        self.torn: set[str] = set()
        self.gaps: list[str] = []
        self.refused: list[str] = []

    def batch(self, first: int, last: int, entries: list[Entry]) -> None:
        """Take one turn's entries; notes numbers that are missing."""
        if self.last_no and first != self.last_no + 1:
            self.gaps.append(f"numbers {self.last_no + 1} to {first - 1} are missing")
        if [entry.no for entry in entries] != list(range(first, last + 1)):
            self.gaps.append(f"the numbers of the turn {first} to {last} are not dense")
        self.first_no = self.first_no or first
        for entry in entries:
            self._take(entry)
        self.world.touched.clear()
        self.world.left.clear()
        self.entries += len(entries)
        self.last_no = last

    def _take(self, entry: Entry) -> None:
        begins = type(entry.event) in _BEGINS
        if entry.order not in self.world.orders and not begins:
            self.torn.add(entry.order)
            return
        self.world.no = entry.no - 1
        try:
            self.world.take(entry.order, entry.event)
        except EngineError as problem:
            self.refused.append(f"{entry.order}: number {entry.no} cannot follow: {problem}")

    @property
    def whole(self) -> bool:
        """Whether the journal has everything from the first number on."""
        return self.first_no <= 1 and not self.gaps

    def verdict(self, rows: Iterator[tuple[str, Order]], known: Known) -> Verdict:
        """Compare with the rows."""
        found, not_replayable, differences = self._orders(rows)
        differences = self.refused + differences
        if self.whole:
            differences += self._facts(known.facts) + self._waiters(known.waiters)
        return Verdict(
            self.entries,
            self.last_no,
            found,
            not_replayable,
            tuple(self.gaps),
            tuple(differences[:100]),
            len(known.facts) if self.whole else None,
            len(known.waiters) if self.whole else None,
        )

    def _orders(self, rows: Iterator[tuple[str, Order]]) -> tuple[int, int, list[str]]:
        found = not_replayable = 0
        differences: list[str] = []
        expected = dict(self.world.orders)
        for order_id, row in rows:
            found += 1
            made = expected.pop(order_id, None)
            if made is None and self.whole:
                differences.append(f"{order_id}: there is a row, but no such order")
            elif made is None:
                not_replayable += 1
            elif made != row:
                differences.append(
                    f"{order_id}: the row differs from the replay in {_fields(made, row)}"
                )
        return found, not_replayable, differences + [f"{i}: there is no row" for i in expected]

    def _facts(self, rows: Mapping[FactKey, Fact]) -> list[str]:
        made = {k: fact for k, fact in self.world.facts.items() if fact != DEFAULTS[k[0]]}
        return [
            f"{' '.join(key)}: the row says {rows.get(key)}, the replay {made.get(key)}"
            for key in sorted(made.keys() | rows.keys())
            if made.get(key) != rows.get(key)
        ]

    def _waiters(self, rows: Mapping[tuple[FactKey, str], Rank]) -> list[str]:
        made = {place: rank for place, rank in self.world.queued.items() if rank is not None}
        return [
            f"{place[1]} waits for {' '.join(place[0])} at {rows.get(place)}, "
            f"the replay says {made.get(place)}"
            for place in sorted(made.keys() | rows.keys())
            if made.get(place) != rows.get(place)
        ]


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


def _rows(conn: psycopg.Connection[Any], controller: str) -> Iterator[tuple[str, Order]]:
    store = PostgresStore(conn, controller)
    with conn.cursor(name="orders") as cursor:
        cursor.execute(
            "SELECT order_id FROM controller_orderrow WHERE controller=%s", (controller,)
        )
        while ids := [row[0] for row in cursor.fetchmany(ROWS_AT_ONCE)]:
            yield from ((i, order) for i, (order, _) in store.orders(ids).items())
