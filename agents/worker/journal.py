"""The agent's journal: what it holds, what it has to report, what it has received.

SQLite in WAL mode with full sync, one writer thread, one commit a turn of the loop: a commit is
durable against power loss, and its price is shared by everything that happened meanwhile.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from agents.protocol import Item, Up
from agents.worker.held_rows import HeldRows, Saved
from agents.worker.watching.rows import FileRows
from engine.order.model import Order

_SCHEMA = """
CREATE TABLE IF NOT EXISTS fact (name TEXT PRIMARY KEY, value BLOB) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS event (n INTEGER PRIMARY KEY, body BLOB);
CREATE TABLE IF NOT EXISTS item (kind TEXT, path TEXT, version TEXT, document BLOB, signature BLOB,
  PRIMARY KEY (kind, path, version)) WITHOUT ROWID;
"""

_encode = msgspec.msgpack.Encoder().encode


class Journal:
    """Reads at the start, then only writes, gathered until `commit`.

    What is known of orders includes what was gathered.
    """

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")
        self._db.execute("PRAGMA wal_autocheckpoint=2000")
        self._db.executescript(_SCHEMA)
        self._held = HeldRows(self._db)
        self.files = FileRows(self._db)
        self.last_n = self._last_n()
        self._events: list[tuple[int, bytes]] = []
        self._orders: dict[str, Saved] = {}
        self._facts: dict[str, bytes] = {}
        self._items: list[Item] = []

    # -- reads ------------------------------------------------------------------------------

    def _last_n(self) -> int:
        kept = self._db.execute("SELECT max(n) FROM event").fetchone()[0] or 0
        return max(int(kept), int(self.fact("released") or b"0"))

    def fact(self, name: str) -> bytes | None:
        """Return a durable fact, such as the run's name."""
        row = self._db.execute("SELECT value FROM fact WHERE name=?", (name,)).fetchone()
        return bytes(row[0]) if row else None

    def facts(self, prefix: str) -> Iterator[tuple[str, bytes]]:
        """Yield the durable facts whose names begin so, without that beginning."""
        for name, value in self._db.execute("SELECT name, value FROM fact ORDER BY name"):
            if name.startswith(prefix):
                yield name.removeprefix(prefix), bytes(value)

    def held(self) -> Iterator[Order]:
        """Return the orders that are attached."""
        return self._held.attached()

    def known(self, order_id: str) -> tuple[Order, bool] | None:
        """Return what is known of an order, also of one given back, and whether it is attached."""
        found = self._orders.get(order_id) or self._held.known(order_id)
        return (found[0], found[1] == 0) if found else None

    def all_known(self) -> Iterator[tuple[Order, bool]]:
        """Yield everything that is known of orders, those given back included."""
        found = {order.id: (order, gone) for order, gone in self._held.all_known()} | self._orders
        for order_id in sorted(found):
            order, gone = found[order_id]
            yield order, gone == 0

    def items(self) -> Iterator[Item]:
        """Yield the versions that were received."""
        for row in self._db.execute("SELECT kind, path, version, document, signature FROM item"):
            yield Item(*row)

    def events(self, after: int, limit: int) -> list[tuple[int, bytes]]:
        """Return committed events behind a number, oldest first."""
        return self._db.execute(
            "SELECT n, body FROM event WHERE n > ? ORDER BY n LIMIT ?", (after, limit)
        ).fetchall()

    @property
    def first_n(self) -> int:
        """The number of the oldest event that is still here, or of the next one."""
        row = self._db.execute("SELECT min(n) FROM event").fetchone()
        return int(row[0]) if row[0] is not None else self.last_n - len(self._events) + 1

    # -- writes, gathered -------------------------------------------------------------------

    def add(self, item: Up) -> int:
        """Append an event and return its number."""
        self.last_n += 1
        self._events.append((self.last_n, _encode(item)))
        return self.last_n

    def save(self, order: Order, *, gone_us: int = 0) -> None:
        """Keep the order as it is now; `gone_us` when it was given back, 0 while it is attached."""
        self._orders[order.id] = (order, gone_us)

    def set(self, name: str, value: bytes) -> None:
        """Keep a fact."""
        self._facts[name] = value

    def put(self, item: Item) -> None:
        """Keep a version: beside others of a workflow, in place of others of anything else."""
        if item.kind != "workflow":
            self._items = [i for i in self._items if (i.kind, i.path) != (item.kind, item.path)]
        self._items.append(item)

    @property
    def dirty(self) -> bool:
        """Tell whether something waits for `commit`."""
        gathered = self._events or self._orders or self._facts or self._items
        return bool(gathered) or self.files.dirty

    def commit(self) -> list[tuple[int, bytes]]:
        """Write all that was gathered, durably; return the events among it."""
        events = self._events
        try:
            with self._transaction() as db:
                db.executemany("INSERT INTO event VALUES (?,?)", events)
                self._held.write(self._orders.values())
                self.files.write()
                db.executemany("INSERT OR REPLACE INTO fact VALUES (?,?)", self._facts.items())
                self._write_items(db)
        except sqlite3.Error:
            self._held.reread()
            raise
        self._events, self._orders, self._facts, self._items = [], {}, {}, []
        self.files.settled()
        return events

    def _write_items(self, db: sqlite3.Connection) -> None:
        db.executemany(  # orders walk versions of workflows; of anything else the newest counts
            "DELETE FROM item WHERE kind=? AND path=?",
            [(i.kind, i.path) for i in self._items if i.kind != "workflow"],
        )
        db.executemany(
            "INSERT OR REPLACE INTO item VALUES (?,?,?,?,?)",
            [(i.kind, i.path, i.version, i.document, i.signature) for i in self._items],
        )

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield self._db
            self._db.execute("COMMIT")
        except sqlite3.Error:
            if self._db.in_transaction:  # SQLite has ended it by itself where the disk is full
                self._db.execute("ROLLBACK")
            raise

    def release(self, upto: int, *, gone_before_us: int) -> None:
        """Delete events that the controller has durably, and old orders that were given back."""
        with self._transaction() as db:
            db.execute("DELETE FROM event WHERE n <= ?", (upto,))
            self._held.release(gone_before_us)
            db.execute("INSERT OR REPLACE INTO fact VALUES ('released', ?)", (str(upto).encode(),))

    def forget(self, facts: Iterable[tuple[str, bytes]]) -> None:
        """Drop every order and event, durably, and begin with these facts: a new run."""
        self._events, self._orders, self._facts, self._items = [], {}, {}, []
        with self._transaction() as db:
            db.execute("DELETE FROM event")
            self._held.forget()
            self.files.forget()
            db.executemany("INSERT OR REPLACE INTO fact VALUES (?,?)", [*facts, ("released", b"0")])
        self.last_n = 0

    def close(self) -> None:
        """Close the file; nothing that was committed can be lost."""
        self._db.close()
