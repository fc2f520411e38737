"""Measures instructions from the inside out: sizes, and what lies where within each.

A new instruction gets one function here. Knows nothing of the place on the page.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from cockpit.diagram.picture import Figure, Form, Lane, Line
from cockpit.diagram.words import Words, lane_names, words
from engine.position import Position, to_text
from engine.workflow.model import (
    Block,
    CaseWhen,
    Execute,
    Fail,
    Finish,
    Fork,
    If,
    ImplicitEnd,
    Instruction,
    Retry,
    Try,
    Workflow,
)
from engine.workflow.walk import inner_blocks

NODE_WIDTH, NODE_HEIGHT = 176.0, 42.0
PILL_HEIGHT = 30.0
GAP = 24.0
"""Length of the line between two steps; an arrow needs half of it."""
LANE_GAP = 28.0
LANE_WIDTH = 64.0
LANE_HEAD = 32.0
"""From a bar or a branching line down to the first step; the lane's name stands beside it."""
BAR = 12.0
PADDING = 14.0
TITLE = 28.0
HEXAGON_HEIGHT = 42.0
OCTAGON_SIZE = 42.0
ROUND = 38.0
ELBOW = 12.0


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


class _Place(NamedTuple):
    """Where measuring has come to."""

    workflow: Workflow
    position: Position

    @property
    def text(self) -> str:
        return to_text(self.position)


def sequence(
    workflow: Workflow, block: Block, scope: Position, *, first: int = 0, whole: bool = False
) -> Sketch:
    """Return the steps of a block, one below the other; `whole` adds the marks of start and end."""
    steps = [
        _measure(instruction, _Place(workflow, (*scope, i)))
        for i, instruction in enumerate(block.instructions, first)
        if not isinstance(instruction, ImplicitEnd)
    ]
    if whole:
        end = to_text((*scope, len(steps)))
        steps = [_mark(Form.START, "", "start"), *steps, _mark(Form.END, end, "end")]
    return _stacked(steps) if steps else Sketch(LANE_WIDTH, 0, LANE_WIDTH / 2)


def _stacked(steps: list[Sketch]) -> Sketch:
    axis = max(step.axis for step in steps)
    width = axis + max(step.width - step.axis for step in steps)
    inner, lines, y = [], [], 0.0
    for i, step in enumerate(steps):
        inner.append((axis - step.axis, y, step))
        y += step.height
        if i + 1 < len(steps):
            if not step.ends:
                lines.append(Line(((axis, y), (axis, y + GAP)), arrow=True))
            y += GAP
    return Sketch(width, y, axis, lines=lines, inner=inner, ends=steps[-1].ends)


def _measure(instruction: Instruction, place: _Place) -> Sketch:
    said = words(instruction, place.workflow)
    sketch: Sketch = _SKETCHES[type(instruction)](instruction, place, said)
    return sketch


def _node(
    form: Form, place: _Place, said: Words, *, height: float = NODE_HEIGHT, ends: bool = False
) -> Sketch:
    figure = Figure(form, place.text, said, 0, 0, NODE_WIDTH, height)
    return Sketch(NODE_WIDTH, height, NODE_WIDTH / 2, [figure], ends=ends)


def _mark(form: Form, position: str, text: str) -> Sketch:
    size = 16.0
    figure = Figure(form, position, Words("", text, ""), 0, 0, size, size)
    return Sketch(size, size, size / 2, [figure])


def _execute(_: Execute, place: _Place, said: Words) -> Sketch:
    return _node(Form.JOB, place, said)


def _finish(_: Finish, place: _Place, said: Words) -> Sketch:
    return _node(Form.RING, place, said, height=ROUND, ends=True)


def _fail(_: Fail, place: _Place, said: Words) -> Sketch:
    return _node(Form.OCTAGON, place, said, height=OCTAGON_SIZE, ends=True)


def _lanes(instruction: Instruction, place: _Place) -> list[tuple[str, Sketch]]:
    names, blocks = lane_names(instruction), inner_blocks(instruction)
    found = [
        (
            name,
            sequence(
                place.workflow, inner.block, (*place.position, inner.branch), first=inner.first
            ),
        )
        for name, inner in zip(names, blocks, strict=False)
    ]
    if isinstance(instruction, If | CaseWhen) and len(blocks) < len(names):
        found.append(("else", Sketch(LANE_WIDTH, 0, LANE_WIDTH / 2)))
    return found


