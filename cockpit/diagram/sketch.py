"""Measured parts of a diagram and how they are put together: below and beside one another.

Knows no instructions.
"""

from collections.abc import Sequence
from typing import NamedTuple

from cockpit.diagram.picture import Figure, Gap, Lane, Line

NODE_WIDTH, NODE_HEIGHT = 176.0, 42.0
WIDE = 290.0
"""How wide an instruction may become for the sake of its words; longer ones are clipped."""
MONO_LETTER = 6.9
PILL_HEIGHT = 34.0
RUN_HEIGHT = 26.0
GAP = 24.0
"""Length of the line between two steps; an arrow needs half of it."""
LANE_GAP = 28.0
LANE_WIDTH = 64.0
LANE_HEAD = 32.0
"""From a bar or a branching line down to the first step; the lane's name stands beside it."""
LANE_LETTERS = 24
"""A longer name of a lane is clipped."""
BAR = 14.0
PADDING = 14.0
TITLE = 28.0
ROUND = 38.0
OCTAGON = 68.0
BESIDE_LETTER = 5.6
"""Width of a letter of the text beside a small figure."""
ELBOW = 12.0


class Exit(NamedTuple):
    """A step that leaves the cycle around it; `left`, `right` are x of its sides.

    `to_left`, `to_right` tell where the way is free.
    """

    y: float
    left: float
    right: float
    to_left: bool = True
    to_right: bool = True

    def moved(self, dx: float, dy: float) -> "Exit":
        """Return the exit seen from another corner."""
        left, right = self.left + dx, self.right + dx
        return Exit(self.y + dy, left, right, self.to_left, self.to_right)


class Sketch(NamedTuple):
    """A measured part: size, x of the line through it, and content, from its own corner.

    `ends` is whether orders never leave at the bottom.
    """

    width: float
    height: float
    axis: float
    figures: Sequence[Figure] = ()
    lines: Sequence[Line] = ()
    lanes: Sequence[Lane] = ()
    inner: Sequence[tuple[float, float, "Sketch"]] = ()
    ends: bool = False
    exits: Sequence[Exit] = ()
    gaps: Sequence[Gap] = ()


EMPTY = Sketch(LANE_WIDTH, 0, LANE_WIDTH / 2)
"""A lane without steps."""


def stacked(steps: Sequence[Sketch]) -> Sketch:
    """Return the steps one below the other, with the lines between them."""
    axis = max(step.axis for step in steps)
    width = axis + max(step.width - step.axis for step in steps)
    inner, lines, exits, y = [], [], [], 0.0
    for i, step in enumerate(steps):
        inner.append((axis - step.axis, y, step))
        exits += [leaving.moved(axis - step.axis, y) for leaving in step.exits]
        y += step.height
        if i + 1 < len(steps):
            if not step.ends:
                lines.append(Line(((axis, y), (axis, y + GAP)), arrow=True))
            y += GAP
    ends = steps[-1].ends
    return Sketch(width, y, axis, lines=lines, inner=inner, ends=ends, exits=exits)


def side_by_side(
    lanes: Sequence[tuple[str, Sketch]], y: float
) -> tuple[list[tuple[float, float, Sketch]], float]:
    """Return the lanes placed from left to right, and their common width."""
    x, placed = 0.0, []
    for name, sketch in lanes:
        placed.append((x, y, sketch))
        named = sketch.axis + 12 + min(len(name), LANE_LETTERS) * 6.5
        x += max(sketch.width, named) + LANE_GAP
    return placed, x - LANE_GAP


def free_exits(inner: Sequence[tuple[float, float, Sketch]]) -> list[Exit]:
    """Return the exits of lanes side by side: only the outer ones have a free way to their side."""
    found = []
    for i, (x, y, sketch) in enumerate(inner):
        for leaving in sketch.exits:
            there = leaving.moved(x, y)
            to_left = there.to_left and i == 0
            to_right = there.to_right and i == len(inner) - 1
            if to_left or to_right:
                found.append(there._replace(to_left=to_left, to_right=to_right))
    return found
