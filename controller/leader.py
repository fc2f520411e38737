"""The active controller: gathers what has come, takes turns, sends what they wrote.

One thread does all of it, for there is one writer. Letters come from the carrier's thread through
`letters`; requests and due moments are read from the store. When the term is over it returns.
"""

import logging
import os
import select
import threading
import time
from collections import deque
from contextlib import suppress
from typing import Protocol
from uuid import uuid4

import msgspec
import psycopg

from agents import protocol as pr
from agents.carrier import Post
from agents.join import used_up
from cluster.connection import connect_writer
from cluster.failures import LeadershipLost, UnknownOutcome
from cluster.role import Role
from controller.changes import Changes, LinkState, Pending
from controller.doorkeeper import answer_join
from controller.due import Due
from controller.greeting import Greeting
from controller.links import Links, Sending
from controller.singly import Singly
from controller.store import PostgresStore, decode_answer, decode_request
from controller.turn import Turn, Verify
from engine.order.requests import Answer, Answered
from engine.steps.site import DAY_US
from engine.world import World

log = logging.getLogger(__name__)

ITEMS_A_TURN = 1_000
REQUESTS_A_TURN = 50
TURN_S = 0.2
POLL_S = 1.0
CACHED_ORDERS = 50_000
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
        """Return the keys of the links to agents that have joined and are enabled."""

    def limits(self) -> dict[str, int]:
        """Return how many processes agents may run, where somebody has said so."""


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
        self.keys: dict[str, bytes] = register.keys()
        self.letters: deque[str] = deque()
        self._wake_r, self._wake_w = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self.turned_s = time.monotonic()
        self._requests_wait = True
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
        self._begin(conn)
        while not stop.is_set():
            if not self.role.may_act():
                raise LeadershipLost("the term is over")
            self._wait(ears)
            self._round()

    def _begin(self, conn: psycopg.Connection) -> None:
        self.store = PostgresStore(conn, self.config.controller)
        self.world = World()
        self.stored: dict[str, int] = {}
        self.last_no = self.store.last_no()
        self.due = Due(self.store.due, horizon_us=self.config.horizon_us)
        self.links = Links(
            self.config.controller,
            self.token.term,
            self.token.timeline,
            key_of=self.keys.get,
            send=self.post.send,
            drop=self.post.drop,
            stored=self.store.outbox,
            clock=time.monotonic,
        )
        self.links.load(self.store.links())
        for term in range(max(1, self.token.term - EARLIER_TERMS), self.token.term):
            # Nobody reads what was sent to an earlier term.
            self.post.drop(pr.queue_of_controller(self.config.controller, term))
        self.greeting = Greeting(self.links, self.store, clock=time.monotonic, joined=used_up)
        log.info("controller.leads", extra={"term": self.token.term, "last_no": self.last_no})

    def _wait(self, ears: psycopg.Connection) -> None:
        wait_us = self.due.wait_us(now_us())
        busy = self.letters or self._requests_wait
        timeout = (
            0.0 if busy else min(POLL_S / 2, (wait_us or 500_000) / 1e6 if wait_us != 0 else 0.0)
        )
        ready, _, _ = select.select([ears.fileno(), self._wake_r], [], [], timeout)
        if self._wake_r in ready:
            with suppress(BlockingIOError):
                os.read(self._wake_r, 65536)
        if ears.fileno() in ready:
            for _ in ears.notifies(timeout=0):
                self._requests_wait = True

    def _round(self) -> None:
        now = time.monotonic()
        if now - self._polled_s > POLL_S:
            self._polled_s, self._requests_wait = now, True
            self._look_at_register()
        envelopes = self._open_letters()
        # Coupling comes first: it may renumber a stream that the rest of the turn writes to.
        envelopes.sort(key=lambda e: not any(isinstance(w, pr.Hello) for w in e.words))
        requests = self.store.pending(REQUESTS_A_TURN) if self._requests_wait else []
        self._requests_wait = len(requests) == REQUESTS_A_TURN
        due = self.due.take(now_us())
        if envelopes or requests or due:
            self._turn(envelopes, requests, due)
        self.links.tick()
        self.turned_s = time.monotonic()

    def _look_at_register(self) -> None:
        """Learn which agents may talk, and tell them limits that people have changed."""
        self._learn_keys()
        limits = self._register.limits()
        noted = self.links.note_life()
        changed = [
            (agent, limits.get(agent))
            for agent, link in self.links.states.items()
            if self.links.is_coupled(agent) and link.limit != limits.get(agent)
        ]
        if changed or noted:
            turn = self.new_turn()
            for agent, processes in changed:
                turn.limit(agent, processes)
            self.commit(turn)

    def _learn_keys(self) -> None:
        keys = self._register.keys()
        for agent in self.keys.keys() - keys.keys():
            # Disabled meanwhile: neither heard nor spoken to.
            del self.keys[agent]
        self.keys.update(keys)

    def _open_letters(self) -> list[pr.Envelope]:
        found: list[pr.Envelope] = []
        items = 0
        while self.letters and items < ITEMS_A_TURN:
            agent, _, sealed = self.letters.popleft().partition("\n")
            if agent == "join":
                if answer_join(sealed, site=self._site, send=self.post.send):
                    self._learn_keys()
                continue
            key = self.keys.get(agent)
            try:
                if key is None:
                    raise pr.NotAuthentic(f"agent {agent} has not joined")
                envelope = pr.unseal(sealed, key, "up")
            except pr.NotAuthentic as problem:
                log.warning("intake.not_authentic", extra={"agent": agent, "problem": str(problem)})
                continue
            except pr.Unreadable as problem:
                self.greeting.quarantine(agent, str(problem))
                continue
            if envelope.agent == agent:
                items += len(envelope.items)
                found.append(envelope)
        return found

    # -- a turn -----------------------------------------------------------------------------

    def _turn(self, envelopes: list[pr.Envelope], requests: list[Pending], due: list[str]) -> None:
        try:
            self._attempt(envelopes, requests, due)
        except Singly.UNSTORABLE:
            log.exception("turn.unstorable")
            self.reload()
            Singly(self).take(envelopes, requests, due)

    def reload(self) -> None:
        """Drop what a failed commit has made doubtful, and read it again."""
        self.world, self.stored = World(), {}
        for agent, link in self.store.links().items():
            self.links.states[agent] = link
        self.greeting.forget()

    def _attempt(
        self, envelopes: list[pr.Envelope], requests: list[Pending], due: list[str]
    ) -> None:
        turn, began_s = self.new_turn(), time.monotonic()
        for envelope in envelopes:
            self.envelope(turn, envelope)
        for pending in requests:
            if time.monotonic() - began_s > TURN_S:
                # The rest stays unanswered and comes first in the next turn.
                self._requests_wait = True
                break
            self.request(turn, pending)
        turn.preload(due)
        for order_id in due:
            turn.due(order_id)
        self.commit(turn)

    def commit(self, turn: Turn) -> None:
        """Write the turn, then tell those whom it concerns."""
        at = now_us()
        changes = turn.changes(lambda order: self.due.moment(order, at))
        if changes:
            self._write(changes)
        self._after(turn, changes)

    def new_turn(self) -> Turn:
        """Return a turn over the present world."""
        return Turn(
            self.world,
            self.store,
            self.links.states,
            last_no=self.last_no,
            now_us=now_us(),
            stored=self.stored,
            verify=self._verify,
            new_link=new_link,
            horizon_us=self.config.horizon_us,
        )

    def request(self, turn: Turn, pending: Pending) -> None:
        """Take a request into a turn; one that cannot be read is answered so."""
        try:
            request = decode_request(pending.body)
        except msgspec.MsgspecError as problem:
            answer = Answered(
                "", ok=False, code="invalid", sentence=f"The request cannot be read: {problem}"
            )
            turn.answered(pending.command, Answer((answer,)))
            return
        before = decode_answer(pending.partial).answers if pending.partial else ()
        turn.request(pending.command, request, cursor=pending.cursor, before=before)

    def envelope(self, turn: Turn, envelope: pr.Envelope) -> None:
        """Take an envelope of an agent into a turn."""
        agent = envelope.agent
        for word in envelope.words:
            if isinstance(word, pr.Hello) and word.agent == agent:
                self.greeting.hello(turn, word, self._outgrow)
        one = self.links.sending.get(agent)
        if one is None or not one.coupled or envelope.nonce != one.nonce:
            return
        if self.links.heard(agent, envelope.ack, envelope.ack_stream):
            turn.acknowledged(agent, one.acked)
        if any(isinstance(word, pr.Missing) for word in envelope.words):
            self.links.missed(agent)
        if envelope.items:
            one.owes_ack = True
            self._items(turn, envelope, one)

    def _items(self, turn: Turn, envelope: pr.Envelope, one: Sending) -> None:
        agent, link = envelope.agent, self.links.states[envelope.agent]
        inflow = pr.Inflow(link.run, link.taken_n)
        one.misses = inflow.gap(envelope)
        try:
            fresh = [(n, pr.decode_up(raw)) for n, raw in inflow.fresh(envelope)]
        except msgspec.MsgspecError as problem:
            self.greeting.quarantine(agent, f"an item cannot be read: {problem}")
            return
        turn.preload(i.order_id for _, i in fresh if isinstance(i, pr.Happened))
        for n, item in fresh:
            turn.reported(agent, n, item)
            if isinstance(item, pr.Listed) and link.state == "listing":
                # Only a part of the list has come in this term: the next Hello begins it anew.
                self.links.uncouple(agent)

    def _write(self, changes: Changes) -> None:
        batch = uuid4()
        try:
            self.store.commit(changes, self.token, batch)
        except UnknownOutcome:
            with psycopg.connect(self.config.dsn, autocommit=True) as conn:
                known = PostgresStore(conn, self.config.controller).knows_batch(batch)
            log.warning("turn.unknown_outcome", extra={"committed": known})
            raise LeadershipLost(
                "the outcome of a commit was unknown; beginning a new term"
            ) from None

    def _after(self, turn: Turn, changes: Changes) -> None:
        self.last_no = turn.last_no
        self._requests_wait = self._requests_wait or bool(changes.progress)
        for saved in changes.saved:
            if self.due.is_far(saved.due_us):
                # Waits for long: only its row does.
                self.world.orders.pop(saved.order.id, None)
                self.stored.pop(saved.order.id, None)
            else:
                self.stored[saved.order.id] = len(saved.order.results)
        self.due.put((saved.due_us, saved.order.id) for saved in changes.saved)
        for link in changes.links:
            link.changed = False
        self.world.touched.clear()
        self.world.left.clear()
        self.world.absent.clear()
        self._bound_cache()
        self.links.wrote(changes.outbox)
        self.greeting.after_commit()
        self.links.acknowledge()

    def _bound_cache(self) -> None:
        orders = self.world.orders
        while len(orders) > CACHED_ORDERS:
            order_id = next(iter(orders))
            del orders[order_id]
            self.stored.pop(order_id, None)

    def _outgrow(self, term: int) -> None:
        """Raise the term above one that an agent knows: this database was set back in time."""
        with psycopg.connect(self.config.dsn, autocommit=True) as conn:
            conn.execute(
                "UPDATE cluster_lease SET term=%s WHERE role=%s AND term=%s AND holder=%s",
                (term, self.token.role, self.token.term, self.token.holder),
            )
        raise LeadershipLost(f"an agent knows term {term}; beginning a later one")


def new_link(agent: str) -> LinkState:
    """Return the link to an agent that was never met: it is sent to once it has said hello."""
    return LinkState(agent, str(uuid4()))


def now_us() -> int:
    """Return the moment, microseconds since 1970 in UTC."""
    return time.time_ns() // 1000
