"""Blocks that a new version has put around a place, or taken away from it. Pure.

An order cannot be put into a block that decides or holds something: it has to come there by itself.
So where its place is the first in there now, it goes on at the block. What was taken away is no
loss, unless the order has something of it.
"""

from engine import position as p
from engine.order.around import Around, blocks_around, kept_blocks, pairs_around
from engine.order.counterparts import Found
from engine.order.places import first_tries
from engine.workflow.model import (
    AdmissionTime,
    CaseWhen,
    ConsumeNotices,
    Cycle,
    If,
    Lock,
    Options,
    Segment,
    StickySubagent,
    Try,
)
from engine.workflow.program import Program

_OPEN = (Try, Options, Segment)
"""Blocks that decide and hold nothing: an order may be put into them, and out."""
_LEFT = (*_OPEN, If, CaseWhen, AdmissionTime)
_ENTERED = (*_LEFT, Lock, ConsumeNotices, Cycle, StickySubagent)
"""Blocks that an order goes through alone and from the begin; not so the branches of a fork."""


def may_pass(old: Program, new: Program, here: p.Position, there: p.Position) -> bool:
    """Tell whether an order may be put into what is around one place more, and out of the rest."""
    mine, other = blocks_around(old, here), blocks_around(new, there)
    is_put_in = len(mine) < len(other)
    kept = kept_blocks(old, here, new, there) if is_put_in else kept_blocks(new, there, old, here)
    more, kinds = (other, _OPEN) if is_put_in else (mine, _LEFT)
    return kept is not None and all(
        _is_one(block, kinds) for n, block in enumerate(more) if n not in kept
    )


def way_in(old: Program, new: Program, here: p.Position, found: Found) -> Found:
    """Return where an order goes on whose place is at begin or end of blocks that are new.

    That is at the outermost one that it has to enter by itself, or right behind all of them.
    """
    found = found._replace(position=_recounted(old, new, here, found.position))
    at = p.place(found.position)
    mine, other = blocks_around(old, here), blocks_around(new, at)
    kept = kept_blocks(old, here, new, at) if len(mine) < len(other) else None
    if kept is None:
        return found
    to = _out(new, at, [other[n] for n in range(max(kept, default=-1) + 1, len(other))])
    if to == at:
        return found
    words = found.words if p.index(at) else f"{found.words} inside of it"
    return found._replace(position=_recounted(old, new, here, first_tries(to)), words=words)


def _recounted(old: Program, new: Program, here: p.Position, there: p.Position) -> p.Position:
    """Return a position with the tries and rounds of another in the blocks that both are in."""
    for mine, other in pairs_around(old, new, here, there) or ():
        kept, branch = str(here[len(mine)]), str(there[len(other)])
        if p.branch_place(kept) == p.branch_place(branch):
            there = (*other, kept, *there[len(other) + 1 :])
    return there


def _out(new: Program, at: p.Position, added: list[Around]) -> p.Position:
    to = at
    for block in reversed(added):
        if not _is_one(block, _ENTERED):
            break
        if new.instruction(at) is None:
            to = at = p.after(at[:-2])
        elif p.index(at) == 0:
            at = at[:-2]
            to = to if _is_one(block, _OPEN) else at
        else:
            break
    return to


def _is_one(block: Around, kinds: tuple[type, ...]) -> bool:
    """Tell whether a block is of a kind; only a failure enters a catch, so that is of none."""
    kind, branch = block
    return kind in kinds and branch != "catch"
