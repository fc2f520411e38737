"""The orders that an agent holds, moved on by the engine.

Everything that happens is gathered in the journal first; starts, kills and reports are named here
and carried out by the loop after the commit.
"""

import logging
from collections import deque
from collections.abc import Callable

import msgspec
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
    SetControl,
    SetMark,
    SetPriority,
    WatchMessage,
)
from agents.worker.hands.attempt import Exit
from agents.worker.hands.left_files import Written
from agents.worker.items import is_signed, use
from agents.worker.jobs import node_of
from agents.worker.journal import Journal
from agents.worker.moments import has_to_end_us, moment_of
from agents.worker.outcomes import outcome_of, result_of
from agents.worker.slots import JobKey, Slots
from agents.worker.timers import Timers
from agents.worker.warnings import usual, warnings_of
from agents.worker.watching.sources import Sources
from engine.facts import Control
from engine.objects.model import Object
from engine.order import events as e
from engine.order import model as m
from engine.steps.advance import advance
from engine.steps.site import Site
from engine.workflow.model import Job
from engine.world import World

log = logging.getLogger(__name__)

Kill = tuple[str, float | None]
Parts = Callable[[Job], tuple[Written, bytes | None]]
CONTROL = "control:"
LIMIT = "limit"
_ENDS_OWNERSHIP = frozenset({e.OrderDetached, e.OrderBroken})
_encode = msgspec.msgpack.Encoder().encode
_decode_control = msgspec.msgpack.Decoder(Control).decode


class Effects(msgspec.Struct):
    """What is to be done once the journal has it."""

    starts: list[str] = []
    kills: list[Kill] = []
    ended: list[str] = []


def _outcome(end: Exit, job: Job, parts: Parts, *, started_us: int) -> m.Outcome:
    written, error_line = parts(job)
    outcome = outcome_of(end, job, written=written, last_error_line=error_line)
    found = warnings_of(end, job, outcome, error_line=error_line, started_us=started_us)
    return replace(outcome, warnings=found) if found else outcome


