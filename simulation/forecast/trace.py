"""Writes down what orders do: spans without gaps, and which order ended each of them.

Only what lasts counts: orders are looked at once nothing more happens at a moment.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec

from engine.order import events as e
from engine.order import model as m
from engine.position import to_text
from engine.workflow.model import Execute
from engine.world import World
from simulation.forecast.causes import Causes
from simulation.forecast.found import Kind, Span
from simulation.forecast.resting import Rest, rest_of


class Life(msgspec.Struct):
    """What was seen of an order: ended spans, and what it does since `since_us`."""

    id: str
    workflow: str
    version: str
    origin: str
    is_child: bool
    scheduled_us: int | None
    rest: Rest | None = None
    since_us: int = 0
    spans: list[Span] = []
    begin_us: int | None = None
    end_us: int | None = None
    failed: bool = False
    message: str = ""


class Trace:
    """What has happened to all orders since the begin of a forecast, at `now_us` so far."""

    def __init__(self, world: World, away: frozenset[str], now_us: int) -> None:
        self._world, self._away, self.now_us = world, away, now_us
        self.lives: dict[str, Life] = {}
        self.causes = Causes(world)
        self.open_roots = 0
        self.events = 0
        self._sources: dict[str, str] = {}

    # -- what happens -----------------------------------------------------------------------

    def known(self, order: m.Order) -> None:
        """Take note of an order that has come into being, or is there at the begin."""
        self.open_roots += order.parent is None and order.id not in self.lives
        self.lives[order.id] = Life(
            order.id,
            order.workflow,
            order.version,
            order.parent or order.adder or "",
            order.parent is not None,
            order.scheduled_us,
            begin_us=self.now_us if order.parent is not None else order.started_us,
        )
        self.causes.holds(order.id)

    def runs(self, order_id: str, source: str) -> None:
        """Take note on what the duration of a job rests that has just begun."""
        self._sources[order_id] = source

    def happened(self, subject: str, event: e.OrderEvent) -> None:
        """Take note of an event that the world has taken."""
        self.events += 1
        note = _NOTES.get(type(event))
        if note is not None:
            note(self, subject, event)
        self.causes.holds(subject)

    def began(self, order_id: str) -> None:
        """Take note that an order has left its planned start behind."""
        self.lives[order_id].begin_us = self.now_us

    def forked(self, order_id: str, event: e.OrderForked) -> None:
        """Take note of children."""
        self.causes.forked(order_id)
        for child, _ in event.children:
            self.known(self._world.orders[child])

    def child_ended(self, order_id: str, event: e.OrderChildEnded) -> None:
        """Take note of the end of a child."""
        self.causes.joined(order_id, event.child, self.now_us)
        self.ended(event.child, problem=None if event.ok else event.message)

    def ended(self, order_id: str, *, problem: str | None = None) -> None:
        """Take note that an order has left, or stands failed, which counts as its end here."""
        life = self.lives.get(order_id)
        if life is None or life.end_us is not None:
            return
        life.end_us, life.failed, life.message = self.now_us, problem is not None, problem or ""
        self.open_roots -= not life.is_child
        self._close(life)

    # -- at the end of a moment -------------------------------------------------------------

    def rest(self, order_ids: Iterable[str]) -> None:
        """Look at what orders do now that nothing more happens at this moment."""
        for order_id in order_ids:
            order, life = self._world.orders.get(order_id), self.lives.get(order_id)
            if life is None or life.end_us is not None or order is None:
                continue
            rest = rest_of(order, self._hint(order), self._job_at(order))
            if rest != life.rest:
                self._close(life)
                life.rest, life.since_us = rest, self.now_us
        self.causes.settled()

    def _hint(self, order: m.Order) -> tuple[Kind, str]:
        """Return why an order stands at an instruction that it could carry out."""
        if order.held is None or self._world.control(order.workflow).suspended:
            return "control", order.workflow
        if order.held.agent in self._away:
            return "agent", order.held.agent
        return self.causes.hint(order.id, order.held.agent)

    def _job_at(self, order: m.Order) -> str:
        if not isinstance(order.state, m.Processing) and order.held is None:
            return ""
        node = self._world.program_of(order).instruction(order.position)
        return (node.label or node.job_name) if isinstance(node, Execute) else ""

    def _close(self, life: Life) -> None:
        rest = life.rest
        if rest is None:
            return
        life.rest = None
        if self.now_us > life.since_us:
            life.spans.append(self.span_of(life, rest, self.now_us))

    def span_of(self, life: Life, rest: Rest, end_us: int | None) -> Span:
        """Return what an order does as a span that ends now, or None: that does not end."""
        cause, others = self.causes.of(life.id, rest, life.since_us)
        source = self._sources.get(life.id, "") if rest.kind == "job" else ""
        position = to_text(rest.position)
        return Span(
            rest.kind, life.since_us, end_us, position, rest.what, cause, rest.agent, source, others
        )


_NOTES: Mapping[type, Callable[[Trace, str, Any], None]] = {
    e.OrderAdded: lambda trace, _, event: trace.known(event.order),
    e.OrderStarted: lambda trace, subject, _: trace.began(subject),
    e.OrderForked: Trace.forked,
    e.OrderChildEnded: Trace.child_ended,
    e.OrderProcessingStarted: lambda trace, subject, _: trace.causes.started(subject),
    e.OrderLocksAcquired: lambda trace, subject, event: trace.causes.locked(subject, event),
    e.OrderNoticesPosted: lambda trace, s, event: trace.causes.posted(s, event, trace.now_us),
    e.OrderFinished: lambda trace, subject, _: trace.ended(subject),
    e.OrderCancelled: lambda trace, subject, _: trace.ended(subject),
    e.OrderFailed: lambda t, s, event: t.ended(s, problem=event.outcome.message or ""),
    e.OrderStopped: lambda t, s, event: t.ended(s, problem=event.outcome.message or ""),
    e.OrderBroken: lambda trace, subject, event: trace.ended(subject, problem=event.problem),
}
