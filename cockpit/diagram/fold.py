"""Decides what of a big workflow is drawn and what stays folded, so that no picture is endless.

Up to `WHOLE` instructions everything is drawn that nobody folded by hand. Beyond that blocks below
`DEPTH` stay folded, and long rows of steps or lanes are cut into runs. However much is opened: a
picture has not many more than `MOST` figures.
"""

from collections import deque
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from cockpit.diagram.runs import Row, Run, parts
from cockpit.diagram.wanted import Folds, Wanted
from engine.workflow.blocks import Inner, inner_blocks
from engine.workflow.model import Instruction, Workflow

__all__ = ["DEPTH", "MOST", "OPEN", "WHOLE", "Folding", "Folds", "folding"]

WHOLE = 300
DEPTH = 2
MOST = 800


class Folding(NamedTuple):
    """Which instructions are folded, by position with the count of instructions within.

    `parts` has for each scope that is cut what is to be shown of it; the scope of an instruction's
    lanes is `POSITION/lanes`. `is_full` tells that something stayed folded for want of room.
    """

    closed: Mapping[str, int]
    parts: Mapping[str, Sequence[int | Run]]
    is_full: bool = False


OPEN = Folding({}, {})
"""Nothing is folded."""


def folding(workflow: Workflow, folds: Folds) -> Folding:
    """Return what is folded of a workflow for a reader who opened and folded this by hand."""
    return _Plan(workflow, folds).made()


class _Block(NamedTuple):
    """Steps that are drawn, and where."""

    scope: str
    first: int
    steps: Sequence[Instruction]
    depth: int


class _Plan:
    """Goes from the outside in, so that room goes to what is seen first."""

    def __init__(self, workflow: Workflow, folds: Folds) -> None:
        self._wanted = Wanted(folds)
        self._sizes: dict[int, int] = {}
        self._top = workflow.instructions
        self._is_small = sum(map(self._size, self._top)) <= WHOLE
        self._left = MOST
        self._closed: dict[str, int] = {}
        self._parts: dict[str, Sequence[int | Run]] = {}
        self._is_full = False

    def made(self) -> Folding:
        pending = deque([_Block("", 0, self._top, 0)])
        self._left -= self._row("", 0, self._top).cost()
        while pending:
            block = pending.popleft()
            for i in self._shown(self._row(block.scope, block.first, block.steps)):
                here = f"{block.scope}/{i}" if block.scope else str(i)
                for inner in self._opened(here, block.steps[i - block.first], block.depth):
                    scope, steps = f"{here}/{inner.branch}", inner.block.instructions
                    pending.append(_Block(scope, inner.first, steps, block.depth + 1))
        return Folding(self._closed, self._parts, self._is_full)

    def _shown(self, row: Row) -> Sequence[int]:
        """Return the indices of what is drawn of a row; notes how it is cut."""
        if self._is_small:
            return range(row.first, row.first + len(row.sizes))
        found = parts(row, self._opens)
        if any(isinstance(part, Run) for part in found):
            self._parts[row.scope] = found
        return [part for part in found if isinstance(part, int)]

    def _opens(self, row: Row, run: Run) -> bool:
        by_hand = self._wanted.opens_run(row.scope, run)
        if run.key in self._wanted.closed or not (by_hand or run.first == row.first):
            return False
        return self._take(row.cost_of(run), by_hand=by_hand)

    def _opened(self, here: str, instruction: Instruction, depth: int) -> Sequence[Inner]:
        """Return the blocks that are drawn; notes the instruction as folded where none is."""
        blocks = inner_blocks(instruction)
        if not blocks:
            return ()
        by_hand = self._wanted.opens(here)
        lanes = self._lanes(here, blocks)
        wished = here not in self._wanted.closed and (by_hand or self._is_small or depth < DEPTH)
        if not wished or not self._take(lanes.cost(), by_hand=by_hand or self._is_small):
            self._closed[here] = self._size(instruction) - 1
            return ()
        return [blocks[i] for i in self._shown(lanes)]

    def _lanes(self, here: str, blocks: Sequence[Inner]) -> Row:
        rows = [self._row(f"{here}/{b.branch}", b.first, b.block.instructions) for b in blocks]
        scope = f"{here}/lanes"
        self._wanted.note_lanes(scope, [row.scope for row in rows])
        sizes = [sum(row.sizes) for row in rows]
        return Row(scope, 0, sizes, [row.cost() or 1 for row in rows])

    def _row(self, scope: str, first: int, steps: Sequence[Instruction]) -> Row:
        return Row(scope, first, list(map(self._size, steps)), [1] * len(steps))

    def _take(self, cost: int, *, by_hand: bool) -> bool:
        """Take room if there is enough of it; half of all is for what the reader opens."""
        if cost > self._left - (0 if by_hand else MOST // 2):
            self._is_full = True
            return False
        self._left -= cost
        return True

    def _size(self, instruction: Instruction) -> int:
        """Return how many instructions this is with all those in its blocks."""
        known = self._sizes.get(id(instruction))
        if known is None:
            blocks = (inner.block for inner in inner_blocks(instruction))
            known = 1 + sum(self._size(step) for block in blocks for step in block.instructions)
            self._sizes[id(instruction)] = known
        return known
