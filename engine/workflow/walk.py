"""Goes through the instructions of a workflow document in the order in which they are written.

Positions here are places: those of `engine.position` without the count of tries.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from engine.position import Position
from engine.workflow.model import (
    Block,
    CaseWhen,
    Execute,
    Fail,
    Finish,
    Fork,
    If,
    Instruction,
    Retry,
    Try,
    Workflow,
)
from engine.workflow.problem import Path, clipped


class Inner(NamedTuple):
    """A block below an instruction: its branch in positions, its path from the instruction.

    `first` is the index that positions give to its first instruction.
    """

    branch: str
    block: Block
    path: Path
    first: int = 0


class Visit(NamedTuple):
    """An instruction and where it stands.

    `branch` and `depth` are those of its block: None and 0 on the top level. `path` leads to it in
    the document.
    """

    position: Position
    instruction: Instruction
    depth: int
    branch: str | None
    path: Path


class Line(NamedTuple):
    """A line of the outline, for a reader of the workflow."""

    position: Position
    depth: int
    branch: str | None
    type: str
    label: str | None
    text: str


def walk(workflow: Workflow) -> Iterator[Visit]:
    """Return all instructions in document order, an instruction before those in its blocks."""
    yield from _walk((), Inner("", Block(workflow.instructions), ()), ())


def inner_blocks(instruction: Instruction) -> tuple[Inner, ...]:
    """Return the blocks of an instruction in document order; empty where it has none."""
    match instruction:
        case If(then=then, else_=otherwise):
            return (Inner("then", then, ("then",)), *_optional("else", otherwise))
        case CaseWhen(cases=cases, else_=otherwise):
            found = [
                Inner(_case_branch(i), c.then, ("cases", i, "then")) for i, c in enumerate(cases)
            ]
            return (*found, *_optional("else", otherwise))
        case Fork(branches=branches):
            return tuple(
                Inner(f"fork+{b.id}", b.workflow, ("branches", i, "workflow"))
                for i, b in enumerate(branches)
            )
        case Try(try_=tried, catch=caught):
            return (Inner("try", tried, ("try",)), Inner("catch", caught, ("catch",)))
        case Retry(try_=Block() as tried, catch=caught):
            # Orders walk it as a Try whose catch begins with a Retry.
            return (Inner("try", tried, ("try",)), *_optional("catch", caught, first=1))
        case _:
            return ()


def find_label(workflow: Workflow, label: str) -> Position | None:
    """Return the position of the instruction with this label."""
    return next((v.position for v in walk(workflow) if v.instruction.label == label), None)


def jobs_used(workflow: Workflow) -> dict[str, tuple[Position, ...]]:
    """Return the names of the jobs that are run, each with its positions in document order."""
    found: dict[str, tuple[Position, ...]] = {}
    for visit in walk(workflow):
        if isinstance(visit.instruction, Execute):
            name = visit.instruction.job_name
            found[name] = (*found.get(name, ()), visit.position)
    return found


def outline(workflow: Workflow) -> tuple[Line, ...]:
    """Return one line for each instruction, in document order."""
    return tuple(
        Line(
            v.position,
            v.depth,
            v.branch,
            type_name(v.instruction),
            v.instruction.label,
            _text(v.instruction),
        )
        for v in walk(workflow)
    )


def type_name(instruction: Instruction) -> str:
    """Return the name of the instruction as it stands in TYPE."""
    return str(instruction.__struct_config__.tag)


def _walk(around: Position, inner: Inner, path: Path) -> Iterator[Visit]:
    outer: Position = (*around, inner.branch) if inner.branch else ()
    for i, instruction in enumerate(inner.block.instructions):
        here: Position = (*outer, inner.first + i)
        there = (*path, *inner.path, "instructions", i)
        yield Visit(here, instruction, len(outer) // 2, inner.branch or None, there)
        for below in inner_blocks(instruction):
            yield from _walk(here, below, there)


def _optional(branch: str, block: Block | None, first: int = 0) -> tuple[Inner, ...]:
    return () if block is None else (Inner(branch, block, (branch,), first),)


def _case_branch(index: int) -> str:
    return f"then+{index + 1}" if index else "then"


def _text(instruction: Any) -> str:
    """Return what tells this instruction from others of its type."""
    match instruction:
        case Execute(job_name=name):
            return name
        case If(predicate=predicate):
            return clipped(predicate)
        case Fork(branches=branches):
            return ", ".join(b.id for b in branches)
        case Finish(message=message) | Fail(message=message):
            return clipped(message or "")
        case _:
            return ""
