"""The controller's end of the links to agents: coupling, what to send, what has come."""

import logging
from collections import deque
from collections.abc import Callable, Iterable

import msgspec

from agents import protocol as pr
from controller.changes import LinkState

log = logging.getLogger(__name__)

IN_FLIGHT = 4_000
RESEND_AFTER_S = 0.8
RESEND_AT_MOST_S = 5.0
REWIND_AGAIN_S = 0.3
BEAT_S = 2.0
ALIVE_S = 6.0
SILENT_S = 10.0
NOTED_EVERY_S = 15.0
KNOCK_AT_MOST_S = 60.0
OURS_BACK = "the controller's journal went back in time"


class Sending(msgspec.Struct):
    """What is under way to one agent in this term. Numbers are of the stream to the agent.

    `met` is the instance that has answered a Knock last, `word` that of all Knocks since then.
    `heard_s` is the moment of the take-over until the agent has `spoken` in this term.
    """

    agent: str
    nonce: str = ""
    coupled: bool = False
    sent: int = 0
    acked: int = 0
    progress_s: float = 0.0
    told_s: float = 0.0
    heard_s: float = 0.0
    spoken: bool = False
    noted_s: float = 0.0
    resend_after_s: float = RESEND_AFTER_S
    knock_after_s: float = BEAT_S
    owes_ack: bool = False
    misses: bool = False
    quarantined: str = ""
    met: str = ""
    word: str = ""
    hellos: dict[str, int] = msgspec.field(default_factory=dict)
    listing: str = ""
    past: set[str] = msgspec.field(default_factory=set)
    buffer: deque[tuple[int, bytes]] = msgspec.field(default_factory=deque)


class Coupling(msgspec.Struct, frozen=True):
    """What to do about a Hello; `why` is set where something was lost."""

    verdict: str
    why: str = ""


def judge(
    link: LinkState, hello: pr.Hello, sent: bytes | None = None, *, gap: bool = False
) -> Coupling:
    """Return how a link goes on after a Hello; pure. `sent` is what we sent with number `have`.

    `gap`: messages behind `have` are deleted here, because the agent has acknowledged them.
    `couple`: both sides remember each other. `new`: the agent has a new journal. `reset`: the
    agent's journal went back in time. `list`: ours did, the agent has to tell what it knows.
    """
    strange = bool(hello.stream) and hello.stream != link.stream
    ours_back = not strange and hello.have >= link.next_n
    if hello.run != link.run and hello.stream:
        # Somebody has welcomed this run, in a time that our journal has lost.
        return Coupling("list", OURS_BACK)
    if not link.run:
        return Coupling("new")
    if hello.run != link.run:
        return Coupling(
            "new", f"agent {hello.agent} has a new journal and cannot tell what became of the order"
        )
    if hello.last < link.taken_n or (gap and not ours_back):
        return Coupling("reset", f"the journal of agent {hello.agent} went back in time")
    same = sent is None or hello.check == pr.checked(sent)
    torn = hello.first > link.taken_n + 1
    # Strange: we have lost the stream it was welcomed with, or it never heard of our present one.
    if strange or ours_back or torn or not same or link.state == "listing":
        return Coupling("list", OURS_BACK)
    return Coupling("couple")