def _fork(instruction: Fork, place: _Place, said: Words) -> Sketch:
    lanes = _lanes(instruction, place) or [("", Sketch(NODE_WIDTH, 0, NODE_WIDTH / 2))]
    inner, width = _side_by_side(lanes, BAR + LANE_HEAD)
    bottom = BAR + LANE_HEAD + max(s.height for _, s in lanes) + GAP
    lines, texts = [], []
    for (name, sketch), (x, y, _) in zip(lanes, inner, strict=True):
        axis = x + sketch.axis
        lines += _through(sketch, axis, (BAR, y), bottom)
        texts.append(Lane(name, axis + 6, BAR + 15))
    figure = Figure(Form.BARS, place.text, said, 0, 0, width, bottom + BAR)
    return Sketch(width, bottom + BAR, width / 2, [figure], lines, texts, inner)


def _through(sketch: Sketch, axis: float, top: tuple[float, float], bottom: float) -> list[Line]:
    """Return the lines from a bar to a lane's first step and from its last one to the other bar."""
    if not sketch.height:
        return [Line(((axis, top[0]), (axis, bottom)))]
    into = Line(((axis, top[0]), (axis, top[1])), arrow=True)
    out = Line(((axis, top[1] + sketch.height), (axis, bottom)))
    return [into] if sketch.ends else [into, out]


def _question(instruction: If | CaseWhen, place: _Place, said: Words) -> Sketch:
    lanes = _lanes(instruction, place)
    top = HEXAGON_HEIGHT + ELBOW
    inner, width = _side_by_side(lanes, top + LANE_HEAD)
    axes = [x + sketch.axis for x, _, sketch in inner]
    axis = (axes[0] + axes[-1]) / 2
    left = max(NODE_WIDTH / 2 - axis, 0)
    wide = left + max(width, axis + NODE_WIDTH / 2)
    bottom = top + LANE_HEAD + max(s.height for _, s in lanes) + ELBOW
    figure = Figure(
        Form.HEXAGON, place.text, said, left + axis - NODE_WIDTH / 2, 0, NODE_WIDTH, HEXAGON_HEIGHT
    )
    lines, texts = [], []
    for (name, sketch), lane_axis in zip(lanes, axes, strict=True):
        lines += _elbows(sketch, axis, lane_axis, top, bottom)
        texts.append(Lane(name, lane_axis + 6, top + 15))
    shifted = [line.moved(left, 0) for line in lines]
    named = [Lane(t.text, t.x + left, t.y) for t in texts]
    moved = [(x + left, y, sketch) for x, y, sketch in inner]
    ends = all(sketch.ends for _, sketch in lanes)
    return Sketch(wide, bottom + ELBOW / 2, left + axis, [figure], shifted, named, moved, ends)


def _elbows(sketch: Sketch, axis: float, lane_axis: float, top: float, bottom: float) -> list[Line]:
    """Return the line from a question to a lane, and the one from the lane back to the axis."""
    down = ((axis, HEXAGON_HEIGHT), (axis, top), (lane_axis, top))
    back = ((lane_axis, bottom), (axis, bottom), (axis, bottom + ELBOW / 2))
    if not sketch.height:
        return [Line((*down, *back))]
    first = top + LANE_HEAD
    into = Line((*down, (lane_axis, first)), arrow=True)
    out = Line(((lane_axis, first + sketch.height), *back))
    return [into] if sketch.ends else [into, out]


def _side_by_side(
    lanes: list[tuple[str, Sketch]], y: float
) -> tuple[list[tuple[float, float, Sketch]], float]:
    """Return the lanes placed from left to right, and their common width."""
    x, placed = 0.0, []
    for name, sketch in lanes:
        placed.append((x, y, sketch))
        named = sketch.axis + 12 + min(len(name), LANE_LETTERS) * 6.5
        x += max(sketch.width, named) + LANE_GAP
    return placed, x - LANE_GAP


LANE_LETTERS = 24
"""A longer name of a lane is clipped."""


def _try(instruction: Try | Retry, place: _Place, said: Words) -> Sketch:
    parts = [sketch for _, sketch in _lanes(instruction, place)]
    if not parts:
        return _node(Form.PILL, place, said, height=PILL_HEIGHT, ends=True)
    inner, x, split = [], 0.0, None
    for i, sketch in enumerate(parts):
        if i:
            split = x
        wide = max(sketch.width, NODE_WIDTH)
        inner.append((x + PADDING + (wide - sketch.width) / 2, TITLE + PADDING / 2, sketch))
        x += wide + 2 * PADDING
    height = TITLE + PADDING * 1.5 + max(sketch.height for sketch in parts)
    figure = Figure(Form.FRAME, place.text, said, 0, 0, x, height, split)
    return Sketch(x, height, x / 2, [figure], inner=inner, ends=all(s.ends for s in parts))


_SKETCHES: dict[type, Callable[[Any, _Place, Words], Sketch]] = {
    Execute: _execute,
    If: _question,
    CaseWhen: _question,
    Fork: _fork,
    Try: _try,
    Retry: _try,
    Finish: _finish,
    Fail: _fail,
}
