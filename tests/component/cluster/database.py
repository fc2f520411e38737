"""A real PostgreSQL with the tables of `cluster`, for tests that need sessions and locks."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg
from psycopg import sql

from cluster.connection import dsn_from_url
from cockpit.embedded import Embedded

ROOT = Path(__file__).resolve().parents[3]
TEMPLATE = "cluster_template"
_MIGRATE = """
import sys, django
from django.conf import settings
from django.core.management import call_command
settings.configure(
    INSTALLED_APPS=["cluster"],
    DATABASES={"default": {
        "ENGINE": "django.db.backends.postgresql", "NAME": sys.argv[2], **eval(sys.argv[1]),
    }},
)
django.setup()
call_command("migrate", "cluster", verbosity=0)
"""
_numbers = count(1)


@contextmanager
def postgres() -> Iterator[str]:
    """Runs a server of its own, with a migrated template database; yields its address."""
    home = Path(tempfile.mkdtemp(prefix="stc-"))
    server = Embedded(home, broker_url="unused://")
    try:
        url = server.start().database_url
        _make_template(url)
        yield url
    finally:
        server.stop()
        shutil.rmtree(home, ignore_errors=True)


@contextmanager
def database(url: str) -> Iterator[str]:
    """Makes an empty database with the package's tables; yields how to connect to it."""
    name = f"cluster_{os.getpid()}_{next(_numbers)}"
    with psycopg.connect(dsn_from_url(url, "tests"), autocommit=True) as conn:
        made = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        conn.execute(made.format(sql.Identifier(name), sql.Identifier(TEMPLATE)))
        yield psycopg.conninfo.make_conninfo(dsn_from_url(url, "tests"), dbname=name)
        conn.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _make_template(url: str) -> None:
    with psycopg.connect(dsn_from_url(url, "tests"), autocommit=True) as conn:
        conn.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(TEMPLATE)))
        info = conn.info
        place = {"HOST": info.host, "PORT": info.port, "USER": info.user, "PASSWORD": info.password}
    subprocess.run([sys.executable, "-c", _MIGRATE, repr(place), TEMPLATE], check=True, cwd=ROOT)
