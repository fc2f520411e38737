"""A term of the role `cockpit`, and the beat's broker space."""

import itertools
from urllib.parse import urlsplit

import psycopg
import pytest
import redis

from cluster.lease import Token
from cockpit.embedded import Urls

_spaces = itertools.cycle(range(1, 16))


@pytest.fixture
def token(conn: psycopg.Connection) -> Token:
    """The right of the active member."""
    conn.execute(
        "INSERT INTO cluster_lease (role, term, holder, beat, phase, note, changed_at)"
        " VALUES ('cockpit', 3, 'cockpit-1/aa', 0, 'active', '', now())"
    )
    return Token("cockpit", 3, "cockpit-1/aa", 1)


@pytest.fixture
def broker(parts: Urls) -> "redis.Redis":
    """A client of an empty space on the broker."""
    path, number = urlsplit(parts.broker_url).path, next(_spaces)
    client = redis.Redis(unix_socket_path=path, db=number)
    client.flushdb()
    return client


@pytest.fixture
def broker_url(parts: Urls, broker: "redis.Redis") -> str:
    number = broker.connection_pool.connection_kwargs["db"]
    return f"{parts.broker_url}?virtual_host={number}"
