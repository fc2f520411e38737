"""The values between layout and drawing, in pixels from the upper left corner."""

from enum import Enum
from typing import NamedTuple

from cockpit.diagram.saying import Words


class Form(Enum):
    """The outline a figure is drawn with."""

    JOB = "job"  # rounded box with a stripe
    HEXAGON = "hexagon"  # a question: if, case
    BARS = "bars"  # a thick bar above, one below, lanes between
    FRAME = "frame"  # titled frame, perhaps split: try left, catch right
    LOCK = "lock"  # titled frame whose head stands out
    CYCLE = "cycle"  # titled frame with a double border
    LIST = "list"  # titled frame with another one behind it
    FOLDED = "folded"  # an instruction whose blocks are folded
    RUN = "run"  # steps that are folded, or the head of those that are not
    FLAG_OUT = "flag-out"  # points out: post
    FLAG_IN = "flag-in"  # notched: expect
    BUBBLE = "bubble"  # speech: prompt
    PILL = "pill"  # small step of the order itself
    DASHED = "dashed"  # pill of what happens elsewhere: add order
    RING = "ring"  # finish
    OCTAGON = "octagon"  # fail
    START = "start"  # where orders begin
    END = "end"  # where orders end by themselves


FRAMES = (Form.FRAME, Form.LOCK, Form.CYCLE, Form.LIST)


class Fold(NamedTuple):
    """How something opens and folds: its key, what it is now, how many instructions are in it."""

    key: str
    is_open: bool
    size: int


class Figure(NamedTuple):
    """One node. `split` is where a frame's catch part begins, counted from its left edge.

    An empty position is no place for an order: the start mark, a run. `label` is the instruction's
    own; `target` is the workflow or the locks that it names.
    """

    form: Form
    position: str
    words: Words
    x: float
    y: float
    width: float
    height: float
    split: float | None = None
    fold: Fold | None = None
    label: str = ""
    target: tuple[str, ...] = ()

    @property
    def around(self) -> bool:
        """Whether other figures lie within this one."""
        return self.form in (Form.BARS, *FRAMES)

    def moved(self, dx: float, dy: float) -> "Figure":
        """Return the figure at another place."""
        # Every figure is moved once, and _replace takes four times as long.
        return Figure(
            self.form, self.position, self.words, self.x + dx, self.y + dy, self.width,
            self.height, self.split, self.fold, self.label, self.target,
        )  # fmt: skip


class Line(NamedTuple):
    """A path of straight elbows.

    `arrow` is whether it ends in a tip, `out` whether it is the way out of a cycle.
    """

    points: tuple[tuple[float, float], ...]
    arrow: bool = False
    out: bool = False

    def moved(self, dx: float, dy: float) -> "Line":
        """Return the line at another place."""
        return Line(tuple([(x + dx, y + dy) for x, y in self.points]), self.arrow, self.out)


class Lane(NamedTuple):
    """The name of a lane; `x`, `y` are where its text begins."""

    text: str
    x: float
    y: float


class Gap(NamedTuple):
    """A place where an instruction can be put in: before `position`, or at the end of a block."""

    position: str
    x: float
    y: float

    def moved(self, dx: float, dy: float) -> "Gap":
        """Return the gap at another place."""
        return Gap(self.position, self.x + dx, self.y + dy)


class Picture(NamedTuple):
    """A whole diagram, ready to be drawn; figures stand in document order, outer before inner."""

    width: float
    height: float
    figures: list[Figure]
    lines: list[Line]
    lanes: list[Lane]
    gaps: list[Gap]
