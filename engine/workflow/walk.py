"""Goes through the instructions of a workflow document in the order in which they are written.

Positions here are places: those of `engine.position` without the count of tries.
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from engine.position import Position
from engine.workflow.blocks import Inner, inner_blocks
from engine.workflow.model import Block, Execute, Instruction, Workflow
from engine.workflow.problem import Path

__all__ = ["Inner", "Visit", "find_label", "inner_blocks", "jobs_used", "type_name", "walk"]


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


def walk(workflow: Workflow) -> Iterator[Visit]:
    """Return all instructions in document order, an instruction before those in its blocks."""
    yield from _walk((), Inner("", Block(workflow.instructions), ()), ())


def find_label(workflow: Workflow, label: str) -> Position | None:
    """Return the position of the instruction with this label."""
    return next((v.position for v in walk(workflow) if v.instruction.label == label), None)


def jobs_used(workflow: Workflow) -> dict[str, tuple[Position, ...]]:
    """Return the names of the jobs that are run, each with its positions in document order."""
    found: defaultdict[str, list[Position]] = defaultdict(list)
    for visit in walk(workflow):
        if isinstance(visit.instruction, Execute):
            found[visit.instruction.job_name].append(visit.position)
    return {name: tuple(positions) for name, positions in found.items()}


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
