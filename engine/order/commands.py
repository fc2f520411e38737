"""What people ask of orders, turned into events or a refusal.

A verb that cannot take effect at once leaves a mark; `engine.steps.advance` carries it out at the
next safe point, wherever the order is.
"""

from collections.abc import Callable
from typing import Any

from engine import position as p
from engine.errors import CommandRefused
from engine.order import events as e
from engine.order import model as m
from engine.order.group import state_name
from engine.order.requests import (
    CancelOrders,
    ChangePriority,
    ContinueOrders,
    ResumeOrders,
    SuspendOrders,
)
from engine.workflow.model import Execute
from engine.workflow.program import PositionUnknown, Program
from engine.world import Step, World

Verb = CancelOrders | SuspendOrders | ResumeOrders | ChangePriority | ContinueOrders


def carry_out(world: World, order_id: str, verb: Verb) -> list[Step]:
    """Return the events of one verb for one order; none where it is already in effect.

    Raises:
        CommandRefused: it does not fit the state; nothing follows.
        NotLoaded: the world lacks the order.
    """
    order = world.find(order_id)
    if order is None:
        raise CommandRefused("order-unknown", f"There is no order {order_id}.")
    if isinstance(order.state, (*m.TERMINATED, m.FailedInFork)):
        raise CommandRefused("not-applicable", f"Order {order_id} has ended.")
    return list(_VERBS[type(verb)](world, order, verb))


def _cancel(world: World, order: m.Order, verb: CancelOrders) -> list[Step]:
    steps = _mark(order, m.Mark("cancel", verb.kill))
    if verb.deep and isinstance(order.state, m.Forked):
        for child in order.state.children:
            found = world.find(child)
            if found and not isinstance(found.state, (*m.TERMINATED, m.FailedInFork)):
                steps += _cancel(world, found, verb)
    return steps


def _mark(order: m.Order, mark: m.Mark) -> list[Step]:
    known = order.mark
    if known and known.verb == mark.verb:
        mark = m.Mark(mark.verb, mark.kill or known.kill, mark.reset or known.reset)
    return [] if mark == known else [(order.id, e.OrderMarked(mark))]


def _suspend(world: World, order: m.Order, verb: SuspendOrders) -> list[Step]:
    if isinstance(order.state, (*m.FAILED, m.FailedInFork, m.Broken)):
        raise _not_applicable(order, "it has failed")
    if order.mark and order.mark.verb == "cancel":
        raise _not_applicable(order, "it is being cancelled")
    if order.suspended:
        return []
    steps = _mark(order, m.Mark("suspend", verb.kill, verb.reset))
    if verb.deep and isinstance(order.state, m.Forked):
        for child in order.state.children:
            found = world.find(child)
            if found and not isinstance(
                found.state, (*m.TERMINATED, *m.FAILED, m.FailedInFork, m.Broken)
            ):
                steps += _suspend(world, found, verb)
    return steps


def _resume(world: World, order: m.Order, verb: ResumeOrders) -> list[Step]:
    suspending = order.mark is not None and order.mark.verb == "suspend" and not order.suspended
    if order.mark and order.mark.verb == "cancel":
        raise _not_applicable(order, "it is being cancelled")
    changes = verb.position is not None or verb.label is not None or verb.variables is not None
    if suspending and not changes and not isinstance(order.state, m.FAILED):
        return [(order.id, e.OrderMarked(None))]
    if suspending and changes:
        raise _not_applicable(
            order, "it is still being suspended; resume it elsewhere once it stands still"
        )
    if not order.suspended and not isinstance(order.state, m.FAILED):
        raise _not_applicable(order, "it is neither suspended nor failed")
    program = world.program_of(order)
    if not changes and not verb.force and _killed_for_good(order, program):
        raise _not_applicable(order, "its job was killed and may not run again; force resumes it")
    position = resume_position(order, program, verb)
    results = _kept(order, position)
    arguments = None
    if verb.variables:
        results, arguments = _changed(order, results, verb.variables)
    return [(order.id, e.OrderResumed(position, results, arguments))]


def _killed_for_good(order: m.Order, program: Program) -> bool:
    node = program.instruction(order.position)
    killed = order.outcome is not None and order.outcome.kind == "killed"
    return killed and isinstance(node, Execute) and program.job(node.job_name).is_not_restartable


