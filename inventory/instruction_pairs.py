"""Which instruction of a block became which one of its newer version. Pure.

Instructions have no identity: they are paired by what they say, then by their name, then by their
type, always in order.
"""

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Any, TypeAlias

import msgspec

from engine.workflow.blocks import inner_blocks
from engine.workflow.instruction import Execute, Instruction

Pair: TypeAlias = tuple[int | None, int | None]
"""Indices of the old and of the new one; None where there is none."""


def pairs(old: Sequence[Instruction], new: Sequence[Instruction]) -> Iterator[Pair]:
    """Yield which instruction of a block became which, in the order of both."""
    for i1, i2, j1, j2 in _unequal([said(i) for i in old], [said(i) for i in new]):
        if i2 - i1 == j2 - j1 and old[i1:i2] == new[j1:j2]:
            yield from zip(range(i1, i2), range(j1, j2), strict=True)
        else:
            yield from _named_pairs(old, new, (i1, i2, j1, j2))


def _named_pairs(
    old: Sequence[Instruction], new: Sequence[Instruction], part: tuple[int, int, int, int]
) -> Iterator[Pair]:
    i1, i2, j1, j2 = part
    before, after = [_name(i) for i in old[i1:i2]], [_name(i) for i in new[j1:j2]]
    for a1, a2, b1, b2 in _unequal(before, after):
        if a2 - a1 == b2 - b1 and before[a1:a2] == after[b1:b2]:
            yield from zip(range(i1 + a1, i1 + a2), range(j1 + b1, j1 + b2), strict=True)
            continue
        yield from _pairs_by_type(
            [(i, type(old[i])) for i in range(i1 + a1, i1 + a2)],
            [(j, type(new[j])) for j in range(j1 + b1, j1 + b2)],
        )


def _pairs_by_type(old: list[tuple[int, type]], new: list[tuple[int, type]]) -> Iterator[Pair]:
    """Yield an old instruction with the next new one of its type, all others alone."""
    for i, kind in old:
        if new and new[0][1] is kind:
            yield i, new.pop(0)[0]
        else:
            yield i, None
    yield from ((None, j) for j, _ in new)


def _unequal(old: Sequence[Any], new: Sequence[Any]) -> Iterator[tuple[int, int, int, int]]:
    """Yield the parts of two lists, equal ones and others; equal ends are found at once."""
    most = min(len(old), len(new))
    head = next((i for i in range(most) if old[i] != new[i]), most)
    left = most - head
    tail = next((i for i in range(left) if old[-1 - i] != new[-1 - i]), left)
    if head:
        yield 0, head, 0, head
    middle = SequenceMatcher(
        None, old[head : len(old) - tail], new[head : len(new) - tail], autojunk=False
    )
    for _, i1, i2, j1, j2 in middle.get_opcodes():
        yield head + i1, head + i2, head + j1, head + j2
    if tail:
        yield len(old) - tail, len(old), len(new) - tail, len(new)


def said(instruction: Instruction) -> bytes:
    """Return all that an instruction says, to be compared."""
    return msgspec.json.encode(instruction)


def _name(instruction: Instruction) -> tuple[Any, ...]:
    """Return what somebody would call an instruction."""
    kind = type(instruction).__name__
    if instruction.label:
        return kind, "label", instruction.label
    if isinstance(instruction, Execute):
        return kind, instruction.job_name
    return kind, msgspec.json.encode(own_fields(instruction))


def own_fields(instruction: Instruction) -> dict[str, Any]:
    """Return the fields of an instruction without what is in its blocks."""
    found: dict[str, Any] = msgspec.to_builtins(instruction)
    for inner in inner_blocks(instruction):
        holder: Any = found
        for part in inner.path:
            holder = holder[part]
        holder["instructions"] = []
    return found
