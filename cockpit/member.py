"""A cockpit member's part in the cluster: while it leads, the background services run beside it.

They run in a child process that gets the term and dies with this one.
"""

import contextlib
import logging
import os
import queue
import sys
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

from cluster.candidate import Owner
from cluster.connection import dsn_from_url
from cluster.lease import COCKPIT, Token
from cluster.role import Role
from cockpit import state
from cockpit.allinone_plan import Ground, manage
from cockpit.processes import Child, Processes

log = logging.getLogger(__name__)

ROLE = "cockpit"
ROOT = Path(__file__).resolve().parent.parent
SERVICES_STOP_S = 28.0
"""Longer than the services take to finish what they are at."""

_NAME = "services"


class BackgroundServices:
    """Takes part in the role `cockpit` and keeps the services running while this member leads."""

    def __init__(self, database_url: str, member: str, *, home: Path) -> None:
        self._home = home
        self._changes: queue.SimpleQueue[Token | None] = queue.SimpleQueue()
        self._wake = os.eventfd(0, os.EFD_NONBLOCK)
        self._stopping = threading.Event()
        self.role = Role(
            dsn_from_url(database_url, "cockpit:role"),
            ROLE,
            member,
            config=COCKPIT,
            on_change=self._changed,
            owner=Owner(drained=self._drained, resumed=self._resumed),
        )
        self._draining = False
        self._idle = threading.Event()
        self._idle.set()
        self._thread = threading.Thread(target=self._run, name="services", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self.role.start()
        state.set_role(self.role)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        failure: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # First the child, then the role: nobody else may start services while ours still write.
        state.set_role(None)
        self._stopping.set()
        self._ring()
        self._thread.join(SERVICES_STOP_S + 2)
        self.role.release()
        os.close(self._wake)

    def _changed(self, token: Token | None) -> None:
        self._draining = False
        if token is not None:
            self._idle.clear()
        self._changes.put(token)
        self._ring()

    def _drained(self) -> bool:
        """Let the services stop in order before another member starts theirs."""
        if not self._draining:
            self._draining = True
            self._changes.put(None)
            self._ring()
        return self._idle.is_set()

    def _resumed(self) -> None:
        self._changed(self.role.token())

    def _ring(self) -> None:
        os.eventfd_write(self._wake, 1)

    def _run(self) -> None:
        children = Processes(
            self._wake, lambda text: log.warning("services.watched", extra={"told": text})
        )
        while not self._stopping.is_set():
            children.tend()
            with contextlib.suppress(BlockingIOError):
                os.eventfd_read(self._wake)
            self._follow(children)
        children.stop([_NAME])
        self._idle.set()

    def _follow(self, children: Processes) -> None:
        while not self._changes.empty():
            token = self._changes.get()
            children.stop([_NAME])
            if token is not None:
                children.start(self._child(token))
            elif self._changes.empty():
                self._idle.set()

    def _child(self, token: Token) -> Child:
        ground = Ground(sys.executable, ROOT, self._home, os.environ)
        words = ["services", f"--term={token.term}", f"--holder={token.holder}"]
        words.append(f"--timeline={token.timeline}")
        return Child(
            name=_NAME,
            command=manage(ground, *words),
            environment=dict(os.environ),
            folder=ROOT,
            log=self._home / "logs" / "services.log",
            stop_limit_s=SERVICES_STOP_S,
        )
