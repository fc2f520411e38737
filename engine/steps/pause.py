"""Sleep, Prompt and AdmissionTime: waits for a moment or for a person."""

from decimal import Decimal

from engine.errors import EngineError
from engine.order import events as e
from engine.order import model as m
from engine.order.resource_scope import resources_in
from engine.order.scope import evaluate
from engine.position import Position
from engine.steps.failure import fail
from engine.steps.site import Site
from engine.values import MISSING, normalise, text_of
from engine.workflow.model import AdmissionTime, Prompt, Sleep
from engine.workflow.program import Program
from engine.world import Step, World
from timetable.admission import admitted, begins_on, next_window
from timetable.local import day_offset_s

NOT_ADMITTED = "skipped: no admission on the order's day"
SECOND_US = 1_000_000


def decide_sleep(world: World, order: m.Order, node: Sleep, site: Site) -> list[Step]:
    """Return the pause, or the way on where it is zero, negative or missing."""
    program = world.program_of(order)
    found = evaluate(node.duration, order, program, site.now_us, resources_in(world))
    if found is MISSING or found is None:
        return [(order.id, e.OrderMoved(program.onward(order.position)))]
    seconds = normalise(found)
    if not isinstance(seconds, Decimal):
        raise DurationNotANumber(f"Sleep: {text_of(seconds)!r} is not a number of seconds")
    pause_us = int(seconds * SECOND_US)
    if pause_us <= 0:
        return [(order.id, e.OrderMoved(program.onward(order.position)))]
    return [(order.id, e.OrderSleeping(site.now_us + pause_us))]


def decide_sleeping(world: World, order: m.Order, site: Site) -> list[Step]:
    """Return the way on once the pause is over."""
    state = order.state
    assert isinstance(state, m.Sleeping)  # noqa: S101  # dispatched by state
    return awake(world, order) if state.until_us <= site.now_us else []


def awake(world: World, order: m.Order) -> list[Step]:
    """Return the way on for a sleeping order: behind the Sleep, or to a new look."""
    if isinstance(order.state, m.Sleeping) and order.state.cause == "sleep":
        return [(order.id, e.OrderMoved(world.program_of(order).onward(order.position)))]
    return [(order.id, e.OrderAwoke())]


def decide_prompt(world: World, order: m.Order, node: Prompt, site: Site) -> list[Step]:
    """Return the question."""
    if site.agent:
        return [(order.id, e.OrderDetached(site.agent))]
    program = world.program_of(order)
    found = evaluate(node.question, order, program, site.now_us, resources_in(world))
    return [(order.id, e.OrderPrompted(text_of(normalise(found))))]


def decide_admission(world: World, order: m.Order, node: AdmissionTime, site: Site) -> list[Step]:
    """Return the way into the block, the wait for its period, or the way past it."""
    program = world.program_of(order)
    if order.force_admission or _is_open(program, node, site):
        return [(order.id, e.OrderMoved(_into(program, order)))]
    if node.skip_if_no_admission_for_order_day and not _begins_on_day(program, order, node):
        return [(order.id, e.OrderMoved(program.onward(order.position), NOT_ADMITTED))]
    workflow = program.workflow
    window = next_window(
        node.admission_time_scheme,
        workflow.time_zone,
        site.now_us,
        day_offset_s=day_offset_s(workflow.day_offset),
    )
    if window is None:
        outcome = m.Outcome("failed", message="AdmissionTime: no period begins in three years")
        return fail(world, order, outcome, site)
    return [(order.id, e.OrderAdmissionAwaited(window.begin_us))]


def decide_waiting_for_admission(world: World, order: m.Order, site: Site) -> list[Step]:
    """Return the way into the block once its period has begun."""
    state = order.state
    assert isinstance(state, m.WaitingForAdmission)  # noqa: S101  # dispatched by state
    return enter_admitted(world, order) if state.until_us <= site.now_us else []


def enter_admitted(world: World, order: m.Order) -> list[Step]:
    """Return the way into the block for an order that has waited enough."""
    return [(order.id, e.OrderMoved(_into(world.program_of(order), order)))]


def _into(program: Program, order: m.Order) -> Position:
    return program.enter(order.position, "admissionTime")


def _is_open(program: Program, node: AdmissionTime, site: Site) -> bool:
    workflow = program.workflow
    offset_s = day_offset_s(workflow.day_offset)
    scheme, zone = node.admission_time_scheme, workflow.time_zone
    return admitted(scheme, zone, site.now_us, day_offset_s=offset_s) is not None


def _begins_on_day(program: Program, order: m.Order, node: AdmissionTime) -> bool:
    workflow = program.workflow
    if order.order_date is None:
        return True
    return begins_on(
        node.admission_time_scheme,
        workflow.time_zone,
        order.order_date,
        day_offset_s(workflow.day_offset),
    )


class DurationNotANumber(EngineError):
    """A Sleep whose duration is no number."""
