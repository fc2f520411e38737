"""What comes next for an order: the one decision, taken the same way on the controller and on agents.

`decide` returns the next few events of one order; `advance` takes them and goes on until nothing
more follows. An order that needs the other side is given there: attached to the agent of its next
job, or detached for what only the controller does.
"""

from collections.abc import Callable, Iterator
from typing import Any

from engine.errors import EngineError, EventNotApplicable, NotLoaded
from engine.order import events as e
from engine.order import model as m
from engine.steps.child import child_ended
from engine.steps.end import at_end
from engine.steps.failure import disrupted, fail
from engine.steps.fork import decide_fork, decide_forked
from engine.steps.job import decide_fresh, decide_job, decide_processed
from engine.steps.plain import decide_case, decide_fail, decide_finish, decide_if, decide_retry, decide_try
from engine.steps.site import Site
from engine.workflow.model import CaseWhen, Execute, Fail, Finish, Fork, If, Retry, Try
from engine.world import Step, World

STEPS_AT_ONCE = 10_000


def decide(world: World, order: m.Order, site: Site) -> list[Step]:
    """Return what follows for the order now, an empty list while it waits.

    Raises:
        NotLoaded: the world lacks something that the decision needs.
    """
    if order.attached_to != site.agent or (order.held and order.held.phase != "attached"):
        return []
    state = order.state
    if order.mark and (steps := _marked(world, order, site)) is not None:
        return steps
    if order.suspended:
        return []
    match state:
        case m.Ready():
            return _ready(world, order, site)
        case m.Processed():
            return decide_processed(world, order, site)
        case m.ProcessingKilled():
            return fail(world, order, order.outcome or m.Outcome("killed"), site)
        case m.Fresh():
            return decide_fresh(world, order, site)
        case m.Forked():
            return decide_forked(world, order, site)
        case m.DelayingRetry(until_us=until_us):
            return [(order.id, e.OrderAwoke())] if until_us <= site.now_us else []
        case _:
            return []


def advance(world: World, order_id: str, site: Site) -> Iterator[Step]:
    """Take events for the order, and for others that they concern, until nothing more follows.

    Yields each event after the world has taken it.
    """
    waiting = [order_id]
    for _ in range(STEPS_AT_ONCE):
        if not waiting:
            return
        order = world.find(waiting[-1])
        steps = decide(world, order, site) if order else []
        if not steps:
            waiting.pop()
            continue
        for concerned, event in steps:
            world.take(concerned, event)
            yield concerned, event
            if concerned != waiting[-1] and concerned in world.orders:
                waiting.insert(0, concerned)
            if isinstance(event, e.OrderForked):
                waiting[0:0] = [child for child, _ in event.children]
    raise EventNotApplicable(f"order {order_id} made {STEPS_AT_ONCE} steps without waiting for anything")


def _marked(world: World, order: m.Order, site: Site) -> list[Step] | None:
    """Return what the order's mark leads to now, None if it has to wait."""
    if isinstance(order.state, m.Processing | m.Forked | m.Processed):
        return None
    assert order.mark  # noqa: S101  # the caller looked
    if order.mark.verb == "go":
        return [(order.id, e.OrderMarked(None)), *_go(order, site)]
    if site.agent:
        return [(order.id, e.OrderDetached(site.agent))]
    if order.mark.verb == "cancel":
        if isinstance(order.state, m.Ready) and not order.suspended and _at_end(world, order):
            return None
        return [(order.id, e.OrderCancelled(site.now_us)), *child_ended(world, order, ok=False)]
    if isinstance(order.state, m.Fresh | m.Ready | m.ProcessingKilled):
        return [(order.id, e.OrderSuspended())]
    return None


def _go(order: m.Order, site: Site) -> list[Step]:
    if isinstance(order.state, m.Fresh) and not order.suspended:
        return [(order.id, e.OrderStarted(site.now_us))]
    return [(order.id, e.OrderAwoke())] if isinstance(order.state, m.DelayingRetry) else []


def _at_end(world: World, order: m.Order) -> bool:
    return world.program_of(order).instruction(order.position) is None


def _ready(world: World, order: m.Order, site: Site) -> list[Step]:
    program = world.program_of(order)
    instruction = program.instruction(order.position)
    if instruction is None or order.position in order.stop_positions:
        return at_end(world, order, program, site)
    try:
        return _DECIDERS[type(instruction)](world, order, instruction, site)
    except (NotLoaded, EventNotApplicable):
        raise
    except EngineError as problem:
        return fail(world, order, disrupted(str(problem)), site)


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
