"""How each form of figure is drawn: its outline and its words.

Classes are for the cockpit's style sheet; the presentation attributes beside them are what shows
without it, in a document or a mail.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from cockpit.diagram.picture import Figure, Form
from cockpit.diagram.saying import both
from cockpit.diagram.sketch import BAR, BESIDE_LETTER, NODE_WIDTH, OCTAGON
from cockpit.diagram.strokes import BOX, LINE, box, icon, px, said


class Drawn(NamedTuple):
    """A figure's outline, and its words, which lie above all outlines."""

    shape: str
    text: str = ""


def _job(f: Figure) -> Drawn:
    stripe = f'fill="{LINE}"'
    return Drawn(
        box(f.x, f.y, f.width, f.height, css="box outline", rx=6, more=BOX)
        + box(f.x, f.y, 5, f.height, css="stripe", rx=2, more=stripe)
        + icon(f.words.icon, f.x + 13, f.y + 8),
        said("name", f.words.name, f.x + 32, f.y + 18, 21)
        + said("detail", f.words.detail, f.x + 32, f.y + 33, 23),
    )


def _hexagon(f: Figure) -> Drawn:
    middle, right, low = f.y + f.height / 2, f.x + f.width, f.y + f.height
    shape = (
        f"M{px(f.x + 16)},{px(f.y)}H{px(right - 16)}L{px(right)},{px(middle)}"
        f"L{px(right - 16)},{px(low)}H{px(f.x + 16)}L{px(f.x)},{px(middle)}Z"
    )
    centre = f.x + f.width / 2
    return Drawn(
        _path(shape),
        said("kind", f.words.kind, centre, f.y + 16, 20, middle=True)
        + said("mono", f.words.name, centre, f.y + 31, int((f.width - 38) / 6.9), middle=True),
    )


def _bars(f: Figure) -> Drawn:
    centre, low = f.x + f.width / 2, f.y + f.height - BAR
    title = " ".join(part for part in (f.words.kind, f.words.name) if part)
    return Drawn(
        _bar(f, f.y, " outline") + _bar(f, low, ""),
        said("bar-text", title, centre, f.y + 10.5, 40, middle=True)
        + said("bar-text", both("join", f.words.detail), centre, low + 10.5, 40, middle=True),
    )


def _bar(f: Figure, y: float, more: str) -> str:
    return box(f.x, y, f.width, BAR, css=f"bar{more}", rx=3, more=f'fill="{LINE}"')


def _flag_out(f: Figure) -> Drawn:
    right, low = f.x + f.width, f.y + f.height
    shape = (
        f"M{px(f.x)},{px(f.y)}H{px(right - 16)}L{px(right)},{px(f.y + f.height / 2)}"
        f"L{px(right - 16)},{px(low)}H{px(f.x)}Z"
    )
    return _flag(f, shape, f.x + 12)


def _flag_in(f: Figure) -> Drawn:
    right, low = f.x + f.width, f.y + f.height
    shape = (
        f"M{px(f.x)},{px(f.y)}H{px(right)}V{px(low)}H{px(f.x)}"
        f"L{px(f.x + 16)},{px(f.y + f.height / 2)}Z"
    )
    return _flag(f, shape, f.x + 24)


def _flag(f: Figure, shape: str, x: float) -> Drawn:
    fits = int((f.x + f.width - 14 - x - 20) / 6.9)
    return Drawn(
        _path(shape) + icon(f.words.icon, x, f.y + 14),
        said("kind", both(f.words.kind, f.words.detail), x + 20, f.y + 17, fits + 2)
        + said("mono", f.words.name, x + 20, f.y + 33, fits),
    )


def _bubble(f: Figure) -> Drawn:
    """Return a speech bubble; its tail hangs below the figure, beside the line."""
    right, low, r = f.x + f.width, f.y + f.height, 10
    shape = (
        f"M{px(f.x + r)},{px(f.y)}H{px(right - r)}a{r},{r} 0 0 1 {r},{r}V{px(low - r)}"
        f"a{r},{r} 0 0 1 -{r},{r}H{px(f.x + 40)}l-12,8v-8H{px(f.x + r)}"
        f"a{r},{r} 0 0 1 -{r},-{r}V{px(f.y + r)}a{r},{r} 0 0 1 {r},-{r}Z"
    )
    fits = int((f.width - 41) / 6.4)
    return Drawn(
        _path(shape) + icon(f.words.icon, f.x + 12, f.y + 10),
        said("name", both(f.words.name, f.words.detail), f.x + 32, f.y + 21, fits),
    )


