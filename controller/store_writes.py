"""What a turn writes of the controller's rows, statement by statement, inside its transaction."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
import psycopg
from msgspec.structs import replace

from cluster.lease import Token
from controller.changes import Changes, Saved
from controller.journal import Entry, encode
from engine.order.group import group_of, state_name
from engine.position import to_text

_encode = msgspec.msgpack.Encoder().encode


class Write:
    """Writes of one controller; the caller has opened the fenced transaction and the pipeline."""

    def __init__(self, conn: psycopg.Connection[Any], controller: str) -> None:
        self.conn = conn
        self.controller = controller

    def journal(self, entries: Sequence[Entry], token: Token, batch: UUID) -> None:
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
            " SELECT %s, unnest(%b::text[]), %s",
            (self.controller, orders, first),
        )
        self.conn.execute(
            "SELECT pg_notify(%s, %s)", (f"stellwerk_journal_{self.controller}", str(last))
        )

    def orders(self, changes: Changes) -> None:
        if changes.saved:
            self.conn.execute(_SAVE_ORDERS, (self.controller, *_columns(changes.saved)))
            self._results(changes.saved)
        if changes.removed:
            for table in ("controller_orderrow", "controller_orderresult"):
                self.conn.execute(
                    f"DELETE FROM {table} WHERE controller=%s AND order_id = ANY(%b)",  # noqa: S608
                    (self.controller, changes.removed),
                )

    def _results(self, saved: Sequence[Saved]) -> None:
        cut = [s.order.id for s in saved if s.results_stored < 0]
        if cut:
            self.conn.execute(
                "DELETE FROM controller_orderresult WHERE controller=%s AND order_id = ANY(%b)",
                (self.controller, cut),
            )
        rows = [
            (s.order.id, n, _encode(result))
            for s in saved
            for n, result in enumerate(s.new_results, len(s.order.results) - len(s.new_results))
        ]
        if rows:
            ids, ordinals, bodies = map(list, zip(*rows, strict=True))
            self.conn.execute(
                "INSERT INTO controller_orderresult (controller, order_id, ordinal, body)"
                " SELECT %s, * FROM unnest(%b::text[], %b::int[], %b::bytea[])",
                (self.controller, ids, ordinals, bodies),
            )

    def items(self, changes: Changes, token: Token) -> None:
        for kind, path in changes.in_force:
            self.conn.execute(
                "UPDATE controller_deployeditem SET current=false"
                " WHERE controller=%s AND kind=%s AND path=%s AND current",
                (self.controller, kind, path),
            )
        for item in changes.items:
            self.conn.execute(
                "INSERT INTO controller_deployeditem"
                " (controller, kind, path, version, document, signature, current, taken_no)"
                " VALUES (%s,%s,%s,%s,%s,%s,%s,%s) ON CONFLICT (controller, kind, path, version)"
                " DO UPDATE SET current=excluded.current, signature=excluded.signature",
                (
                    self.controller,
                    item.kind,
                    item.path,
                    item.version,
                    item.document,
                    item.signature,
                    changes.in_force[item.kind, item.path] == item.version,
                    token.term,
                ),
            )

    def links(self, changes: Changes) -> None:
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
                    link.host,
                    link.version,
                    link.processes,
                    link.ahead_us,
                    link.silence_s,
                ),
            )
        if changes.restreamed:
            self.conn.execute(
                "DELETE FROM controller_outbox WHERE controller=%s AND agent = ANY(%b)",
                (self.controller, changes.restreamed),
            )
        if changes.outbox:
            agents, numbers, bodies = map(list, zip(*changes.outbox, strict=True))
            self.conn.execute(
                "INSERT INTO controller_outbox (controller, agent, n, body)"
                " SELECT %s, * FROM unnest(%b::text[], %b::bigint[], %b::bytea[])",
                (self.controller, agents, numbers, bodies),
            )
        for agent, n in changes.acknowledged.items():
            self.conn.execute(
                "DELETE FROM controller_outbox WHERE controller=%s AND agent=%s AND n <= %s",
                (self.controller, agent, n),
            )

    def answers(self, changes: Changes) -> None:
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
            " FROM unnest(%b::uuid[], %b::bytea[]) AS a(id, body)"
            " WHERE c.id=a.id AND c.answer IS NULL",
            (last, ids, [_encode(answer) for _, answer in changes.answers]),
        )
        for start in range(0, len(ids), 200):
            self.conn.execute(
                "SELECT pg_notify(%s, %s)",
                (f"stellwerk_answers_{self.controller}", ",".join(ids[start : start + 200])),
            )


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
    f" SELECT %s, * FROM unnest({', '.join(f'%b::{kind}[]' for kind in _TYPES)})"
    " ON CONFLICT (controller, order_id) DO UPDATE SET "
    + ", ".join(f'"{name}"=excluded."{name}"' for name in _NAMES[1:])
)
_SAVE_LINK = (
    "INSERT INTO controller_link"
    " (controller, agent, stream, run, nonce, next_n, taken_n, state, problem, host, version,"
    " processes, ahead_us, seen_at) VALUES (%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,"
    " now() - make_interval(secs => %s::float8)) ON CONFLICT (controller, agent) DO UPDATE SET"
    " stream=excluded.stream, run=excluded.run, nonce=excluded.nonce, next_n=excluded.next_n,"
    " taken_n=excluded.taken_n, state=excluded.state, problem=excluded.problem,"
    " host=excluded.host, version=excluded.version, processes=excluded.processes,"
    " ahead_us=excluded.ahead_us,"
    " seen_at=coalesce(excluded.seen_at, controller_link.seen_at)"
)
