"""Positions and blocks of a workflow as people write them: by text or by label."""

from collections.abc import Iterator

from engine import position as p
from engine.errors import CommandRefused
from engine.workflow.model import Cycle, Instruction, Retry, Try
from engine.workflow.program import PositionUnknown, Program, branches


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


def has_position(program: Program, position: p.Position) -> bool:
    """Tell whether a workflow version has a position, the end of a block included."""
    try:
        program.instruction(position)
    except PositionUnknown:
        return False
    return True


def places(program: Program, scope: p.Position = ()) -> Iterator[p.Position]:
    """Yield the places of all instructions at or below a block, in the order of the document."""
    for i, instruction in enumerate(program.block(scope)):
        yield (*scope, i)
        for branch, _ in branches(instruction):
            yield from places(program, (*scope, i, branch))


def may_come(program: Program, here: p.Position, there: p.Position) -> bool:
    """Tell whether an order that stands at a position may still come to a place, by itself.

    It may where it stands now, and again to what a Cycle or a Retry around both repeats.
    """
    at = p.place(here)
    shared = next((n for n, (a, b) in enumerate(zip(at, there, strict=False)) if a != b), None)
    if shared is None:
        return len(there) >= len(at) or _is_repeated(program, there)
    mine, other = at[shared], there[shared]
    if isinstance(mine, int) and isinstance(other, int):
        return mine < other or _is_repeated(program, at[: shared + 1])
    return (mine, other) == ("try", "catch") or _is_repeated(program, at[: shared + 1])


def _is_repeated(program: Program, at: p.Position) -> bool:
    """Tell whether a block around a place, which may be a block by its branch, is repeated."""
    arounds = (at[:n] for n in range(1, len(at), 2))
    return any(_repeats(program.instruction(around)) for around in arounds)


def _repeats(instruction: Instruction | None) -> bool:
    if isinstance(instruction, Try):
        return any(isinstance(each, Retry) for each in instruction.catch.instructions)
    return isinstance(instruction, Cycle)
