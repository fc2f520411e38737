"""The orders of an agent's journal as rows; older results of a long order lie in chunks.

An order is written with each of its steps, so its row must not grow with the steps that it has
behind it: every `CHUNK` results are written once, in one row. Most orders never have as many.
"""

import sqlite3
from collections.abc import Iterable, Iterator

import msgspec
from msgspec.structs import replace

from engine.order.model import Order, Result

CHUNK = 64
SCHEMA = """
CREATE TABLE IF NOT EXISTS held (id TEXT PRIMARY KEY, own_no INTEGER, gone INTEGER, body BLOB)
  WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS held_gone ON held (gone) WHERE gone > 0;
CREATE TABLE IF NOT EXISTS chunk (id TEXT, first INTEGER, body BLOB, PRIMARY KEY (id, first))
  WITHOUT ROWID;
"""

_encode = msgspec.msgpack.Encoder().encode
_decode_order = msgspec.msgpack.Decoder(Order).decode
_decode_results = msgspec.msgpack.Decoder(tuple[Result, ...]).decode

Saved = tuple[Order, int]
"""An order as it is now, and when it was given back, 0 while it is attached."""


class HeldRows:
    """Reads and writes orders; the caller begins and commits.

    `_chunked` are the orders that have chunks: how many results are in them, and the last of these,
    None where nobody has looked. Chunks are trusted for an order that has this very result.
    """

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        db.executescript(SCHEMA)
        self.reread()

    def reread(self) -> None:
        """Forget what is in mind; the rows count."""
        found = self._db.execute("SELECT DISTINCT id FROM chunk").fetchall()
        self._chunked: dict[str, tuple[int, Result | None]] = {i: (0, None) for (i,) in found}

    # -- reads ------------------------------------------------------------------------------

    def attached(self) -> Iterator[Order]:
        """Yield the orders that are attached, and go on writing them from here."""
        for (body,) in self._db.execute("SELECT body FROM held WHERE gone=0").fetchall():
            order = self._whole(body)
            if order.id in self._chunked:
                self._note(order)
            yield order

    def known(self, order_id: str) -> Saved | None:
        """Return an order, also one that was given back."""
        row = self._db.execute("SELECT body, gone FROM held WHERE id=?", (order_id,)).fetchone()
        return (self._whole(row[0]), row[1]) if row else None

    def all_known(self) -> Iterator[Saved]:
        """Yield every order, those given back included."""
        for body, gone in self._db.execute("SELECT body, gone FROM held").fetchall():
            yield self._whole(body), gone

    def _whole(self, body: bytes) -> Order:
        order = _decode_order(body)
        if order.id not in self._chunked:
            return order
        rows = self._db.execute("SELECT body FROM chunk WHERE id=? ORDER BY first", (order.id,))
        earlier = (result for (chunk,) in rows for result in _decode_results(chunk))
        return replace(order, results=(*earlier, *order.results))

    # -- writes -----------------------------------------------------------------------------

    def write(self, saved: Iterable[Saved]) -> None:
        """Write orders as they are now."""
        rows = [(o.id, o.own_no, gone, _encode(self._rest(o))) for o, gone in saved]
        self._db.executemany(
            "INSERT INTO held VALUES (?,?,?,?) ON CONFLICT (id) DO UPDATE SET"
            " own_no=excluded.own_no, gone=excluded.gone, body=excluded.body",
            rows,
        )

    def _rest(self, order: Order) -> Order:
        """Return the order without the results that are in chunks; full ones are written now."""
        whole = len(order.results) - len(order.results) % CHUNK
        if not whole and order.id not in self._chunked:
            return order
        begun = self._begun(order)
        self._db.executemany(
            "INSERT INTO chunk VALUES (?,?,?)",
            [
                (order.id, n, _encode(order.results[n : n + CHUNK]))
                for n in range(begun, whole, CHUNK)
            ],
        )
        self._note(order)
        return replace(order, results=order.results[whole:])

    def _begun(self, order: Order) -> int:
        """Return how many results are in chunks; those of an earlier life of the id are deleted."""
        count, last = self._chunked.get(order.id, (0, None))
        if 0 < count <= len(order.results) and order.results[count - 1] is last:
            return count
        self._db.execute("DELETE FROM chunk WHERE id=?", (order.id,))
        return 0

    def _note(self, order: Order) -> None:
        count = len(order.results) - len(order.results) % CHUNK
        if count:
            self._chunked[order.id] = (count, order.results[count - 1])
        else:
            self._chunked.pop(order.id, None)

    def release(self, gone_before_us: int) -> None:
        """Delete orders that were given back long ago."""
        if self._chunked:
            self._db.execute(
                "DELETE FROM chunk WHERE id IN (SELECT id FROM held WHERE gone > 0 AND gone < ?)",
                (gone_before_us,),
            )
        self._db.execute("DELETE FROM held WHERE gone > 0 AND gone < ?", (gone_before_us,))

    def forget(self) -> None:
        """Delete every order."""
        self._db.execute("DELETE FROM held")
        self._db.execute("DELETE FROM chunk")
        self._chunked.clear()
