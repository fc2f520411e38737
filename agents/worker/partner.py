"""The agent's end of the link to its controller.

Both streams, their acknowledgements and the words around them. Numbers that have been taken in are
durable in the journal before they are acknowledged; what is sent was committed before.
"""

import logging
from collections import deque
from collections.abc import Callable

import msgspec

from agents import protocol as pr
from agents.version import VERSION
from agents.worker.journal import Journal

log = logging.getLogger(__name__)

BATCH_S = 0.15
RESEND_AFTER_S = 0.8
RESEND_AT_MOST_S = 5.0
REWIND_AGAIN_S = 0.3
BEAT_S = 2.0
SILENCE_S = 6.0
HELLO_S = 1.0
HELLO_AT_MOST_S = 10.0
GONE_KEPT_US = 7 * 86_400_000_000


class Coupled(msgspec.Struct):
    """What the welcome of the active controller said."""

    queue: str
    reset: bool
    list_holdings: bool


class Partner:
    """Talks to the controller; knows no orders. `clock` counts seconds and never goes back."""

    def __init__(
        self,
        agent: str,
        nonce: str,
        *,
        lock: str,
        controller: str,
        processes: int,
        key: bytes,
        journal: Journal,
        send: Callable[[str, str], None],
        clock: Callable[[], float],
        host: str = "",
        wall_us: Callable[[], int] = lambda: 0,
    ) -> None:
        self.host, self._wall_us = host, wall_us
        self.agent, self.nonce, self.lock, self.processes = agent, nonce, lock, processes
        self._key, self._journal, self._send, self._clock = key, journal, send, clock
        self._door = pr.door_of_controller(controller)
        self.run = (journal.fact("run") or b"").decode()
        self.inflow = pr.Inflow(
            (journal.fact("stream") or b"").decode(), int(journal.fact("taken") or b"0")
        )
        self._check = (journal.fact("check") or b"").decode()
        self.term = int(journal.fact("term") or b"0")
        self.queue = ""
        self.sent = self.acked = journal.first_n - 1
        self._buffer: deque[tuple[int, bytes]] = deque()
        self._progress_s = self._told_s = self._heard_s = 0.0
        self._hello_s = -HELLO_S
        self._hello_pause_s = HELLO_S
        self._hellos = self._answered = 0
        self._resend_after_s = RESEND_AFTER_S
        self._unsent_since_s: float | None = None
        self.owes_ack = self._misses = self._owes_hello = False
        self.released = self.acked

    # -- coming in --------------------------------------------------------------------------

    def open(self, letter: str) -> pr.Envelope | None:
        """Return the envelope of a letter that is for this instance and of the newest term."""
        try:
            envelope = pr.unseal(letter, self._key, "down")
        except pr.ProtocolError as problem:
            log.warning("partner.letter_dropped", extra={"problem": str(problem)})
            return None
        if envelope.agent != self.agent or envelope.nonce != self.nonce:
            return None
        if envelope.term < self.term:
            self._met_old_term(envelope.term)
            return None
        if envelope.term > self.term:
            self.term, self.queue = envelope.term, ""
            self._journal.set("term", str(self.term).encode())
        self._heard_s = self._clock()
        return envelope

    def _met_old_term(self, term: int) -> None:
        """Tell a controller of an older term what is known here; once for all its letters.

        Behind the next commit, for a Hello tells what is durable.
        """
        now = self._clock()
        if now - self._hello_s >= HELLO_S:
            log.warning("partner.old_term", extra={"term": term, "known": self.term})
            self._hello_s, self._owes_hello = now, True

    def fresh(self, envelope: pr.Envelope) -> list[pr.Down]:
        """Return the messages that follow what was taken; the next commit keeps their number."""
        if not self.queue:
            return []
        fresh = self.inflow.fresh(envelope)
        found = [pr.decode_down(raw) for _, raw in fresh]
        if envelope.items and envelope.stream == self.inflow.stream:
            self.owes_ack = True
            self._misses = self.inflow.gap(envelope)
        if found:
            self.inflow.taken += len(found)
            self._check = pr.checked(bytes(fresh[-1][1]))
            self._journal.set("taken", str(self.inflow.taken).encode())
            self._journal.set("check", self._check.encode())
        return found

    def acknowledged(self, envelope: pr.Envelope) -> None:
        """Note how far the controller has the events.

        What it said on an earlier stream is of an earlier coupling: where the journal was set back
        since then, its numbers stand for other events.
        """
        present = envelope.stream == self.inflow.stream and envelope.ack_stream == self.run
        if present and self.queue and envelope.ack > self.acked:
            self.acked, self._progress_s = min(envelope.ack, self._journal.last_n), self._clock()
            self._resend_after_s = RESEND_AFTER_S

    def missed(self) -> None:
        """Send again at once: the controller has seen later events than it could take."""
        if self.queue and self._clock() - self._progress_s > REWIND_AGAIN_S:
            self._rewind()

    def _rewind(self) -> None:
        self.sent, self._progress_s = self.acked, self._clock()
        self._buffer.clear()

    def knocked(self, knock: pr.Knock) -> None:
        """Say hello to a controller that asks for it."""
        self._hello_s = self._clock()
        self._say(knock.queue, self._hello(knock.word))

    def welcomed(self, welcome: pr.Welcome) -> Coupled | None:
        """Couple with the active controller; None where it refuses this instance.

        Only the answer to the last Hello counts, once: an older one may name a stream that is over.
        """
        if welcome.answers != self._hellos or self._answered == self._hellos:
            return None
        self._answered = self._hellos
        if welcome.problem:
            log.error("partner.refused", extra={"problem": welcome.problem})
            return None
        if welcome.run != self.run:
            return None
        if welcome.stream != self.inflow.stream:
            self.inflow = pr.Inflow(welcome.stream, 0)
            self._journal.set("stream", welcome.stream.encode())
            self._journal.set("taken", b"0")
        self.queue = welcome.queue
        self.acked = welcome.have
        self._hello_pause_s, self._resend_after_s = HELLO_S, RESEND_AFTER_S
        self._rewind()
        log.info("partner.coupled", extra={"term": self.term, "controller_queue": self.queue})
        return Coupled(welcome.queue, welcome.reset, welcome.list_holdings)

    def renewed(self, run: str) -> None:
        """Begin with a new, empty journal; the controller is to be greeted again."""
        self.run, self.queue = run, ""
        self.inflow = pr.Inflow("", 0)
        self.sent = self.acked = self.released = 0
        self._check = ""
        self._buffer.clear()
        self._hello_s, self._hello_pause_s = -HELLO_S, HELLO_S

    # -- going out --------------------------------------------------------------------------

    def committed(self, events: list[tuple[int, bytes]]) -> None:
        """Send events that are durable now, as soon as it pays."""
        if events and self.queue:
            self._buffer.extend(events)
        self.pump()

    def pump(self) -> None:
        """Send at once when nothing is under way, else gather up to a batch or a moment."""
        while self.queue and self._journal.last_n > self.sent:
            now = self._clock()
            waiting = self._journal.last_n - self.sent
            if self._unsent_since_s is None:
                self._unsent_since_s = now
            idle = self.sent <= self.acked
            if not idle and waiting < pr.ITEMS_AT_ONCE and now - self._unsent_since_s < BATCH_S:
                return
            batch = self._next()
            if not batch:
                return
            self._unsent_since_s = None
            self._post(self.queue, n=batch[0][0], items=tuple(msgspec.Raw(b) for _, b in batch))
            if idle:
                self._progress_s = now
            self.sent = batch[-1][0]

    def _next(self) -> list[tuple[int, bytes]]:
        while self._buffer and self._buffer[0][0] <= self.sent:
            self._buffer.popleft()
        if not self._buffer or self._buffer[0][0] != self.sent + 1:
            found = self._journal.events(self.sent, pr.ITEMS_AT_ONCE)
        else:
            found = [self._buffer[i] for i in range(min(len(self._buffer), pr.ITEMS_AT_ONCE))]
        size = 0
        for i, (_, body) in enumerate(found):
            size += len(body)
            if size > pr.BYTES_AT_ONCE and i:
                return found[:i]
        return found

    def tick(self, now_us: int) -> None:
        """Give signs of life, look for the controller, resend, and forget what it has."""
        now = self._clock()
        if self.queue and now - self._heard_s > SILENCE_S:
            log.warning("partner.controller_silent", extra={"controller_queue": self.queue})
            self.queue = ""
        if not self.queue:
            self._look_for_controller(now)
            return
        if self.sent > self.acked and now - self._progress_s > self._resend_after_s:
            self._resend_after_s = min(2 * self._resend_after_s, RESEND_AT_MOST_S)
            self._rewind()
        self.pump()
        if self.owes_ack or now - self._told_s > BEAT_S:
            self._say(self.queue, pr.Beat(self._wall_us()))
        if self.acked - self.released >= 1000 or (
            self.acked > self.released and self.sent == self.acked
        ):
            self.released = self.acked
            self._journal.release(self.acked, gone_before_us=now_us - GONE_KEPT_US)

    def _look_for_controller(self, now: float) -> None:
        """Say hello at the door, ever more seldom: a new controller knocks by itself."""
        if now - self._hello_s >= self._hello_pause_s:
            self._hello_s = now
            self._hello_pause_s = min(2 * self._hello_pause_s, HELLO_AT_MOST_S)
            self._say(self._door, self._hello())

    def wait_s(self) -> float:
        """Return how long the loop may sleep as far as the link is concerned."""
        if self._unsent_since_s is not None and self.queue:
            return max(0.001, self._unsent_since_s + BATCH_S - self._clock())
        return 0.5

    def acknowledge(self) -> None:
        """Tell how far the controller's stream is durable, where nothing else has told it."""
        if self._owes_hello:
            self._owes_hello = False
            self._say(self._door, self._hello())
        if self.owes_ack and self.queue:
            self._say(self.queue, pr.Missing() if self._misses else pr.Beat(self._wall_us()))

    def _hello(self, knock: str = "") -> pr.Hello:
        """Return what is durable here; nothing else is told until somebody has welcomed it.

        It may come behind later letters, for it goes by the door: it would tell less than these.
        """
        self.queue = ""
        self._hellos += 1
        return pr.Hello(
            agent=self.agent,
            run=self.run,
            nonce=self.nonce,
            lock=self.lock,
            first=self._journal.first_n,
            last=self._journal.last_n,
            stream=self.inflow.stream,
            have=self.inflow.taken,
            term=self.term,
            processes=self.processes,
            check=self._check,
            count=self._hellos,
            knock=knock,
            host=self.host,
            version=VERSION,
            at_us=self._wall_us(),
        )

    def _say(self, to: str, *words: pr.Unnumbered) -> None:
        self._post(to, words=words)

    def _post(
        self,
        to: str,
        *,
        n: int = 0,
        items: tuple[msgspec.Raw, ...] = (),
        words: tuple[pr.Unnumbered, ...] = (),
    ) -> None:
        envelope = pr.Envelope(
            agent=self.agent,
            nonce=self.nonce,
            run=self.run,
            stream=self.run,
            n=n,
            ack=self.inflow.taken,
            ack_stream=self.inflow.stream,
            term=self.term,
            items=items,
            words=words,
        )
        self.owes_ack = self._misses = False
        self._told_s = self._clock()
        self._send(to, f"{self.agent}\n{pr.seal(envelope, self._key, 'up')}")
