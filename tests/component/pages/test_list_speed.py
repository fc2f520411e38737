"""Lists stay quick with a hundred thousand orders behind them."""

import datetime as dt
from functools import partial

import pytest
from django.db import connection
from django.test import Client

from history import partitions
from history.models import OrderRun
from tests.pace import quickest_s

ORDERS = 100_000
LIMIT_S = 0.080
MORE = """
INSERT INTO history_orderrun (day, controller, run, order_id, workflow, version, state, "group",
    suspended, live, position, added_at, started_at, ended_at, priority, tags, arguments,
    changed_no)
SELECT %(day)s, 'controller', n::bigint << 20, '#2026-01-31#T' || n || '-nightly', 'w/' || n %% 400,
    'v1', CASE WHEN n %% 50 = 0 THEN 'Failed' ELSE 'Finished' END,
    CASE WHEN n %% 50 = 0 THEN 'failed' ELSE 'finished' END, false, n %% 50 = 0, '3',
    %(day)s::timestamptz + n * interval '100 ms', %(day)s::timestamptz, %(day)s::timestamptz,
    0, '{}', '\\x80', n
FROM generate_series(1, %(count)s) AS n
"""


@pytest.fixture
def many(db: None) -> None:
    """A hundred thousand orders of one day."""
    day = dt.date(2026, 1, 31)
    connection.ensure_connection()
    partitions.ensure(connection.connection, [day])
    with connection.cursor() as cursor:
        cursor.execute(MORE, {"day": day, "count": ORDERS})
        cursor.execute("ANALYZE history_orderrun")


@pytest.mark.timeout(180)
@pytest.mark.usefixtures("many")
def test_a_page_of_the_list_is_made_within_80_ms(owner: Client) -> None:
    deep = OrderRun.objects.order_by("added_at")[2_000]
    cursor = f"{int(deep.added_at.timestamp() * 1_000_000)}.{deep.run}"
    found = {}
    for name, address in {
        "newest": "/orders/",
        "deep": f"/orders/?cursor={cursor}",
        "failed": "/orders/?state=failed",
        "none": "/orders/?state=suspended",
        "several": "/orders/?state=failed,running,suspended",
        "workflow": "/orders/?q=wf:w/7",
        "folder": "/orders/?q=wf:w/7*",
        "text": "/orders/?q=T99999",
        "history": "/history/orders/",
    }.items():
        assert owner.get(address).status_code == 200
        found[name] = quickest_s(partial(owner.get, address), LIMIT_S)
    print({name: f"{taken * 1000:.0f} ms" for name, taken in found.items()})  # noqa: T201
    assert max(found.values()) <= LIMIT_S, found
