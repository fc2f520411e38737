"""One agent in a forecast: process limits, who waits for them, and the jobs that run.

The rules are those of the agent's own hold: its slots and timers, the order in which what happens
at one moment is looked at. Jobs are only a moment at which they end.
"""

from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

from agents.worker.moments import moment_of
from agents.worker.outcomes import result_of
from agents.worker.slots import JobKey, Slots
from agents.worker.timers import Timers
from engine.order import events as e
from engine.order import model as m
from engine.steps.advance import advance
from engine.steps.site import Site
from engine.workflow.model import Execute, Job
from engine.world import World
from simulation.forecast.snapshot import AgentSeen

if TYPE_CHECKING:
    from simulation.forecast.trace import Trace

UNLIMITED = 1 << 30
Begin = Callable[[str, m.Order, Execute, int], None]
"""Lets a job run: the agent, its order, its instruction, and since when it runs."""


class Place:
    """The orders that are with an agent, over the world that all sites of a forecast share."""

    def __init__(self, seen: AgentSeen, world: World, trace: "Trace", begin: Begin) -> None:
        self.name, self.is_there = seen.name, seen.is_there
        self.world, self._trace, self._begin = world, trace, begin
        self.slots = Slots(seen.processes or UNLIMITED)
        self.timers = Timers()
        self.ended: list[str] = []
        self.arriving: deque[str] = deque()
        self.leaving: deque[str] = deque()
        self._looks: dict[str, int] = {}
        self._attempts = 0
        self._freed = False

    # -- beginning --------------------------------------------------------------------------

    def adopt(self, order: m.Order) -> None:
        """Go on with a job that runs already."""
        node, key = self._job(order)
        self.slots.occupy(key)
        assert isinstance(order.state, m.Processing)  # noqa: S101  # the caller looked
        self._begin(self.name, order, node, order.state.started_us)

    # -- a moment ---------------------------------------------------------------------------

    def is_due(self, now_us: int) -> bool:
        """Tell whether there is anything to do now but taking orders in."""
        moment = self.timers.next_us()
        return bool(self.ended or self._freed) or (moment is not None and moment <= now_us)

    def turn(self, now_us: int) -> bool:
        """Take in what has ended and what is due; tells whether anything was."""
        if not self.is_there or not self.is_due(now_us):
            return False
        ended, self.ended, self._freed = self.ended, [], False
        for order_id in ended:
            self._end(order_id, now_us)
        due = [self.world.orders[i] for i in self.timers.due(now_us)]
        for order in sorted(due, key=lambda o: -o.priority):
            self.advance(order.id, now_us)
        for order_id in self.slots.next():
            self.advance(order_id, now_us)
        return True

    def take_in(self, now_us: int) -> bool:
        """Take in the orders that have arrived; tells whether any had."""
        if not self.is_there or not self.arriving:
            return False
        arriving, self.arriving = self.arriving, deque()
        for order_id in arriving:
            order = self.world.orders.get(order_id)
            if order is None or order.held is None or order.held.agent != self.name:
                continue
            self.world.take(order_id, e.OrderAttached(self.name))
            self.advance(order_id, now_us)
        return True

    def _end(self, order_id: str, now_us: int) -> None:
        order = self.world.orders.get(order_id)
        if order is None or not isinstance(order.state, m.Processing):
            return
        node, key = self._job(order)
        self.slots.vacate(key)
        outcome = m.Outcome("succeeded", 0, None, {"returnCode": 0})
        processed = e.OrderProcessed(
            order.state.attempt, outcome, result_of(order, node, outcome), now_us
        )
        self._freed = True
        self._trace.causes.freed(order_id, self.name, key)
        self.world.take(order_id, processed)
        self._trace.happened(order_id, processed)
        self.advance(order_id, now_us)

    def advance(self, order_id: str, now_us: int) -> None:
        """Let an order go on as far as it can here."""
        site = Site(
            now_us=now_us,
            agent=self.name,
            may_start=self._may_start,
            next_attempt=self._next_attempt,
            look_again=self._look_again,
        )
        try:
            for concerned, event in advance(self.world, deque([order_id]), site):
                self._trace.happened(concerned, event)
                self._happened(concerned, event, now_us)
        except Exception as problem:  # as at the agent: one order's error spares the others
            self._broken(order_id, f"{problem}")
        self._set_timer(order_id, now_us)

    def _broken(self, order_id: str, problem: str) -> None:
        event = e.OrderBroken(problem)
        self.world.decided.clear()
        self.world.take(order_id, event)
        self._trace.happened(order_id, event)
        self.slots.leave(order_id)
        self.leaving.append(order_id)

    def _happened(self, order_id: str, event: e.OrderEvent, now_us: int) -> None:
        if isinstance(event, e.OrderProcessingStarted):
            order = self.world.orders[order_id]
            node, key = self._job(order)
            self.slots.occupy(key)
            self.slots.leave(order_id)
            self._begin(self.name, order, node, now_us)
        elif isinstance(event, e.OrderDetached):
            self.slots.leave(order_id)
            self.leaving.append(order_id)

    def _set_timer(self, order_id: str, now_us: int) -> None:
        order, look_us = self.world.orders.get(order_id), self._looks.pop(order_id, None)
        at_us = None
        if order is not None and order.attached_to == self.name and not order.suspended:
            runs = isinstance(order.state, m.Processing)
            program = self.world.program_of(order)
            at_us = (None if runs else moment_of(order, program)) or look_us
        if at_us is None or at_us <= now_us:
            self.timers.drop(order_id)
        else:
            self.timers.set(order_id, at_us)

    def _may_start(self, order: m.Order, job_name: str, job: Job) -> bool:
        key, slots = (order.workflow, order.version, job_name), self.slots
        if slots.free(key, job.parallelism) and not slots.overtakes(order.id, order.priority):
            return True
        slots.wait(order.id, key, parallelism=job.parallelism, priority=order.priority)
        full = slots.running >= slots.limit
        self._trace.causes.limited(order.id, self.name, None if full else key)
        return False

    def _look_again(self, order_id: str, at_us: int) -> None:
        self._looks[order_id] = at_us
        self._trace.causes.not_admitted(order_id)

    def _next_attempt(self) -> str:
        self._attempts += 1
        return f"{self.name}-{self._attempts}"

    def _job(self, order: m.Order) -> tuple[Execute, JobKey]:
        node = self.world.program_of(order).instruction(order.position)
        assert isinstance(node, Execute)  # noqa: S101  # only at these a job runs
        return node, (order.workflow, order.version, node.job_name)
