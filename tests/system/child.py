"""One real process of the system under test: started, frozen, killed by its own id."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from tests.system.waiting import wait_until

ROOT = Path(__file__).resolve().parents[2]


class Child:
    """A process that may be started again under the same name; its log goes on in one file."""

    def __init__(
        self, name: str, words: Sequence[str], *, environment: Mapping[str, str], log: Path
    ) -> None:
        self.name, self.words, self.log = name, list(words), log
        self.environment = dict(environment)
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> "Child":
        """Start it; returns at once."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, *self.words],
                env={"PATH": os.environ["PATH"], "PYTHONUNBUFFERED": "1", **self.environment},
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        return self

    @property
    def pid(self) -> int:
        """The process id, also after an exec."""
        assert self.process is not None
        return self.process.pid

    @property
    def alive(self) -> bool:
        """Whether it runs or is frozen."""
        return self.process is not None and self.process.poll() is None

    def kill(self) -> None:
        """End it as `kill -9` does and wait until it is gone."""
        self._signal(signal.SIGKILL)
        self._reap()

    def stop(self, within_s: float = 15.0) -> int | None:
        """Ask it to end; by force if it does not. Returns its exit status, None if forced."""
        if not self.alive:
            return self.process.poll() if self.process else 0
        self._signal(signal.SIGTERM)
        try:
            assert self.process is not None
            return self.process.wait(within_s)
        except subprocess.TimeoutExpired:
            self.kill()
            return None

    def freeze(self) -> None:
        """Stop it in its tracks."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let a frozen one go on."""
        self._signal(signal.SIGCONT)

    def says(self, text: str) -> int:
        """Count how often a text stands in its log."""
        return self.log.read_text(errors="replace").count(text) if self.log.exists() else 0

    def wait_says(self, text: str, *, times: int = 1, within_s: float = 20.0) -> None:
        """Wait until its log has a text so often."""
        wait_until(
            lambda: self.says(text) >= times,
            within_s=within_s,
            why=lambda: f"{self.name} never said {text!r}; its log ends\n{self.tail()}",
        )

    def tail(self, lines: int = 25) -> str:
        """Return the end of its log."""
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        return "\n".join(text.splitlines()[-lines:])

    def rss_kb(self) -> int:
        """Return its resident memory in KiB."""
        text = Path(f"/proc/{self.pid}/status").read_text()
        line = next(line for line in text.splitlines() if line.startswith("VmRSS:"))
        return int(line.split()[1])

    def _signal(self, number: signal.Signals) -> None:
        if self.alive:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def _reap(self) -> None:
        if self.process is not None:
            self.process.wait(10)


def processes_of(folder: Path) -> Iterator[tuple[int, str]]:
    """Yield id and command line of every process that names a folder of the test."""
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            line = (entry / "cmdline").read_bytes().decode(errors="replace")
            told = (entry / "environ").read_bytes().decode(errors="replace")
        except OSError:
            continue
        if str(folder) in line + told:
            yield int(entry.name), line


def kill_tree_of(folder: Path) -> None:
    """Kill every process whose command line or environment names a folder of the test."""
    for pid, _ in processes_of(folder):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
