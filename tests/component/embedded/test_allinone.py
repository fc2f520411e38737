"""An all-in-one start with real servers, and stand-ins for the processes that need the product."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.system.waiting import wait_until

ROOT = Path(__file__).resolve().parents[3]

MANAGE = """
import http.server, json, os, sys, time
from pathlib import Path
verb, home = sys.argv[1], Path(os.environ["STELLWERK_HOME"])
with (home / "verbs").open("a") as verbs:
    verbs.write(" ".join(sys.argv[1:]) + "\\n")
if verb == "prepare":
    first = not (home / "prepared").exists()
    (home / "prepared").touch()
    login = "Sign in as admin with the password 123." if first else None
    print(json.dumps({"login": login, "tokens": {name: "once" for name in sys.argv[3:]}}))
elif verb == "cockpit":
    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
        def log_message(self, *words):
            pass
    port = int(sys.argv[sys.argv.index("--port") + 1])
    http.server.HTTPServer(("127.0.0.1", port), Page).serve_forever()
elif verb == "deploy":
    print("2 workflows")
else:
    time.sleep(600)
"""

WORKER = """
import os, time
from pathlib import Path
home = Path(os.environ["STELLWERK_HOME"])
(home / "link.json").touch()
(home / "environment").write_text("\\n".join([*os.environ, "."]))
time.sleep(600)
"""

START = """
import sys
from pathlib import Path
from cockpit.allinone import main
sys.exit(main(sys.argv[2:], root=Path(sys.argv[1])))
"""


class Start:
    """One run of the command, in a process of its own."""

    def __init__(self, root: Path, home: Path, *words: str) -> None:
        self.output = root / f"output-{time.monotonic_ns()}"
        with self.output.open("w") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-c", START, str(root), "--no-browser", *words],
                stdout=output,
                stderr=output,
                cwd=ROOT,
                env={"PATH": os.environ["PATH"], "STELLWERK_HOME": str(home)},
            )

    def said(self) -> str:
        return self.output.read_text()

    def until(self, text: str) -> None:
        wait_until(lambda: text in self.said() or self.process.poll() is not None, within_s=40)
        assert text in self.said()


def pids_of(text: str) -> list[int]:
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().decode(errors="replace")
        except (FileNotFoundError, ProcessLookupError):
            continue
        if text in words.replace("\0", " "):
            found.append(int(folder.name))
    return found


@pytest.fixture
def root(made_home: Path) -> Iterator[Path]:
    """A folder with stand-ins in the place of the product."""
    folder = Path(tempfile.mkdtemp(prefix="stw-"))
    (folder / "manage.py").write_text(MANAGE)
    (folder / "agents").mkdir()
    (folder / "agents" / "__init__.py").touch()
    (folder / "agents" / "worker.py").write_text(WORKER)
    (folder / "demo").mkdir()
    shutil.copytree(made_home, folder / "var", symlinks=True)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def start(root: Path, port: int) -> Iterator[Callable[..., Start]]:
    made: list[Start] = []

    def one(*words: str) -> Start:
        made.append(Start(root, root / "var", f"--port={port}", *words))
        return made[-1]

    yield one
    for run in made:
        run.process.terminate()
        run.process.wait(60)
    wait_until(lambda: not pids_of(str(root / "var")), within_s=40)


def environment_of_agent(root: Path) -> list[str]:
    """Return the names of the variables that the agent wrote down at its latest start."""
    note = root / "var" / "agents" / "agent-2" / "environment"
    wait_until(lambda: note.exists() and note.read_text().endswith("."), within_s=40)
    names = note.read_text().split()
    note.unlink()
    return names


def test_all_starts_tells_the_first_login_once_and_stops_in_order(
    root: Path, port: int, start: Callable[..., Start]
) -> None:
    first = start("--demo", "--agents=2")
    first.until("Ctrl-C stops everything")
    assert f"http://127.0.0.1:{port}/" in first.said()
    assert "with the password 123" in first.said()
    assert "the demo's workflows are deployed" in first.said()
    seen = environment_of_agent(root)
    assert "STELLWERK_JOIN_TOKEN" in seen
    assert "DATABASE_URL" not in seen
    first.process.send_signal(signal.SIGINT)
    assert first.process.wait(60) == 0
    told = first.said().split("Ctrl-C stops everything")[1]
    order = ["stopping cockpit-1", "stopping controller-1", "stopping agent-1, agent-2"]
    places = [told.index(words) for words in [*order, "stopping Valkey and PostgreSQL"]]
    assert places == sorted(places)
    assert not pids_of(str(root / "var"))

    second = start("--agents=2")
    second.until("Ctrl-C stops everything")
    assert "password" not in second.said()
    assert (root / "var" / "verbs").read_text().splitlines().count("prepare --join") == 1
    assert "STELLWERK_JOIN_TOKEN" not in environment_of_agent(root)


def test_a_second_start_is_refused_with_address_and_process(
    port: int, start: Callable[..., Start]
) -> None:
    first = start()
    first.until("Ctrl-C stops everything")
    second = start()
    assert second.process.wait(20) == 1
    assert "already running" in second.said()
    assert f"at http://127.0.0.1:{port}/ (process {first.process.pid})" in second.said()


def test_after_a_kill_the_next_start_adopts_the_servers(
    root: Path, start: Callable[..., Start]
) -> None:
    first = start()
    first.until("Ctrl-C stops everything")
    server = (root / "var" / "postgres" / "postmaster.pid").read_text().split()[0]
    first.process.kill()
    first.process.wait()
    second = start()
    second.until("Ctrl-C stops everything")
    assert (root / "var" / "postgres" / "postmaster.pid").read_text().split()[0] == server
    assert len(pids_of(f"{root}/manage.py cockpit")) == 1


def kill_and_see_again(text: str) -> None:
    (killed,) = pids_of(text)
    os.kill(killed, signal.SIGKILL)
    wait_until(lambda: pids_of(text) not in ([], [killed]), within_s=40)


def test_each_killed_process_starts_again(root: Path, start: Callable[..., Start]) -> None:
    run = start()
    run.until("Ctrl-C stops everything")
    for text in (f"{root}/manage.py cockpit", f"{root}/manage.py controller"):
        kill_and_see_again(text)
    run.until("Z] controller-1 was ended by signal 9 (SIGKILL); it starts again")
    server = (root / "var" / "postgres" / "postmaster.pid").read_text().split()[0]
    os.kill(int(server), signal.SIGKILL)
    run.until("embedded.ended part='PostgreSQL'")


def test_a_taken_port_is_named_with_a_way_out(port: int, start: Callable[..., Start]) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        run = start()
        assert run.process.wait(30) == 1
    assert f"Port {port} is taken by another program" in run.said()
    assert "--port" in run.said()


def test_a_database_that_cannot_be_prepared_ends_the_start_with_its_words(
    root: Path, start: Callable[..., Start]
) -> None:
    (root / "manage.py").write_text("raise SystemExit('no such column')")
    run = start()
    assert run.process.wait(30) == 1
    assert "The database could not be prepared:\nno such column" in run.said()
    assert not pids_of(str(root / "var"))
