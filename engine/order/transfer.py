"""Transfer: all orders of a workflow to its newest version, all or none.

An order keeps its position. What it waits for, or is inside of, must mean the same there.
"""

from msgspec.structs import fields, replace

from engine import position as p
from engine.errors import CommandRefused
from engine.order import events as e
from engine.order import model as m
from engine.order.guards import not_applicable, refusal
from engine.order.places import has_position
from engine.order.verbs.mark import marked
from engine.workflow.model import (
    Block,
    Branch,
    Case,
    ConsumeNotices,
    Cycle,
    Fork,
    ForkList,
    Instruction,
    Lock,
    Retry,
    StickySubagent,
)
from engine.workflow.program import Program
from engine.world import Step, World

_HOLDING = (Fork, ForkList, Lock, ConsumeNotices, Cycle, StickySubagent)
"""Blocks that an order has something of: they must be the same in the new version."""


def transfer(world: World, order: m.Order, new: Program) -> list[Step]:
    """Return how one order comes to a new version; at an agent the mark that fetches it for that.

    Raises:
        CommandRefused: it cannot go on there; `not-transferable` says why.
    """
    why = refusal(order, "transfer")
    if why is not None:
        raise not_applicable(order, why)
    why = problem(order, world.program_of(order), new)
    if why is not None:
        raise CommandRefused("not-transferable", f"Order {order.id}: {why}")
    if order.held is not None:
        return marked(order, m.Mark("transfer", version=new.version))
    return transferred(order, world.program_of(order), new)


def transferred(order: m.Order, old: Program, new: Program) -> list[Step]:
    """Return the events of an order that goes on in a new version."""
    steps: list[Step] = []
    if isinstance(order.state, m.WAITING) and _is_reset(order, old, new):
        steps.append((order.id, e.OrderStateReset()))
    return [*steps, (order.id, e.OrderTransferred(new.version))]


def _is_reset(order: m.Order, old: Program, new: Program) -> bool:
    if isinstance(order.state, m.DelayingRetry):
        return False
    return head(old.instruction(order.position)) != head(new.instruction(order.position))


def problem(order: m.Order, old: Program, new: Program) -> str | None:
    """Return why an order cannot go on at its position in a new version, None where it can."""
    text = p.to_text(p.place(order.position))
    if not has_position(new, order.position):
        return f"The new version has no position {text}."
    before, after = old.instruction(order.position), new.instruction(order.position)
    if before is not None and after is None:
        return f"The new version has no instruction at {text}."
    if isinstance(order.state, m.Forked) and head(before) != head(after):
        return f"It waits at {text} for its children, and the fork is another one."
    if isinstance(order.state, m.DelayingRetry) and not _is_retry(new, order.state.retry):
        return "The new version has no Retry where it waits for the next try."
    if order.block is not None and not has_position(new, (*order.block, 0)):
        return "The new version lacks the block that it runs."
    return _around(order, old, new)


def _is_retry(program: Program, position: p.Position) -> bool:
    return has_position(program, position) and isinstance(program.instruction(position), Retry)


def _around(order: m.Order, old: Program, new: Program) -> str | None:
    for around in p.ancestors(order.position):
        before, after = old.instruction(around), new.instruction(around)
        same = type(before) is type(after)
        if not same or (isinstance(before, _HOLDING) and head(before) != head(after)):
            text = p.to_text(p.place(around))
            return f"It is inside of the {type(before).__name__} at {text}, which is another one."
    return None


def head(instruction: Instruction | None) -> Instruction | None:
    """Return an instruction without what is in its blocks."""
    if instruction is None:
        return None
    emptied = {f.name: _emptied(getattr(instruction, f.name)) for f in fields(instruction)}
    return replace(instruction, **emptied)


def _emptied(value: object) -> object:
    match value:
        case Block():
            return Block(())
        case Branch():
            return replace(value, workflow=Block(()))
        case Case():
            return replace(value, then=Block(()))
        case tuple():
            return tuple(map(_emptied, value))
        case _:
            return value
