"""Places a workflow: blocks nest, branches lie side by side, lines are straight and never cross.

Measures from the inside out, then places from the outside in; each is one pass. The same document
gives the same picture, and one instruction's place depends on nothing but what surrounds it.
"""

from cockpit.diagram.fold import OPEN, Folding
from cockpit.diagram.measure import Place, sequence
from cockpit.diagram.nested import nested
from cockpit.diagram.picture import Lane, Picture
from cockpit.diagram.sketch import Sketch
from engine.workflow.model import Block, Workflow

MARGIN = 16.0


def lay_out(workflow: Workflow, folding: Folding = OPEN) -> Picture:
    """Return the placed figures and lines of a workflow, as far as it is not folded."""
    start = Place(workflow, folding, nested)
    body = sequence(Block(workflow.instructions), start, whole=True)
    picture = Picture(body.width + 2 * MARGIN, body.height + 2 * MARGIN, [], [], [], [])
    _place(body, MARGIN, MARGIN, picture)
    return picture


def _place(sketch: Sketch, x: float, y: float, picture: Picture) -> None:
    picture.figures.extend(f.moved(x, y) for f in sketch.figures)
    picture.lines.extend(line.moved(x, y) for line in sketch.lines)
    picture.lanes.extend(Lane(lane.text, lane.x + x, lane.y + y) for lane in sketch.lanes)
    picture.gaps.extend(gap.moved(x, y) for gap in sketch.gaps)
    for dx, dy, inner in sketch.inner:
        _place(inner, x + dx, y + dy, picture)
