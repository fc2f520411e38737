"""Starts, adopts, watches and stops one server process. Knows nothing of what it serves."""

import logging
import os
import select
import signal
import subprocess
import threading
import time
from pathlib import Path

from cockpit.embedded.errors import EmbeddedPartsFailed, PartDidNotStart
from cockpit.embedded.folders import last_lines, open_log
from cockpit.embedded.identity import launch
from cockpit.embedded.proc import has_ended, send
from cockpit.embedded.program import Program
from cockpit.embedded.restart import Restarts

logger = logging.getLogger(__name__)

START_LIMIT_S = 60.0
"""PostgreSQL may have to replay its log after a crash before it answers."""

STOP_LIMIT_S = 20.0
POLL_S = 0.02
ATTEMPTS = 6


class Server:
    """One supervised server; outlives its supervisor's death and is adopted by the next one."""

    def __init__(self, program: Program, log: Path) -> None:
        self._program = program
        self._log = log
        self._child: subprocess.Popen[bytes] | None = None
        self._handle: int | None = None
        self._started_at = 0.0
        self._wake = os.eventfd(0)
        self._stopping = threading.Event()
        self._watcher: threading.Thread | None = None

    def start(self) -> None:
        """Have the server running and answering: a living one is adopted, else one is started.

        Raises:
            PartDidNotStart: it ended several times, or did not answer in time.
        """
        self._program.prepare()
        deadline = time.monotonic() + START_LIMIT_S
        tries = Restarts()
        while not self._attempt(deadline):
            tries = tries.after(0.0)
            if tries.failures >= ATTEMPTS or self._woken(tries.delay_s):
                raise self._failure("it ended at once.")
        self._started_at = time.monotonic()

    def watch(self) -> None:
        """Start the server again whenever it ends, until `stop`; returns at once."""
        self._watcher = threading.Thread(
            target=self._keep_running, name=f"watch {self._program.name}", daemon=True
        )
        self._watcher.start()

    def stop(self) -> None:
        """End the server cleanly, by force if it does not listen. The last call on this object."""
        self._stopping.set()
        os.eventfd_write(self._wake, 1)
        if self._watcher is not None:
            self._watcher.join()
        if self._handle is None:
            self._handle = self._program.handle()
        if self._handle is not None:
            self._end(self._handle)
        self._forget()
        os.close(self._wake)

    def _attempt(self, deadline: float) -> bool:
        """Whether the server answers; False if it ended before it did."""
        self._handle = self._program.handle()
        if self._handle is not None:
            logger.info("embedded.adopted", extra={"part": self._program.name})
        else:
            self._handle = self._spawn()
        while not self._program.answers():
            if has_ended(self._handle, within_s=POLL_S):
                self._forget()
                return False
            if self._stopping.is_set():
                raise self._failure("it was asked to stop meanwhile.")
            if time.monotonic() > deadline:
                raise self._failure(f"it gave no answer for {START_LIMIT_S:.0f} s.")
        return True

    def _spawn(self) -> int:
        log = open_log(self._log)
        try:
            self._child = subprocess.Popen(
                launch(self._program.identity, self._program.command()),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                env=self._program.environment,
                start_new_session=True,
            )
        finally:
            os.close(log)
        logger.info("embedded.started", extra={"part": self._program.name, "pid": self._child.pid})
        return os.pidfd_open(self._child.pid)

    def _keep_running(self) -> None:
        restarts = Restarts()
        while not self._stopping.is_set():
            if self._handle is not None and not self._ended_or_woken(self._handle):
                continue
            if self._stopping.is_set():
                return
            restarts = restarts.after(time.monotonic() - self._started_at)
            logger.warning("embedded.ended", extra={"part": self._program.name})
            self._forget()
            if not self._woken(restarts.delay_s):
                self._try_again()

    def _try_again(self) -> None:
        try:
            self.start()
        except (EmbeddedPartsFailed, OSError):
            if not self._stopping.is_set():
                logger.exception("embedded.failed", extra={"part": self._program.name})

    def _end(self, handle: int) -> None:
        send(handle, self._program.stop_signal)
        if not has_ended(handle, within_s=STOP_LIMIT_S):
            logger.warning("embedded.killed", extra={"part": self._program.name})
            send(handle, signal.SIGKILL)
            has_ended(handle, within_s=STOP_LIMIT_S)

    def _forget(self) -> None:
        """Let go of a server that has ended."""
        if self._child is not None:
            self._child.wait()
            self._child = None
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None

    def _ended_or_woken(self, handle: int) -> bool:
        waiter = select.poll()
        waiter.register(handle, select.POLLIN)
        waiter.register(self._wake, select.POLLIN)
        return bool(waiter.poll())

    def _woken(self, within_s: float) -> bool:
        waiter = select.poll()
        waiter.register(self._wake, select.POLLIN)
        return bool(waiter.poll(within_s * 1000))

    def _failure(self, why: str) -> PartDidNotStart:
        said = "".join(f"\n    {line}" for line in last_lines(self._log, 5))
        return PartDidNotStart(self._program.name, f"{why} It said:{said}\n", self._log)
