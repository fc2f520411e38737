"""What comes next for an order: one decision, the same on the controller and on agents.

`decide` returns the next few events of one order; `advance` takes them and goes on until nothing
more follows. An order that needs the other side is given there: attached to the agent of its next
job, or detached for what only the controller does.
"""

from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

from engine.errors import EngineError, EventNotApplicable, NotLoaded
from engine.order import events as e
from engine.order import model as m
from engine.steps.add_order import decide_add_order
from engine.steps.control import held_up
from engine.steps.cycle import decide_between_cycles, decide_break, decide_cycle
from engine.steps.end import at_end
from engine.steps.failure import disrupted, fail
from engine.steps.fork import decide_fork, decide_forked
from engine.steps.fork_list import decide_fork_list
from engine.steps.inside import decide_options, decide_sticky, decide_stop
from engine.steps.job import decide_fresh, decide_job, decide_processed
from engine.steps.lock import decide_lock, decide_waiting_for_lock
from engine.steps.marks import marked, stands_at_stop
from engine.steps.notices import decide_expect, decide_expecting, decide_post
from engine.steps.pause import (
    decide_admission,
    decide_prompt,
    decide_sleep,
    decide_sleeping,
    decide_waiting_for_admission,
)
from engine.steps.plain import (
    decide_case,
    decide_fail,
    decide_finish,
    decide_if,
    decide_retry,
    decide_try,
)
from engine.steps.site import Site
from engine.workflow import model as w
from engine.world import Step, World

STEPS_AT_ONCE = 1_000


def decide(world: World, order: m.Order, site: Site) -> list[Step]:
    """Return what follows for the order now, an empty list while it waits.

    Raises:
        NotLoaded: the world lacks something that the decision needs.
    """
    owner = order.attached_to if site.agent else order.agent
    if owner != site.agent:
        return []
    if order.mark and (steps := marked(world, order, site)) is not None:
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
        EventNotApplicable: something cannot follow.
    """
    made = 0
    while waiting:
        if not world.decided:
            steps = _next(world, waiting[0], site, made)
            if not steps:
                waiting.popleft()
                made = 0
                continue
            made += 1
            world.decided.extend(steps)
        yield from _take(world, waiting)
        if made > STEPS_AT_ONCE:
            waiting.popleft()
            made = 0


def _next(world: World, order_id: str, site: Site, made: int) -> list[Step]:
    """Return what follows for an order; one that goes on and on has to let others pass."""
    order = world.find(order_id)
    if order is None:
        return []
    steps = decide(world, order, site)
    if steps and made >= STEPS_AT_ONCE and isinstance(order.state, m.Ready):
        return [(order_id, e.OrderSleeping(site.now_us, "throttle"))]
    return steps


def _take(world: World, waiting: deque[str]) -> Iterator[Step]:
    """Take what was decided for the first order, all of it, also after something had to be loaded.

    Half of a decision must never be followed by another decision.
    """
    while world.decided:
        concerned, event = world.decided[0]
        try:
            world.take(concerned, event)
        except NotLoaded:
            raise
        except EngineError:
            world.decided.clear()
            raise
        world.decided.popleft()
        if concerned != waiting[0]:
            waiting.append(concerned)
        if isinstance(event, e.OrderForked):
            waiting.extend(child for child, _ in event.children)
        yield concerned, event


def _ready(world: World, order: m.Order, site: Site) -> list[Step]:
    program, control = world.program_of(order), world.control(order.workflow)
    if control.suspended:
        return []
    instruction = program.instruction(order.position)
    if instruction is None or stands_at_stop(order):
        return at_end(world, order, program, site)
    if control.stops or control.skipped:
        controlled = held_up(world, order, instruction, site)
        if controlled:
            return controlled
    try:
        return _DECIDERS[type(instruction)](world, order, instruction, site)
    except (NotLoaded, EventNotApplicable):
        raise
    except EngineError as problem:
        return fail(world, order, disrupted(str(problem)), site)


def _fresh(world: World, order: m.Order, site: Site) -> list[Step]:
    return [] if world.control(order.workflow).suspended else decide_fresh(world, order, site)


def _killed(world: World, order: m.Order, site: Site) -> list[Step]:
    return fail(world, order, order.outcome or m.Outcome("killed"), site)


def _delayed(_world: World, order: m.Order, site: Site) -> list[Step]:
    due = isinstance(order.state, m.DelayingRetry) and order.state.until_us <= site.now_us
    return [(order.id, e.OrderAwoke())] if due else []


_BY_STATE: dict[type, Callable[[World, m.Order, Site], list[Step]]] = {
    m.Ready: _ready,
    m.Processed: decide_processed,
    m.ProcessingKilled: _killed,
    m.Fresh: _fresh,
    m.Forked: decide_forked,
    m.DelayingRetry: _delayed,
    m.Sleeping: decide_sleeping,
    m.WaitingForAdmission: decide_waiting_for_admission,
    m.BetweenCycles: decide_between_cycles,
    m.WaitingForLock: decide_waiting_for_lock,
    m.ExpectingNotices: decide_expecting,
}

_DECIDERS: dict[type, Callable[[World, m.Order, Any, Site], list[Step]]] = {
    w.Execute: decide_job,
    w.If: decide_if,
    w.CaseWhen: decide_case,
    w.Fork: decide_fork,
    w.Try: decide_try,
    w.Retry: decide_retry,
    w.Finish: decide_finish,
    w.Fail: decide_fail,
    w.ForkList: decide_fork_list,
    w.Lock: decide_lock,
    w.PostNotices: decide_post,
    w.ExpectNotices: decide_expect,
    w.ConsumeNotices: decide_expect,
    w.AddOrder: decide_add_order,
    w.Cycle: decide_cycle,
    w.Break: decide_break,
    w.Prompt: decide_prompt,
    w.Sleep: decide_sleep,
    w.StickySubagent: decide_sticky,
    w.Options: decide_options,
    w.Segment: decide_options,
    w.AdmissionTime: decide_admission,
    w.Stop: decide_stop,
}
