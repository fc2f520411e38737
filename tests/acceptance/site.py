"""Starts and stops a whole installation, by the commands that people use."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WORKFLOWS = Path(__file__).parent / "workflows"
START_S = 120.0


class Site:
    """An installation in a home of its own, on a port of its own."""

    PASSWORD = "a-password-for-tests"

    def __init__(self, home: Path) -> None:
        self.home = home
        self.gates = home / "gates"
        self.gates.mkdir()
        self._port = _free_port()
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """Where its pages are."""
        return f"http://127.0.0.1:{self._port}"

    def start(self, *, empty: bool = False) -> None:
        """Start everything and deploy the workflows of the tests; none where it shall be empty."""
        with (self.home / "up.log").open("wb") as log:
            self._child = subprocess.Popen(
                [sys.executable, "manage.py", "up", "--port", str(self._port), "--no-browser"],
                cwd=ROOT, env=self.environment, stdout=log, stderr=subprocess.STDOUT,
                start_new_session=True,
            )  # fmt: skip
        self._wait_until_it_answers()
        if not empty:
            self.manage("deploy", str(WORKFLOWS))

    def stop(self) -> None:
        """End everything in order."""
        if self._child is None:
            return
        self._child.send_signal(signal.SIGINT)
        try:
            self._child.wait(timeout=60)
        except subprocess.TimeoutExpired:
            os.killpg(self._child.pid, signal.SIGKILL)
            self._child.wait()

    @property
    def environment(self) -> dict[str, str]:
        """What its processes are told: nothing of an installation around the tests."""
        return {
            "PATH": os.environ["PATH"],
            "HOME": os.environ.get("HOME", str(self.home)),
            "STELLWERK_HOME": str(self.home),
            "STELLWERK_ADMIN_PASSWORD": self.PASSWORD,
            "STELLWERK_ENVIRONMENT": "TEST",
        }

    def manage(self, *words: str) -> str:
        """Run a management command and return what it says."""
        done = subprocess.run(
            [sys.executable, "manage.py", *words], cwd=ROOT, env=self.environment,
            capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def open_gate(self, name: str) -> float:
        """Let the job that waits at a gate go on; returns the moment."""
        (self.gates / name).touch()
        return time.monotonic()

    def _wait_until_it_answers(self) -> None:
        end = time.monotonic() + START_S
        while not self._answers():
            assert self._child is not None
            assert self._child.poll() is None, (self.home / "up.log").read_text()
            assert time.monotonic() < end, (self.home / "up.log").read_text()
            time.sleep(0.2)

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.address}/sign-in/", timeout=5) as answer:  # noqa: S310
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
