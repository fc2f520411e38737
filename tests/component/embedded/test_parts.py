"""The embedded parts as real processes: started, killed, adopted, refused, stopped."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from cockpit.embedded import (
    AlreadyRunning,
    Embedded,
    PartDidNotStart,
    RunningLock,
    Urls,
    carried,
    postgres,
    running_parts,
)
from cockpit.embedded.identity import Identity, namespace_allowed
from cockpit.embedded.places import places_of
from cockpit.embedded.postgres import Postgres
from cockpit.embedded.proc import boot_mark
from tests.system.waiting import wait_until

as_root = pytest.mark.skipif(os.getuid() != 0, reason="changing the user needs root")
ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def parts(home: Path) -> Iterator[Embedded]:
    made = Embedded(home)
    yield made
    made.stop()


def pid_of(home: Path, part: str) -> int:
    names = {"postgres": "postgres/postmaster.pid", "valkey": "run/valkey.pid"}
    return int((home / names[part]).read_text().split()[0])


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def ask_postgres(urls: Urls, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(urls.database_url, autocommit=True) as session:
        cursor = session.execute(statement)
        return cursor.fetchall() if cursor.description else []


def ask_valkey(urls: Urls, *words: str) -> bytes:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(5)
        connection.connect(urls.broker_url.removeprefix("redis+socket://"))
        connection.sendall(" ".join(words).encode() + b"\r\n")
        return connection.recv(4096)


def answers(ask: Callable[[], object]) -> bool:
    try:
        ask()
    except (OSError, psycopg.OperationalError):
        return False
    return True


def test_both_answer_and_keep_what_they_were_told_over_a_stop(empty_home: Path) -> None:
    with running_parts(empty_home) as urls:
        ask_postgres(urls, "create table kept as select 7 as value")
        ask_valkey(urls, "set", "kept", "seven")
        stopped = [pid_of(empty_home, "postgres"), pid_of(empty_home, "valkey")]
    assert not any(alive(pid) for pid in stopped)
    with running_parts(empty_home) as again:
        assert again == urls
        assert ask_postgres(again, "select value from kept") == [(7,)]
        assert b"seven" in ask_valkey(again, "get", "kept")


def test_postgres_asks_for_its_password_and_opens_no_port(parts: Embedded) -> None:
    urls = parts.start()
    assert ask_postgres(urls, "show listen_addresses") == [("",)]
    wrong = urls.database_url.replace("stellwerk:", "stellwerk:wrong", 1)
    assert wrong != urls.database_url
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(wrong)


def test_nobody_else_can_enter_where_data_and_sockets_lie(home: Path, parts: Embedded) -> None:
    parts.start()
    for name in (".", "run", "postgres", "valkey"):
        assert (home / name).stat().st_mode & 0o077 == 0, name
    assert (home / "postgres.password").stat().st_mode & 0o077 == 0


def test_a_killed_postgres_comes_back_with_its_data(home: Path, parts: Embedded) -> None:
    urls = parts.start()
    parts.watch()
    ask_postgres(urls, "create table kept as select 7 as value")
    killed = pid_of(home, "postgres")
    with psycopg.connect(urls.database_url):  # a session holds the old shared memory for a moment
        os.kill(killed, signal.SIGKILL)
        wait_until(lambda: answers(lambda: ask_postgres(urls, "select 1")))
    assert pid_of(home, "postgres") != killed
    assert ask_postgres(urls, "select value from kept") == [(7,)]


def test_a_killed_valkey_comes_back_with_its_data_each_time(home: Path, parts: Embedded) -> None:
    urls = parts.start()
    parts.watch()
    ask_valkey(urls, "set", "kept", "seven")
    for _ in range(3):
        killed = pid_of(home, "valkey")
        os.kill(killed, signal.SIGKILL)
        wait_until(lambda: answers(lambda: b"PONG" in ask_valkey(urls, "ping")))
        assert pid_of(home, "valkey") != killed
    assert b"seven" in ask_valkey(urls, "get", "kept")


def test_without_watching_a_killed_part_stays_away(home: Path, parts: Embedded) -> None:
    urls = parts.start()
    os.kill(pid_of(home, "valkey"), signal.SIGKILL)
    wait_until(lambda: not alive(pid_of(home, "valkey")))
    # Long enough for the first restarts that `watch` would have made.
    with pytest.raises(AssertionError):
        wait_until(lambda: answers(lambda: ask_valkey(urls, "ping")), within_s=1.0)


STARTER = """
import sys, time
from pathlib import Path
from cockpit.embedded import Embedded, RunningLock
home = Path(sys.argv[1])
RunningLock(home).acquire("http://127.0.0.1:1/")
parts = Embedded(home)
parts.start()
parts.watch()
print("up", flush=True)
time.sleep(600)
"""


@pytest.fixture
def starter(home: Path) -> Iterator[subprocess.Popen[str]]:
    child = subprocess.Popen(
        [sys.executable, "-c", STARTER, str(home)], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "up\n"
    yield child
    child.kill()
    child.communicate()


def test_servers_outlive_a_killed_starter_and_are_adopted(
    home: Path, starter: subprocess.Popen[str], parts: Embedded
) -> None:
    before = [pid_of(home, "postgres"), pid_of(home, "valkey")]
    starter.kill()
    starter.wait()
    assert all(alive(pid) for pid in before)
    urls = parts.start()
    parts.watch()
    assert [pid_of(home, "postgres"), pid_of(home, "valkey")] == before
    os.kill(before[1], signal.SIGKILL)  # what was adopted is watched like what was started
    wait_until(lambda: answers(lambda: b"PONG" in ask_valkey(urls, "ping")))
    parts.stop()
    assert not alive(before[0])


def test_a_second_start_is_refused_with_address_and_process(
    home: Path, starter: subprocess.Popen[str]
) -> None:
    with pytest.raises(AlreadyRunning) as refused, running_parts(home):
        pass
    assert refused.value.pid == starter.pid
    assert refused.value.address == "http://127.0.0.1:1/"
    assert alive(pid_of(home, "postgres"))


def test_a_killed_holder_frees_the_lock(home: Path, starter: subprocess.Popen[str]) -> None:
    starter.kill()
    starter.wait()
    with RunningLock(home):
        pass


def test_a_home_too_long_for_sockets_works(tmp_path: Path) -> None:
    home = tmp_path / ("long" * 25)
    with running_parts(home) as urls:
        assert ask_postgres(urls, "select 1") == [(1,)]
        assert b"PONG" in ask_valkey(urls, "ping")
    shutil.rmtree(places_of(home, user_id=os.getuid(), identity=Identity.OWN).valkey_runtime)


def test_a_start_that_was_cut_off_while_making_data_is_made_good(empty_home: Path) -> None:
    (empty_home / "postgres.new").mkdir()
    (empty_home / "postgres.new" / "half").write_text("")
    (empty_home / "password.new").write_text("")
    with running_parts(empty_home) as urls:
        assert ask_postgres(urls, "select 1") == [(1,)]


@pytest.mark.parametrize(("earlier", "stays"), [("another boot", False), (boot_mark(), True)])
def test_a_lock_file_is_dropped_only_if_it_is_from_before_a_boot(
    home: Path, earlier: str, stays: bool
) -> None:
    # The process in the file is this test: alive, and no server.
    lock = home / "postgres" / "postmaster.pid"
    lock.write_text(f"{os.getpid()}\n{home}/postgres\n")
    (home / "postgres.boot").write_text(earlier)
    places = places_of(home, user_id=os.getuid(), identity=Identity.OWN)
    Postgres(places, Identity.OWN).prepare()
    assert lock.exists() is stays
    lock.unlink(missing_ok=True)


def test_a_part_that_cannot_start_says_why_and_leaves_nothing_running(home: Path) -> None:
    (home / "postgres" / "own.conf").write_text("no_such_setting = 1\n")
    with pytest.raises(PartDidNotStart, match="no_such_setting"):
        Embedded(home).start()
    assert not (home / "postgres" / "postmaster.pid").exists()


def test_an_address_from_outside_replaces_a_part(empty_home: Path) -> None:
    parts = Embedded(empty_home, database_url="postgresql://else/where", broker_url="amqp://else")
    assert parts.start() == Urls("postgresql://else/where", "amqp://else")
    assert not (empty_home / "postgres").exists()
    parts.stop()


def test_a_user_of_the_test_database_may_make_databases(parts: Embedded) -> None:
    urls = parts.start()
    ask_postgres(urls, "create database test_stellwerk")
    ask_postgres(urls, "drop database test_stellwerk")


AS_USER = """
import os, sys
from pathlib import Path
from cockpit.embedded import postgres, running_parts, valkey
import psycopg
programs, server = Path(sys.argv[2]), Path(sys.argv[3])
postgres.postgres_programs = lambda: programs
valkey.valkey_server = lambda: server
os.setgroups([]), os.setgid(65534), os.setuid(65534)
for _ in range(2):
    with running_parts(Path(sys.argv[1])) as urls, psycopg.connect(urls.database_url) as session:
        print(session.execute("select 41 + 1").fetchone())
