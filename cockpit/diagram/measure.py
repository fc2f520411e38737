"""Measures instructions from the inside out: sizes, and what lies where within each.

A new instruction gets one function here, or in `cockpit.diagram.nested` where it has a block.
Knows nothing of the place on the page.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from cockpit.diagram.fold import Folding
from cockpit.diagram.picture import Figure, Fold, Form, Gap
from cockpit.diagram.runs import Run
from cockpit.diagram.saying import Words, both
from cockpit.diagram.sketch import (
    BESIDE_LETTER,
    EMPTY,
    GAP,
    LANE_LETTERS,
    MONO_LETTER,
    NODE_HEIGHT,
    NODE_WIDTH,
    OCTAGON,
    PILL_HEIGHT,
    ROUND,
    RUN_HEIGHT,
    WIDE,
    Exit,
    Sketch,
    stacked,
)
from cockpit.diagram.words import words
from engine.workflow.instruction import (
    AddOrder,
    Block,
    Break,
    Execute,
    ExpectNotices,
    Fail,
    Finish,
    ImplicitEnd,
    Instruction,
    PostNotices,
    Prompt,
    Retry,
    Sleep,
    Stop,
)
from engine.workflow.model import Workflow

Step = Callable[[Instruction, "Place", Words], Sketch]


class Place(NamedTuple):
    """Where measuring has come to. `text` is the position."""

    workflow: Workflow
    folding: Folding
    nested: Callable[[Any, "Place", Words], Sketch]
    text: str = ""

    def at(self, text: str) -> "Place":
        """Return another place of the same workflow."""
        return Place(self.workflow, self.folding, self.nested, text)


def sequence(block: Block, scope: Place, *, first: int = 0, whole: bool = False) -> Sketch:
    """Return the steps of a block, one below the other; `whole` adds the marks of start and end."""
    steps = _steps(block.instructions, scope, first)
    last = next((i for i, it in enumerate(block.instructions) if _is_end(it)), None)
    index = len(block.instructions) if last is None else last
    end = f"{scope.text}/{first + index}" if scope.text else str(first + index)
    if whole:
        steps = [("", _mark(Form.START, "", "start")), *steps, (end, _mark(Form.END, end, "end"))]
    if not steps:
        return EMPTY._replace(gaps=(Gap(end, EMPTY.axis, 0),))
    sketch = stacked([step for _, step in steps])
    gaps = [
        Gap(position, sketch.axis, y - GAP / 2)
        for (position, _), (_, y, _) in zip(steps, sketch.inner, strict=True)
        if position
    ]
    if not whole and steps[-1][0]:
        gaps.append(Gap(end, sketch.axis, sketch.height + GAP / 2))
    return sketch._replace(gaps=gaps)


def _is_end(instruction: Instruction) -> bool:
    return isinstance(instruction, ImplicitEnd)


def _steps(
    instructions: Sequence[Instruction], scope: Place, first: int
) -> list[tuple[str, Sketch]]:
    """Return the steps with their positions; a run of steps has none."""
    prefix = f"{scope.text}/" if scope.text else ""
    shown = scope.folding.parts.get(scope.text, range(first, first + len(instructions)))
    found = []
    for part in shown:
        if isinstance(part, Run):
            found.append(("", run(part, "steps")))
        elif not _is_end(instructions[part - first]):
            here = f"{prefix}{part}"
            found.append((here, _measure(instructions[part - first], scope.at(here))))
    return found


def run(part: Run, what: str) -> Sketch:
    """Return the figure for a run of steps or lanes, folded or as the head of an open one."""
    many = part.last - part.first + 1
    told = "" if part.size == many or part.is_open else f"({part.size} in all)"
    said = Words("list-ordered", what, f"{part.first}\N{EN DASH}{part.last}", told)
    fold = Fold(part.key, part.is_open, part.size)
    figure = Figure(Form.RUN, "", said, 0, 0, NODE_WIDTH, RUN_HEIGHT, fold=fold)
    return Sketch(NODE_WIDTH, RUN_HEIGHT, NODE_WIDTH / 2, [figure])


def _measure(instruction: Instruction, place: Place) -> Sketch:
    said = words(instruction, place.workflow)
    size = place.folding.closed.get(place.text)
    if size is not None:
        fold = Fold(place.text, is_open=False, size=size)
        return node(Form.FOLDED, instruction, place, said, fold=fold)
    step = _STEPS.get(type(instruction), place.nested)
    return step(instruction, place, said)


def node(
    form: Form,
    instruction: Instruction,
    place: Place,
    said: Words,
    *,
    height: float = NODE_HEIGHT,
    width: float = NODE_WIDTH,
    ends: bool = False,
    fold: Fold | None = None,
    target: tuple[str, ...] = (),
) -> Sketch:
    """Return an instruction that is a single figure."""
    figure = Figure(
        form, place.text, said, 0, 0, width, height,
        fold=fold, label=instruction.label or "", target=target,
    )  # fmt: skip
    return Sketch(width, height, width / 2, [figure], ends=ends)


def widened(letters: int, room: float) -> float:
    """Return how wide a figure has to be for its words, with `room` for all that is beside them."""
    return min(max(NODE_WIDTH, room + MONO_LETTER * letters), WIDE)


def _two_lines(said: Words) -> int:
    # The upper line is in smaller letters.
    return max(len(said.name), len(both(said.kind, said.detail)) - 2)


def _mark(form: Form, position: str, text: str) -> Sketch:
    size = 16.0
    figure = Figure(form, position, Words("", text, ""), 0, 0, size, size)
    return Sketch(size, size, size / 2, [figure])


def _execute(it: Execute, place: Place, said: Words) -> Sketch:
    return node(Form.JOB, it, place, said)


def _post(it: PostNotices, place: Place, said: Words) -> Sketch:
    return node(Form.FLAG_OUT, it, place, said, width=widened(_two_lines(said), 47))


def _expect(it: ExpectNotices, place: Place, said: Words) -> Sketch:
    return node(Form.FLAG_IN, it, place, said, width=widened(_two_lines(said), 59))


def _prompt(it: Prompt, place: Place, said: Words) -> Sketch:
    width = widened(len(both(said.name, said.detail)), 42)
    return node(Form.BUBBLE, it, place, said, height=PILL_HEIGHT, width=width)


def _pill(it: Sleep | Stop, place: Place, said: Words) -> Sketch:
    width = widened(len(both(said.name, said.detail)), 50 + 6.3 * len(said.kind))
    return node(Form.PILL, it, place, said, height=PILL_HEIGHT, width=width)


def _add_order(it: AddOrder, place: Place, said: Words) -> Sketch:
    width = widened(_two_lines(said), 66)
    return node(Form.DASHED, it, place, said, width=width, target=(it.workflow_name,))


def _retry(it: Retry, place: Place, said: Words) -> Sketch:
    if it.try_ is not None:
        return place.nested(it, place, said)
    return node(Form.PILL, it, place, said, height=PILL_HEIGHT, ends=True)


def _break(it: Break, place: Place, said: Words) -> Sketch:
    pill = node(Form.PILL, it, place, said, height=PILL_HEIGHT, ends=True)
    return pill._replace(exits=(Exit(PILL_HEIGHT / 2, 0, NODE_WIDTH),))


def _finish(it: Finish, place: Place, said: Words) -> Sketch:
    return _with_text(node(Form.RING, it, place, said, height=ROUND, ends=True), ROUND / 2)


def _fail(it: Fail, place: Place, said: Words) -> Sketch:
    return _with_text(node(Form.OCTAGON, it, place, said, ends=True), OCTAGON / 2)


def _with_text(sketch: Sketch, half: float) -> Sketch:
    """Return a small figure with room for the text beside it."""
    figure = sketch.figures[0]
    letters = min(len(both(figure.words.name, figure.words.detail)), LANE_LETTERS + 4)
    width = max(NODE_WIDTH, NODE_WIDTH / 2 + half + 8 + BESIDE_LETTER * letters)
    return sketch._replace(width=width, figures=[figure._replace(width=width)])


_STEPS: dict[type, Callable[[Any, Place, Words], Sketch]] = {
    Execute: _execute,
    PostNotices: _post,
    ExpectNotices: _expect,
    Prompt: _prompt,
    Sleep: _pill,
    Stop: _pill,
    AddOrder: _add_order,
    Retry: _retry,
    Break: _break,
    Finish: _finish,
    Fail: _fail,
}
