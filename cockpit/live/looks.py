"""What the hub looks up for itself; it is shown to nobody, pages ask through the gate."""

import hashlib
from collections.abc import Iterable

from django.conf import settings
from django.db import connection

_WORKFLOWS = """
    SELECT DISTINCT ON (order_id) order_id, workflow FROM history_orderrun
     WHERE controller = %s AND order_id = ANY (%s) ORDER BY order_id, run DESC"""
_CLUSTER = """
    SELECT role, term::text, holder, phase, intended FROM cluster_lease
    UNION ALL SELECT role, node, incarnation, '', '' FROM cluster_node
    UNION ALL SELECT agent, run, state, problem, '' FROM controller_link
    ORDER BY 1, 2, 3"""


def workflows_of(orders: Iterable[str]) -> dict[str, str]:
    """Return the workflow of each of the orders, by the id of the order or of its first parent."""
    roots = list({order.partition("|")[0] for order in orders})
    try:
        with connection.cursor() as cursor:
            cursor.execute(_WORKFLOWS, [settings.STELLWERK_CONTROLLER_ID, roots])
            return dict(cursor.fetchall())
    finally:
        connection.close()


def cluster_digest() -> str:
    """Return a text that differs when leases, nodes or links do; beats do not count."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(_CLUSTER)
            return hashlib.sha256(repr(cursor.fetchall()).encode()).hexdigest()
    finally:
        connection.close()