"""


@as_root
def test_an_ordinary_user_runs_both() -> None:
    # The interpreter's own folders may be closed to that user; copies of the servers are not.
    open_to_all = Path(tempfile.mkdtemp(prefix="stw-"))
    open_to_all.chmod(0o755)
    try:
        programs = postgres.lend(carried.postgres_programs(), open_to_all)
        server = shutil.copy(carried.valkey_server(), open_to_all)
        place = open_to_all / "home"
        place.mkdir(mode=0o700)
        os.chown(place, 65534, 65534)
        words = [sys.executable, "-c", AS_USER, str(place), str(programs), str(server)]
        done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.stdout == "(42,)\n(42,)\n", done.stderr
    finally:
        shutil.rmtree(open_to_all)


@as_root
def test_root_without_namespaces_runs_postgres_as_nobody(empty_home: Path) -> None:
    parts = Embedded(empty_home, identity=Identity.NOBODY)
    places = places_of(empty_home, user_id=0, identity=Identity.NOBODY)
    try:
        urls = parts.start()
        parts.watch()
        pid = int((places.postgres_data / "postmaster.pid").read_text().split()[0])
        assert Path(f"/proc/{pid}").stat().st_uid == 65534
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: answers(lambda: ask_postgres(urls, "select 1")))
    finally:
        parts.stop()
        shutil.rmtree(places.postgres_private, ignore_errors=True)


@as_root
@pytest.mark.skipif(not namespace_allowed(), reason="the kernel allows no user namespaces")
def test_files_of_a_server_in_a_namespace_belong_to_root(home: Path, parts: Embedded) -> None:
    parts.start()
    pid = pid_of(home, "postgres")
    assert (home / "postgres" / "PG_VERSION").stat().st_uid == 0
    assert "65534" in Path(f"/proc/{pid}/uid_map").read_text()
