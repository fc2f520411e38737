"""Cycle and Break.

How far a cycle has come travels in the branch of the position (`cycle+TEXT`), so that a restart of
controller or agent neither doubles nor loses a run.
"""

from engine import position as p
from engine.errors import EngineError
from engine.order import events as e
from engine.order import model as m
from engine.steps.blocks import leaving
from engine.steps.failure import fail
from engine.steps.site import Site
from engine.workflow.model import Break, Cycle, Fork, ForkList
from engine.workflow.program import Program
from engine.world import Step, World
from timetable import repetition
from timetable.local import day_offset_s

BRANCH = "cycle+"


def decide_cycle(world: World, order: m.Order, node: Cycle, site: Site) -> list[Step]:
    """Return the wait for the first run, or the way past where none is left on the order's day."""
    workflow = world.program_of(order).workflow
    if order.order_date is None:
        raise DayUnknown("Cycle: the order belongs to no day")
    state = repetition.first(
        node.schedule,
        workflow.time_zone,
        order.order_date,
        site.now_us,
        only_one_period=node.only_one_period,
        day_offset_s=day_offset_s(workflow.day_offset),
    )
    return _prepared(world, order, order.position, state)


def decide_between_cycles(world: World, order: m.Order, site: Site) -> list[Step]:
    """Return the way into the block once its run is due; a run that is too late is left out."""
    state = order.state
    assert isinstance(state, m.BetweenCycles)  # noqa: S101  # dispatched by state
    if state.until_us > site.now_us:
        return []
    program = world.program_of(order)
    node = program.instruction(order.position)
    assert isinstance(node, Cycle)  # noqa: S101  # nothing else leads into this state
    zone, offset_s = program.workflow.time_zone, day_offset_s(program.workflow.day_offset)
    waited = repetition.from_text(state.cycle)
    due = repetition.starting(node.schedule, waited, site.now_us, zone, day_offset_s=offset_s)
    if due is None or due.next_us > site.now_us:
        reset: list[Step] = [(order.id, e.OrderStateReset())]
        return reset + _prepared(world, order, order.position, due)
    return _started(order, program, repetition.to_text(due))


def start_now(world: World, order: m.Order) -> list[Step]:
    """Return the way into the block for an order that need not wait any longer."""
    assert isinstance(order.state, m.BetweenCycles)  # noqa: S101  # the caller looked
    return _started(order, world.program_of(order), order.state.cycle)


def _started(order: m.Order, program: Program, cycle: str) -> list[Step]:
    to = program.enter(order.position, f"{BRANCH}{cycle}")
    return [(order.id, e.OrderCycleStarted(to))]


def end_of_cycle(
    world: World, order: m.Order, node: Cycle, at: p.Position, site: Site
) -> list[Step]:
    """Return the wait for the next run, or the way out behind the last one."""
    workflow = world.program_of(order).workflow
    branch = str(order.position[len(at)])
    ended = repetition.from_text(branch.removeprefix(BRANCH))
    following = repetition.following(
        node.schedule,
        ended,
        site.now_us,
        workflow.time_zone,
        day_offset_s=day_offset_s(workflow.day_offset),
    )
    if following is not None and repetition.is_endless(node.schedule, ended, following):
        outcome = m.Outcome("failed", message="Cycle: it repeats without end and without a pause")
        return fail(world, order, outcome, site)
    return _prepared(world, order, at, following)


def _prepared(
    world: World, order: m.Order, at: p.Position, state: repetition.CycleState | None
) -> list[Step]:
    if state is None:
        return [(order.id, e.OrderMoved(world.program_of(order).onward(at)))]
    text = repetition.to_text(state)
    return [(order.id, e.OrderCyclingPrepared(at, state.next_us, text))]


def decide_break(world: World, order: m.Order, node: Break, site: Site) -> list[Step]:
    """Return the way out of the innermost Cycle; blocks inside of it are left well."""
    program = world.program_of(order)
    to = program.onward(_cycle_around(program, order))
    left = leaving(order, to, ok=True)
    if left and site.agent:
        return [(order.id, e.OrderDetached(site.agent))]
    return [*((order.id, event) for event in left), (order.id, e.OrderMoved(to))]


def _cycle_around(program: Program, order: m.Order) -> p.Position:
    for around in p.ancestors(order.position):
        block = program.instruction(around)
        if isinstance(block, Fork | ForkList) or not p.within(order.block, around):
            break
        if isinstance(block, Cycle):
            return around
    raise BreakOutsideCycle("Break stands outside of a Cycle")


class DayUnknown(EngineError):
    """A Cycle for an order without a day."""


class BreakOutsideCycle(EngineError):
    """A Break with no Cycle around it; the check of the document refuses this."""
