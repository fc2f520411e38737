"""Measures instructions that have blocks: forks, questions and frames."""

from typing import Any

from cockpit.diagram.measure import Place, run, sequence, widened
from cockpit.diagram.picture import Figure, Fold, Form, Gap, Lane, Line
from cockpit.diagram.runs import Run
from cockpit.diagram.saying import Words, both
from cockpit.diagram.sketch import (
    BAR,
    ELBOW,
    EMPTY,
    GAP,
    LANE_HEAD,
    MONO_LETTER,
    NODE_HEIGHT,
    NODE_WIDTH,
    PADDING,
    TITLE,
    Exit,
    Sketch,
    free_exits,
    side_by_side,
)
from cockpit.diagram.words_of_blocks import demands, lane_names
from engine.workflow.blocks import Inner, inner_blocks
from engine.workflow.instruction import (
    CaseWhen,
    Cycle,
    Fork,
    ForkList,
    If,
    Instruction,
    Lock,
    Options,
    Retry,
    Segment,
    StickySubagent,
    Try,
)

_MOST_TITLE = 360.0
_IN_USE = 4
"""Letters more for each lock of a title that tells how much of it is taken."""
_FORMS = {Lock: Form.LOCK, Cycle: Form.CYCLE, ForkList: Form.LIST}
_LEFT_AT_THE_BOTTOM = (Try, Retry, Lock, StickySubagent, Options, Segment)
"""Frames that orders leave behind the last step only; others repeat, are skipped or run beside."""
_SIDE = 14.0
"""From the border of a cycle to the line of those who leave it."""


def nested(instruction: Instruction, place: Place, said: Words) -> Sketch:
    """Return an instruction with all that is drawn of its blocks."""
    match instruction:
        case Fork():
            return _fork(instruction, place, said)
        case If() | CaseWhen():
            return _question(instruction, place, said)
        case Cycle():
            return _cycle(instruction, place, said)
        case _:
            return _frame(instruction, place, said)


def _head(form: Form, it: Any, place: Place, said: Words) -> Figure:
    """Return the figure of an instruction that can be folded, not yet placed."""
    figure = Figure(form, place.text, said, 0, 0, NODE_WIDTH, NODE_HEIGHT, label=it.label or "")
    target = tuple(d.lock_name for d in demands(it)) if isinstance(it, Lock) else ()
    return figure._replace(fold=Fold(place.text, is_open=True, size=0), target=target)


def _lanes(instruction: Instruction, place: Place) -> list[tuple[str, Sketch]]:
    names, blocks = lane_names(instruction), inner_blocks(instruction)
    found: list[tuple[str, Sketch]] = []
    for part in place.folding.parts.get(f"{place.text}/lanes", range(len(blocks))):
        if isinstance(part, Run):
            found.append(("", run(part, "branches")))
        else:
            found.append((names[part] if names else "", _lane(blocks[part], place)))
    if isinstance(instruction, If | CaseWhen) and len(blocks) < len(names):
        gap = Gap(f"{place.text}/else/0", EMPTY.axis, 0)
        found.append(("else", EMPTY._replace(gaps=(gap,))))
    return found


def _lane(inner: Inner, place: Place) -> Sketch:
    return sequence(inner.block, place.at(f"{place.text}/{inner.branch}"), first=inner.first)


def _fork(instruction: Fork, place: Place, said: Words) -> Sketch:
    lanes = _lanes(instruction, place) or [("", Sketch(NODE_WIDTH, 0, NODE_WIDTH / 2))]
    inner, width = side_by_side(lanes, BAR + LANE_HEAD)
    bottom = BAR + LANE_HEAD + max(s.height for _, s in lanes) + GAP
    lines, texts = [], []
    for (name, sketch), (x, y, _) in zip(lanes, inner, strict=True):
        axis = x + sketch.axis
        lines += _through(sketch, axis, (BAR, y), bottom)
        texts.append(Lane(name, axis + 6, BAR + 15))
    figure = _head(Form.BARS, instruction, place, said)
    figure = figure._replace(width=width, height=bottom + BAR)
    return Sketch(width, bottom + BAR, width / 2, [figure], lines, texts, inner)


def _through(sketch: Sketch, axis: float, top: tuple[float, float], bottom: float) -> list[Line]:
    """Return the lines from a bar to a lane's first step and from its last one to the other bar."""
    if not sketch.height:
        return [Line(((axis, top[0]), (axis, bottom)))]
    into = Line(((axis, top[0]), (axis, top[1])), arrow=True)
    out = Line(((axis, top[1] + sketch.height), (axis, bottom)))
    return [into] if sketch.ends else [into, out]


