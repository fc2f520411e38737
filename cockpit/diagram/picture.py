"""The values between layout and drawing, in pixels from the upper left corner."""

from enum import Enum
from typing import NamedTuple

from cockpit.diagram.words import Words


class Form(Enum):
    """The outline a figure is drawn with."""

    JOB = "job"  # rounded box with a stripe
    HEXAGON = "hexagon"  # a question: if, case
    BARS = "bars"  # a thick bar above, one below, lanes between
    FRAME = "frame"  # titled frame, perhaps split: try left, catch right
    PILL = "pill"  # small step of the order itself
    RING = "ring"  # finish
    OCTAGON = "octagon"  # fail
    START = "start"  # where orders begin
    END = "end"  # where orders end by themselves


class Figure(NamedTuple):
    """One node. `split` is where a frame's catch part begins, counted from its left edge.

    An empty position is no place for an order: the start mark.
    """

    form: Form
    position: str
    words: Words
    x: float
    y: float
    width: float
    height: float
    split: float | None = None

    @property
    def around(self) -> bool:
        """Whether other figures lie within this one."""
        return self.form in (Form.BARS, Form.FRAME)

    def moved(self, dx: float, dy: float) -> "Figure":
        """Return the figure at another place."""
        return self._replace(x=self.x + dx, y=self.y + dy)


class Line(NamedTuple):
    """A path of straight elbows; `arrow` is whether it ends in a tip."""

    points: tuple[tuple[float, float], ...]
    arrow: bool = False

    def moved(self, dx: float, dy: float) -> "Line":
        """Return the line at another place."""
        return Line(tuple((x + dx, y + dy) for x, y in self.points), self.arrow)


class Lane(NamedTuple):
    """The name of a lane; `x`, `y` are where its text begins."""

    text: str
    x: float
    y: float


class Picture(NamedTuple):
    """A whole diagram, ready to be drawn; figures stand in document order, outer before inner."""

    width: float
    height: float
    figures: list[Figure]
    lines: list[Line]
    lanes: list[Lane]
