"""A controller process of one term, over the rows that all controllers share.

The real round with simulated clocks. It can die at any commit, stand still, and come back without
knowing that its term is over.
"""

from collections import deque
from uuid import UUID

from agents import protocol as pr
from cluster.failures import LeadershipLost
from cluster.lease import Token
from controller.items import verify_items
from controller.round import Outside, Round
from simulation.clock import SECOND_US
from simulation.faulty import Crashed
from simulation.network import CONTROLLER, Reader, place_of
from simulation.stage import Stage, Steps

ROLE = "controller"
POLL_S = 1.0
LONGEST_US = SECOND_US // 2


class Node:
    """Leads from its making until it ends; `acts_on` counts rounds after its term is over."""

    def __init__(self, stage: Stage, kind: type[Round], *, skew_us: int = 0) -> None:
        self.stage, self.skew_us = stage, skew_us
        self.letters: deque[str] = deque()
        self.dies_sending = False
        self.acts_on = 0
        self.turns: Round | None = None
        stage.store.term += 1
        self.token = Token(ROLE, stage.store.term, f"node-{stage.store.term}")
        self.reader = Reader(self._read)
        self._polled_s = 0.0
        self._steps = Steps(stage.clock, self._step)
        self._begin(kind)

    def _begin(self, kind: type[Round]) -> None:
        stage, term = self.stage, self.token.term
        queues = pr.queue_of_controller(CONTROLLER, term), pr.door_of_controller(CONTROLLER)
        try:
            self.turns = kind(
                CONTROLLER,
                self.token,
                stage.store,
                self._outside(),
                letters=self.letters,
                horizon_us=stage.horizon_us,
            )
        except Crashed:
            return
        stage.network.join(self.reader, *queues)
        self._steps.soon()

    def _outside(self) -> Outside:
        stage = self.stage
        return Outside(
            now_us=lambda: stage.clock.now_us + self.skew_us,
            clock=stage.clock.seconds,
            send=self._send,
            drop=stage.network.drop,
            verify=lambda request: verify_items(stage.public_key, request),
            keys=lambda: stage.keys,
            answer_join=lambda _sealed: False,
            joined=lambda _agent: None,
            outgrow=self._outgrow,
            knows_batch=self._knows_batch,
            new_stream=lambda: f"stream-{stage.chance.getrandbits(48):012x}",
        )

    # -- state ------------------------------------------------------------------------------

    @property
    def runs(self) -> bool:
        """Whether the process exists."""
        return self.turns is not None

    @property
    def leads(self) -> bool:
        """Whether it works, and its term is the present one."""
        return self.runs and not self.frozen and self.token.term == self.stage.store.term

    @property
    def frozen(self) -> bool:
        """Whether it stands still."""
        return self.reader.frozen

    def end(self) -> None:
        """Let the process end at once."""
        self.turns = None
        self.stage.network.leave(self.reader)
        self._steps.stop()

    def freeze(self) -> None:
        """Let it stand still, in the middle of what it does."""
        self.stage.network.freeze(self.reader)

    def thaw(self) -> None:
        """Let it go on as if nothing had been."""
        if self.runs:
            self.stage.network.thaw(self.reader)
            self._steps.soon()

    def wake(self) -> None:
        """Tell it that a request waits."""
        if self.turns is not None:
            self.turns.requests_wait = True
            self._steps.soon()

    # -- work -------------------------------------------------------------------------------

    def _read(self, letter: str) -> None:
        self.letters.append(letter)
        self._steps.soon()

    def _send(self, queue: str, letter: str) -> None:
        if self.dies_sending:
            self.dies_sending = False
            raise Crashed("between a commit and a letter")
        key = self.stage.keys[place_of(queue)]
        self.stage.witness.sent_down(self, letter, key)
        self.stage.network.send(CONTROLLER, queue, letter)

    def _step(self) -> None:
        if self.turns is None or self.frozen:
            return
        over = self.token.term != self.stage.store.term
        if over and self.acts_on <= 0:
            self.end()
            return
        self.acts_on -= over
        try:
            self._poll(self.turns)
            self.turns.take()
        except (LeadershipLost, Crashed):
            self.end()
        except Exception as problem:
            # Over older memories, rows of a later term may look like anything. In the product that
            # reading fails as well: a successor ends the sessions of writers before it.
            if not over:
                self.stage.witness.failed(f"a controller: {problem!r}", problem)
            self.end()
        self._go_on()
        self.stage.stepped()

    def _poll(self, turns: Round) -> None:
        now = self.stage.clock.seconds()
        if now - self._polled_s > POLL_S:
            self._polled_s, turns.requests_wait = now, True
            turns.look_at_register({}, {})

    def _go_on(self) -> None:
        if self.turns is None:
            return
        wait = self.turns.wait_us()
        longest = LONGEST_US if wait is None else min(LONGEST_US, wait)
        self._steps.soon(0 if self.turns.busy else max(1, longest))

    def _outgrow(self, term: int) -> None:
        if self.stage.store.term == self.token.term:
            self.stage.store.term = term
        raise LeadershipLost(f"an agent knows term {term}")

    def _knows_batch(self, batch: UUID) -> bool:
        return self.stage.store.knows_batch(batch)
