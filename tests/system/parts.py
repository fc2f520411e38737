"""The servers below the system under test: PostgreSQL and a broker, shared by a test session.

Each system gets a database and a broker space of its own; the servers may be killed at any time
and come back by their own watcher.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import redis

from cockpit.embedded import Embedded, Urls
from cockpit.embedded.carried import postgres_programs
from tests.system.child import ROOT
from tests.system.waiting import wait_until

TEMPLATE = "stellwerk_template"


class Parts:
    """PostgreSQL with a migrated template database, and Valkey."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self._embedded = Embedded(home)
        self.urls = Urls("", "")
        self._made = 0

    def start(self) -> "Parts":
        """Start both and make the template; returns once everything answers."""
        self.urls = self._embedded.start()
        self._embedded.watch()
        with self.admin() as conn:
            conn.execute(f"CREATE DATABASE {TEMPLATE}")
        self._migrate(self.database_url(TEMPLATE))
        return self

    def stop(self) -> None:
        """End both."""
        self._embedded.stop()

    def _migrate(self, url: str) -> None:
        subprocess.run(
            [sys.executable, "manage.py", "migrate", "--verbosity=0", "--skip-checks"],
            cwd=ROOT,
            env={
                "PATH": os.environ["PATH"],
                "DATABASE_URL": url,
                "STELLWERK_HOME": str(self.home / "migrating"),
                "STELLWERK_SECRET_KEY": "test",
            },
            check=True,
            timeout=120,
        )

    # -- a space for one system -------------------------------------------------------------

    def database_url(self, name: str) -> str:
        """Return the address of a database on this server."""
        return self.urls.database_url.replace("/stellwerk?", f"/{name}?")

    def new_database(self) -> str:
        """Return the name of a new database with all tables."""
        self._made += 1
        name = f"system_{self._made:03d}"
        with self.admin() as conn:
            conn.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
        return name

    def drop_database(self, name: str) -> None:
        """Throw a database away: each one makes the next start after a crash longer."""
        with self.admin() as conn:
            conn.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def new_broker_url(self) -> str:
        """Return the address of an empty space on the broker."""
        url = f"{self.urls.broker_url}?virtual_host={self._made % 16}"
        self.redis(url).flushdb()
        return url

    def redis(self, url: str = "") -> "redis.Redis":
        """Return a client of the broker space."""
        number = int((url or "=0").rpartition("=")[2])
        return redis.Redis(unix_socket_path=urlsplit(self.urls.broker_url).path, db=number)

    @contextmanager
    def admin(self) -> Iterator[psycopg.Connection]:
        """A connection outside of every system's database."""
        with psycopg.connect(self.urls.database_url, autocommit=True) as conn:
            yield conn

    # -- faults -----------------------------------------------------------------------------

    def kill_broker(self) -> None:
        """Kill Valkey as `kill -9` does; its watcher starts it again."""
        pid_file = Path(urlsplit(self.urls.broker_url).path).with_name("valkey.pid")
        before = int(pid_file.read_text())
        os.kill(before, signal.SIGKILL)
        wait_until(lambda: self._broker_is_new(before, pid_file), why="Valkey did not come back")

    def _broker_is_new(self, before: int, pid_file: Path) -> bool:
        try:
            return int(pid_file.read_text()) != before and bool(self.redis().ping())
        except (ValueError, OSError, redis.RedisError):
            return False

    def stop_database_immediately(self) -> None:
        """Let PostgreSQL die without a checkpoint; its watcher starts it again."""
        pid = self.postmaster()
        os.kill(pid, signal.SIGQUIT)
        wait_until(
            lambda: self._database_is_new(pid), within_s=40, why="PostgreSQL did not come back"
        )

    def postmaster(self) -> int:
        """Return the process id of PostgreSQL."""
        return int((self.home / "postgres" / "postmaster.pid").read_text().split("\n", 1)[0])

    def _database_is_new(self, before: int) -> bool:
        try:
            if self.postmaster() == before:
                return False
            with self.admin():
                return True
        except (ValueError, OSError, psycopg.Error):
            return False

    # -- dump and restore -------------------------------------------------------------------

    def dump(self, database: str, file: Path) -> None:
        """Write a dump of a database."""
        self._run("pg_dump", "--format=custom", f"--file={file}", self.database_url(database))

    def restore(self, database: str, file: Path) -> None:
        """Throw a database away and make it again out of a dump."""
        with self.admin() as conn:
            conn.execute(f"DROP DATABASE {database} WITH (FORCE)")
            conn.execute(f"CREATE DATABASE {database}")
        self._run("pg_restore", f"--dbname={self.database_url(database)}", str(file))

    def _run(self, program: str, *words: str) -> None:
        subprocess.run(
            [str(postgres_programs() / program), *words], check=True, timeout=60, cwd="/"
        )
