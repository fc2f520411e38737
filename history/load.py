"""Runs read back from their rows, for a follower that does not have them in mind."""

from collections.abc import Collection, Sequence

import psycopg
from psycopg import sql

from controller.journal import Entry
from engine.order.events import OrderAdded, OrderForked
from engine.order.object_events import OBJECT_EVENTS
from history.runs import Run
from history.texts import stored_text
from history.write import column_of


def ids_needed(entries: Sequence[Entry]) -> set[str]:
    """Return the orders whose runs were there before the entries."""
    needed: set[str] = set()
    born: set[str] = set()
    for entry in entries:
        order_id = stored_text(entry.order)
        if type(entry.event) in OBJECT_EVENTS:
            continue
        if type(entry.event) is OrderAdded:
            born.add(order_id)
        elif order_id not in born:
            needed.add(order_id)
        if type(entry.event) is OrderForked:
            born.update(stored_text(child) for child, _ in entry.event.children)
    return needed


def newest_runs(
    conn: psycopg.Connection, controller: str, order_ids: Collection[str]
) -> dict[str, Run]:
    """Return the newest run of each of the orders that the history knows, by order id."""
    if not order_ids:
        return {}
    found = conn.execute(_NEWEST, (controller, list(order_ids)))
    return {run.order_id: run for run in map(_run, found)}


def _run(row: Sequence[object]) -> Run:
    values = dict(zip(Run.__struct_fields__, row, strict=True))
    stops = values["stop_positions"]
    values["stop_positions"] = None if stops is None else tuple(stops)  # type: ignore[arg-type]
    return Run(**{**values, "tags": tuple(values["tags"])})  # type: ignore[arg-type]  # by name


def _selected(field: str) -> sql.Composable:
    column = sql.Identifier(column_of(field))
    if field.endswith("_us"):
        return sql.SQL("(extract(epoch FROM {}) * 1000000)::bigint").format(column)
    return column


_NEWEST = sql.SQL(
    "SELECT DISTINCT ON (order_id) {} FROM history_orderrun"
    " WHERE controller = %s AND order_id = ANY (%s) ORDER BY order_id, run DESC"
).format(sql.SQL(", ").join(map(_selected, Run.__struct_fields__)))
