"""The process of the background services: started with a term, ended with it."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from cluster.models import ServiceRun
from cockpit.embedded import Urls
from cockpit.management.commands.services import DEPOSED
from history.models import JobRun, OrderRun
from tests.journal_writing import entries, whole_life, write_turn
from tests.system.waiting import wait_until

ROOT = Path(__file__).parents[3]
C = "c"

Start = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture
def start(dsn: str, parts: Urls, conn: psycopg.Connection, tmp_path: Path) -> Iterator[Start]:
    conn.execute(
        "INSERT INTO cluster_lease (role, term, holder, beat, phase, note, changed_at)"
        " VALUES ('cockpit', 3, 'cockpit-1/aa', 0, 'active', '', now())"
    )
    given = conninfo_to_dict(dsn)
    url = parts.database_url.replace("/stellwerk?", f"/{given['dbname']}?")
    environment = {
        **os.environ,
        **parts.environment(),
        "DATABASE_URL": url,
        "STELLWERK_CONTROLLER_ID": C,
        "STELLWERK_HOME": str(tmp_path),
    }
    started: list[subprocess.Popen[bytes]] = []

    def start(term: int = 3) -> "subprocess.Popen[bytes]":
        words = ["services", "--term", str(term), "--holder", "cockpit-1/aa"]
        command = [sys.executable, str(ROOT / "manage.py"), *words]
        started.append(subprocess.Popen(command, env=environment, cwd=ROOT))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


def test_services_follow_the_journal_and_stop_when_told(
    start: Start, conn: psycopg.Connection
) -> None:
    write_turn(conn, C, entries(whole_life("a")))
    process = start()
    wait_until(lambda: OrderRun.objects.filter(state="Finished").exists(), within_s=30)
    runs = ServiceRun.objects.filter(term=3)
    wait_until(lambda: set(runs.values_list("service", flat=True))
               >= {"history", "logs", "cleanup", "journal"})  # fmt: skip
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0
    assert set(runs.values_list("state", flat=True)) == {"finished"}


def test_services_killed_at_any_moment_leave_nothing_half_done(
    start: Start, conn: psycopg.Connection
) -> None:
    for no in range(40):
        write_turn(conn, C, entries(whole_life(f"o{no}", f"r:{no}"), first_no=1 + 9 * no))
    for _ in range(3):
        before = OrderRun.objects.count()
        process = start()
        wait_until(lambda: OrderRun.objects.count() > before, within_s=30)  # noqa: B023  # called at once
        process.kill()
        process.wait()
        steps = whole_life(f"late{process.pid}", f"r:{process.pid}")
        found = conn.execute("SELECT max(last_no) FROM controller_journalbatch").fetchone()
        assert found
        write_turn(conn, C, entries(steps, first_no=found[0] + 1))
    start()
    wait_until(lambda: OrderRun.objects.filter(state="Finished").count() == 43, within_s=30)
    assert OrderRun.objects.count() == JobRun.objects.count() == 43


def test_services_end_when_their_term_is_over(start: Start, conn: psycopg.Connection) -> None:
    process = start()
    wait_until(lambda: ServiceRun.objects.filter(service="history").exists(), within_s=30)
    conn.execute("UPDATE cluster_lease SET term = 4, holder = 'cockpit-2/bb'")
    write_turn(conn, C, entries(whole_life("a")))
    assert process.wait(20) == DEPOSED
    assert not OrderRun.objects.exists()


def test_services_of_an_old_term_do_not_begin(start: Start) -> None:
    assert start(term=2).wait(30) == DEPOSED
    assert not ServiceRun.objects.exists()