def _pill(f: Figure) -> Drawn:
    start, middle = f.x + 39 + 6.3 * len(f.words.kind), f.y + f.height / 2
    fits = max(int((f.x + f.width - 10 - start) / 6.9), 3)
    return Drawn(
        box(f.x, f.y, f.width, f.height, css="box outline", rx=f.height / 2, more=BOX)
        + icon(f.words.icon, f.x + 14, middle - 7),
        said("kind", f.words.kind, f.x + 33, middle + 4, 20)
        + said("mono", both(f.words.name, f.words.detail), start, middle + 4, fits),
    )


def _dashed(f: Figure) -> Drawn:
    dashes, fits = f'{BOX} stroke-dasharray="5 3"', int((f.width - 65) / 6.9)
    return Drawn(
        box(f.x, f.y, f.width, f.height, css="box outline", rx=f.height / 2, more=dashes)
        + icon(f.words.icon, f.x + 15, f.y + 14),
        said("kind", both(f.words.kind, f.words.detail), f.x + 36, f.y + 17, fits + 2)
        + said("mono", f.words.name, f.x + 36, f.y + 33, fits),
    )


def _ring(f: Figure) -> Drawn:
    x, y, r = f.x + NODE_WIDTH / 2, f.y + f.height / 2, f.height / 2
    return Drawn(
        f'<circle class="box outline" cx="{px(x)}" cy="{px(y)}" r="{px(r)}" {BOX}/>'
        f'<circle class="box" cx="{px(x)}" cy="{px(y)}" r="{px(r - 4)}" {BOX}/>'
        + icon(f.words.icon, x - 7, y - 7),
        _beside(f, x + r + 6, y),
    )


def _octagon(f: Figure) -> Drawn:
    x, c = f.x + NODE_WIDTH / 2, 12
    left, right, low = x - OCTAGON / 2, x + OCTAGON / 2, f.y + f.height
    shape = (
        f"M{px(left + c)},{px(f.y)}H{px(right - c)}L{px(right)},{px(f.y + c)}V{px(low - c)}"
        f"L{px(right - c)},{px(low)}H{px(left + c)}L{px(left)},{px(low - c)}V{px(f.y + c)}Z"
    )
    middle = f.y + f.height / 2
    return Drawn(
        f'<path class="box outline" d="{shape}" fill="#fff" stroke="#b32133"/>'
        + icon(f.words.icon, x - 26, middle - 7),
        said("name", f.words.kind, x - 6, middle + 4, 8) + _beside(f, right + 6, middle),
    )


def _beside(f: Figure, x: float, y: float) -> str:
    told = both(f.words.name, f.words.detail)
    return said("detail", told, x, y + 4, max(int((f.x + f.width - x) / BESIDE_LETTER), 4))


def _mark(f: Figure) -> Drawn:
    x, y = f.x + f.width / 2, f.y + f.height / 2
    ring = f'<circle class="end outline" cx="{px(x)}" cy="{px(y)}" r="8" {BOX}/>'
    if f.form is Form.START:
        return Drawn(ring)
    return Drawn(f'{ring}<circle class="end-dot" cx="{px(x)}" cy="{px(y)}" r="4" fill="{LINE}"/>')


def _path(shape: str) -> str:
    return f'<path class="box outline" d="{shape}" {BOX}/>'


SHAPES: Mapping[Form, Callable[[Figure], Drawn]] = {
    Form.JOB: _job,
    Form.HEXAGON: _hexagon,
    Form.BARS: _bars,
    Form.FLAG_OUT: _flag_out,
    Form.FLAG_IN: _flag_in,
    Form.BUBBLE: _bubble,
    Form.PILL: _pill,
    Form.DASHED: _dashed,
    Form.RING: _ring,
    Form.OCTAGON: _octagon,
    Form.START: _mark,
    Form.END: _mark,
}
"""The forms that hold no other figures; those that do are in `cockpit.diagram.frames`."""
