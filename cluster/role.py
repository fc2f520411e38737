"""A role as its owner uses it: may I act, with which token, and handing over.

Beats and looks have a thread and a connection of their own, so that a busy owner stays the holder.
The owner asks `may_act` right before each effect outside the database, and writes with `fenced`.
"""

import logging
import secrets
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from cluster import names, nodes, statements
from cluster.candidate import Candidate, Leaving, Owner
from cluster.connection import connect_watcher
from cluster.describe import Description, describe
from cluster.failures import SwitchOverRefused
from cluster.lease import CONTROLLER, LeaseConfig, Member, Phase, Token

log = logging.getLogger(__name__)


def boot_s() -> float:
    """Returns seconds since the machine started. Also counts while it sleeps; cannot be set."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def ignore_change(token: Token | None) -> None:
    """Does nothing about a change of leadership."""


class Role:
    """This process's part in a role that one process at a time may play.

    `on_change` gets the new token when leadership is won and None when it is lost. It is called on
    the role's thread and must return at once: while it runs, nothing beats.
    """

    def __init__(
        self,
        dsn: str,
        role: str,
        node: str,
        *,
        config: LeaseConfig = CONTROLLER,
        on_change: Callable[[Token | None], None] = ignore_change,
        owner: Owner | None = None,
        rank: int = 0,
        boot: Callable[[], float] = boot_s,
    ) -> None:
        member = Member(names.checked("node", node), secrets.token_hex(4))
        names.checked("role", role)
        self._dsn, self._boot, self._on_change = dsn, boot, on_change
        self._candidate = Candidate(
            dsn, role, member, config=config, owner=owner or Owner(), rank=rank, boot=boot
        )
        self._changed = threading.Condition()
        self._wake = threading.Event()
        self._stopping: Phase | None = None
        self._told: Token | None = None
        self._thread = threading.Thread(target=self._run, name=f"role {role}", daemon=True)

    @property
    def member(self) -> Member:
        """This process as lease and node rows name it."""
        return self._candidate.member

    def start(self) -> Self:
        """Starts taking part."""
        self._thread.start()
        return self

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        failure: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()

    def token(self) -> Token | None:
        """Returns the token while this process may act, else None."""
        held = self._candidate.held
        return held.token if held is not None and self.may_act() else None

    def may_act(self) -> bool:
        """Whether an effect may start now: leading, not handing over, last beat fresh."""
        held = self._candidate.held
        is_leaving = self._candidate.leaving is not None or self._stopping is not None
        return held is not None and not is_leaving and held.covers(self._boot())

    def wait_for_leadership(self, timeout_s: float | None = None) -> Token | None:
        """Returns the token as soon as this process leads; None after `timeout_s` or a release."""
        with self._changed:
            found = self._changed.wait_for(lambda: self.token() or self._stopping, timeout_s)
        return found if isinstance(found, Token) else None

    def release(self, *, timeout_s: float = 10.0) -> None:
        """Stops for good and lets a standby take over at once. Stop writing before."""
        self._stop(Phase.RELEASED, timeout_s)

    def shut_down(self, *, timeout_s: float = 10.0) -> None:
        """Stops for good but keeps the role for the next start of this node."""
        self._stop(Phase.SHUTDOWN, timeout_s)

    def switch_over(self, to: str) -> None:
        """Asks the holder, whichever node it is, to hand over to the node `to`.

        Returns when the wish is durable. The holder finishes its writes, releases, and `to` takes
        over; if `to` does not, the old holder takes the role back.

        Raises:
            SwitchOverRefused: there is no such node, or no other holder.
        """
        request_switch_over(self._dsn, self._candidate.role, to, config=self._candidate.config)
        self._wake.set()

    def describe(self) -> Description:
        """Returns one sentence and the facts behind it, for health checks and the cluster page."""
        return describe(self._candidate, self._boot())

    def _stop(self, phase: Phase, timeout_s: float) -> None:
        self._stopping = self._stopping or phase
        self._wake.set()
        with self._changed:
            self._changed.notify_all()
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join(timeout_s)

    def _run(self) -> None:
        while not self._is_done():
            due_s = self._round()
            self._tell()
            if self._wake.wait(due_s):
                self._wake.clear()
        self._candidate.leave()
        self._tell()

    def _round(self) -> float:
        try:
            return self._candidate.round()
        except Exception:
            # An owner's broken callback must not end the thread: nobody would lead any more.
            log.exception("lease.round_failed", extra={"role": self._candidate.role})
            return self._candidate.config.poll_s

    def _is_done(self) -> bool:
        """Turns a wish to stop into a hand-over; true once nothing is held any more."""
        candidate = self._candidate
        if self._stopping is None:
            return False
        if candidate.leaving is None or not candidate.leaving.is_stop:
            until_s = self._boot() + candidate.config.drain_s
            candidate.leaving = Leaving(None, self._stopping, until_s, is_stop=True)
        held = candidate.held
        # Without a database there is nobody to hand over to; silence will do it.
        return held is None or (candidate.trouble is not None and not held.covers(self._boot()))

    def _tell(self) -> None:
        held = self._candidate.held
        token = held.token if held else None
        with self._changed:
            self._changed.notify_all()
        if token == self._told:
            return
        self._told = token
        try:
            self._on_change(token)
        except Exception:
            # A broken listener must not stop the beats of a healthy holder.
            log.exception("lease.listener_failed", extra={"role": self._candidate.role})


def request_switch_over(dsn: str, role: str, to: str, *, config: LeaseConfig = CONTROLLER) -> None:
    """Asks the holder of a role to hand over to the node `to`; for processes without the role.

    Raises:
        SwitchOverRefused: there is no such node, or no other holder.
    """
    with connect_watcher(dsn, f"lease:{role}:request", config) as conn:
        if not nodes.is_known(conn, role, to):
            raise SwitchOverRefused(f"{role}: no node {to!r} is running.")
        if not statements.intend(conn, role, to):
            raise SwitchOverRefused(f"{role}: {to!r} leads already, or there is nobody to ask.")
