"""The queries behind `controller.looking`: names, documents, counts and queues, from the rows."""

from collections.abc import Sequence
from typing import Any

import msgspec
from django.db import connection

from controller.items import object_of
from engine.facts import FactKey
from engine.order.requests import SignedItem
from engine.queue import Waiter


class WaitingOrder(msgspec.Struct, frozen=True):
    """An order in a queue. `waiter` is its place: hand it in to read on behind it."""

    order_id: str
    workflow: str
    position: str
    state: str
    priority: int
    waiter: Waiter


def rows(statement: str, *values: Any) -> list[tuple[Any, ...]]:
    """Return the rows of a query."""
    with connection.cursor() as cursor:
        cursor.execute(statement, list(values))
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


def fact_names(controller: str, kind: str, after: str, limit: int) -> list[str]:
    """Return names of facts of a kind, in order."""
    found = rows(
        "SELECT name FROM controller_fact WHERE controller=%s AND kind=%s"
        ' AND name COLLATE "C" > %s ORDER BY name COLLATE "C" LIMIT %s',
        controller, kind, after, limit,
    )  # fmt: skip
    return [name for (name,) in found]


def paths_of(controller: str, kinds: tuple[str, str], after: str, limit: int) -> list[str]:
    """Return paths of objects of a kind, and of what is left of revoked ones as facts or queues."""
    item, fact = kinds
    found = rows(
        "SELECT path FROM (SELECT path FROM controller_deployeditem"
        ' WHERE controller=%s AND kind=%s AND current AND path COLLATE "C" > %s'
        " UNION SELECT name FROM controller_fact"
        ' WHERE controller=%s AND kind=%s AND name COLLATE "C" > %s'
        " UNION SELECT name FROM controller_waiter"
        ' WHERE controller=%s AND kind=%s AND name COLLATE "C" > %s'
        ') AS known ORDER BY path COLLATE "C" LIMIT %s',
        controller, item, after, controller, fact, after, controller, fact, after, limit,
    )  # fmt: skip
    return [path for (path,) in found]


def documents(controller: str, kind: str, paths: Sequence[str]) -> dict[str, object]:
    """Return the documents of current objects by path, None where one cannot be read."""
    found = rows(
        "SELECT path, version, document, signature FROM controller_deployeditem"
        " WHERE controller=%s AND kind=%s AND current AND path = ANY(%s)",
        controller, kind, list(paths),
    )  # fmt: skip
    return {
        path: object_of(SignedItem(kind, path, version, bytes(document), bytes(signature)))
        for path, version, document, signature in found
    }


def counts(table: str, controller: str, kind: str, names: Sequence[str]) -> dict[str, int]:
    """Return how many rows of a table each name has; one without any is left out."""
    return dict(
        rows(
            f"SELECT name, count(*) FROM {table}"  # noqa: S608  # a constant of this module
            " WHERE controller=%s AND kind=%s AND name = ANY(%s) GROUP BY name",
            controller, kind, list(names),
        )
    )  # fmt: skip


def workflows_of(controller: str, order_ids: Sequence[str]) -> dict[str, str]:
    """Return the workflows of those of the orders that exist."""
    return dict(
        rows(
            "SELECT order_id, workflow FROM controller_orderrow"
            " WHERE controller=%s AND order_id = ANY(%s)",
            controller, list(order_ids),
        )
    )  # fmt: skip


def waiting_orders(
    controller: str, key: FactKey, after: Waiter | None, limit: int
) -> list[WaitingOrder]:
    """Return the orders of a queue behind one of them, in the order in which they are looked at."""
    behind = 'AND (w.negative_priority, w.no, w.order_id COLLATE "C") > (%s, %s, %s)'
    found = rows(
        "SELECT w.order_id, o.workflow, o.position, o.state, w.negative_priority, w.no"  # noqa: S608
        " FROM controller_waiter w JOIN controller_orderrow o USING (controller, order_id)"
        " WHERE w.controller=%s AND w.kind=%s AND w.name=%s AND w.key=%s"
        f" {behind if after else ''}"
        ' ORDER BY w.negative_priority, w.no, w.order_id COLLATE "C" LIMIT %s',
        controller, *key, *(after or ()), limit,
    )  # fmt: skip
    return [
        WaitingOrder(order_id, workflow, position, state, -negative, (negative, no, order_id))
        for order_id, workflow, position, state, negative, no in found
    ]
