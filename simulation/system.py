"""A whole installation under a simulated clock: a controller, agents and their machines.

Everything that can happen at a moment happens before time goes on; only jobs, delays and schedules
take time.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from engine import seal
from engine.order.requests import Answer, Request, SignedItem, TakeItems
from engine.steps.site import DAY_US
from simulation.agent import PROCESSES, SimAgent
from simulation.clock import Clock
from simulation.controller import Memory, SimController
from simulation.direct import DirectLink
from simulation.jobs import Behaviour, Behaviours, Machine
from simulation.parts import Parts as Parts
from simulation.watch import Watch

NOTHING: Mapping[tuple[str, str], Mapping[str, Any]] = {}
ROUNDS_AT_ONCE = 100_000
START_US = 1_767_225_600_000_000  # 2026-01-01T00:00:00Z


class NeverQuiet(Exception):
    """Something goes on and on without time passing."""


class System:
    """One installation. Begins with everything up."""

    def __init__(
        self,
        agents: Mapping[str, int | None],
        behaviours: Mapping[str, Sequence[Behaviour]],
        *,
        start_us: int = START_US,
        horizon_us: int = DAY_US,
        memory: Memory = "term",
        parts: Parts = Parts(),  # noqa: B008  # a frozen value
    ) -> None:
        self.clock = Clock(start_us)
        self.store = parts.store()
        self.watch = Watch()
        self._key = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
        public = self._key.public_key()
        self.controller = SimController(
            self.clock,
            self.store,
            public_key=public,
            horizon_us=horizon_us,
            memory=memory,
            turn=parts.turn,
        )
        shared = Behaviours(behaviours)
        self.agents = {
            name: SimAgent(
                name,
                self.clock,
                Machine(self.clock, shared),
                site_key=public.public_bytes_raw(),
                processes=processes or PROCESSES,
                holding=parts.hold,
            )
            for name, processes in agents.items()
        }
        self.links = [DirectLink(self.controller, agent) for agent in self.agents.values()]
        self._versions = 0
        self.controller.up()
        for agent in self.agents.values():
            agent.up()

    # -- what people do ---------------------------------------------------------------------

    def ask(self, request: Request) -> Answer:
        """Carry out a request and everything that follows from it at this moment."""
        command = self.controller.ask(request)
        self.settle()
        answer = self.controller.answer_to(command)
        assert answer is not None  # noqa: S101  # the controller answers in its next turn
        return answer

    def deploy(
        self,
        workflows: Mapping[str, Mapping[str, Any]],
        objects: Mapping[tuple[str, str], Mapping[str, Any]] = NOTHING,
    ) -> Answer:
        """Deploy new versions of workflows and of objects by (kind, path), all or none."""
        self._versions += 1
        items = [self._sealed("workflow", path, found) for path, found in workflows.items()]
        items += [self._sealed(kind, path, found) for (kind, path), found in objects.items()]
        return self.ask(TakeItems(tuple(items)))

    def _sealed(self, kind: str, path: str, document: Mapping[str, Any]) -> SignedItem:
        data = json.dumps(document).encode()
        return seal.sealed(self._key, kind, path, f"v{self._versions}", data)

    # -- time -------------------------------------------------------------------------------

    def settle(self) -> None:
        """Let everything happen that can happen without time passing."""
        for _ in range(ROUNDS_AT_ONCE):
            self.clock.go_to(self.clock.now_us)
            happened = self.controller.turn()
            for agent in self.agents.values():
                happened |= agent.turn()
            for link in self.links:
                happened |= link.carry()
            if not happened:
                self.watch.follow(self.store.journal)
                return
        raise NeverQuiet(f"at {self.clock.now_us}")

    def next_us(self) -> int | None:
        """Return the next moment at which something happens by itself, None if nothing will."""
        now = self.clock.now_us
        moments = [self.clock.next_us(), self.controller.next_due_us()]
        moments += [
            None if w is None else now + w for w in (a.wait_us() for a in self.agents.values())
        ]
        return min((max(now, m) for m in moments if m is not None), default=None)

    def is_idle(self) -> bool:
        """Tell whether nothing is to come any more but the ends of notices' lives."""
        orders = any(row.due_us is not None for row in self.store.rows.values())
        agents = any(agent.wait_us() is not None for agent in self.agents.values())
        return not (orders or agents) and self.clock.next_us() is None

    def run_until(self, holds: Callable[[], bool], *, limit_us: int | None = None) -> bool:
        """Let time pass until a condition holds; tells whether it does.

        Stops at `limit_us`, and before that where nothing will happen any more.
        """
        self.settle()
        while not holds():
            moment = self.next_us()
            if moment is None or (limit_us is not None and moment > limit_us):
                if limit_us is not None:
                    self.clock.go_to(limit_us)
                return False
            self.clock.go_to(moment)
            self.settle()
        return True

    def run_to(self, moment_us: int) -> None:
        """Let time pass up to a moment, with all that happens at it."""
        self.run_until(lambda: False, limit_us=moment_us)
        self.settle()

    def run_out(self, *, limit_us: int | None = None) -> None:
        """Let time pass until nothing more happens without a command."""
        self.run_until(lambda: False, limit_us=limit_us)
