"""One controller at a time: the real turn over the store in memory.

Coming up begins a new term with an empty, partial world; everything else is read when it is needed.
"""

import uuid
from collections.abc import Sequence

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from agents import protocol as pr
from cluster.lease import Token
from controller.changes import Changes, LinkState
from controller.due import Due
from controller.items import verify_items
from controller.turn import Turn
from engine.facts import due_id, fact_due_us
from engine.order.requests import Answer, Request
from engine.steps.site import DAY_US
from engine.world import World
from simulation.clock import Clock
from simulation.memories import Memory as Memory
from simulation.memories import load_all
from simulation.store import MemoryStore

ROLE = "controller"


class SimController:
    """A controller that can go away and come back with a later term.

    `memory`: whether orders are forgotten with each `turn`, are known for a `term` as in the
    product, or are all there, the `whole` world. What happens must not depend on it.
    """

    def __init__(
        self,
        clock: Clock,
        store: MemoryStore,
        *,
        public_key: Ed25519PublicKey,
        horizon_us: int = DAY_US,
        memory: Memory = "term",
        turn: type[Turn] = Turn,
    ) -> None:
        self.clock, self.store = clock, store
        self.horizon_us, self.memory, self._turn = horizon_us, memory, turn
        self.leads = False
        self._public_key = public_key
        self._asked = 0
        self._waiting: list[tuple[uuid.UUID, Request]] = []

    # -- coming and going -------------------------------------------------------------------

    def up(self) -> None:
        """Begin a new term with what the store holds."""
        self.leads = True
        self.store.term += 1
        self.token = Token(ROLE, self.store.term, f"simulated-{self.store.term}")
        self.world = World(complete=self.memory == "whole")
        self.stored: dict[str, int] = {}
        self.last_no = self.store.last_no()
        self.links = self.store.links()
        self.due = Due(self.store.due, horizon_us=self.horizon_us)
        self.world.wakes.update(dict.fromkeys(self.store.unfinished()))
        if self.memory == "whole":
            load_all(self.store, self.world, self.stored)

    def down(self) -> None:
        """End at once: what was not committed never happened."""
        self.leads = False

    # -- a turn -----------------------------------------------------------------------------

    def ask(self, request: Request) -> uuid.UUID:
        """Leave a request; it is answered by a later turn."""
        self._asked += 1
        command = uuid.UUID(int=self._asked)
        self._waiting.append((command, request))
        return command

    def answer_to(self, command: uuid.UUID) -> Answer | None:
        """Return the answer, None while there is none."""
        return self.store.answers.get(command)

    def turn(self) -> bool:
        """Answer requests and look after what is due; tells whether anything happened."""
        if not self.leads:
            return False
        waiting, self._waiting = self._waiting, []
        due = self.due.take(self.clock.now_us)
        if not waiting and not due and not self.world.wakes:
            return False
        turn = self.new_turn()
        for command, request in waiting:
            turn.request(command, request)
        turn.preload(due)
        for order_id in due:
            turn.due(order_id)
        turn.follow()
        self.commit(turn)
        return True

    def reported(self, agent: str, run: str, rows: Sequence[tuple[int, bytes]]) -> None:
        """Take in the next items of an agent's stream."""
        turn = self.new_turn()
        link = turn.out.link(agent)
        if link.run != run:
            link.run, link.state, link.changed = run, "coupled", True
        items = [(n, pr.decode_up(body)) for n, body in rows]
        turn.preload(i.order_id for _, i in items if isinstance(i, pr.Happened))
        for n, item in items:
            turn.reported(agent, n, item)
        self.commit(turn)

    def acknowledged(self, agent: str, n: int) -> None:
        """Note that an agent has everything up to `n`."""
        turn = self.new_turn()
        turn.acknowledged(agent, n)
        self.commit(turn)

    def new_turn(self) -> Turn:
        """Return a turn to be fed; `commit` ends it."""
        return self._turn(
            self.world,
            self.store,
            self.links,
            last_no=self.last_no,
            now_us=self.clock.now_us,
            stored=self.stored,
            verify=lambda request: verify_items(self._public_key, request),
            new_link=new_link,
            horizon_us=self.horizon_us,
        )

    def commit(self, turn: Turn) -> Changes:
        """Write what a turn has changed."""
        now = self.clock.now_us
        changes = turn.changes(lambda order: self.due.moment(order, now))
        if changes:
            self.store.commit(changes, self.token)
        self.last_no = turn.last_no
        for saved in changes.saved:
            self.stored[saved.order.id] = len(saved.order.results)
        self.due.put((saved.due_us, saved.order.id) for saved in changes.saved)
        for link in changes.links:
            link.changed = False
        self.due.put((fact_due_us(fact), due_id(key)) for key, fact in changes.facts)
        self.world.settled()
        if self.memory == "turn":
            self.world.orders.clear()
            self.world.facts.clear()
            self.stored.clear()
        return changes

    def next_due_us(self) -> int | None:
        """Return the soonest moment to come at which the clock leads an order on.

        Whatever is due by now was looked at; what still waits then waits for something else.
        """
        return self.store.next_due_us(self.clock.now_us) if self.leads else None


def new_link(agent: str) -> LinkState:
    """Return the link to an agent that was never met."""
    return LinkState(agent, str(uuid.uuid5(uuid.NAMESPACE_OID, agent)))
