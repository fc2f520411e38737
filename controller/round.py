"""What one term of the controller does with what has come: letters, requests and due moments.

Takes turns, commits them, and tells those whom they concern. It has no thread, no socket and no
clock of its own: `controller.leader` drives it in the product, `simulation` in simulated time.
"""

import logging
from collections import deque
from collections.abc import Callable, Mapping
from typing import Protocol
from uuid import UUID, uuid4

import msgspec

from agents import protocol as pr
from cluster.failures import LeadershipLost, UnknownOutcome
from cluster.lease import Token
from controller.changes import Changes, LinkState, Pending, Store
from controller.due import Due
from controller.greeting import Greeting
from controller.links import Links, Sending
from controller.pool import Member, Pool
from controller.singly import Singly
from controller.store import decode_answer, decode_request
from controller.turn import Turn, Verify
from engine.facts import due_id, fact_due_us
from engine.order.requests import Answer, Answered
from engine.steps.site import DAY_US
from engine.world import World

log = logging.getLogger(__name__)

ITEMS_A_TURN = 1_000
REQUESTS_A_TURN = 50
TURN_S = 0.08
DUE_IN_A_SLICE = 200
CACHED_ORDERS = 50_000
CACHED_FACTS = 20_000


class Rows(Store, Protocol):
    """All that a term reads and writes."""

    def last_no(self) -> int:
        """Return the number of the last journal entry."""

    def links(self) -> dict[str, LinkState]:
        """Return the links to all agents ever met."""

    def pending(self, limit: int) -> list[Pending]:
        """Return requests without an answer, oldest first."""

    def due(self, above_us: int, upto_us: int, limit: int) -> list[tuple[int, str]]:
        """Return (moment, order id) of what is due in a span, soonest first."""

    def outbox(self, agent: str, after: int, limit: int) -> list[tuple[int, bytes]]:
        """Return messages to an agent that are not acknowledged, from `after` on."""

    def commit(self, changes: Changes, token: Token, batch: UUID | None = None) -> None:
        """Write a turn, all of it or nothing."""


class Outside(msgspec.Struct, frozen=True):
    """What a round needs from the process around it. Moments in microseconds, clocks in seconds.

    `answer_join` answers a letter of one who wants to join and tells whether somebody has, `keys`
    are the keys of agents that have joined; `joined` is told of an agent met for the first time.
    `outgrow` raises the term above one that an agent knows, `knows_batch` looks a commit up.
    """

    now_us: Callable[[], int]
    clock: Callable[[], float]
    send: Callable[[str, str], None]
    drop: Callable[[str], None]
    verify: Verify
    keys: Callable[[], dict[str, bytes]]
    answer_join: Callable[[str], bool]
    joined: Callable[[str], None]
    outgrow: Callable[[int], None]
    knows_batch: Callable[[UUID], bool]
    new_stream: Callable[[], str] = lambda: str(uuid4())


