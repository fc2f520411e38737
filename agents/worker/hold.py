"""The orders that an agent holds, moved on by the engine.

Everything that happens is gathered in the journal first; starts, kills and reports are named here
and carried out by the loop after the commit.
"""

import logging
from collections import deque
from collections.abc import Callable

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from msgspec.structs import replace

from agents.protocol import (
    Attach,
    Down,
    Drop,
    Happened,
    Holding,
    Item,
    Limits,
    Listed,
    SetMark,
    SetPriority,
)
from agents.worker.hands.attempt import Exit
from agents.worker.jobs import node_of, outcome_of, result_of
from agents.worker.journal import Journal
from agents.worker.slots import JobKey, Slots
from engine import seal
from engine.order import events as e
from engine.order import model as m
from engine.order.requests import SignedItem
from engine.steps.advance import advance
from engine.steps.site import Site
from engine.workflow.model import Job
from engine.workflow.program import Program
from engine.workflow.read import read_workflow
from engine.world import World

log = logging.getLogger(__name__)

Kill = tuple[str, float | None]


class Effects(msgspec.Struct):
    """What is to be done once the journal has it."""

    starts: list[str] = []
    kills: list[Kill] = []
    ended: list[str] = []


class Hold:
    """The agent's world of orders, complete for what is attached to it."""

    def __init__(self, agent: str, run: str, journal: Journal, slots: Slots) -> None:
        self.agent, self.run = agent, run
        self.journal, self.slots = journal, slots
        self.world = World(complete=True)
        self.site_key: bytes = b""
        self.attempts: dict[str, str] = {}
        self.effects = Effects()
        self._timers: dict[str, int] = {}

    # -- beginning --------------------------------------------------------------------------

    def load(self) -> None:
        """Begin with what the journal holds."""
        for item in self.journal.items():
            self._use(item)
        for order in self.journal.held():
            self.world.put(order)
            if isinstance(order.state, m.Processing):
                self.attempts[order.state.attempt] = order.id
                self.slots.occupy(self._job_key(order))

    def restart(self, run: str) -> None:
        """Forget every order and begin a new run."""
        self.run = run
        programs = self.world.programs
        self.world = World(complete=True)
        self.world.programs = programs
        self.slots = Slots(self.slots.limit)
        self.attempts, self.effects, self._timers = {}, Effects(), {}

    def _use(self, item: Item) -> None:
        workflow = read_workflow(item.document).workflow
        if workflow is not None:
            self.world.programs[item.path, item.version] = Program(
                item.path, item.version, workflow
            )

    # -- messages ---------------------------------------------------------------------------

    def take(self, message: Down, now_us: int) -> None:
        """Take in one message of the controller."""
        match message:
            case Attach(order=order):
                self._attach(order, now_us)
            case SetMark(order_id=order_id, own_no=own_no, mark=mark):
                self._mark(order_id, own_no, mark, now_us)
            case SetPriority(order_id=order_id, own_no=own_no, priority=priority):
                self._priority(order_id, own_no, priority, now_us)
            case Drop(order_id=order_id, own_no=own_no):
                self._drop(order_id, own_no, now_us)
            case Item():
                self._item(message)
            case Limits(processes=processes):
                self.slots.limit = processes or self.slots.limit

    def _attach(self, order: m.Order, now_us: int) -> None:
        known = self._known(order.id)
        if known is not None and ownership(known[0]) >= ownership(order):
            log.warning("hold.attach_ignored", extra={"order": order.id, "own_no": order.own_no})
            self.journal.add(Holding(*known))
            return
        self.world.orders[order.id] = order
        self._happened(order.id, e.OrderAttached(self.agent), now_us)
        self.advance(order.id, now_us)

    def _known(self, order_id: str) -> tuple[m.Order, bool] | None:
        held = self.world.orders.get(order_id)
        return (held, True) if held else self.journal.known(order_id)

    def _owned(self, order_id: str, own_no: int) -> m.Order | None:
        order = self.world.orders.get(order_id)
        return order if order is not None and order.own_no == own_no else None

    def _mark(self, order_id: str, own_no: int, mark: m.Mark | None, now_us: int) -> None:
        order = self._owned(order_id, own_no)
        if order is None or (mark and mark.verb == "go" and not order.waits_for_time):
            return
        self._keep(replace(order, mark=mark))
        if mark and mark.kill and isinstance(order.state, m.Processing):
            self.effects.kills.append((order.state.attempt, None))
        self.slots.leave(order_id)
        self.advance(order_id, now_us)

    def _priority(self, order_id: str, own_no: int, priority: int, now_us: int) -> None:
        order = self._owned(order_id, own_no)
        if order is not None:
            self._keep(replace(order, priority=priority))
            self.advance(order_id, now_us)

    def _drop(self, order_id: str, own_no: int, now_us: int) -> None:
        order = self._owned(order_id, own_no)
        if order is None:
            return
        if isinstance(order.state, m.Processing):
            self.attempts.pop(order.state.attempt, None)
            self.slots.vacate(self._job_key(order))
        self._give_back(order_id, now_us)

    def _item(self, item: Item) -> None:
        signed = SignedItem(item.kind, item.path, item.version, item.document, item.signature)
        if not seal.verify(Ed25519PublicKey.from_public_bytes(self.site_key), signed):
            log.error("hold.item_not_signed", extra={"path": item.path, "version": item.version})
            return
        self.journal.put(item)
        self._use(item)

    def list_known(self) -> None:
        """Tell everything that is known of orders: the controller's journal was set back."""
        count = 0
        for order, held in self.journal.all_known():
            current = self.world.orders.get(order.id, order) if held else order
            self.journal.add(Holding(current, held))
            count += 1
        self.journal.add(Listed(count))

    # -- what happens here ------------------------------------------------------------------

    def ended(
        self,
        end: Exit,
        now_us: int,
        outcome_parts: Callable[[Job], tuple[bytes | None, bytes | None]],
    ) -> None:
        """Take in the end of a process; one that no order waits for is only acknowledged."""
        self.effects.ended.append(end.attempt)
        order = self.world.orders.get(self.attempts.pop(end.attempt, ""))
        if order is None:
            return
        self.slots.vacate(self._job_key(order))
        _, job = node_of(self.world.program_of(order), order)
        written, error_line = outcome_parts(job)
        outcome = outcome_of(end, job, written=written, last_error_line=error_line)
        if outcome.kind == "killed" and order.mark is None:
            outcome = replace(outcome, kind="failed")
        self._processed(order, end.attempt, outcome, now_us)

    def not_launched(self, order_id: str, why: str, now_us: int) -> None:
        """Take in that a job could not be launched at all."""
        order = self.world.orders.get(order_id)
        if order is None or not isinstance(order.state, m.Processing):
            return
        self.attempts.pop(order.state.attempt, None)
        self.slots.vacate(self._job_key(order))
        self._processed(order, order.state.attempt, m.Outcome("failed", message=why), now_us)

    def _processed(self, order: m.Order, attempt: str, outcome: m.Outcome, now_us: int) -> None:
        node, _ = node_of(self.world.program_of(order), order)
        result = result_of(order, node, outcome)
        self._happened(order.id, e.OrderProcessed(attempt, outcome, result, now_us), now_us)
        self.advance(order.id, now_us)

    def woken(self, now_us: int) -> None:
        """Let orders go on whose moment has come, and those for which a process is free."""
        for order_id in [i for i, at in self._timers.items() if at <= now_us]:
            del self._timers[order_id]
            self.advance(order_id, now_us)
        self._start_next(now_us)

    def _start_next(self, now_us: int) -> None:
        for order_id in self.slots.next():
            self.advance(order_id, now_us)

    def wait_us(self, now_us: int) -> int | None:
        """Return how long nothing is due, None if nothing waits for the clock."""
        return max(0, min(self._timers.values()) - now_us) if self._timers else None

    def begin(self, now_us: int) -> None:
        """Let every order go on after a start."""
        for order_id in sorted(self.world.orders, key=lambda i: -self.world.orders[i].priority):
            self.advance(order_id, now_us)
        self._start_next(now_us)

    def advance(self, order_id: str, now_us: int) -> None:
        """Let an order go on as far as it can; an error flags it and spares the others."""
        site = Site(
            now_us=now_us,
            agent=self.agent,
            may_start=self._may_start,
            next_attempt=self._next_attempt,
        )
        try:
            for concerned, event in advance(self.world, deque([order_id]), site):
                self._record(concerned, event, now_us)
        except Exception as problem:  # one order's error must not stop the others
            log.exception("hold.order_broken", extra={"order": order_id})
            self._happened(order_id, e.OrderBroken(str(problem)), now_us)
            self._give_back(order_id, now_us)
            return
        self._set_timer(order_id)

    def _set_timer(self, order_id: str) -> None:
        order = self.world.orders.get(order_id)
        self._timers.pop(order_id, None)
        if order is None or order.suspended:
            return
        if isinstance(order.state, m.DelayingRetry):
            self._timers[order_id] = order.state.until_us
        elif isinstance(order.state, m.Fresh) and order.scheduled_us is not None:
            self._timers[order_id] = order.scheduled_us

    def _may_start(self, order: m.Order, job_name: str, job: Job) -> bool:
        key = (order.workflow, order.version, job_name)
        overtakes = self.slots.overtakes(order.id, order.priority)
        if self.slots.free(key, job.parallelism) and not overtakes:
            return True
        self.slots.wait(order.id, key, parallelism=job.parallelism, priority=order.priority)
        return False

    def _next_attempt(self) -> str:
        return f"{self.run}-{self.journal.last_n + 1}"

    def _job_key(self, order: m.Order) -> JobKey:
        node, _ = node_of(self.world.program_of(order), order)
        return order.workflow, order.version, node.job_name

    def _happened(self, order_id: str, event: e.OrderEvent, now_us: int) -> None:
        self.world.take(order_id, event)
        self._record(order_id, event, now_us)

    def _record(self, order_id: str, event: e.OrderEvent, now_us: int) -> None:
        order = self.world.orders[order_id]
        own_no = (
            order.own_no - 1 if isinstance(event, e.OrderDetached | e.OrderBroken) else order.own_no
        )
        self.journal.add(Happened(order_id, own_no, event, now_us))
        if isinstance(event, e.OrderDetached):
            self._give_back(order_id, now_us)
            return
        self.journal.save(order)
        if isinstance(event, e.OrderProcessingStarted):
            self.slots.occupy((order.workflow, order.version, event.job))
            self.slots.leave(order_id)
            self.attempts[event.attempt] = order_id
            self.effects.starts.append(order_id)

    def _keep(self, order: m.Order) -> None:
        self.world.put(order)
        self.journal.save(order)

    def _give_back(self, order_id: str, now_us: int) -> None:
        order = self.world.orders.pop(order_id)
        self.world.touched.pop(order_id, None)
        self._timers.pop(order_id, None)
        self.slots.leave(order_id)
        self.journal.save(order, gone_us=now_us)


def ownership(order: m.Order) -> tuple[int, int]:
    """Return what rises with each change of owner, also where the order's id comes again."""
    return order.run, order.own_no
