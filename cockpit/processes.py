"""Child processes that are kept running: each starts again after any end, until all are stopped.

Knows nothing of Django and of what the children do. Children end with this process, by the
kernel's hand if need be; what they themselves have detached lives on.
"""

import os
import select
import signal
import subprocess
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec

from cockpit.embedded.folders import open_log
from cockpit.embedded.identity import Identity, launch
from cockpit.embedded.proc import has_ended, send
from cockpit.embedded.restart import Restarts


class Child(msgspec.Struct, frozen=True):
    """One process to keep running."""

    name: str
    command: list[str]
    """The first word is an absolute path."""
    environment: dict[str, str]
    folder: Path
    """Where it is run."""
    log: Path
    stop_limit_s: float = 10.0


class Run:
    """One start of a child, to its end."""

    def __init__(self, child: Child) -> None:
        log = open_log(child.log)
        try:
            self._process = subprocess.Popen(
                launch(Identity.OWN, child.command, die_with=os.getpid()),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=child.folder,
                env=child.environment,
                start_new_session=True,  # a Ctrl-C in the terminal is for this process alone
            )
        finally:
            os.close(log)
        self.handle = os.pidfd_open(self._process.pid)
        self._started_at = time.monotonic()

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    @property
    def uptime_s(self) -> float:
        """The time since the start."""
        return time.monotonic() - self._started_at

    def finish(self) -> str:
        """Return how the process ended, having waited for it."""
        status = self._process.wait()
        os.close(self.handle)
        if status < 0:
            return f"was ended by signal {-status} ({signal.Signals(-status).name})"
        return f"ended with status {status}"


class Processes:
    """A set of children, watched by calling `tend`; all of it belongs to one thread.

    The thread must live as long as the children: the kernel ends them with it.
    """

    def __init__(self, wake: int, say: Callable[[str], None]) -> None:
        """Take the descriptor that cuts a wait short, and what to tell a person with."""
        self._wake = wake
        self._say = say
        self._children: dict[str, Child] = {}
        self._runs: dict[str, Run] = {}
        self._restarts: dict[str, Restarts] = {}
        self._due: dict[str, float] = {}

    def start(self, child: Child) -> None:
        """Start a child and keep it running from now on."""
        self._children[child.name] = child
        self._restarts[child.name] = Restarts()
        self._runs[child.name] = Run(child)

    def pids(self) -> dict[str, int]:
        """Return the process ids of the children that now run, by name."""
        return {name: run.pid for name, run in self._runs.items()}

    def tend(self, within_s: float | None = None) -> None:
        """Wait for an end, a due start or a wake-up, at most so long; then do what is due."""
        waiter = select.poll()
        waiter.register(self._wake, select.POLLIN)
        names = {run.handle: name for name, run in self._runs.items()}
        for handle in names:
            waiter.register(handle, select.POLLIN)
        for handle, _ in waiter.poll(self._milliseconds(within_s)):
            if handle in names:
                self._note_end(names[handle])
        self._start_due()

    def stop(self, names: Iterable[str]) -> None:
        """End these children together: SIGTERM, after their limit SIGKILL."""
        leaving = []
        for name in names:
            child, run = self._children.pop(name, None), self._runs.pop(name, None)
            self._due.pop(name, None)
            if child and run:
                send(run.handle, signal.SIGTERM)
                leaving.append((child, run))
        for child, run in leaving:
            self._see_off(child, run)

    def _see_off(self, child: Child, run: Run) -> None:
        if not has_ended(run.handle, within_s=child.stop_limit_s):
            self._say(f"{child.name} did not end within {child.stop_limit_s:.0f} s and is killed.")
            send(run.handle, signal.SIGKILL)
        run.finish()

    def _milliseconds(self, within_s: float | None) -> float | None:
        waits = [due - time.monotonic() for due in self._due.values()]
        if within_s is not None:
            waits.append(within_s)
        return max(0.0, min(waits) * 1000) if waits else None

    def _note_end(self, name: str) -> None:
        run = self._runs.pop(name)
        uptime_s, how = run.uptime_s, run.finish()
        restarts = self._restarts[name] = self._restarts[name].after(uptime_s)
        self._due[name] = time.monotonic() + restarts.delay_s
        log = self._children[name].log
        self._say(f"{name} {how}; it starts again in {restarts.delay_s:.1f} s. Its log: {log}")

    def _start_due(self) -> None:
        now = time.monotonic()
        for name in [name for name, due in self._due.items() if due <= now]:
            del self._due[name]
            self._runs[name] = Run(self._children[name])
