"""`manage.py cockpit` as a process: it serves, leads, and says when the store is away."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from cluster.connection import dsn_from_url
from cockpit.embedded import Embedded
from tests.system.waiting import wait_until

ROOT = Path(__file__).resolve().parents[3]
pytestmark = pytest.mark.timeout(180)


class Site:
    """A store and broker of their own, with a prepared database."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.parts = Embedded(home)
        self.urls = self.parts.start()
        self.environment = {
            **os.environ,
            **self.urls.environment(),
            "STELLWERK_HOME": str(home),
            "STELLWERK_SECRET_KEY": "test",
            "STELLWERK_ADMIN_PASSWORD": "admin-password",
        }
        (home / "logs").mkdir(exist_ok=True)
        self.manage("prepare")

    def manage(self, *words: str) -> None:
        subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=ROOT,
            env=self.environment,
            check=True,
            capture_output=True,
        )

    def holder(self) -> str:
        with psycopg.connect(dsn_from_url(self.urls.database_url, "test")) as conn:
            row = conn.execute("SELECT holder FROM cluster_lease WHERE role='cockpit'").fetchone()
            return (row[0] or "") if row else ""

    def running_services(self) -> int:
        with psycopg.connect(dsn_from_url(self.urls.database_url, "test")) as conn:
            row = conn.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'w:cockpit:%'"
            ).fetchone()
            return int(row[0]) if row else 0


class Member:
    """A running cockpit process."""

    def __init__(self, site: Site, name: str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.name = name
        told = (site.home / f"{name}.log").open("wb")
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "cockpit", "--member", name, "--port", str(self.port)],
            cwd=ROOT,
            env=site.environment,
            stdout=told,
            stderr=subprocess.STDOUT,
        )
        told.close()
        wait_until(lambda: self.status("/health/live") == 200, within_s=30)

    def ask(self, path: str, body: Any = None, token: str = "") -> tuple[int, bytes]:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data)
        if token:
            request.add_header("Authorization", f"Token {token}")
        try:
            with urllib.request.urlopen(request, timeout=20) as reply:  # noqa: S310
                return reply.status, reply.read()
        except urllib.error.HTTPError as refused:
            return refused.code, refused.read()
        except OSError:
            return 0, b""

    def status(self, path: str) -> int:
        return self.ask(path)[0]

    def leads(self) -> bool:
        return self.status("/health/leader") == 200

    def stop(self, how: int = signal.SIGTERM) -> int:
        self.process.send_signal(how)
        return self.process.wait(40)


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    home = Path(tempfile.mkdtemp(prefix="stp-"))
    made = Site(home)
    yield made
    made.parts.stop()
    shutil.rmtree(home, ignore_errors=True)


@contextmanager
def member(site: Site, name: str) -> Iterator[Member]:
    running = Member(site, name)
    try:
        yield running
    finally:
        if running.process.poll() is None:
            running.stop(signal.SIGKILL)


def test_a_member_serves_leads_and_ends_by_itself(site: Site) -> None:
    with member(site, "m1") as m1:
        wait_until(m1.leads, within_s=15)
        wait_until(site.running_services, within_s=15)
        status, body = m1.ask("/api/v1/token/", {"name": "admin", "password": "admin-password"})
        assert status == 201
        token = json.loads(body)["token"]
        status, body = m1.ask("/api/v1/cluster/", token=token)
        assert (status, json.loads(body)["leases"][0]["holder"][:3]) == (200, "m1/")
        # Nobody answers: the order is on its way, and its operation is named.
        status, body = m1.ask("/api/v1/orders/", {"workflow": "demo/report"}, token)
        assert (status, json.loads(body)["state"]) == (202, "waiting")
        assert m1.stop() == 0
    wait_until(lambda: site.running_services() == 0, within_s=10)


def test_the_other_member_leads_when_the_first_one_is_killed(site: Site) -> None:
    with member(site, "m1") as m1, member(site, "m2") as m2:
        wait_until(lambda: m1.leads() or m2.leads(), within_s=15)
        first, second = (m1, m2) if m1.leads() else (m2, m1)
        wait_until(site.running_services, within_s=15)
        first.stop(signal.SIGKILL)
        wait_until(second.leads, within_s=12)
        assert site.holder().startswith(f"{second.name}/")
        assert second.stop() == 0


def test_a_store_that_is_away_is_said_so_and_found_again(site: Site) -> None:
    with member(site, "m1") as m1:
        status, body = m1.ask("/api/v1/token/", {"name": "admin", "password": "admin-password"})
        token = json.loads(body)["token"]
        site.parts.stop()
        try:
            assert m1.status("/health/live") == 200
            assert m1.status("/health/ready") == 503
            status, body = m1.ask("/api/v1/orders/", token=token)
            assert (status, json.loads(body)["code"]) == (503, "database-unavailable")
        finally:
            site.parts = Embedded(site.home)
            site.parts.start()
        wait_until(lambda: m1.ask("/api/v1/orders/", token=token)[0] == 200, within_s=20)
        assert m1.stop() == 0
