"""Facts and queues in PostgreSQL: locks, notices, controlled workflows, plans, and who waits.

A fact that is the default of its kind has no row. Names are compared by code points, as in Python.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

import msgspec
import psycopg

from controller.store_reads import Reads
from engine.facts import DEFAULTS, Fact, FactKey, Rank, due_id, fact_due_us, is_unfinished
from engine.queue import Waiter

_encode = msgspec.msgpack.Encoder().encode
_decoder: msgspec.msgpack.Decoder[Fact] = msgspec.msgpack.Decoder(Fact)


class FactReads(Reads):
    """What a turn reads of facts and queues, and what is due of both facts and orders."""

    def facts(self, keys: Collection[FactKey]) -> dict[FactKey, Fact]:
        """Return those of the facts that differ from the default of their kind."""
        if not keys:
            return {}
        rows = self.conn.execute(
            "SELECT f.kind, f.name, f.key, f.body FROM controller_fact f"
            " JOIN unnest(%b::text[], %b::text[], %b::text[]) AS k(kind, name, key)"
            " ON f.kind=k.kind AND f.name=k.name AND f.key=k.key WHERE f.controller=%s",
            (*_columns(keys), self.controller),
            binary=True,
        )
        return {(kind, name, key): _decoder.decode(body) for kind, name, key, body in rows}

    def unfinished(self) -> list[FactKey]:
        """Return the facts whose waiting orders are still being looked at."""
        return self.conn.execute(
            "SELECT kind, name, key FROM controller_fact WHERE controller=%s AND unfinished"
            ' ORDER BY kind, name COLLATE "C", key COLLATE "C"',
            (self.controller,),
        ).fetchall()

    def queue(self, key: FactKey, after: Waiter | None, limit: int) -> list[Waiter]:
        """Return the next entries of a queue, in order."""
        if after is None:
            return self.conn.execute(
                _QUEUE.format(behind=""), (self.controller, *key, limit), binary=True
            ).fetchall()
        return self.conn.execute(
            _QUEUE.format(behind=_BEHIND), (self.controller, *key, *after, limit), binary=True
        ).fetchall()

    def file_names(self, source: str, after: str, limit: int) -> list[str]:
        """Return names of known files of a file order source behind one, in order."""
        rows = self.conn.execute(
            "SELECT key FROM controller_fact WHERE controller=%s AND kind='file' AND name=%s"
            ' AND key COLLATE "C" > %s ORDER BY key COLLATE "C" LIMIT %s',
            (self.controller, source, after, limit),
        )
        return [name for (name,) in rows]

    def orders_of(self, path: str, after: str, limit: int) -> list[str]:
        """Return ids of the orders of a workflow path behind an id, in order."""
        rows = self.conn.execute(
            "SELECT order_id FROM controller_orderrow WHERE controller=%s AND workflow=%s"
            ' AND order_id COLLATE "C" > %s ORDER BY order_id COLLATE "C" LIMIT %s',
            (self.controller, path, after, limit),
        )
        return [order_id for (order_id,) in rows]

    def due(self, above_us: int, upto_us: int, limit: int) -> list[tuple[int, str]]:
        """Return (moment, order id or `due_id` of a fact) in a span, soonest first."""
        orders = self.conn.execute(
            "SELECT due_us, order_id FROM controller_orderrow"
            " WHERE controller=%s AND due_us > %s AND due_us <= %s ORDER BY due_us LIMIT %s",
            (self.controller, above_us, upto_us, limit),
        ).fetchall()
        return sorted([*orders, *self._due_facts(above_us, upto_us, limit)])[:limit]

    def _due_facts(self, above_us: int, upto_us: int, limit: int) -> list[tuple[int, str]]:
        rows = self.conn.execute(
            "SELECT due_us, kind, name, key FROM controller_fact"
            " WHERE controller=%s AND due_us > %s AND due_us <= %s ORDER BY due_us LIMIT %s",
            (self.controller, above_us, upto_us, limit),
        )
        return [(due_us, due_id((kind, name, key))) for due_us, kind, name, key in rows]


def all_facts(conn: psycopg.Connection[Any], controller: str) -> Iterator[tuple[FactKey, Fact]]:
    """Yield every fact that has a row; inside a transaction."""
    with conn.cursor(name="facts", binary=True) as cursor:
        cursor.execute(
            "SELECT kind, name, key, body FROM controller_fact WHERE controller=%s", (controller,)
        )
        for kind, name, key, body in cursor:
            yield (kind, name, key), _decoder.decode(body)


def all_waiters(
    conn: psycopg.Connection[Any], controller: str
) -> Iterator[tuple[tuple[FactKey, str], Rank]]:
    """Yield every place in every queue; inside a transaction."""
    with conn.cursor(name="waiters", binary=True) as cursor:
        cursor.execute(
            "SELECT kind, name, key, order_id, negative_priority, no FROM controller_waiter"
            " WHERE controller=%s",
            (controller,),
        )
        for kind, name, key, order_id, negative, no in cursor:
            yield ((kind, name, key), order_id), (negative, no)


def write_facts(
    conn: psycopg.Connection[Any], controller: str, facts: Iterable[tuple[FactKey, Fact]]
) -> None:
    """Write facts; one that became the default of its kind loses its row."""
    last = dict(facts)
    gone = [key for key, fact in last.items() if fact == DEFAULTS[key[0]]]
    kept = [
        (*key, _encode(fact), fact_due_us(fact), is_unfinished(fact))
        for key, fact in last.items()
        if fact != DEFAULTS[key[0]]
    ]
    if kept:
        conn.execute(_SAVE_FACTS, (controller, *_columns(kept)))
    if gone:
        conn.execute(_DELETE_FACTS, (*_columns(gone), controller))


def write_queues(
    conn: psycopg.Connection[Any],
    controller: str,
    queued: Mapping[tuple[FactKey, str], Rank | None],
) -> None:
    """Write places in queues; None: the order waits there no more."""
    gone = [(*key, order_id) for (key, order_id), rank in queued.items() if rank is None]
    kept = [(*key, order_id, *rank) for (key, order_id), rank in queued.items() if rank is not None]
    if gone:
        conn.execute(_DELETE_WAITERS, (*_columns(gone), controller))
    if kept:
        conn.execute(_SAVE_WAITERS, (controller, *_columns(kept)))


def _columns(rows: Iterable[tuple[Any, ...]]) -> tuple[list[Any], ...]:
    return tuple(map(list, zip(*rows, strict=True)))


_QUEUE = (
    "SELECT negative_priority, no, order_id FROM controller_waiter"
    " WHERE controller=%s AND kind=%s AND name=%s AND key=%s{behind}"
    ' ORDER BY negative_priority, no, order_id COLLATE "C" LIMIT %s'
)
_BEHIND = ' AND (negative_priority, no, order_id COLLATE "C") > (%s, %s, %s)'
_SAVE_FACTS = (
    "INSERT INTO controller_fact (controller, kind, name, key, body, due_us, unfinished)"
    " SELECT %s, * FROM unnest"
    "(%b::text[], %b::text[], %b::text[], %b::bytea[], %b::bigint[], %b::bool[])"
    " ON CONFLICT (controller, kind, name, key) DO UPDATE SET"
    " body=excluded.body, due_us=excluded.due_us, unfinished=excluded.unfinished"
)
_DELETE_FACTS = (
    "DELETE FROM controller_fact f"
    " USING unnest(%b::text[], %b::text[], %b::text[]) AS k(kind, name, key)"
    " WHERE f.controller=%s AND f.kind=k.kind AND f.name=k.name AND f.key=k.key"
)
_SAVE_WAITERS = (
    "INSERT INTO controller_waiter"
    " (controller, kind, name, key, order_id, negative_priority, no)"
    " SELECT %s, * FROM unnest"
    "(%b::text[], %b::text[], %b::text[], %b::text[], %b::bigint[], %b::bigint[])"
    " ON CONFLICT (controller, order_id, kind, name, key) DO UPDATE SET"
    " negative_priority=excluded.negative_priority, no=excluded.no"
)
_DELETE_WAITERS = (
    "DELETE FROM controller_waiter w"
    " USING unnest(%b::text[], %b::text[], %b::text[], %b::text[])"
    " AS k(kind, name, key, order_id) WHERE w.controller=%s"
    " AND w.order_id=k.order_id AND w.kind=k.kind AND w.name=k.name AND w.key=k.key"
)