class Hold:
    """The agent's world of orders, complete for what is attached to it."""

    def __init__(self, agent: str, run: str, journal: Journal, slots: Slots) -> None:
        self.agent, self.run = agent, run
        self.journal, self.slots = journal, slots
        self._own_limit = slots.limit
        self.world = World(complete=True)
        self.site_key: bytes = b""
        self.attempts: dict[str, str] = {}
        self.effects = Effects()
        self._timers = Timers()
        self._looks: dict[str, int] = {}
        self._series = ""
        self.sources = Sources(journal, self._next_attempt)

    # -- beginning --------------------------------------------------------------------------

    def load(self) -> None:
        """Begin with what the journal holds."""
        self._series = (self.journal.fact("series") or b"").decode()
        self.slots.limit = int(self.journal.fact(LIMIT) or self._own_limit)
        for item in self.journal.items():
            use(self.world, item)
            self.sources.know(item)
        self.sources.load()
        for path, body in self.journal.facts(CONTROL):
            self.world.facts["workflow", path, ""] = _decode_control(body)
        for order in self.journal.held():
            self.world.put(order)
            if isinstance(order.state, m.Processing):
                self.attempts[order.state.attempt] = order.id
                self.slots.occupy(self._job_key(order))

    def begin_series(self, name: str) -> None:
        """Name attempts anew: this journal may be a copy, and numbers to come may be used up."""
        self._series = f".{name}"
        self.journal.set("series", self._series.encode())

    def restart(self, run: str) -> None:
        """Forget every order and begin a new run."""
        self.run = run
        known = self.world
        self.world = World(complete=True)
        self.world.programs, self.world.objects = known.programs, known.objects
        self.world.facts = known.facts
        self.slots = Slots(self.slots.limit)
        self.attempts, self.effects, self._timers = {}, Effects(), Timers()
        self.sources.forget()

    def object(self, kind: str, name: str) -> tuple[str, Object] | None:
        """Return path and document of a job resource, None if this agent has not been given it."""
        return self.world.object(kind, name)

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
            case SetControl(path=path, control=control):
                self._control(path, control, now_us)
            case _:
                self._take_beside(message, now_us)

    def _take_beside(self, message: Limits | WatchMessage, now_us: int) -> None:
        if isinstance(message, Limits):
            # Durable: the controller tells it once, not at each start of the agent.
            limit = message.processes
            self.journal.set(LIMIT, b"" if limit is None else str(limit).encode())
            self.slots.limit = self._own_limit if limit is None else limit
            log.info("hold.process_limit", extra={"processes": self.slots.limit})
            self._start_next(now_us)
        else:
            self.sources.take(message)

    def _attach(self, order: m.Order, now_us: int) -> None:
        known = self._known(order.id)
        if known is not None and known[0].ownership >= order.ownership:
            log.warning("hold.attach_ignored", extra={"order": order.id, "own_no": order.own_no})
            self.journal.add(Holding(*known))
            return
        if known is not None and known[1]:
            self._let_run_out(known[0])
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

    def _control(self, path: str, control: Control, now_us: int) -> None:
        """Keep what orders of a workflow may do from now on, and let them go on if they may."""
        self.journal.set(f"{CONTROL}{path}", _encode(control))
        self.world.facts["workflow", path, ""] = control
        for order in [o for o in self.world.orders.values() if o.workflow == path]:
            self.slots.leave(order.id)
            self.advance(order.id, now_us)

    def _drop(self, order_id: str, own_no: int, now_us: int) -> None:
        order = self._owned(order_id, own_no)
        if order is None:
            return
        self._let_run_out(order)
        self._give_back(order_id, now_us)

    def _let_run_out(self, order: m.Order) -> None:
        """Wait no more for the job of an ownership that is over; it ends by itself."""
        if isinstance(order.state, m.Processing):
            self.attempts.pop(order.state.attempt, None)
            self.slots.vacate(self._job_key(order))

    def _item(self, item: Item) -> None:
        if not is_signed(item, self.site_key):
            log.error("hold.item_not_signed", extra={"path": item.path, "version": item.version})
            return
        self.journal.put(item)
        use(self.world, item)
        self.sources.know(item)

    def list_known(self) -> None:
        """Tell everything that is known of orders: the controller's journal was set back."""
        known = list(self.journal.all_known())
        for order, held in known:
            self.journal.add(Holding(order, held))
        self.journal.add(Listed(len(known)))

    # -- what happens here ------------------------------------------------------------------

    def ended(self, end: Exit, now_us: int, outcome_parts: Parts) -> None:
        """Take in the end of a process; one that no order waits for is only acknowledged.

        `outcome_parts` gives what the job has left: its return values and, where that counts, the
        last line on stderr, without secrets.
        """
        self.effects.ended.append(end.attempt)
        order = self.world.orders.get(self.attempts.pop(end.attempt, ""))
        if order is None:
            return
        _, job = node_of(self.world.program_of(order), order)
        started_us = order.state.started_us if isinstance(order.state, m.Processing) else now_us
        try:
            outcome = _outcome(end, job, outcome_parts, started_us=started_us)
        except Exception as problem:  # what one job has left must not stop the others
            log.exception("hold.outcome_unreadable", extra={"order": order.id})
            why = f"what the job has left cannot be taken in: {problem}"
            outcome = m.Outcome("failed", end.return_code, why)
        if outcome.kind == "killed" and order.mark is None:
            outcome = self._killed_without_mark(order, outcome, end.ended_us)
        # The process may have ended while nobody here looked; clocks may have been set since.
        ended_us = min(max(end.ended_us, started_us), now_us)
        self._processed(order, end.attempt, outcome, now_us, ended_us=ended_us)

    def _killed_without_mark(self, order: m.Order, outcome: m.Outcome, at_us: int) -> m.Outcome:
        """Return what a kill was without a mark: one taken back, or the end of the period."""
        ends_us = has_to_end_us(order, self.world.program_of(order))
        if ends_us is None or at_us < ends_us:
            return replace(outcome, kind="failed")
        return replace(outcome, message="killed at the end of the admission period")

    def not_launched(self, order_id: str, why: str, now_us: int) -> None:
        """Take in that a job could not be launched at all."""
        order = self.world.orders.get(order_id)
        if order is None or not isinstance(order.state, m.Processing):
            return
        self.attempts.pop(order.state.attempt, None)
        outcome = m.Outcome("failed", message=why)
        self._processed(order, order.state.attempt, outcome, now_us, ended_us=now_us)

    def _processed(
        self, order: m.Order, attempt: str, outcome: m.Outcome, now_us: int, *, ended_us: int
    ) -> None:
        node, job = node_of(self.world.program_of(order), order)
        self.slots.vacate((order.workflow, order.version, node.job_name))
        result = result_of(order, node, outcome)
        processed = e.OrderProcessed(attempt, outcome, result, ended_us, usual(job))
        self._happened(order.id, processed, now_us)
        self.advance(order.id, now_us)

    def woken(self, now_us: int) -> None:
        """Let orders go on whose moment has come, and those for which a process is free."""
        due = [self.world.orders[i] for i in self._timers.due(now_us)]
        for order in sorted(due, key=lambda o: -o.priority):
            if isinstance(order.state, m.Processing):
                self.effects.kills.append((order.state.attempt, None))
            else:
                self.advance(order.id, now_us)
        self._start_next(now_us)

    def _start_next(self, now_us: int) -> None:
        for order_id in self.slots.next():
            self.advance(order_id, now_us)

    def wait_us(self, now_us: int) -> int | None:
        """Return how long nothing is due, None if nothing waits for the clock."""
        next_us = self._timers.next_us()
        return None if next_us is None else max(0, next_us - now_us)

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
            look_again=self._looks.__setitem__,
        )
        try:
            for concerned, event in advance(self.world, deque([order_id]), site):
                self._record(concerned, event, now_us)
        except Exception as problem:  # one order's error must not stop the others
            log.exception("hold.order_broken", extra={"order": order_id})
            self._happened(order_id, e.OrderBroken(str(problem)), now_us)
            self._give_back(order_id, now_us)
            return
        self._set_timer(order_id, now_us)

    def _set_timer(self, order_id: str, now_us: int) -> None:
        """Look at the order again when its moment comes.

        One that has come and has led to nothing is no reason: the order's workflow is frozen.
        """
        order = self.world.orders.get(order_id)
        look_us = self._looks.pop(order_id, None)
        at_us = None
        if order is not None and not order.suspended:
            at_us = moment_of(order, self.world.program_of(order)) or look_us
            if at_us is not None and at_us <= now_us and not isinstance(order.state, m.Processing):
                at_us = None
        if at_us is None:
            self._timers.drop(order_id)
        else:
            self._timers.set(order_id, at_us)

    def _may_start(self, order: m.Order, job_name: str, job: Job) -> bool:
        key, slots = (order.workflow, order.version, job_name), self.slots
        if slots.free(key, job.parallelism) and not slots.overtakes(order.id, order.priority):
            return True
        slots.wait(order.id, key, parallelism=job.parallelism, priority=order.priority)
        return False

    def _next_attempt(self) -> str:
        return f"{self.run}{self._series}-{self.journal.last_n + 1}"

    def _job_key(self, order: m.Order) -> JobKey:
        node, _ = node_of(self.world.program_of(order), order)
        return order.workflow, order.version, node.job_name

    def _happened(self, order_id: str, event: e.OrderEvent, now_us: int) -> None:
        self.world.take(order_id, event)
        self._record(order_id, event, now_us)

    def _record(self, order_id: str, event: e.OrderEvent, now_us: int) -> None:
        order, kind = self.world.orders[order_id], type(event)
        own_no = order.own_no - 1 if kind in _ENDS_OWNERSHIP else order.own_no
        self.journal.add(Happened(order_id, own_no, event, now_us))
        if kind is e.OrderDetached:
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
        self._timers.drop(order_id)
        self.slots.leave(order_id)
        self.journal.save(order, gone_us=now_us)
