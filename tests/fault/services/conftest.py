"""Servers for the folder, and the processes that one test starts."""

import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.system.child import Child, kill_tree_of
from tests.system.parts import Parts
from tests.system.waiting import wait_until


@pytest.fixture(scope="session")
def servers() -> Iterator[Parts]:
    home = Path(tempfile.mkdtemp(prefix="stv-"))
    parts = Parts(home)
    try:
        yield parts.start()
    finally:
        parts.stop()
        shutil.rmtree(home, ignore_errors=True)


class Members:
    """Cockpit members, bare services processes and controllers over one database of their own."""

    def __init__(self, parts: Parts) -> None:
        self.database, self.broker_url = parts.new_database(), parts.new_broker_url()
        self.home = parts.home / self.database
        self.home.mkdir(mode=0o700)
        self.broker = parts.redis(self.broker_url)
        self.url = parts.database_url(self.database)
        self.conn = psycopg.connect(self.url, autocommit=True)
        self.children: dict[str, Child] = {}

    def start(self, name: str, *words: str) -> Child:
        """Start a management command under a name."""
        environment = {
            "DATABASE_URL": self.url,
            "BROKER_URL": self.broker_url,
            "STELLWERK_HOME": str(self.home),
            "STELLWERK_SECRET_KEY": "test",
        }
        child = Child(
            name,
            ["manage.py", *words],
            environment=environment,
            log=self.home / f"{name}.log",
        )
        self.children[name] = child
        return child.start()

    def cockpit(self, name: str) -> Child:
        """Start a cockpit member."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        return self.start(name, "cockpit", "--member", name, "--port", str(port))

    def controller(self, name: str) -> Child:
        """Start a controller node."""
        return self.start(name, "controller", "--node", name)

    def services(self, name: str, term: int, holder: str) -> Child:
        """Start the services of a term by hand."""
        return self.start(name, "services", "--term", str(term), "--holder", holder)

    def lead(self, term: int, holder: str) -> None:
        """Write a term into the lease, as a take-over does."""
        self.conn.execute(
            "INSERT INTO cluster_lease (role, term, holder, beat, phase, note, changed_at)"
            " VALUES ('cockpit', %(term)s, %(holder)s, 0, 'active', '', now())"
            " ON CONFLICT (role) DO UPDATE SET term = %(term)s, holder = %(holder)s",
            {"term": term, "holder": holder},
        )

    def reconnect(self) -> None:
        """Connect to the database again."""
        self.conn.close()
        self.conn = psycopg.connect(self.url, autocommit=True)

    def rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        return self.conn.execute(statement, values or None).fetchall()

    def wait_services_of(self, node: str, service: str = "beat", within_s: float = 40.0) -> None:
        """Wait until a service runs on a node."""
        wait_until(
            lambda: self.rows(
                "SELECT 1 FROM cluster_service_run"
                " WHERE service = %s AND state = 'running' AND holder LIKE %s",
                service,
                f"{node}/%",
            ),
            within_s=within_s,
            why=self.logs,
        )

    def wait_node(self, role: str, node: str) -> None:
        """Wait until a node takes part in a role."""
        wait_until(
            lambda: self.rows(
                "SELECT 1 FROM cluster_node WHERE role = %s AND node = %s AND incarnation <> ''",
                role,
                node,
            ),
            within_s=40,
            why=self.logs,
        )

    def logs(self) -> str:
        """Return the ends of all logs."""
        return "\n".join(f"--- {child.name}\n{child.tail()}" for child in self.children.values())

    def close(self) -> None:
        """End everything."""
        for child in self.children.values():
            with suppress(Exception):
                child.kill()
        kill_tree_of(self.home)
        self.conn.close()


@pytest.fixture
def members(servers: Parts) -> Iterator[Members]:
    made = Members(servers)
    yield made
    made.close()