class Round:
    """One term's memory, and the one place where its turns are made and committed."""

    turn: type[Turn] = Turn
    inflow: type[pr.Inflow] = pr.Inflow
    greeting_of: type[Greeting] = Greeting

    def __init__(
        self,
        controller: str,
        token: Token,
        rows: Rows,
        outside: Outside,
        *,
        letters: deque[str],
        horizon_us: int = DAY_US,
    ) -> None:
        self.token, self.rows, self.outside = token, rows, outside
        self.horizon_us = horizon_us
        self.letters = letters
        self.requests_wait = True
        self.keys = outside.keys()
        self.stored: dict[str, int] = {}
        self.world = self.new_world()
        self.last_no = rows.last_no()
        self.due = Due(rows.due, horizon_us=horizon_us)
        self.links = Links(
            controller,
            token.term,
            token.timeline,
            key_of=self.keys.get,
            send=outside.send,
            drop=outside.drop,
            stored=rows.outbox,
            clock=outside.clock,
            new_word=outside.new_stream,
        )
        self.links.load(rows.links())
        self.pool = Pool(self.links.states)
        self.greeting = self.greeting_of(
            self.links,
            rows,
            clock=outside.clock,
            joined=outside.joined,
            new_stream=outside.new_stream,
        )

    @property
    def busy(self) -> bool:
        """Whether something waits to be taken at once."""
        return bool(self.letters or self.requests_wait or self.world.wakes)

    def wait_us(self) -> int | None:
        """Return how long nothing is due, None if nothing that is near waits for the clock."""
        return self.due.wait_us(self.outside.now_us())

    # -- once in a while --------------------------------------------------------------------

    def look_at_register(
        self, limits: dict[str, int], clusters: Mapping[str, tuple[Member, ...]]
    ) -> None:
        """Learn which agents may talk and work together, and tell them limits that have changed."""
        self.learn_keys()
        self.pool.clusters = clusters
        noted = self.links.note_life()
        changed = [
            (agent, limits.get(agent))
            for agent, link in self.links.states.items()
            if self.links.is_coupled(agent) and link.limit != limits.get(agent)
        ]
        if changed or noted:
            turn = self.new_turn()
            for agent, processes in changed:
                turn.out.limit(agent, processes)
            self.commit(turn)

    def learn_keys(self) -> None:
        """Take over the keys of the register; who is not in it is neither heard nor spoken to."""
        keys = self.outside.keys()
        for agent in self.keys.keys() - keys.keys():
            del self.keys[agent]
        self.keys.update(keys)

    # -- a round ----------------------------------------------------------------------------

    def take(self) -> bool:
        """Take in what has come and what is due, in one turn; tells whether there was anything.

        Raises:
            LeadershipLost: somebody else may lead now; nothing that follows may be believed.
        """
        envelopes = self._open_letters()
        # Coupling comes first: it may renumber a stream that the rest of the turn writes to.
        envelopes.sort(key=lambda e: not any(isinstance(w, pr.Hello) for w in e.words))
        requests = self.rows.pending(REQUESTS_A_TURN) if self.requests_wait else []
        self.requests_wait = len(requests) == REQUESTS_A_TURN
        due = self.due.take(self.outside.now_us())
        came = bool(envelopes or requests or due or self.world.wakes)
        if came:
            self._turn(envelopes, requests, due)
        self.links.tick()
        return came

    def _open_letters(self) -> list[pr.Envelope]:
        found: list[pr.Envelope] = []
        items = 0
        while self.letters and items < ITEMS_A_TURN:
            agent, _, sealed = self.letters.popleft().partition("\n")
            if agent == "join":
                if self.outside.answer_join(sealed):
                    self.learn_keys()
                continue
            envelope = self._opened(agent, sealed)
            if envelope is not None and envelope.agent == agent:
                items += len(envelope.items)
                found.append(envelope)
        return found

    def _opened(self, agent: str, sealed: str) -> pr.Envelope | None:
        key = self.keys.get(agent)
        try:
            if key is None:
                raise pr.NotAuthentic(f"agent {agent} has not joined")
            return pr.unseal(sealed, key, "up")
        except pr.NotAuthentic as problem:
            log.warning("intake.not_authentic", extra={"agent": agent, "problem": str(problem)})
        except pr.Unreadable as problem:
            self.greeting.quarantine(agent, str(problem))
        return None

    def _turn(self, envelopes: list[pr.Envelope], requests: list[Pending], due: list[str]) -> None:
        try:
            self._attempt(envelopes, requests, due)
        except Singly.UNSTORABLE:
            log.exception("turn.unstorable")
            self.reload()
            Singly(self).take(envelopes, requests, due)

    def new_world(self) -> World:
        """Return a world that knows nothing but what somebody has begun to look at."""
        world = World()
        world.wakes.update(dict.fromkeys(self.rows.unfinished()))
        return world

    def reload(self) -> None:
        """Drop what a failed commit has made doubtful, and read it again."""
        self.stored = {}
        self.world = self.new_world()
        for agent, link in self.rows.links().items():
            self.links.states[agent] = link
        self.greeting.forget()

    def _attempt(
        self, envelopes: list[pr.Envelope], requests: list[Pending], due: list[str]
    ) -> None:
        began_s = self.outside.clock()
        turn = self.new_turn(lambda: self.outside.clock() - began_s <= TURN_S)
        for envelope in envelopes:
            self.envelope(turn, envelope)
        for pending in requests:
            if not turn.in_time():
                # The rest stays unanswered and comes first in the next turn.
                self.requests_wait = True
                break
            self.request(turn, pending)
        self._due(turn, due)
        turn.follow()
        self.commit(turn)

    def _due(self, turn: Turn, due: list[str]) -> None:
        """Look at what is due, as long as there is time; the rest is due in the next turn."""
        for start in range(0, len(due), DUE_IN_A_SLICE):
            if start and not turn.in_time():
                self.due.again(due[start:], turn.now_us)
                return
            slice_ = due[start : start + DUE_IN_A_SLICE]
            turn.preload(slice_)
            for order_id in slice_:
                turn.due(order_id)

    # -- a turn -----------------------------------------------------------------------------

    def new_turn(self, in_time: Callable[[], bool] = lambda: True) -> Turn:
        """Return a turn over the present world; it looks at those who wait while `in_time`."""
        return self.turn(
            self.world,
            self.rows,
            self.links.states,
            last_no=self.last_no,
            now_us=self.outside.now_us(),
            stored=self.stored,
            verify=self.outside.verify,
            new_link=lambda agent: LinkState(agent, self.outside.new_stream()),
            horizon_us=self.horizon_us,
            pool=self.pool,
            in_time=in_time,
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
                self.greeting.hello(turn, word, self.outside.outgrow)
        one = self.links.sending.get(agent)
        if one is None or not one.coupled or envelope.nonce != one.nonce:
            return
        if self.links.heard(agent, envelope.ack, envelope.ack_stream):
            turn.acknowledged(agent, one.acked)
        self._words(turn, envelope)
        if envelope.items:
            one.owes_ack = True
            self._items(turn, envelope, one)

    def _words(self, turn: Turn, envelope: pr.Envelope) -> None:
        for word in envelope.words:
            if isinstance(word, pr.Missing):
                self.links.missed(envelope.agent)
            elif isinstance(word, pr.Beat):
                self.links.states[envelope.agent].told_clock(word.at_us, turn.now_us)

    def _items(self, turn: Turn, envelope: pr.Envelope, one: Sending) -> None:
        agent, link = envelope.agent, self.links.states[envelope.agent]
        inflow = self.inflow(link.run, link.taken_n)
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

    def commit(self, turn: Turn) -> None:
        """Write the turn, then tell those whom it concerns."""
        at = self.outside.now_us()
        changes = turn.changes(lambda order: self.due.moment(order, at))
        if changes:
            self._write(changes)
        self._remember(turn, changes)
        self._tell(changes)

    def _write(self, changes: Changes) -> None:
        for link in changes.links:
            link.silence_s = self.links.silence_s(link.agent)
        batch = uuid4()
        try:
            self.rows.commit(changes, self.token, batch)
        except UnknownOutcome:
            known = self.outside.knows_batch(batch)
            log.warning("turn.unknown_outcome", extra={"committed": known})
            raise LeadershipLost(
                "the outcome of a commit was unknown; beginning a new term"
            ) from None

    def _remember(self, turn: Turn, changes: Changes) -> None:
        self.last_no = turn.last_no
        self.requests_wait = self.requests_wait or bool(changes.progress)
        for saved in changes.saved:
            self.stored[saved.order.id] = len(saved.order.results)
        self.due.put((saved.due_us, saved.order.id) for saved in changes.saved)
        self.due.put((fact_due_us(fact), due_id(key)) for key, fact in changes.facts)
        for link in changes.links:
            link.changed = False
        self.world.settled()
        self.forget(changes)

    def forget(self, changes: Changes) -> None:
        """Bound the memory: what waits for long lies in its row only."""
        orders = self.world.orders
        far = [s.order.id for s in changes.saved if self.due.is_far(s.due_us)]
        excess = len(orders) - len(far) - CACHED_ORDERS
        oldest = [order_id for order_id, _ in zip(orders, range(excess), strict=False)]
        for order_id in [*far, *oldest]:
            orders.pop(order_id, None)
            self.stored.pop(order_id, None)
        if len(self.world.facts) > CACHED_FACTS:
            self.world.facts.clear()

    def _tell(self, changes: Changes) -> None:
        self.links.wrote(changes.outbox)
        self.greeting.after_commit()
        self.links.acknowledge()
