"""Transfer: an order of an older version of its workflow goes on in the newest one.

It goes on at the same place, wherever that is now; what it waits for, or is inside of, must mean
the same there. Which orders are transferred together is decided by who asks.
"""

from collections.abc import Iterator, Mapping

from engine import position as p
from engine.errors import CommandRefused
from engine.order import events as e
from engine.order import model as m
from engine.order.around import blocks_around, head, pairs_around
from engine.order.counterparts import By, Found, counterpart
from engine.order.enclosing import may_pass, way_in
from engine.order.guards import not_applicable, refusal
from engine.order.places import has_position
from engine.order.relocated import places_kept
from engine.order.verbs.mark import marked
from engine.workflow.model import (
    ConsumeNotices,
    Cycle,
    Fork,
    ForkList,
    Lock,
    Retry,
    StickySubagent,
)
from engine.workflow.program import Program
from engine.world import Step, World

_HOLDING = (Fork, ForkList, Lock, ConsumeNotices, Cycle, StickySubagent)
"""Blocks that an order has something of: they must be the same in the new version."""
_NOT_STARTED = (m.Fresh, m.FailedWhileFresh, m.StoppedWhileFresh)


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
    there = destination(order, old, new).position
    moved = None if there == order.position else there
    places = tuple(_places_moved(order, old, new))
    return [*steps, (order.id, e.OrderTransferred(new.version, moved, places))]


# -- where to -------------------------------------------------------------------------------


def destination(order: m.Order, old: Program, new: Program) -> Found:
    """Return where an order would go on in a new version; that may not exist there."""
    begin = order.block or ()
    if isinstance(order.state, _NOT_STARTED) and p.place(order.position) == (*begin, 0):
        return Found(_at_begin(order, old, new), By.START, "its start")
    found = counterpart(old, new, order.position)
    if isinstance(order.state, m.Forked | m.DelayingRetry):  # it is at work inside of its block
        return found
    return way_in(old, new, order.position, found)


def _at_begin(order: m.Order, old: Program, new: Program) -> p.Position:
    """Return the begin of the workflow or of the order's block: what was put before comes first."""
    if not order.block:
        return order.position
    around = counterpart(old, new, order.position[:-2]).position
    return (*around, *order.position[-2:])


def _places_moved(
    order: m.Order, old: Program, new: Program
) -> Iterator[tuple[p.Position, p.Position]]:
    """Yield the places that the order keeps with it and that are elsewhere in the new version."""
    there = destination(order, old, new).position
    known = dict(pairs_around(old, new, order.position, there) or ())
    known[order.position] = there
    for at in places_kept(order):
        if at == order.block:
            to = _block_there(order, known, there) or at
        else:
            to = known[at] if at in known else _if_there(old, new, at)
        if to != at:
            yield at, to


def _block_there(
    order: m.Order, known: Mapping[p.Position, p.Position], there: p.Position
) -> p.Position | None:
    """Return the block that the order runs, by its place in the new version; None: it has gone."""
    around = {p.place(mine): other for mine, other in known.items()}
    block = around.get((order.block or ())[:-1])
    return None if block is None else p.place(there)[: len(block) + 1]


def _if_there(old: Program, new: Program, at: p.Position) -> p.Position:
    """Return a place that the order has left, or will come to; one that has gone stays as it is."""
    if not has_position(old, at):
        return at
    found = counterpart(old, new, at).position
    return found if has_position(new, found) else at


def _is_reset(order: m.Order, old: Program, new: Program) -> bool:
    if isinstance(order.state, m.DelayingRetry):
        return False
    there = destination(order, old, new).position
    return head(old.instruction(order.position)) != head(new.instruction(there))


# -- whether --------------------------------------------------------------------------------


def problem(order: m.Order, old: Program, new: Program) -> str | None:
    """Return why an order cannot go on in a new version, None where it can."""
    found = destination(order, old, new)
    text = p.to_text(p.place(found.position))
    by = "" if found.by in (By.POSITION, By.START) else f", found by {found.words}"
    if not has_position(new, found.position):
        return f"The new version has no position {text}{by}."
    before, after = old.instruction(order.position), new.instruction(found.position)
    if before is not None and after is None:
        return f"The new version has no instruction at {text}{by}."
    if isinstance(order.state, m.Forked) and head(before) != head(after):
        return f"It waits at {text} for its children, and the fork is another one."
    return _around(order, old, new, found) or _beside(order, old, new, found)


def _beside(order: m.Order, old: Program, new: Program, found: Found) -> str | None:
    if isinstance(order.state, m.DelayingRetry):
        retry = counterpart(old, new, order.state.retry).position
        same_block = p.untried(retry[:-2]) == p.untried(found.position[: len(retry) - 2])
        if not (same_block and _is_retry(new, retry)):
            return "The new version has no Retry where it waits for the next try."
    if order.block is not None:
        known = dict(pairs_around(old, new, order.position, found.position) or ())
        block = _block_there(order, known, found.position)
        if block is None or not has_position(new, (*block, 0)):
            return "The new version lacks the block that it runs."
    return _lost_stop(order, old, new)


def _lost_stop(order: m.Order, old: Program, new: Program) -> str | None:
    for stop in order.stop_positions:
        if has_position(old, stop) and not has_position(new, counterpart(old, new, stop).position):
            return f"The new version lacks the place {p.to_text(p.place(stop))} where it ends."
    return None


def _is_retry(program: Program, position: p.Position) -> bool:
    return has_position(program, position) and isinstance(program.instruction(position), Retry)


def _around(order: m.Order, old: Program, new: Program, found: Found) -> str | None:
    """Return what is wrong with the blocks around the place that was found."""
    here, there = order.position, found.position
    same_depth = len(here) == len(there)
    if not same_depth and not may_pass(old, new, here, there):
        at, words = p.to_text(p.place(there)), found.words
        return f"The new version has {words} at {at}, inside of other blocks than here."
    alike = zip(p.ancestors(here), p.ancestors(there), strict=False)
    for mine, other in alike if same_depth else pairs_around(old, new, here, there) or ():
        if not _same_block(old, new, mine, other):
            kind, text = type(old.instruction(mine)).__name__, p.to_text(p.place(mine))
            return f"It is inside of the {kind} at {text}, which is another one."
    if same_depth and blocks_around(old, here) != blocks_around(new, there):
        return f"The new version has {found.words} in another branch."
    return None


def _same_block(old: Program, new: Program, mine: p.Position, other: p.Position) -> bool:
    before, after = old.instruction(mine), new.instruction(other)
    if not isinstance(before, _HOLDING):
        return type(before) is type(after)
    known = p.place(counterpart(old, new, mine).position)
    return head(before) == head(after) and known == p.place(other)
