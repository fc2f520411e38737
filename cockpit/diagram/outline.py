"""The workflow as a tree of text: what the diagram shows, for keyboards and screen readers."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from cockpit.diagram.fold import OPEN, Folding
from cockpit.diagram.runs import Run
from cockpit.diagram.saying import counted
from cockpit.diagram.words import lane_names, words
from cockpit.diagram.words_of_blocks import demands
from engine.workflow.blocks import Inner, inner_blocks
from engine.workflow.instruction import AddOrder, ImplicitEnd, Instruction, Lock
from engine.workflow.model import Workflow

_INDENTED = 8


class OutlineRow(NamedTuple):
    """One instruction, one lane of an instruction, or a run of many.

    A lane and a run have the position of their instruction or none, for they are no places where
    orders stand; `is_place` tells them apart. `depth` ends at 8, which is as far as a page indents;
    `level` does not and begins at 1. `text` is short, `label` a whole sentence. `name` is the
    instruction's own label, `locks` what it demands, `target` the workflow to which it adds.

    `is_open` is None where nothing can be opened, `key` is what opens it. It is the `nth` of `many`
    rows of the same parent, from 1; 0 of 0 where runs make that hard to say. `is_removed` is
    whether it only says what is gone.
    """

    position: str
    depth: int
    icon: str
    text: str
    label: str
    is_place: bool = True
    level: int = 1
    detail: str = ""
    name: str = ""
    locks: tuple[str, ...] = ()
    target: str = ""
    key: str = ""
    is_open: bool | None = None
    nth: int = 0
    many: int = 0
    is_removed: bool = False


def outline(workflow: Workflow, folding: Folding = OPEN) -> list[OutlineRow]:
    """Return the rows of a workflow in document order, as far as it is not folded."""
    return list(_Writer(workflow, folding).steps(workflow.instructions, "", 0, 0))


class _Writer:
    """Goes through a workflow and writes its rows; depths count from 0."""

    def __init__(self, workflow: Workflow, folding: Folding) -> None:
        self._workflow = workflow
        self._folding = folding

    def steps(
        self, steps: Sequence[Instruction], scope: str, first: int, depth: int
    ) -> Iterator[OutlineRow]:
        parts = self._folding.parts.get(scope)
        if parts is None:
            parts = [i for i, it in enumerate(steps, first) if not isinstance(it, ImplicitEnd)]
        is_cut = any(isinstance(part, Run) for part in parts)
        for nth, (part, deeper) in enumerate(_nested(parts), 1):
            if isinstance(part, Run):
                yield _run_row("", part, "steps", depth + deeper)
            elif not isinstance(steps[part - first], ImplicitEnd):
                here = f"{scope}/{part}" if scope else str(part)
                place = (0, 0) if is_cut else (nth, len(parts))
                yield from self._instruction(steps[part - first], here, depth + deeper, place)

    def _instruction(
        self, it: Instruction, here: str, depth: int, place: tuple[int, int]
    ) -> Iterator[OutlineRow]:
        said = words(it, self._workflow)
        blocks = inner_blocks(it)
        size = self._folding.closed.get(here)
        text = said.name if said.kind == "job" else f"{said.kind} {said.name or said.detail}"
        yield OutlineRow(
            here,
            min(depth, _INDENTED),
            said.icon,
            text.strip(),
            said.label,
            level=depth + 1,
            detail=counted(size, "instruction") if size is not None else said.detail,
            name=it.label or "",
            locks=tuple(d.lock_name for d in demands(it)) if isinstance(it, Lock) else (),
            target=it.workflow_name if isinstance(it, AddOrder) else "",
            key=here if blocks else "",
            is_open=size is None if blocks else None,
            nth=place[0],
            many=place[1],
        )
        if size is None:
            yield from self._blocks(it, blocks, here, depth + 1)

    def _blocks(
        self, it: Instruction, blocks: Sequence[Inner], here: str, depth: int
    ) -> Iterator[OutlineRow]:
        names = lane_names(it)
        parts = self._folding.parts.get(f"{here}/lanes", range(len(blocks)))
        kind = words(it, self._workflow).kind
        for part, deeper in _nested(parts):
            if isinstance(part, Run):
                yield _run_row(here, part, "branches", depth + deeper)
                continue
            inner, level = blocks[part], depth + deeper
            if names:
                label = f"{kind} branch {names[part]}"
                indent = min(level, _INDENTED)
                row = OutlineRow(here, indent, "git-branch", names[part], label, is_place=False)
                yield row._replace(level=level + 1)
                level += 1
            scope = f"{here}/{inner.branch}"
            yield from self.steps(inner.block.instructions, scope, inner.first, level)


def _nested(parts: Sequence[int | Run]) -> Iterator[tuple[int | Run, int]]:
    """Yield the parts of a row with how many open runs are around each."""
    around: list[Run] = []
    for part in parts:
        first = part.first if isinstance(part, Run) else part
        while around and first > around[-1].last:
            around.pop()
        yield part, len(around)
        if isinstance(part, Run) and part.is_open:
            around.append(part)


def _run_row(position: str, run: Run, what: str, depth: int) -> OutlineRow:
    span, told = f"{run.first}\N{EN DASH}{run.last}", counted(run.size, "instruction")
    text = f"{what} {span}"
    return OutlineRow(
        position,
        min(depth, _INDENTED),
        "list-ordered",
        text,
        f"{text}, {told}",
        is_place=False,
        level=depth + 1,
        detail=told,
        key=run.key,
        is_open=run.is_open,
    )
