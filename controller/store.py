"""The controller's rows in PostgreSQL: what a turn reads, and the one place that writes.

Plain psycopg on a connection of its own, for a turn is one pipelined transaction.
"""

from collections.abc import Collection, Iterator, Sequence
from typing import Any
from uuid import UUID, uuid4

import msgspec
import psycopg
from msgspec.structs import replace

from cluster.fence import fenced
from cluster.lease import Token
from controller.changes import Changes, LinkState, Pending, Saved
from controller.items import program_of
from controller.journal import Entry, decode, encode
from engine.order.events import OrderAdded, OrderEvent, OrderRestored
from engine.order.group import group_of, state_name
from engine.order.model import Order, Result
from engine.order.requests import Answer, Request, SignedItem
from engine.position import to_text
from engine.workflow.program import Program

_encode = msgspec.msgpack.Encoder().encode
_decode_order = msgspec.msgpack.Decoder(Order).decode
_decode_result = msgspec.msgpack.Decoder(Result).decode
_answer_decoder: msgspec.msgpack.Decoder[Answer] = msgspec.msgpack.Decoder(Answer)
_request_decoder: msgspec.msgpack.Decoder[Request] = msgspec.msgpack.Decoder(Request)


class PostgresStore:
    """Reads and writes of one controller over one connection."""

    def __init__(self, conn: psycopg.Connection[Any], controller: str) -> None:
        self.conn = conn
        self.controller = controller

    # -- reads ------------------------------------------------------------------------------

    def orders(self, ids: Collection[str]) -> dict[str, tuple[Order, int]]:
        """Return those of the orders that exist, each with the number of its stored results."""
        wanted = list(ids)
        rows = self.conn.execute(
            "SELECT order_id, body FROM controller_orderrow"
            " WHERE controller=%s AND order_id = ANY(%s)",
            (self.controller, wanted),
            binary=True,
        ).fetchall()
        if not rows:
            return {}
        results: dict[str, list[Result]] = {}
        found = self.conn.execute(
            "SELECT order_id, body FROM controller_orderresult"
            " WHERE controller=%s AND order_id = ANY(%s) ORDER BY order_id, ordinal",
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
            "SELECT agent, stream::text, run, nonce, next_n, taken_n, state, problem"
            " FROM controller_link WHERE controller=%s",
            (self.controller,),
        )
        return {
            agent: LinkState(agent, stream, run, nonce, "", next_n, taken_n, state, problem)
            for agent, stream, run, nonce, next_n, taken_n, state, problem in rows
        }

    def pending(self, limit: int) -> list[Pending]:
        """Return requests without an answer: people before bulk, oldest first."""
        rows = self.conn.execute(
            "SELECT id, body, cursor, partial FROM controller_command"
            " WHERE controller=%s AND answer IS NULL ORDER BY lane, made_at LIMIT %s",
            (self.controller, limit),
            binary=True,
        )
        return [Pending(*row) for row in rows]

    def due(self, above_us: int, upto_us: int, limit: int) -> list[tuple[int, str]]:
        """Return (moment, order id) of what is due in a span, soonest first."""
        return self.conn.execute(
            "SELECT due_us, order_id FROM controller_orderrow"
            " WHERE controller=%s AND due_us > %s AND due_us <= %s ORDER BY due_us LIMIT %s",
            (self.controller, above_us, upto_us, limit),
        ).fetchall()

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

    # -- the write --------------------------------------------------------------------------

    def commit(self, changes: Changes, token: Token, batch: UUID | None = None) -> None:
        """Write a turn in one fenced transaction.

        Raises:
            LeadershipLost: the term is over, nothing was written.
            UnknownOutcome: look `batch` up before going on.
        """
        with fenced(self.conn, token), self.conn.pipeline():
            self._write_journal(changes.entries, token, batch or uuid4())
            self._write_orders(changes)
            self._write_items(changes, token)
            self._write_links(changes)
            self._write_answers(changes)

    def _write_journal(self, entries: Sequence[Entry], token: Token, batch: UUID) -> None:
        if not entries:
            return
        first, last = entries[0].no, entries[-1].no
        self.conn.execute(
            "INSERT INTO controller_journalbatch"
            " (controller, first_no, last_no, batch, term, at_us, body)"
            " VALUES (%s,%s,%s,%s,%s,%s,%s)",
            (self.controller, first, last, batch, token.term, entries[0].at_us, encode(entries)),
        )
        orders = list(dict.fromkeys(entry.order for entry in entries))
        self.conn.execute(
            "INSERT INTO controller_journalindex (controller, order_id, first_no)"
            " SELECT %s, unnest(%s::text[]), %s",
            (self.controller, orders, first),
        )
        self.conn.execute(
            "SELECT pg_notify(%s, %s)", (f"stellwerk_journal_{self.controller}", str(last))
        )

    def _write_orders(self, changes: Changes) -> None:
        if changes.saved:
            self.conn.execute(_SAVE_ORDERS, (self.controller, *_columns(changes.saved)))
            self._write_results(changes.saved)
        if changes.removed:
            for table in ("controller_orderrow", "controller_orderresult"):
                self.conn.execute(
                    f"DELETE FROM {table} WHERE controller=%s AND order_id = ANY(%s)",  # noqa: S608
                    (self.controller, changes.removed),
                )

    def _write_results(self, saved: Sequence[Saved]) -> None:
        cut = [s.order.id for s in saved if s.results_stored < 0]
        if cut:
            self.conn.execute(
                "DELETE FROM controller_orderresult WHERE controller=%s AND order_id = ANY(%s)",
                (self.controller, cut),
            )
        rows = [
            (s.order.id, n, _encode(result))
            for s in saved
            for n, result in enumerate(s.order.results)
            if n >= s.results_stored
        ]
        if rows:
            ids, ordinals, bodies = map(list, zip(*rows, strict=True))
            self.conn.execute(
                "INSERT INTO controller_orderresult (controller, order_id, ordinal, body)"
                " SELECT %s, * FROM unnest(%s::text[], %s::int[], %s::bytea[])",
                (self.controller, ids, ordinals, bodies),
            )

    def _write_items(self, changes: Changes, token: Token) -> None:
        for kind, path in [(i.kind, i.path) for i in changes.items] + changes.revoked:
            self.conn.execute(
                "UPDATE controller_deployeditem SET current=false"
                " WHERE controller=%s AND kind=%s AND path=%s AND current",
                (self.controller, kind, path),
            )
        for item in changes.items:
            self.conn.execute(
                "INSERT INTO controller_deployeditem"
                " (controller, kind, path, version, document, signature, current, taken_no)"
                " VALUES (%s,%s,%s,%s,%s,%s,true,%s) ON CONFLICT (controller, kind, path, version)"
                " DO UPDATE SET current=true, signature=excluded.signature",
                (
                    self.controller,
                    item.kind,
                    item.path,
                    item.version,
                    item.document,
                    item.signature,
                    token.term,
                ),
            )

    def _write_links(self, changes: Changes) -> None:
        for link in changes.links:
            self.conn.execute(
                _SAVE_LINK,
                (
                    self.controller,
                    link.agent,
                    link.stream,
                    link.run,
                    link.nonce,
                    link.next_n,
                    link.taken_n,
                    link.state,
                    link.problem,
                    link.alive,
                ),
            )
        if changes.restreamed:
            self.conn.execute(
                "DELETE FROM controller_outbox WHERE controller=%s AND agent = ANY(%s)",
                (self.controller, changes.restreamed),
            )
        if changes.outbox:
            agents, numbers, bodies = map(list, zip(*changes.outbox, strict=True))
            self.conn.execute(
                "INSERT INTO controller_outbox (controller, agent, n, body)"
                " SELECT %s, * FROM unnest(%s::text[], %s::bigint[], %s::bytea[])",
                (self.controller, agents, numbers, bodies),
            )
        for agent, n in changes.acknowledged.items():
            self.conn.execute(
                "DELETE FROM controller_outbox WHERE controller=%s AND agent=%s AND n <= %s",
                (self.controller, agent, n),
            )

    def _write_answers(self, changes: Changes) -> None:
        for command, cursor, partial in changes.progress:
            self.conn.execute(
                "UPDATE controller_command SET cursor=%s, partial=%s"
                " WHERE id=%s AND answer IS NULL",
                (cursor, _encode(partial), command),
            )
        if not changes.answers:
            return
        ids = [str(command) for command, _ in changes.answers]
        last = changes.entries[-1].no if changes.entries else None
        self.conn.execute(
            "UPDATE controller_command c SET answer=a.body, answered_no=%s"
            " FROM unnest(%s::uuid[], %s::bytea[]) AS a(id, body)"
            " WHERE c.id=a.id AND c.answer IS NULL",
            (last, ids, [_encode(answer) for _, answer in changes.answers]),
        )
        for start in range(0, len(ids), 200):
            self.conn.execute(
                "SELECT pg_notify(%s, %s)",
                (f"stellwerk_answers_{self.controller}", ",".join(ids[start : start + 200])),
            )


