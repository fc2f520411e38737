"""What people ask of workflows, notices and plans, turned into events of no order."""

from collections.abc import Callable, Mapping
from functools import singledispatch

from msgspec.structs import replace

from engine import position as p
from engine.errors import CommandRefused
from engine.facts import Control
from engine.order import object_events as o
from engine.order.notice_users import fail_users
from engine.order.notice_verbs import change_plan, delete_notice, post_notice
from engine.order.places import read_position
from engine.order.requests import ChangePlan, ControlWorkflow, DeleteNotice, PostNotice
from engine.workflow.program import Program
from engine.world import Step, World


@singledispatch
def control(request: object, world: World, now_us: int) -> list[Step]:
    """Return the events of a request; none where everything is so already.

    Raises:
        CommandRefused: it names something that is not there, or does not fit.
        NotLoaded: the world lacks what it is about.
    """
    raise TypeError(type(request).__name__)


# -- workflows ------------------------------------------------------------------------------


@control.register
def _workflow(request: ControlWorkflow, world: World, _now_us: int) -> list[Step]:
    program = world.current_program(request.workflow)
    if program is None:
        raise CommandRefused("workflow-unknown", f"No workflow {request.workflow} is deployed.")
    before = world.control(request.workflow)
    after = _CHANGES[request.verb](before, request, program)
    if after == before:
        return []
    event = o.WorkflowControlled(request.workflow, after.suspended, after.skipped, after.stops)
    return [(o.subject("workflow", request.workflow), event)]


def _suspend(before: Control, _request: ControlWorkflow, _program: Program) -> Control:
    return replace(before, suspended=True)


def _resume(before: Control, _request: ControlWorkflow, _program: Program) -> Control:
    return replace(before, suspended=False)


def _skip(before: Control, request: ControlWorkflow, program: Program) -> Control:
    unknown = [label for label in request.labels if label not in program.labels]
    if unknown or not request.labels:
        named = ", ".join(map(repr, unknown)) or "named"
        raise CommandRefused("label-unknown", f"labels: {program.path} has no label {named}.")
    return replace(before, skipped=tuple(sorted({*before.skipped, *request.labels})))


def _unskip(before: Control, request: ControlWorkflow, _program: Program) -> Control:
    left = tuple(label for label in before.skipped if label not in request.labels)
    return replace(before, skipped=left)


def _stop(before: Control, request: ControlWorkflow, program: Program) -> Control:
    return replace(
        before, stops=tuple(sorted({*before.stops, *_places(request, program)}, key=repr))
    )


def _unstop(before: Control, request: ControlWorkflow, program: Program) -> Control:
    gone = set(_places(request, program))
    return replace(before, stops=tuple(at for at in before.stops if at not in gone))


def _places(request: ControlWorkflow, program: Program) -> list[p.Position]:
    """Return the places of the labels and positions; each must be that of an instruction."""
    found = [
        p.place(read_position(program, text)) for text in (*request.labels, *request.positions)
    ]
    if not found or any(program.instruction(at) is None for at in found):
        raise CommandRefused("position-unknown", "A stop needs the position of an instruction.")
    return found


_CHANGES: Mapping[str, Callable[[Control, ControlWorkflow, Program], Control]] = {
    "suspend": _suspend,
    "resume": _resume,
    "skip": _skip,
    "unskip": _unskip,
    "stop": _stop,
    "unstop": _unstop,
}


# -- notices and plans ----------------------------------------------------------------------


@control.register
def _post(request: PostNotice, world: World, now_us: int) -> list[Step]:
    return post_notice(
        world,
        request.board,
        request.key,
        plan=request.plan,
        arguments=request.arguments,
        end_of_life_us=request.end_of_life_us,
        now_us=now_us,
    )


@control.register
def _delete(request: DeleteNotice, world: World, _now_us: int) -> list[Step]:
    steps = delete_notice(world, request.board, request.key, plan=request.plan)
    if not request.force:
        return steps
    return [*steps, *fail_users(world, request)]


@control.register
def _plan(request: ChangePlan, world: World, _now_us: int) -> list[Step]:
    return change_plan(world, request.plan, closed=request.closed)
