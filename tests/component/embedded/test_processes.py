"""Children that are kept running: killed, restarted, stopped, and gone with their parent."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cockpit.processes import Child, Processes

ROOT = Path(__file__).resolve().parents[3]
SLEEPS = "import time; print('here', flush=True); time.sleep(600)"
IGNORES = "import signal; signal.signal(15, signal.SIG_IGN);" + SLEEPS


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def processes(said: list[str]) -> Iterator[Processes]:
    wake = os.eventfd(0)
    made = Processes(wake, said.append)
    yield made
    made.stop(["one", "two"])
    os.close(wake)


def child(folder: Path, name: str, code: str, *, stop_limit_s: float = 10.0) -> Child:
    return Child(
        name=name,
        command=[sys.executable, "-c", code],
        environment={"PATH": os.environ["PATH"]},
        folder=folder,
        log=folder / "logs" / f"{name}.log",
        stop_limit_s=stop_limit_s,
    )


def tend_until(processes: Processes, condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, "the condition did not come true"
        processes.tend(0.05)


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def written(folder: Path, name: str) -> str:
    log = folder / "logs" / f"{name}.log"
    return log.read_text() if log.exists() else ""


def test_a_killed_child_starts_again_and_it_is_said(
    tmp_path: Path, processes: Processes, said: list[str]
) -> None:
    processes.start(child(tmp_path, "one", SLEEPS))
    first = processes.pids()["one"]
    os.kill(first, signal.SIGKILL)
    tend_until(processes, lambda: processes.pids().get("one", first) != first)
    tend_until(processes, lambda: "here" in written(tmp_path, "one"))
    assert "one was ended by signal 9 (SIGKILL); it starts again in 0.1 s" in said[0]


def test_a_child_that_keeps_failing_is_started_ever_more_seldom(
    tmp_path: Path, processes: Processes, said: list[str]
) -> None:
    processes.start(child(tmp_path, "one", "raise SystemExit(3)"))
    tend_until(processes, lambda: len(said) == 3)
    assert [line.split("; ")[1][:25] for line in said] == [
        "it starts again in 0.1 s.",
        "it starts again in 0.2 s.",
        "it starts again in 0.4 s.",
    ]
    assert "ended with status 3" in said[0]


def test_stopped_children_end_and_stay_away(
    tmp_path: Path, processes: Processes, said: list[str]
) -> None:
    for name in ("one", "two"):
        processes.start(child(tmp_path, name, SLEEPS))
    pids = processes.pids()
    processes.stop(["one"])
    assert not alive(pids["one"])
    assert alive(pids["two"])
    processes.tend(0.3)
    assert list(processes.pids()) == ["two"]
    assert said == []


def test_a_child_waiting_for_its_restart_can_be_stopped(
    tmp_path: Path, processes: Processes, said: list[str]
) -> None:
    processes.start(child(tmp_path, "one", "raise SystemExit(3)"))
    tend_until(processes, lambda: said)
    processes.stop(["one"])
    processes.tend(0.5)
    assert processes.pids() == {}


def test_a_child_that_does_not_listen_is_killed(
    tmp_path: Path, processes: Processes, said: list[str]
) -> None:
    processes.start(child(tmp_path, "one", IGNORES, stop_limit_s=0.2))
    tend_until(processes, lambda: "here" in written(tmp_path, "one"))
    pid = processes.pids()["one"]
    processes.stop(["one"])
    assert not alive(pid)
    assert said == ["one did not end within 0 s and is killed."]


def test_a_wake_up_cuts_the_wait_short(tmp_path: Path, said: list[str]) -> None:
    wake = os.eventfd(1)
    began = time.monotonic()
    Processes(wake, said.append).tend(30)
    assert time.monotonic() - began < 10
    os.close(wake)


PARENT = """
import os, sys, time
from pathlib import Path
from cockpit.processes import Child, Processes
folder = Path(sys.argv[1])
processes = Processes(os.eventfd(0), print)
code = '''
import subprocess, sys, time
left = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"],
    start_new_session=True, stdout=subprocess.DEVNULL)
print(left.pid, flush=True)
time.sleep(600)
'''
processes.start(Child("one", [sys.executable, "-c", code], {}, folder, folder / "one.log"))
while not (folder / "one.log").read_text().endswith("\\n"):
    time.sleep(0.02)
print(processes.pids()["one"], (folder / "one.log").read_text().strip(), flush=True)
time.sleep(600)
"""


def test_children_end_with_a_killed_parent_but_what_they_detached_lives_on(tmp_path: Path) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(tmp_path)], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    assert parent.stdout is not None
    own, detached = (int(word) for word in parent.stdout.readline().split())
    try:
        assert alive(own)
        assert alive(detached)
        parent.kill()
        parent.communicate()
        deadline = time.monotonic() + 20
        while alive(own):
            assert time.monotonic() < deadline, "the child outlived its parent"
            time.sleep(0.02)
        assert alive(detached)
    finally:
        os.kill(detached, signal.SIGKILL)
