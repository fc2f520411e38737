"""A small agent around a pool for tests, and the cleaning up after them."""

import contextlib
import os
import select
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from agents.worker.hands.attempt import Adopted, Exit, Start, Started
from agents.worker.hands.pool import Pool

MARK = "STELLWERK_TEST_FOLDER"
PATIENCE_S = 20.0


def until(condition: Callable[[], object], *, within_s: float = PATIENCE_S) -> None:
    """Return once the condition holds."""
    end = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)


def alive(pid: int) -> bool:
    """Return whether a process is there and no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


class Agent:
    """A pool with what it reported so far."""

    def __init__(self, folder: Path, *, supervisors: int = 2, boot: str | None = None) -> None:
        self.folder = folder
        self.pool = Pool(folder, supervisors=supervisors, boot=boot)
        self.adopted: Adopted = self.pool.open()
        self.pool.adopted()
        self.started = {event.attempt: event for event in self.adopted.running}
        self.exits = {event.attempt: event for event in self.adopted.exits}
        self.reports: list[Started | Exit] = []

    def shell(self, attempt: str, script: str, **more: object) -> str:
        """Starts a shell command and returns its attempt."""
        env = {"PATH": os.environ["PATH"], MARK: str(self.folder)}
        argv = ("/bin/sh", "-c", script)
        self.pool.start([Start(attempt, argv, env, **more)])  # type: ignore[arg-type]
        return attempt

    def turn(self) -> None:
        """Takes in what has come, waiting a moment for it."""
        select.select([self.pool], [], [], 0.05)
        for event in self.pool.on_readable():
            self.reports.append(event)
            if isinstance(event, Exit):
                self.exits[event.attempt] = event
            else:
                self.started[event.attempt] = event

    def until(self, condition: Callable[[], object]) -> None:
        """Takes in reports until the condition holds."""
        end = time.monotonic() + PATIENCE_S
        while not condition():
            assert time.monotonic() < end, f"waited in vain; {self.started} {self.exits}"
            self.turn()

    def pid(self, attempt: str) -> int:
        """Return the pid of an attempt once it is started."""
        self.until(lambda: attempt in self.started)
        return self.started[attempt].pid

    def exit(self, attempt: str) -> Exit:
        """Return the exit of an attempt."""
        self.until(lambda: attempt in self.exits)
        return self.exits[attempt]

    def output(self, attempt: str, kind: str = "out") -> bytes:
        """Return what an attempt has written so far."""
        file = self.folder / "out" / f"{attempt}.{kind}"
        return file.read_bytes() if file.exists() else b""

    def line(self, attempt: str) -> str:
        """Return the first whole line an attempt writes."""
        self.until(lambda: b"\n" in self.output(attempt))
        return self.output(attempt).split(b"\n")[0].decode()

    def supervisor(self, attempt: str) -> int:
        """Return the pid of the supervisor of an attempt."""
        return self.pool.places[self.pool.homes[attempt]].pid

    @property
    def supervisors(self) -> list[int]:
        """Pids of all supervisors."""
        return [link.pid for link in self.pool.places.values()]

    @property
    def keeper(self) -> int:
        """Pid of the keeper."""
        return self.pool.keeper.pid


def processes_of(folder: Path) -> Iterator[int]:
    """Yields every process that belongs to a test folder."""
    word = str(folder).encode()
    for name in (entry.name for entry in Path("/proc").iterdir()):
        if name.isdigit() and int(name) != os.getpid():
            with contextlib.suppress(OSError):
                facts = Path(f"/proc/{name}/cmdline").read_bytes()
                facts += Path(f"/proc/{name}/environ").read_bytes()
                if word in facts:
                    yield int(name)


def clean(folder: Path) -> None:
    """Kills what a test has left."""
    for _ in range(50):
        pids = [pid for pid in processes_of(folder) if alive(pid)]
        if not pids:
            return
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.02)
