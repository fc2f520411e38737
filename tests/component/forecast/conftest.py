"""A simulated installation whose controller's rows are those of the test database."""

from collections.abc import Iterator

import psycopg
import pytest
from django.conf import LazySettings

from cluster.connection import connect_writer
from cluster.lease import Token
from controller.store import PostgresStore
from tests.component.forecast.mirror import C, Mirror

TOKEN = Token("controller-c", 7, "one/a")


@pytest.fixture
def mirror(dsn: str, settings: LazySettings) -> Iterator[Mirror]:
    settings.STELLWERK_CONTROLLER_ID = C
    with psycopg.connect(dsn, autocommit=True) as conn:
        conn.execute(
            "INSERT INTO cluster_lease (role, term, holder, beat, phase, note, changed_at)"
            " VALUES (%s, %s, %s, 1, 'active', '', now())",
            (TOKEN.role, TOKEN.term, TOKEN.holder),
        )
    with connect_writer(dsn, TOKEN) as conn, psycopg.connect(dsn, autocommit=True) as plain:
        yield Mirror(PostgresStore(conn, C), TOKEN, plain)
