"""What a turn and a new term read of the controller's rows: orders, versions, links, requests."""

from collections.abc import Collection, Iterator
from typing import Any
from uuid import UUID

import msgspec
import psycopg
from msgspec.structs import replace

from controller.changes import LinkState, Pending
from controller.items import program_of
from controller.journal import decode
from engine.order.events import OrderAdded, OrderEvent, OrderRestored
from engine.order.model import Order, Result
from engine.order.requests import SignedItem
from engine.workflow.program import Program

_decode_order = msgspec.msgpack.Decoder(Order).decode
_decode_result = msgspec.msgpack.Decoder(Result).decode


class Reads:
    """Reads of one controller over one connection."""

    def __init__(self, conn: psycopg.Connection[Any], controller: str) -> None:
        self.conn = conn
        self.controller = controller

    def orders(self, ids: Collection[str]) -> dict[str, tuple[Order, int]]:
        """Return those of the orders that exist, each with the number of its stored results."""
        wanted = list(ids)
        rows = self.conn.execute(
            "SELECT order_id, body FROM controller_orderrow"
            " WHERE controller=%s AND order_id = ANY(%b)",
            (self.controller, wanted),
            binary=True,
        ).fetchall()
        if not rows:
            return {}
        results: dict[str, list[Result]] = {}
        found = self.conn.execute(
            "SELECT order_id, body FROM controller_orderresult"
            " WHERE controller=%s AND order_id = ANY(%b) ORDER BY order_id, ordinal",
            (self.controller, [r[0] for r in rows]),
            binary=True,
        )
        for order_id, body in found:
            results.setdefault(order_id, []).append(_decode_result(body))
        return {
            order_id: (
                replace(_decode_order(body), results=tuple(results.get(order_id, ()))),
                len(results.get(order_id, ())),
            )
            for order_id, body in rows
        }

    def program(self, path: str, version: str) -> Program | None:
        """Return a workflow version, None if it was never taken over."""
        row = self.conn.execute(
            "SELECT document, signature FROM controller_deployeditem"
            " WHERE controller=%s AND kind='workflow' AND path=%s AND version=%s",
            (self.controller, path, version),
        ).fetchone()
        if row is None:
            return None
        program = program_of(SignedItem("workflow", path, version, row[0], row[1]))
        return program if isinstance(program, Program) else None

    def item(self, kind: str, path: str, version: str) -> tuple[str, str, str, bytes, bytes]:
        """Return a signed version as agents are sent it."""
        row = self.conn.execute(
            "SELECT document, signature FROM controller_deployeditem"
            " WHERE controller=%s AND kind=%s AND path=%s AND version=%s",
            (self.controller, kind, path, version),
        ).fetchone()
        assert row is not None  # noqa: S101  # an order's version is stored before the order
        return kind, path, version, row[0], row[1]

    def current_item(self, kind: str, name: str) -> SignedItem | None:
        """Return the current version of an object by its path, or by the last part of it.

        Where several paths end in the name, the first in the order of code points is meant.
        """
        row = self.conn.execute(
            "SELECT path, version, document, signature FROM controller_deployeditem"
            " WHERE controller=%s AND kind=%s AND current"
            " AND (path=%s OR split_part(path, '/', -1)=%s)"
            ' ORDER BY path<>%s, path COLLATE "C" LIMIT 1',
            (self.controller, kind, name, name, name),
        ).fetchone()
        return SignedItem(kind, *row) if row else None

    def current_items(self, kind: str) -> list[SignedItem]:
        """Return the current versions of all objects of a kind, by path."""
        rows = self.conn.execute(
            "SELECT path, version, document, signature FROM controller_deployeditem"
            ' WHERE controller=%s AND kind=%s AND current ORDER BY path COLLATE "C"',
            (self.controller, kind),
            binary=True,
        )
        return [SignedItem(kind, *row) for row in rows]

    def current_version(self, path: str) -> str:
        """Return the version that new orders of a path get, empty if there is none."""
        row = self.conn.execute(
            "SELECT version FROM controller_deployeditem"
            " WHERE controller=%s AND kind='workflow' AND path=%s AND current",
            (self.controller, path),
        ).fetchone()
        return row[0] if row else ""

    def last_no(self) -> int:
        """Return the number of the last journal entry; read it after a clean take-over only."""
        row = self.conn.execute(
            "SELECT coalesce(max(last_no), 0) FROM controller_journalbatch WHERE controller=%s",
            (self.controller,),
        ).fetchone()
        return int(row[0]) if row else 0

    def links(self) -> dict[str, LinkState]:
        """Return the links to all agents ever met."""
        rows = self.conn.execute(
            "SELECT agent, stream::text AS stream, run, nonce, next_n, taken_n, state, problem,"
            " host, version, processes, ahead_us, (SELECT count(*) FROM controller_orderrow o"
            " WHERE o.controller=l.controller AND o.agent=l.agent) AS held"
            " FROM controller_link l WHERE controller=%s",
            (self.controller,),
        )
        names = [column.name for column in rows.description or ()]
        return {row[0]: LinkState(**dict(zip(names, row, strict=True))) for row in rows}

    def pending(self, limit: int) -> list[Pending]:
        """Return requests without an answer: people before bulk, oldest first."""
        rows = self.conn.execute(
            "SELECT id, body, cursor, partial FROM controller_command"
            " WHERE controller=%s AND answer IS NULL ORDER BY lane, made_at LIMIT %s",
            (self.controller, limit),
            binary=True,
        )
        return [Pending(*row) for row in rows]

    def held_by(self, agent: str) -> list[str]:
        """Return the ids of the orders that are with an agent."""
        rows = self.conn.execute(
            "SELECT order_id FROM controller_orderrow WHERE controller=%s AND agent=%s",
            (self.controller, agent),
        )
        return [r[0] for r in rows]

    def outbox(self, agent: str, after: int, limit: int) -> list[tuple[int, bytes]]:
        """Return messages to an agent that are not acknowledged, from `after` on."""
        return self.conn.execute(
            "SELECT n, body FROM controller_outbox WHERE controller=%s AND agent=%s AND n > %s"
            " ORDER BY n LIMIT %s",
            (self.controller, agent, after, limit),
            binary=True,
        ).fetchall()

    def was_added(self, order_id: str, run: int) -> bool:
        """Tell whether the journal has the beginning of this run of an order, or had it once.

        An order that an agent brought back begins with `OrderRestored`, under another number.
        """
        purged = self.conn.execute(
            "SELECT %s < min(first_no) FROM controller_journalbatch WHERE controller=%s",
            (run, self.controller),
        ).fetchone()
        return bool(purged and purged[0]) or any(
            isinstance(event, OrderAdded | OrderRestored) and event.order.run == run
            for event in self._events_of(order_id)
        )

    def _events_of(self, order_id: str) -> Iterator[OrderEvent]:
        rows = self.conn.execute(
            "SELECT b.body FROM controller_journalindex i"
            " JOIN controller_journalbatch b USING (controller, first_no)"
            " WHERE i.controller=%s AND i.order_id=%s",
            (self.controller, order_id),
            binary=True,
        ).fetchall()
        return (e.event for (body,) in rows for e in decode(body) if e.order == order_id)

    def knows_batch(self, batch: UUID) -> bool:
        """Tell whether a commit of unknown outcome has happened."""
        row = self.conn.execute(
            "SELECT 1 FROM controller_journalbatch WHERE batch=%s", (batch,)
        ).fetchone()
        return row is not None
