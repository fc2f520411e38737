"""What comes next for an order: one decision, the same on the controller and on agents.

`decide` returns the next few events of one order; `advance` takes them and goes on until nothing
more follows. An order that needs the other side is given there: attached to the agent of its next
job, or detached for what only the controller does.
"""

from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

from engine import position as p
from engine.errors import EngineError, EventNotApplicable, NotLoaded
from engine.order import events as e
from engine.order import model as m
from engine.steps.child import child_failed
from engine.steps.end import at_end
from engine.steps.failure import disrupted, fail
from engine.steps.fork import decide_fork, decide_forked
from engine.steps.job import decide_fresh, decide_job, decide_processed
from engine.steps.plain import (
    decide_case,
    decide_fail,
    decide_finish,
    decide_if,
    decide_retry,
    decide_try,
)
from engine.steps.site import Site
from engine.workflow.model import CaseWhen, Execute, Fail, Finish, Fork, If, Retry, Try
from engine.world import Step, World

STEPS_AT_ONCE = 10_000


def decide(world: World, order: m.Order, site: Site) -> list[Step]:
    """Return what follows for the order now, an empty list while it waits.

    Raises:
        NotLoaded: the world lacks something that the decision needs.
    """
    if order.agent != site.agent or order.attached_to != site.agent:
        return []
    if order.mark and (steps := _marked(world, order, site)) is not None:
        return steps
    decider = None if order.suspended else _BY_STATE.get(type(order.state))
    return decider(world, order, site) if decider else []


def advance(world: World, waiting: deque[str], site: Site) -> Iterator[Step]:
    """Take events for the waiting orders, and for others that they concern, until nothing follows.

    Yields each event after the world has taken it. An order leaves `waiting` when nothing more
    follows for it, so that after an exception the one at fault stands first and the rest is not
    forgotten.

    Raises:
        NotLoaded: load what is missing and call again with the same `waiting`.
        EventNotApplicable: something cannot follow, or an order goes on and on.
    """
    made = 0
    while waiting:
        order = world.find(waiting[0])
        steps = decide(world, order, site) if order else []
        if not steps:
            waiting.popleft()
            made = 0
            continue
        made += 1
        if made > STEPS_AT_ONCE:
            raise EventNotApplicable(f"{waiting[0]} made {STEPS_AT_ONCE} steps without a wait")
        for concerned, event in steps:
            world.take(concerned, event)
            yield concerned, event
            if concerned != waiting[0]:
                waiting.append(concerned)
            if isinstance(event, e.OrderForked):
                waiting.extend(child for child, _ in event.children)


def _marked(world: World, order: m.Order, site: Site) -> list[Step] | None:
    """Return what the order's mark leads to now, None if it has to wait."""
    if isinstance(order.state, m.Processing | m.Forked):
        return None
    if isinstance(order.state, m.Processed) and not _failed_join(world, order):
        return None
    assert order.mark  # noqa: S101  # the caller looked
    if order.mark.verb == "go":
        return _go(order, site) or None
    if site.agent:
        return [(order.id, e.OrderDetached(site.agent))]
    if order.mark.verb == "cancel":
        if isinstance(order.state, m.Ready) and not order.suspended and _at_end(world, order):
            return None
        return [
            (order.id, e.OrderCancelled(site.now_us)),
            *child_failed(world, order, "cancelled"),
        ]
    return _suspended(order, order.mark)


def _failed_join(world: World, order: m.Order) -> bool:
    """Tell whether the order stands at a join that failed: its children were cancelled with it."""
    failed = order.outcome is not None and not order.outcome.ok
    return failed and isinstance(world.program_of(order).instruction(order.position), Fork)


def _suspended(order: m.Order, mark: m.Mark) -> list[Step] | None:
    state = order.state
    if isinstance(state, m.DelayingRetry) and mark.reset:
        back = e.OrderMoved(state.retry, "the wait was reset")
        return [(order.id, e.OrderAwoke()), (order.id, back), (order.id, e.OrderSuspended())]
    if isinstance(state, m.Fresh | m.Ready | m.ProcessingKilled):
        return [(order.id, e.OrderSuspended())]
    return None


def _go(order: m.Order, site: Site) -> list[Step]:
    if isinstance(order.state, m.Fresh) and not order.suspended:
        return [(order.id, e.OrderStarted(site.now_us))]
    return [(order.id, e.OrderAwoke())] if isinstance(order.state, m.DelayingRetry) else []


def _at_end(world: World, order: m.Order) -> bool:
    """Tell whether the order stands at its end: of the workflow, of its branch, of its block."""
    instruction = world.program_of(order).instruction(order.position)
    return instruction is None or not p.within(order.block, order.position)


def _ready(world: World, order: m.Order, site: Site) -> list[Step]:
    program = world.program_of(order)
    instruction = program.instruction(order.position)
    if instruction is None or _stops(order):
        return at_end(world, order, program, site)
    try:
        return _DECIDERS[type(instruction)](world, order, instruction, site)
    except (NotLoaded, EventNotApplicable):
        raise
    except EngineError as problem:
        return fail(world, order, disrupted(str(problem)), site)


def _stops(order: m.Order) -> bool:
    return order.position in order.stop_positions or not p.within(order.block, order.position)


def _killed(world: World, order: m.Order, site: Site) -> list[Step]:
    return fail(world, order, order.outcome or m.Outcome("killed"), site)


def _delayed(_world: World, order: m.Order, site: Site) -> list[Step]:
    due = isinstance(order.state, m.DelayingRetry) and order.state.until_us <= site.now_us
    return [(order.id, e.OrderAwoke())] if due else []


_BY_STATE: dict[type, Callable[[World, m.Order, Site], list[Step]]] = {
    m.Ready: _ready,
    m.Processed: decide_processed,
    m.ProcessingKilled: _killed,
    m.Fresh: decide_fresh,
    m.Forked: decide_forked,
    m.DelayingRetry: _delayed,
}

_DECIDERS: dict[type, Callable[[World, m.Order, Any, Site], list[Step]]] = {
    Execute: decide_job,
    If: decide_if,
    CaseWhen: decide_case,
    Fork: decide_fork,
    Try: decide_try,
    Retry: decide_retry,
    Finish: decide_finish,
    Fail: decide_fail,
}
