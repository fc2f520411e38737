"""Fenced transactions for code that writes through Django's models.

The database settings of such a process name its sessions `cluster.names.writer(token)`, so that the
next holder can end them; without that name a frozen transaction would hold a take-over up.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from django.db import DEFAULT_DB_ALIAS, connections, transaction

from cluster.commit import CommitWatch
from cluster.failures import NotFenceable
from cluster.fence import raise_fence
from cluster.lease import Token


@contextmanager
def fenced_atomic(token: Token, using: str = DEFAULT_DB_ALIAS) -> Iterator[None]:
    """Opens `transaction.atomic` that commits only while `token` is the current one.

    It is always the outermost transaction. `on_commit` callbacks run as with `atomic`.

    Raises:
        LeadershipLost: the term is over; nothing was written.
        UnknownOutcome: the commit may or may not have happened; look it up.
        NotFenceable: this connection is not PostgreSQL's, or its isolation is not read committed.
    """
    connections[using].ensure_connection()
    raw = connections[using].connection
    if not isinstance(raw, psycopg.Connection):
        raise NotFenceable(f"The database {using!r} is not PostgreSQL through psycopg.")
    with CommitWatch(raw) as watch, transaction.atomic(using, durable=True):
        raise_fence(raw, token)
        yield
        watch.committing()
