"""Which blocks are around a place in one version, and which of them around it in another. Pure."""

from collections.abc import Sequence
from typing import TypeAlias

from msgspec.structs import fields, replace

from engine import position as p
from engine.workflow.model import Block, Branch, Case, Instruction, Retry, Try
from engine.workflow.program import Program

Around: TypeAlias = tuple[type, str]
"""The kind of a block and its branch."""
Pair: TypeAlias = tuple[p.Position, p.Position]


def blocks_around(program: Program, position: p.Position) -> Sequence[Around]:
    """Return kinds and branches of the blocks around a position, outermost first."""
    at = p.place(position)
    outermost_first = reversed(p.ancestors(at))
    return [(type(program.instruction(a)), str(at[len(a)])) for a in outermost_first]


def kept_blocks(
    fewer_in: Program, fewer_at: p.Position, more_in: Program, more_at: p.Position
) -> list[int] | None:
    """Return which of more blocks around a place the fewer around another are, outermost first.

    Those that say the same go before those that are of the same kind only. None: not all are.
    """
    said = _among(_said_around(fewer_in, fewer_at), _said_around(more_in, more_at))
    if said is not None:
        return said
    return _among(blocks_around(fewer_in, fewer_at), blocks_around(more_in, more_at))


def _said_around(program: Program, position: p.Position) -> Sequence[tuple[object, str]]:
    """Return the blocks around a position by what they say, and their branches."""
    at = p.place(position)
    return [(_said(program, a), str(at[len(a)])) for a in reversed(p.ancestors(at))]


def _said(program: Program, at: p.Position) -> object:
    found = program.instruction(at)
    retries = isinstance(found, Try) and any(isinstance(i, Retry) for i in found.catch.instructions)
    bare = head(found)
    return None if bare is None else replace(bare, label=None), retries


def _among(fewer: Sequence[object], more: Sequence[object]) -> list[int] | None:
    """Return at which of more blocks the fewer ones are, in their order; None: not all are."""
    kept: list[int] = []
    for block in fewer:
        begin = kept[-1] + 1 if kept else 0
        n = next((n for n in range(begin, len(more)) if more[n] == block), None)
        if n is None:
            return None
        kept.append(n)
    return kept


def pairs_around(
    old: Program, new: Program, here: p.Position, there: p.Position
) -> list[Pair] | None:
    """Return which block around one place is which around the other, innermost first.

    None: the blocks of neither place are among those of the other.
    """
    if len(here) > len(there):
        back = pairs_around(new, old, there, here)
        return None if back is None else [(a, b) for b, a in back]
    kept = kept_blocks(old, here, new, there)
    if kept is None:
        return None
    pairs = [(here[: 2 * i + 1], there[: 2 * n + 1]) for i, n in enumerate(kept)]
    return pairs[::-1]


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