def decode_answer(body: bytes) -> Answer:
    """Return the answers of a request so far."""
    return _answer_decoder.decode(body)


def decode_request(body: bytes) -> Request:
    """Return the request of a command row."""
    return _request_decoder.decode(body)


def _columns(saved: Sequence[Saved]) -> tuple[list[Any], ...]:
    rows = [
        (
            s.order.id, s.order.run, s.order.workflow, s.order.version, state_name(s.order),
            group_of(s.order), to_text(s.order.position), s.order.parent, s.order.agent, s.due_us,
            s.changed_no, _encode(replace(s.order, results=())),
        )
        for s in saved
    ]  # fmt: skip
    return tuple(map(list, zip(*rows, strict=True)))


_NAMES = (
    "order_id", "run", "workflow", "version", "state", "group", "position", "parent", "agent",
    "due_us", "changed_no", "body",
)  # fmt: skip
_TYPES = (
    "text",
    "bigint",
    "text",
    "text",
    "text",
    "text",
    "text",
    "text",
    "text",
    "bigint",
    "bigint",
    "bytea",
)
_QUOTED = ", ".join(f'"{name}"' for name in _NAMES)
_SAVE_ORDERS = (
    f"INSERT INTO controller_orderrow (controller, {_QUOTED})"  # noqa: S608  # constant names
    f" SELECT %s, * FROM unnest({', '.join(f'%s::{kind}[]' for kind in _TYPES)})"
    " ON CONFLICT (controller, order_id) DO UPDATE SET "
    + ", ".join(f'"{name}"=excluded."{name}"' for name in _NAMES[1:])
)
_SAVE_LINK = (
    "INSERT INTO controller_link"
    " (controller, agent, stream, run, nonce, next_n, taken_n, state, problem, seen_at)"
    " VALUES (%s,%s,%s,%s,%s,%s,%s,%s,%s,now()) ON CONFLICT (controller, agent) DO UPDATE SET"
    " stream=excluded.stream, run=excluded.run, nonce=excluded.nonce, next_n=excluded.next_n,"
    " taken_n=excluded.taken_n, state=excluded.state, problem=excluded.problem,"
    " seen_at=CASE WHEN %s THEN now() ELSE controller_link.seen_at END"
)
