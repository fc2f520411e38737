"""The active controller: one thread that waits for news, and takes them in round by round.

Letters come from the carrier's thread through `take_letter`; requests and due moments are read
from the store. What follows from them is decided in `controller.round`. When the term is over it
returns.
"""

import logging
import os
import select
import threading
import time
from collections import deque
from contextlib import suppress
from typing import Protocol
from uuid import UUID

import msgspec
import psycopg

from agents import protocol as pr
from agents.carrier import Post
from agents.join import used_up
from cluster.connection import connect_writer
from cluster.failures import LeadershipLost
from cluster.role import Role
from controller.doorkeeper import answer_join
from controller.pool import Member
from controller.round import Outside, Round
from controller.store import PostgresStore
from controller.turn import Verify
from engine.steps.site import DAY_US

log = logging.getLogger(__name__)

POLL_S = 1.0
EARLIER_TERMS = 5


class LeaderConfig(msgspec.Struct, frozen=True):
    """What a controller process is told at its start."""

    dsn: str
    controller: str
    broker_url: str
    horizon_us: int = DAY_US


class Register(Protocol):
    """The register of agents as the leader looks at it now and then."""

    def keys(self) -> dict[str, bytes]:
        """Return the keys of the links to agents that have joined."""

    def limits(self) -> dict[str, int]:
        """Return how many processes agents may run, where somebody has said so."""

    def clusters(self) -> dict[str, tuple[Member, ...]]:
        """Return the clusters of agents."""


class Leader:
    """One term of one controller."""

    def __init__(
        self,
        config: LeaderConfig,
        role: Role,
        post: Post,
        *,
        verify: Verify,
        register: Register,
        site: bytes,
    ) -> None:
        self.config, self.role, self.post = config, role, post
        token = role.token()
        if token is None:
            raise LeadershipLost("the term was over before the first turn")
        self.token = token
        self._verify, self._site = verify, site
        self._register = register
        self.letters: deque[str] = deque()
        self._wake_r, self._wake_w = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._polled_s = 0.0

    # -- the carrier's side -----------------------------------------------------------------

    def take_letter(self, letter: str) -> None:
        """Hand a letter over; called from the carrier's thread."""
        self.letters.append(letter)
        with suppress(BlockingIOError):
            os.write(self._wake_w, b".")

    # -- the term ---------------------------------------------------------------------------

    def run(self, stop: threading.Event) -> None:
        """Take turns until the term is over or somebody asks to stop.

        Raises:
            LeadershipLost: somebody else may lead now.
        """
        try:
            with (
                connect_writer(self.config.dsn, self.token) as conn,
                psycopg.connect(self.config.dsn, autocommit=True) as ears,
            ):
                self._lead(conn, ears, stop)
        except psycopg.OperationalError as problem:
            # Also how a deposed leader learns of it: its successor ends its sessions.
            raise LeadershipLost(f"the database was lost: {problem}") from None

    def _lead(
        self, conn: psycopg.Connection, ears: psycopg.Connection, stop: threading.Event
    ) -> None:
        ears.execute(f"LISTEN stellwerk_commands_{self.config.controller}")
        turns = self._begun(PostgresStore(conn, self.config.controller))
        while not stop.is_set():
            if not self.role.may_act():
                raise LeadershipLost("the term is over")
            self._wait(ears, turns)
            self._poll(turns)
            turns.take()

    def _begun(self, store: PostgresStore) -> Round:
        for term in range(max(1, self.token.term - EARLIER_TERMS), self.token.term):
            # Nobody reads what was sent to an earlier term.
            self.post.drop(pr.queue_of_controller(self.config.controller, term))
        turns = Round(
            self.config.controller,
            self.token,
            store,
            self._outside(),
            letters=self.letters,
            horizon_us=self.config.horizon_us,
        )
        log.info("controller.leads", extra={"term": self.token.term, "last_no": turns.last_no})
        return turns

    def _outside(self) -> Outside:
        return Outside(
            now_us=now_us,
            clock=time.monotonic,
            send=self.post.send,
            drop=self.post.drop,
            verify=self._verify,
            keys=self._register.keys,
            answer_join=lambda sealed: answer_join(sealed, site=self._site, send=self.post.send),
            joined=used_up,
            outgrow=self._outgrow,
            knows_batch=self._knows_batch,
        )

    def _wait(self, ears: psycopg.Connection, turns: Round) -> None:
        ready, _, _ = select.select([ears.fileno(), self._wake_r], [], [], _idle_s(turns))
        if self._wake_r in ready:
            with suppress(BlockingIOError):
                os.read(self._wake_r, 65536)
        if ears.fileno() in ready:
            for _ in ears.notifies(timeout=0):
                turns.requests_wait = True

    def _poll(self, turns: Round) -> None:
        now = time.monotonic()
        if now - self._polled_s > POLL_S:
            self._polled_s, turns.requests_wait = now, True
            turns.look_at_register(self._register.limits(), self._register.clusters())

    # -- when something was lost ------------------------------------------------------------

    def _knows_batch(self, batch: UUID) -> bool:
        with psycopg.connect(self.config.dsn, autocommit=True) as conn:
            return PostgresStore(conn, self.config.controller).knows_batch(batch)

    def _outgrow(self, term: int) -> None:
        """Raise the term above one that an agent knows: this database was set back in time."""
        with psycopg.connect(self.config.dsn, autocommit=True) as conn:
            conn.execute(
                "UPDATE cluster_lease SET term=%s WHERE role=%s AND term=%s AND holder=%s",
                (term, self.token.role, self.token.term, self.token.holder),
            )
        raise LeadershipLost(f"an agent knows term {term}; beginning a later one")


def _idle_s(turns: Round) -> float:
    """Return how long nothing but news can give it work, at most until the next look around."""
    if turns.busy:
        return 0.0
    due_us = turns.wait_us()
    return POLL_S / 2 if due_us is None else min(POLL_S / 2, due_us / 1e6)


def now_us() -> int:
    """Return the moment, microseconds since 1970 in UTC."""
    return time.time_ns() // 1000