def resume_position(order: m.Order, program: Program, verb: ResumeOrders) -> p.Position | None:
    """Return where the order is to go on, None for where it stands.

    Raises:
        CommandRefused: there is no such position, or it lies across a fork.
    """
    if verb.position is None and verb.label is None:
        return None
    position = read_position(program, verb.label or verb.position or "")
    if p.fork_scope(p.place(position)) != p.fork_scope(p.place(order.position)):
        raise CommandRefused(
            "position-unreachable", "An order cannot be moved into or out of the branch of a fork."
        )
    if not p.within(order.block, position):
        raise CommandRefused(
            "position-unreachable", "The order runs one block of the workflow only."
        )
    return position


def read_block(program: Program, text: str) -> p.Position:
    """Return the block written as `1/then`, by its place.

    Raises:
        CommandRefused: the workflow has no such block.
    """
    try:
        block = p.place(p.from_text(f"{text}/0"))[:-1]
        program.instruction((*block, 0))
    except (p.PositionUnreadable, PositionUnknown):
        raise CommandRefused(
            "position-unknown", f"Workflow {program.path} has no block {text!r}."
        ) from None
    return block


def read_position(program: Program, text: str) -> p.Position:
    """Return the position written as text or as a label.

    Raises:
        CommandRefused: the workflow has neither.
    """
    if text in program.labels:
        return first_tries(program.labels[text])
    try:
        position = first_tries(p.from_text(text))
        if program.instruction(position) is None and p.parent(position) is not None:
            return program.resolve(position)
    except (p.PositionUnreadable, PositionUnknown):
        raise CommandRefused(
            "position-unknown", f"Workflow {program.path} has no position or label {text!r}."
        ) from None
    return position


def first_tries(position: p.Position) -> p.Position:
    """Return the position with `try` and `catch` counted as the first try."""
    return tuple(f"{part}+0" if part in ("try", "catch") else part for part in position)


def _kept(order: m.Order, position: p.Position | None) -> tuple[m.Result, ...] | None:
    """Return the results that were born before a position, None where all stay."""
    if position is None:
        return None
    limit = _rank(position)
    kept = tuple(r for r in order.results if _rank(r.position) < limit)
    return None if len(kept) == len(order.results) else kept


def _rank(position: p.Position) -> tuple[Any, ...]:
    """Return what sorts positions by the order in which one run comes to them."""
    return tuple(part if isinstance(part, int) else _branch_rank(part) for part in position)


def _branch_rank(branch: str) -> tuple[str, int]:
    kind = p.branch_place(branch)
    if kind in ("try", "catch"):  # try+0, catch+0, try+1, …
        return "try", 2 * p.try_number(branch) + (kind == "catch")
    return branch, 0


def _changed(
    order: m.Order, results: tuple[m.Result, ...] | None, variables: dict[str, Any]
) -> tuple[tuple[m.Result, ...], dict[str, Any] | None]:
    """Return results and arguments with variables put in place by name; unknown ones are new."""
    found = list(order.results if results is None else results)
    arguments = dict(order.arguments)
    new: dict[str, Any] = {}
    for name, value in variables.items():
        if name in arguments:
            arguments[name] = value
            continue
        for i in range(len(found) - 1, -1, -1):
            if name in found[i].values:
                r = found[i]
                found[i] = m.Result(r.position, r.label, r.job, {**r.values, name: value})
                break
        else:
            new[name] = value
    if new:
        found.append(m.Result(order.position, None, None, new))
    return tuple(found), arguments if arguments != order.arguments else None


def _priority(world: World, order: m.Order, verb: ChangePriority) -> list[Step]:
    if order.priority == verb.priority:
        return []
    return [(order.id, e.OrderPriorityChanged(verb.priority))]


def _continue(world: World, order: m.Order, verb: ContinueOrders) -> list[Step]:
    if order.mark and order.mark.verb == "go":
        return []
    if not order.waits_for_time or order.mark:
        raise _not_applicable(order, "it does not wait for a time")
    return [(order.id, e.OrderMarked(m.Mark("go")))]


def _not_applicable(order: m.Order, why: str) -> CommandRefused:
    return CommandRefused("not-applicable", f"Order {order.id} is {state_name(order)}: {why}.")


_VERBS: dict[type, Callable[[World, m.Order, Any], list[Step]]] = {
    CancelOrders: _cancel,
    SuspendOrders: _suspend,
    ResumeOrders: _resume,
    ChangePriority: _priority,
    ContinueOrders: _continue,
}