class Links:
    """Sends what turns have written, resends what is not acknowledged, answers signs of life."""

    def __init__(
        self,
        controller: str,
        term: int,
        timeline: int,
        *,
        key_of: Callable[[str], bytes | None],
        send: Callable[[str, str], None],
        drop: Callable[[str], None] = lambda _queue: None,
        stored: Callable[[str, int, int], list[tuple[int, bytes]]],
        clock: Callable[[], float],
        new_word: Callable[[], str],
    ) -> None:
        self.controller, self.term, self.timeline = controller, term, timeline
        self.states: dict[str, LinkState] = {}
        self.sending: dict[str, Sending] = {}
        self._key_of, self._send, self._drop = key_of, send, drop
        self._stored, self._clock, self._new_word = stored, clock, new_word

    def load(self, states: dict[str, LinkState]) -> None:
        """Begin with what is stored, and knock at every agent ever met."""
        self.states = states
        for agent, link in states.items():
            one = self.sending.setdefault(agent, Sending(agent))
            # Who was met before counts as alive until it had time to answer.
            one.nonce, one.coupled, one.heard_s = link.nonce, False, self._clock()
            if link.nonce:
                self.knock(agent, link.nonce)

    @property
    def queue(self) -> str:
        """Where agents send to in this term."""
        return pr.queue_of_controller(self.controller, self.term)

    def say(self, agent: str, *words: pr.Unnumbered, nonce: str = "") -> None:
        """Send words outside of the numbered stream."""
        self._post(agent, words=words, nonce=nonce)

    def knock(self, agent: str, nonce: str) -> None:
        """Ask an instance of an agent for a Hello of this term."""
        one = self.sending.setdefault(agent, Sending(agent))
        one.word = one.word or self._new_word()
        self.say(agent, pr.Knock(self.controller, self.queue, one.word), nonce=nonce)

    def meet(self, agent: str, nonce: str) -> None:
        """Turn to another instance of an agent; what waits for the earlier one is thrown away."""
        one = self.sending[agent]
        if one.nonce and one.nonce != nonce:
            one.past.add(one.nonce)
            self._drop(pr.queue_of_agent(agent, one.nonce))
        if one.met != nonce:
            one.met, one.word = nonce, ""
        one.coupled, one.nonce, one.quarantined = False, nonce, ""
        one.heard_s, one.spoken = self._clock(), True

    def couple(self, agent: str, nonce: str, have: int) -> None:
        """Begin to send behind `have`, to this instance of the agent."""
        one = self.sending.setdefault(agent, Sending(agent))
        now = self._clock()
        one.nonce, one.coupled = nonce, True
        one.acked, one.heard_s, one.spoken = have, now, True
        one.resend_after_s, one.knock_after_s = RESEND_AFTER_S, BEAT_S
        log.info("link.coupled", extra={"agent": agent, "term": self.term})
        self._rewind(one, now)
        self.pump(agent)

    def is_coupled(self, agent: str) -> bool:
        """Tell whether the agent has been welcomed in this term."""
        return agent in self.sending and self.sending[agent].coupled

    def note_life(self) -> bool:
        """Note who is alive and who fell silent; tells whether a link is to be written."""
        now, noted = self._clock(), False
        for agent, one in self.sending.items():
            link = self.states.get(agent)
            if link is None:
                continue  # it was only knocked at; its Hello makes the link
            alive = now - one.heard_s < SILENT_S
            if alive and not one.spoken:
                continue  # presumed only: what is stored of it stays
            if link.state == ("silent" if alive else "coupled"):
                link.state = "coupled" if alive else "silent"
            elif not alive or now - one.noted_s < NOTED_EVERY_S:
                continue
            link.alive, link.changed, one.noted_s, noted = alive, True, now, True
        return noted

    def silence_s(self, agent: str) -> float | None:
        """Return how long ago an agent was heard, None where this term has not heard it yet."""
        one = self.sending.get(agent)
        return self._clock() - one.heard_s if one is not None and one.spoken else None

    def uncouple(self, agent: str) -> None:
        """Send nothing numbered until the next Hello."""
        self.sending[agent].coupled, self.sending[agent].listing = False, ""

    def wrote(self, rows: Iterable[tuple[str, int, bytes]]) -> None:
        """Send messages that a turn has just committed."""
        agents: dict[str, None] = {}
        for agent, n, body in rows:
            one = self.sending.setdefault(agent, Sending(agent))
            if one.coupled:
                one.buffer.append((n, body))
                agents[agent] = None
        for agent in agents:
            self.pump(agent)

    def heard(self, agent: str, ack: int, stream: str) -> bool:
        """Note a sign of life; tells whether it acknowledged anything new."""
        one, now = self.sending[agent], self._clock()
        one.heard_s, one.spoken, one.knock_after_s = now, True, BEAT_S
        if stream != self.states[agent].stream or ack <= one.acked:
            return False
        one.acked, one.progress_s, one.resend_after_s = ack, now, RESEND_AFTER_S
        return True

    def missed(self, agent: str) -> None:
        """Send again at once: the agent has seen later messages than it could take."""
        one, now = self.sending[agent], self._clock()
        if one.coupled and now - one.progress_s > REWIND_AGAIN_S:
            self._rewind(one, now)
            self.pump(agent)

    def _rewind(self, one: Sending, now: float) -> None:
        one.sent, one.progress_s = one.acked, now
        one.buffer.clear()

    def pump(self, agent: str) -> None:
        """Send as much as may be under way."""
        one = self.sending[agent]
        while one.coupled and one.sent - one.acked < IN_FLIGHT:
            batch = self._next(one)
            if not batch:
                return
            self._post(agent, n=batch[0][0], items=tuple(msgspec.Raw(body) for _, body in batch))
            if one.sent == one.acked:
                one.progress_s = self._clock()
            one.sent = batch[-1][0]

    def _next(self, one: Sending) -> list[tuple[int, bytes]]:
        while one.buffer and one.buffer[0][0] <= one.sent:
            one.buffer.popleft()
        if one.sent + 1 >= self.states[one.agent].next_n:
            return []
        if not one.buffer or one.buffer[0][0] != one.sent + 1:
            return within(self._stored(one.agent, one.sent, pr.ITEMS_AT_ONCE))
        batch = within([one.buffer[i] for i in range(min(len(one.buffer), pr.ITEMS_AT_ONCE))])
        for _ in batch:
            one.buffer.popleft()
        return batch

    def tick(self) -> None:
        """Resend what got no answer, and give signs of life; to the silent ever more seldom."""
        now = self._clock()
        for agent, one in self.sending.items():
            if one.coupled and now - one.heard_s > ALIVE_S:
                log.warning("link.silent", extra={"agent": agent})
                self.uncouple(agent)
            if one.coupled and one.sent > one.acked and now - one.progress_s > one.resend_after_s:
                one.resend_after_s = min(2 * one.resend_after_s, RESEND_AT_MOST_S)
                self._rewind(one, now)
                self.pump(agent)
            if one.coupled and now - one.told_s > BEAT_S:
                self.say(agent, pr.Beat())
            elif one.nonce and not one.quarantined and now - one.told_s > one.knock_after_s:
                one.knock_after_s = min(2 * one.knock_after_s, KNOCK_AT_MOST_S)
                self.knock(agent, one.nonce)

    def acknowledge(self) -> None:
        """Tell agents how far their streams are durable, where nothing else has told them."""
        for agent, one in self.sending.items():
            if one.owes_ack and one.misses:
                self.say(agent, pr.Missing())
            elif one.owes_ack:
                self.say(agent)

    def _post(
        self,
        agent: str,
        *,
        n: int = 0,
        items: tuple[msgspec.Raw, ...] = (),
        words: tuple[pr.Unnumbered, ...] = (),
        nonce: str = "",
    ) -> None:
        link, one, key = (
            self.states.get(agent),
            self.sending.setdefault(agent, Sending(agent)),
            self._key_of(agent),
        )
        if key is None:
            return
        envelope = pr.Envelope(
            agent=agent,
            nonce=nonce or one.nonce,
            run=link.run if link else "",
            stream=link.stream if link else "",
            n=n,
            ack=link.taken_n if link else 0,
            ack_stream=link.run if link else "",
            term=self.term,
            timeline=self.timeline,
            items=items,
            words=words,
        )
        one.owes_ack = one.misses = False
        one.told_s = self._clock()
        self._send(pr.queue_of_agent(agent, nonce or one.nonce), pr.seal(envelope, key, "down"))


def within(
    batch: list[tuple[int, bytes]], limit: int = pr.BYTES_AT_ONCE
) -> list[tuple[int, bytes]]:
    """Return the longest beginning of a batch that fits into one envelope, at least one message."""
    size = 0
    for i, (_, body) in enumerate(batch):
        size += len(body)
        if size > limit and i:
            return batch[:i]
    return batch
