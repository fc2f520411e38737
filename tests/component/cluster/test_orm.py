"""Fenced transactions through Django's models, on a database of their own."""

from collections.abc import Iterator
from datetime import UTC, datetime

import psycopg
import pytest
from django.db import connections, transaction
from pytest_django import DjangoDbBlocker

from cluster import statements
from cluster.connection import connect_watcher
from cluster.failures import LeadershipLost, UnknownOutcome
from cluster.lease import COCKPIT, Member, Reason, Token
from cluster.models import Lease, ServiceRun
from cluster.orm import fenced_atomic

ROLE = "cockpit"
ALIAS = "fenced"


@pytest.fixture
def conn(dsn: str) -> Iterator[psycopg.Connection]:
    with connect_watcher(dsn, "lease:test", COCKPIT) as conn:
        statements.ensure(conn, ROLE)
        yield conn


@pytest.fixture
def alias(dsn: str, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    given = psycopg.conninfo.conninfo_to_dict(dsn)
    connections.settings[ALIAS] = {
        **connections.settings["default"],
        "HOST": given["host"],
        "PORT": given.get("port", ""),
        "NAME": given["dbname"],
        "USER": given.get("user", ""),
        "PASSWORD": given.get("password", ""),
        "OPTIONS": {},
    }
    with django_db_blocker.unblock():
        yield ALIAS
        connections[ALIAS].close()
    del connections[ALIAS], connections.settings[ALIAS]


def take(conn: psycopg.Connection, node: str) -> Token:
    seen = statements.look(conn, ROLE)
    assert seen is not None
    member = Member(node, "1")
    token = statements.take_over(conn, ROLE, seen, member=member, reason=Reason.SILENT)
    assert token is not None
    return token


def add_run(token: Token) -> None:
    ServiceRun.objects.using(ALIAS).create(
        service="history",
        planned_at=datetime(2026, 3, 1, tzinfo=UTC),
        term=token.term,
        holder=token.holder,
        state="running",
    )


def test_models_are_written_within_the_fence(alias: str, conn: psycopg.Connection) -> None:
    token, told = take(conn, "anne"), []
    with fenced_atomic(token, alias):
        add_run(token)
        transaction.on_commit(lambda: told.append("committed"), using=alias)
    run = ServiceRun.objects.using(alias).get()
    assert (run.term, run.counts, told) == (1, {}, ["committed"])
    assert str(Lease.objects.using(alias).get()) == "cockpit: term 1 of anne/1"


def test_an_old_term_writes_no_models(alias: str, conn: psycopg.Connection) -> None:
    old = take(conn, "anne")
    take(conn, "bert")
    with pytest.raises(LeadershipLost), fenced_atomic(old, alias):
        add_run(old)
    assert not ServiceRun.objects.using(alias).exists()


def test_a_session_ended_before_the_commit_leaves_the_outcome_unknown(
    alias: str, conn: psycopg.Connection
) -> None:
    token = take(conn, "anne")

    def write_and_lose_the_session() -> None:
        with fenced_atomic(token, alias):
            add_run(token)
            conn.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                " WHERE datname = current_database() AND state = 'idle in transaction'"
            )

    with pytest.raises(UnknownOutcome):
        write_and_lose_the_session()
    connections[alias].close()
    assert not ServiceRun.objects.using(alias).exists()