def _question(instruction: If | CaseWhen, place: Place, said: Words) -> Sketch:
    lanes = _lanes(instruction, place)
    top = NODE_HEIGHT + ELBOW
    inner, width = side_by_side(lanes, top + LANE_HEAD)
    axes = [x + sketch.axis for x, _, sketch in inner]
    axis = (axes[0] + axes[-1]) / 2
    half = widened(len(said.name), 38) / 2
    left = max(half - axis, 0)
    wide = left + max(width, axis + half)
    bottom = top + LANE_HEAD + max(s.height for _, s in lanes) + ELBOW
    figure = _head(Form.HEXAGON, instruction, place, said)
    figure = figure._replace(x=left + axis - half, width=2 * half)
    lines, texts = [], []
    for (name, sketch), lane_axis in zip(lanes, axes, strict=True):
        lines += _elbows(sketch, axis, lane_axis, top, bottom)
        texts.append(Lane(name, lane_axis + 6, top + 15))
    shifted = [line.moved(left, 0) for line in lines]
    named = [Lane(t.text, t.x + left, t.y) for t in texts]
    moved = [(x + left, y, sketch) for x, y, sketch in inner]
    ends = all(sketch.ends for _, sketch in lanes)
    height = bottom + ELBOW / 2
    drawn = Sketch(wide, height, left + axis, [figure], shifted, named, moved, ends)
    return drawn._replace(exits=free_exits(moved))


def _elbows(sketch: Sketch, axis: float, lane_axis: float, top: float, bottom: float) -> list[Line]:
    """Return the line from a question to a lane, and the one from the lane back to the axis."""
    down = ((axis, NODE_HEIGHT), (axis, top), (lane_axis, top))
    back = ((lane_axis, bottom), (axis, bottom), (axis, bottom + ELBOW / 2))
    if not sketch.height:
        return [Line((*down, *back))]
    first = top + LANE_HEAD
    into = Line((*down, (lane_axis, first)), arrow=True)
    out = Line(((lane_axis, first + sketch.height), *back))
    return [into] if sketch.ends else [into, out]


def _frame(instruction: Instruction, place: Place, said: Words) -> Sketch:
    parts = [sketch for _, sketch in _lanes(instruction, place)]
    titled = _title_width(said, len(demands(instruction)) if isinstance(instruction, Lock) else 0)
    inner, x, split = [], 0.0, None
    for i, sketch in enumerate(parts):
        if i:
            split = x
        wide = max(sketch.width, NODE_WIDTH if i else titled)
        inner.append((x + PADDING + (wide - sketch.width) / 2, TITLE + PADDING, sketch))
        x += wide + 2 * PADDING
    height = TITLE + 2 * PADDING + max(sketch.height for sketch in parts)
    figure = _head(_FORMS.get(type(instruction), Form.FRAME), instruction, place, said)
    figure = figure._replace(width=x, height=height, split=split)
    ends = isinstance(instruction, _LEFT_AT_THE_BOTTOM) and all(s.ends for s in parts)
    return Sketch(x, height, x / 2, [figure], inner=inner, ends=ends, exits=free_exits(inner))


def _title_width(said: Words, locks: int) -> float:
    """Return how wide a frame's inside must be for its title to be read."""
    told = len(both(said.name, said.detail)) + _IN_USE * locks
    # The icon and what folds the frame stand in the head too, which is as wide as the padding more.
    letters = 74 + 6.3 * len(said.kind) + MONO_LETTER * told
    return min(max(letters - 2 * PADDING, NODE_WIDTH), _MOST_TITLE)


def _cycle(instruction: Cycle, place: Place, said: Words) -> Sketch:
    """Return the frame of a cycle with a line around it for each side on which a break leaves."""
    frame = _frame(instruction, place, said)
    if not frame.exits:
        return frame
    # A break in the middle of several lanes has no free way; it ends with its pill.
    right = any(leaving.to_right for leaving in frame.exits)
    left = any(not leaving.to_right for leaving in frame.exits)
    lead = _SIDE if left else 0.0
    low = frame.height + ELBOW
    lines = [_way_out(leaving, frame, low).moved(lead, 0) for leaving in frame.exits]
    axis = frame.axis + lead
    lines.append(Line(((axis, frame.height), (axis, low))))
    width = frame.width + lead + (_SIDE if right else 0.0)
    return Sketch(width, low, axis, lines=lines, inner=[(lead, 0, frame._replace(exits=()))])


def _way_out(leaving: Exit, frame: Sketch, low: float) -> Line:
    side = frame.width + _SIDE if leaving.to_right else -_SIDE
    begin = leaving.right if leaving.to_right else leaving.left
    way = ((begin, leaving.y), (side, leaving.y), (side, low), (frame.axis, low))
    return Line(way, out=True)
