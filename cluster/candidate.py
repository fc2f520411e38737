"""One member's rounds on one lease: looking as a standby, beating as the holder.

No thread and no waiting of its own: `round` does one exchange with the database and says when the
next is due. All of it happens on one connection that nobody else uses.
"""

import logging
from collections.abc import Callable

import msgspec
import psycopg

from cluster import names, nodes, statements
from cluster.connection import connect_watcher
from cluster.failures import UnknownOutcome
from cluster.lease import (
    Decider,
    Decision,
    EventKind,
    Held,
    LeaseConfig,
    Member,
    Phase,
    Seen,
)

log = logging.getLogger(__name__)

RETRY_S = 0.1


class Owner(msgspec.Struct, frozen=True, kw_only=True):
    """What the role asks of the code that acts on it. All are called on the role's own thread."""

    progress: Callable[[], float] = lambda: 0.0
    """Seconds since the owner last made progress while work was queued; 0 when none is."""
    coupled: Callable[[], bool] = lambda: True
    """Whether this node has seen the journal's head."""
    facts: Callable[[], nodes.NodeFacts] = nodes.NodeFacts
    """What the node's row shows."""
    drained: Callable[[], bool] = lambda: True
    """Whether it has finished what it was at; asked again and again while a hand-over waits."""
    resumed: Callable[[], None] = lambda: None
    """Told that a hand-over was called off: this node leads on."""


class Leaving(msgspec.Struct, frozen=True):
    """A hand-over under way: to which node (None: whoever is first) and until when to wait."""

    to: str | None
    phase: Phase
    until_s: float
    is_stop: bool


