"""Connections of their own for beats and fenced writes; never those that serve web requests."""

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from cluster import names
from cluster.failures import BadDatabaseUrl
from cluster.lease import LeaseConfig, Token

# Spellings of Django's URL readers that libpq does not know.
_ALIASES = ("psql://", "pgsql://", "postgis://")
# A peer that vanished without a word must not hold a beat for longer than a take-over takes.
_LIVELINESS = {
    "connect_timeout": "2",
    "keepalives_idle": "2",
    "keepalives_interval": "1",
    "keepalives_count": "2",
    "tcp_user_timeout": "3000",
}


def dsn_from_url(url: str, application_name: str) -> str:
    """Returns libpq's connection string for a `DATABASE_URL`, with a session name.

    Keeps what the URL says (several hosts, a socket folder as `?host=/path` or percent-encoded) and
    adds timeouts where it says nothing. With several hosts it goes to the one that takes writes.

    Raises:
        BadDatabaseUrl: libpq does not understand the URL.
    """
    for alias in _ALIASES:
        if url.startswith(alias):
            url = "postgresql://" + url.removeprefix(alias)
    try:
        given = {name: str(value) for name, value in conninfo_to_dict(url).items()}
    except psycopg.ProgrammingError:
        # libpq's own message may quote the password; `from None` keeps it out of logs.
        raise BadDatabaseUrl("The database URL is not one that PostgreSQL understands.") from None
    several = "," in given.get("host", "")
    extra = {"target_session_attrs": "read-write"} if several else {}
    return make_conninfo(**{**_LIVELINESS, **extra, **given, "application_name": application_name})


def connect_writer(dsn: str, token: Token) -> psycopg.Connection:
    """Returns a connection for `fenced` writes, named so that the next holder can end it."""
    named = make_conninfo(dsn, application_name=names.writer(token))
    conn = psycopg.connect(named, autocommit=True)
    conn.execute("SET idle_in_transaction_session_timeout = '10s'")
    return conn


def connect_watcher(dsn: str, application_name: str, config: LeaseConfig) -> psycopg.Connection:
    """Returns a connection for beats and looks.

    Beats commit asynchronously: losing one with the server only looks like a short silence. Who
    freezes in a transaction loses the session, and with it the lock on the lease's row.
    """
    conn = psycopg.connect(make_conninfo(dsn, application_name=application_name), autocommit=True)
    conn.execute("SET synchronous_commit = off")
    timeout_ms = str(int(config.self_fence_s * 1000))
    for name in ("statement_timeout", "idle_in_transaction_session_timeout"):
        conn.execute("SELECT set_config(%s, %s, false)", (name, timeout_ms))
    return conn
