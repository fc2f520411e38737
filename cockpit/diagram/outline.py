"""The workflow as rows of text: what the diagram shows, for the keyboard and for screen readers."""

from collections.abc import Iterator
from typing import NamedTuple

from cockpit.diagram.words import lane_names, words
from engine.position import Position, to_text
from engine.workflow.model import Block, Fork, ImplicitEnd, Workflow
from engine.workflow.walk import inner_blocks

_INDENTED = 8


class OutlineRow(NamedTuple):
    """One instruction or one lane of an instruction.

    A lane has the position of its instruction, for it is no place where an order stands. `depth`
    ends at 8, which is as far as a page indents. `text` is short, `label` a whole sentence.
    """

    position: str
    depth: int
    icon: str
    text: str
    label: str


def outline(workflow: Workflow) -> list[OutlineRow]:
    """Return the rows of a workflow in document order."""
    return list(_rows(workflow, Block(workflow.instructions), (), 0, 0))


def _rows(
    workflow: Workflow, block: Block, scope: Position, first: int, depth: int
) -> Iterator[OutlineRow]:
    for i, instruction in enumerate(block.instructions, first):
        if isinstance(instruction, ImplicitEnd):
            continue
        position = (*scope, i)
        said = words(instruction, workflow)
        text = (
            said.name if said.kind == "job" else f"{said.kind} {said.name or said.detail}".strip()
        )
        yield OutlineRow(to_text(position), min(depth, _INDENTED), said.icon, text, said.label)
        icon = "git-branch" if isinstance(instruction, Fork) else "chevron-right"
        for name, inner in zip(lane_names(instruction), inner_blocks(instruction), strict=False):
            yield OutlineRow(
                to_text(position),
                min(depth + 1, _INDENTED),
                icon,
                name,
                f"{said.kind} branch {name}",
            )
            yield from _rows(
                workflow, inner.block, (*position, inner.branch), inner.first, depth + 2
            )