class Candidate:
    """The state of one member between rounds. `held` and `leaving` may be read by other threads."""

    def __init__(
        self,
        dsn: str,
        role: str,
        member: Member,
        *,
        config: LeaseConfig,
        owner: Owner,
        rank: int,
        boot: Callable[[], float],
    ) -> None:
        self.role, self.member, self.config = role, member, config
        self._dsn, self._owner, self.boot = dsn, owner, boot
        self._decider = Decider(member.node, config, rank=rank)
        self._name = nodes.NodeName(role, member, config)
        self._conn: psycopg.Connection | None = None
        self._gave_way = False
        self._held_since_s = self._node_beat_at_s = float("-inf")
        self.held: Held | None = None
        self.leaving: Leaving | None = None
        self.seen: Seen | None = None
        self.decision: Decision | None = None
        self.has_name = False
        self._told_name: bool | None = None
        self.trouble: str | None = None

    def round(self) -> float:
        """Does one exchange and returns the seconds until the next is due."""
        asked_at_s = self.boot()
        try:
            conn = self._connected()
            held = self.held
            due_s = self._hold(conn, held, asked_at_s) if held else self._stand_by(conn)
            self.trouble = None
        except (psycopg.Error, UnknownOutcome) as failure:
            self._lose_sight(failure)
            return RETRY_S
        return max(0.0, asked_at_s + due_s - self.boot())

    def leave(self) -> None:
        """Frees the node's name and closes the connection. The last thing a member does."""
        try:
            if self._conn is not None and not self._conn.closed:
                self._name.leave(self._conn)
        except psycopg.Error as failure:
            self._lose_sight(failure)
        self._close()

    def _connected(self) -> psycopg.Connection:
        if self._conn is None or self._conn.closed:
            name = names.watcher(self.role, self.member)
            self._conn = connect_watcher(self._dsn, name, self.config)
            statements.ensure(self._conn, self.role)
        return self._conn

    def _hold(self, conn: psycopg.Connection, held: Held, asked_at_s: float) -> float:
        if self._is_stuck(asked_at_s):
            self._give_way(conn, held)
            return self.config.poll_s
        # Not in a pipeline: frozen before its end, this would keep the lease's row locked for ever.
        self._name.beat(conn, self._owner.facts())
        seen = statements.beat(conn, held.token)
        if seen is None:
            self._step_down(conn, held, EventKind.DEPOSED)
            return 0.0
        self.seen = seen
        self.held = held.renewed(asked_at_s, self.config)
        return self._hand_over(conn, self.held, seen)

    def _hand_over(self, conn: psycopg.Connection, held: Held, seen: Seen) -> float:
        """Goes one step further in a hand-over, if one was asked for."""
        if self.leaving is None and seen.intended not in (None, self.member.node):
            until_s = self.boot() + self.config.drain_s
            self.leaving = Leaving(seen.intended, Phase.RELEASED, until_s, is_stop=False)
        leaving = self.leaving
        if leaving is None:
            return self.config.beat_s
        if seen.phase is Phase.ACTIVE:
            statements.drain(conn, held.token, leaving.to)
        if not self._owner.drained() and self.boot() < leaving.until_s:
            return self.config.beat_s / 10
        return self._release(conn, held, leaving)

    def _release(self, conn: psycopg.Connection, held: Held, leaving: Leaving) -> float:
        overdue = self.boot() >= leaving.until_s
        if overdue and not leaving.is_stop:
            log.warning("lease.switch_over_called_off", extra={"role": self.role})
            statements.resume(conn, held.token)
            self.leaving = None
            self._owner.resumed()
            return 0.0
        # Waits in slices of a beat, so that a slow write does not look like a dead holder.
        wait_s = 0.0 if overdue else self.config.beat_s
        try:
            statements.release(conn, held.token, to=leaving.to, phase=leaving.phase, wait_s=wait_s)
        except psycopg.errors.LockNotAvailable:
            return 0.0
        facts = {"role": self.role, "term": held.token.term, "to": leaving.to}
        log.info("lease.released", extra=facts)
        self.held = self.leaving = None
        self._decider.blind()
        return self.config.poll_s

    def _stand_by(self, conn: psycopg.Connection) -> float:
        seen = statements.look(conn, self.role)
        self._claim_name(conn)
        self._beat_node(conn)
        if seen is None:
            statements.ensure(conn, self.role)
            return 0.0
        coupled = self._owner.coupled() and not self._gave_way
        self.seen, self.decision = seen, self._decider.observe(seen, self.boot(), coupled=coupled)
        if self.decision.take and self.has_name and self.leaving is None:
            self._take_over(conn, seen, self.decision)
        # Named as the next holder, it looks more often, so that a switch-over takes little time.
        is_named = seen.intended == self.member.node
        return self.config.poll_s / 5 if is_named else self.config.poll_s

    def _claim_name(self, conn: psycopg.Connection) -> None:
        self.has_name = self._name.claim(conn, self.boot())
        if self.has_name is not self._told_name:
            facts = {"role": self.role, "node": self.member.node}
            log.info("lease.stands_by" if self.has_name else "lease.name_taken", extra=facts)
            self._told_name = self.has_name

    def _beat_node(self, conn: psycopg.Connection) -> None:
        now_s = self.boot()
        if self.has_name and now_s - self._node_beat_at_s >= self.config.beat_s:
            self._name.beat(conn, self._owner.facts())
            self._node_beat_at_s = now_s

    def _take_over(self, conn: psycopg.Connection, seen: Seen, decision: Decision) -> None:
        asked_at_s = self.boot()
        token = statements.take_over(
            conn, self.role, seen, member=self.member, reason=decision.reason
        )
        self._decider.blind()
        if token is None:
            return
        self._held_since_s, self._gave_way = asked_at_s, False
        self.held = Held(token, asked_at_s + self.config.self_fence_s)
        facts = {"role": self.role, "term": token.term, "reason": decision.reason.value}
        log.info("lease.taken", extra=facts)

    def _is_stuck(self, now_s: float) -> bool:
        limit_s = self.config.progress_limit_s
        # A new holder gets as long as a stuck one before it is judged by its predecessor's work.
        return now_s - self._held_since_s > limit_s and self._owner.progress() > limit_s

    def _give_way(self, conn: psycopg.Connection, held: Held) -> None:
        """Becomes a standby that lets others go first; alone, it starts again with a new term."""
        self._gave_way = True
        self._step_down(conn, held, EventKind.GAVE_WAY)

    def _step_down(self, conn: psycopg.Connection, held: Held, kind: EventKind) -> None:
        self.held = self.leaving = None
        self._decider.blind()
        facts = {"role": self.role, "term": held.token.term, "kind": kind.value}
        log.warning("lease.lost", extra=facts)
        statements.record(conn, held.token, kind)

    def _lose_sight(self, failure: Exception) -> None:
        self._decider.blind()
        self._name.blind()
        known, self.trouble = self.trouble, str(failure).strip() or type(failure).__name__
        if known is None:  # once per outage, not once per attempt
            log.warning("lease.out_of_sight", extra={"role": self.role, "problem": self.trouble})
        self._close()

    def _close(self) -> None:
        if self._conn is not None:
            self._conn.close()
        self._conn = None
