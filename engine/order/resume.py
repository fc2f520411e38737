"""Resume: from where an order may go on, and with what it knows then."""

from collections.abc import Mapping
from typing import Any

from engine import position as p
from engine.errors import CommandRefused
from engine.order import events as e
from engine.order import model as m
from engine.order.guards import check, is_suspending, not_applicable, refusal
from engine.order.parameters import secret_problems
from engine.order.places import places, read_position
from engine.order.requests import ResumeOrders
from engine.workflow.model import Execute
from engine.workflow.program import Program, branches
from engine.world import Step, World

_NAMES = {"fork": "the branch of a fork", "lock": "a lock", "consumeNotices": "consumed notices"}


def resume(world: World, order: m.Order, verb: ResumeOrders) -> list[Step]:
    """Return how an order goes on that is suspended, going to be, has failed or stopped.

    Raises:
        CommandRefused: it does not stand still, or cannot go on from there.
    """
    if verb.deep and isinstance(order.state, m.Forked):
        return _with_children(world, order, verb)
    return _resumed(world, order, verb)


def _with_children(world: World, order: m.Order, verb: ResumeOrders) -> list[Step]:
    """Return how an order and those below it go on that can; one at least has to."""
    assert isinstance(order.state, m.Forked)  # noqa: S101  # the caller looked
    if verb.position is not None or verb.label is not None or verb.variables:
        raise not_applicable(order, "with its children it is resumed where they stand")
    why = refusal(order, "resume")
    steps = [] if why else _resumed(world, order, verb)
    for child in map(world.find, order.state.children):
        if child is not None and _some_stand(world, child):
            steps += resume(world, child, verb)
    if not steps:
        raise not_applicable(order, f"{why}, and none of its children is")
    return steps


def _some_stand(world: World, order: m.Order) -> bool:
    """Tell whether an order, or one below it, can be resumed."""
    if refusal(order, "resume") is None:
        return True
    below = order.state.children if isinstance(order.state, m.Forked) else ()
    return any(child is not None and _some_stand(world, child) for child in map(world.find, below))


def _resumed(world: World, order: m.Order, verb: ResumeOrders) -> list[Step]:
    check(order, "resume")
    changes = verb.position is not None or verb.label is not None or verb.variables is not None
    if is_suspending(order) and not isinstance(order.state, m.RESUMABLE):
        return _not_suspended_after_all(order, changes=changes)
    program = world.program_of(order)
    if not changes and not verb.force and _killed_for_good(order, program):
        raise not_applicable(order, "its job was killed and may not run again; force resumes it")
    position = resume_position(order, program, verb)
    results = _kept(order, position)
    arguments = None
    if verb.variables:
        if problems := secret_problems(program, verb.variables, "variables"):
            raise CommandRefused("invalid", " ".join(problems))
        results, arguments = _changed(order, results, verb.variables)
    return [(order.id, e.OrderResumed(position, results, arguments))]


def _not_suspended_after_all(order: m.Order, *, changes: bool) -> list[Step]:
    if changes:
        raise not_applicable(
            order, "it is still being suspended; resume it elsewhere once it stands still"
        )
    change = order.mark.change if order.mark else None
    return [(order.id, e.OrderMarked(m.Mark("change", change=change) if change else None))]


def _killed_for_good(order: m.Order, program: Program) -> bool:
    """Tell whether its job, which may be in new blocks now, was killed and may not run again."""
    node = program.instruction(order.position)
    killed = order.outcome is not None and order.outcome.kind == "killed"
    while killed and node is not None and (inner := next(branches(node), None)) is not None:
        node = next(iter(inner[1].instructions), None)
    return killed and isinstance(node, Execute) and program.job(node.job_name).is_not_restartable


# -- where ----------------------------------------------------------------------------------


def reachable(program: Program, order: m.Order) -> Mapping[str, str | None]:
    """Return for each place of the workflow why the order cannot be resumed there; None: it can.

    Places are texts without the counts of tries (`0/try/1`), in the order of the document.
    """
    return {p.to_text(at): unreachable(order, at) for at in places(program)}


def resume_position(order: m.Order, program: Program, verb: ResumeOrders) -> p.Position | None:
    """Return where the order is to go on, None for where it stands.

    Raises:
        CommandRefused: there is no such position, or it cannot be reached.
    """
    if verb.position is None and verb.label is None:
        return None
    position = read_position(program, verb.label or verb.position or "")
    why = unreachable(order, position)
    if why is not None:
        raise CommandRefused("position-unreachable", why)
    return _rounds_kept(order, position)


def unreachable(order: m.Order, position: p.Position) -> str | None:
    """Return why an order cannot be moved to a position, None where it can."""
    at = p.place(position)
    here, there = boundary(p.place(order.position)), boundary(at)
    if here != there:
        into = here[: len(there)] != there
        crossed = _NAMES[str(there[-1] if into else here[-1]).partition("+")[0]]
        return f"An order cannot be moved {'into' if into else 'out of'} {crossed}."
    return None if p.within(order.block, at) else "The order runs one block of the workflow only."


def boundary(at: p.Position) -> p.Position:
    """Return the part of a place up to the innermost block that no order is moved across."""
    return _upto(at, tuple(_NAMES))


def _upto(at: p.Position, branches: tuple[str, ...]) -> p.Position:
    for n in range(len(at) - 2, -1, -1):
        part = at[n]
        if isinstance(part, str) and part.partition("+")[0] in branches:
            return at[: n + 1]
    return ()


def _rounds_kept(order: m.Order, position: p.Position) -> p.Position:
    """Return the position with the order's own counts of tries and cycles around it.

    They belong to the blocks that it is in and stays in; inside of these, tries begin anew.
    """
    known = order.position
    while known := _upto(known, (*_NAMES, "cycle")):
        if p.place(known) == p.place(position)[: len(known)]:
            return (*known, *position[len(known) :])
        known = known[:-1]
    return position


# -- with what ------------------------------------------------------------------------------


def _kept(order: m.Order, position: p.Position | None) -> tuple[m.Result, ...] | None:
    """Return the results that were born before a position, None where all stay."""
    if position is None:
        return None
    kept = tuple(r for r in order.results if _is_before(r.position, position))
    return None if len(kept) == len(order.results) else kept


def _is_before(born: p.Position, limit: p.Position) -> bool:
    """Tell whether one run of the workflow comes to a position before another."""
    for mine, other in zip(born, limit, strict=False):
        if mine == other:
            continue
        if isinstance(mine, int) and isinstance(other, int):
            return mine < other
        if p.branch_place(str(mine)) == p.branch_place(str(other)) == "cycle":
            return True  # an earlier round
        return _branch_rank(str(mine)) < _branch_rank(str(other))
    return len(born) < len(limit)


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
