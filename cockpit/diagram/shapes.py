"""How each form of figure is drawn: its outline and its words.

Classes are for the cockpit's style sheet; the presentation attributes beside them are what shows
without it, in a document or a mail.
"""

from collections.abc import Callable
from html import escape
from typing import NamedTuple

from cockpit.diagram.picture import Figure, Form

LINE = "#7f8b97"
_BOX = f'fill="#fff" stroke="{LINE}"'
_UNPRINTABLE = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 127), "\N{REPLACEMENT CHARACTER}")


class Drawn(NamedTuple):
    """A figure's outline, and its words, which lie above all outlines."""

    shape: str
    text: str = ""


def drawn(figure: Figure) -> Drawn:
    """Return the SVG of one figure."""
    return _SHAPES[figure.form](figure)


def _job(f: Figure) -> Drawn:
    return Drawn(
        f'<rect class="box outline" x="{px(f.x)}" y="{px(f.y)}" width="{px(f.width)}"'
        f' height="{px(f.height)}" rx="6" {_BOX}/>'
        f'<rect class="stripe" x="{px(f.x)}" y="{px(f.y)}" width="5" height="{px(f.height)}"'
        f' rx="2" fill="{LINE}"/>' + _icon(f.words.icon, f.x + 13, f.y + 8),
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
        f'<path class="box outline" d="{shape}" {_BOX}/>',
        said("kind", f.words.kind, centre, f.y + 16, 20, middle=True)
        + said("mono", f.words.name, centre, f.y + 31, 20, middle=True),
    )


def _bars(f: Figure) -> Drawn:
    centre, low = f.x + f.width / 2, f.y + f.height - 12
    title = " ".join(part for part in (f.words.kind, f.words.name) if part)
    return Drawn(
        _bar(f, f.y, " outline") + _bar(f, low, ""),
        said("bar-text", title, centre, f.y + 9.5, 40, middle=True)
        + said("bar-text", "join", centre, low + 9.5, 40, middle=True),
    )


def _bar(f: Figure, y: float, more: str) -> str:
    return (
        f'<rect class="bar{more}" x="{px(f.x)}" y="{px(y)}" width="{px(f.width)}" height="12"'
        f' rx="3" fill="{LINE}"/>'
    )


def _frame(f: Figure) -> Drawn:
    size = f'width="{px(f.width)}" height="{px(f.height)}"'
    right = (f.width if f.split is None else f.split) - 34
    fits = max(int(right / 7) - len(f.words.kind) - 2, 4)
    told = " ".join(part for part in (f.words.name, f.words.detail) if part)
    shape = (
        f'<rect class="frame outline" x="{px(f.x)}" y="{px(f.y)}" {size} rx="8" fill="#f6f8fa"'
        f' stroke="{LINE}"/>' + _icon(f.words.icon, f.x + 10, f.y + 8)
    )
    texts = said("kind", f.words.kind, f.x + 29, f.y + 19, 20) + said(
        "mono", told, f.x + 36 + 6.6 * len(f.words.kind), f.y + 19, fits
    )
    if f.split is None:
        return Drawn(shape, texts)
    caught = said("kind", "catch", f.x + f.split + 29, f.y + 19, 20)
    return Drawn(shape + _catch(f, f.split), texts + caught)


def _catch(f: Figure, split: float) -> str:
    x, y, low, right = f.x + split, f.y, f.y + f.height, f.x + f.width
    shape = f"M{px(x)},{px(y)}H{px(right - 8)}a8,8 0 0 1 8,8V{px(low - 8)}a8,8 0 0 1 -8,8H{px(x)}Z"
    return (
        f'<path class="catch" d="{shape}" fill="#fdf3f3" stroke="#b32133" stroke-dasharray="5 4"/>'
        f'<g class="bad">{_icon("shield-x", x + 10, y + 8)}</g>'
    )


def _pill(f: Figure) -> Drawn:
    told = " ".join(part for part in (f.words.name, f.words.detail) if part)
    start = f.x + 38 + 6.6 * len(f.words.kind)
    return Drawn(
        f'<rect class="box outline" x="{px(f.x)}" y="{px(f.y)}" width="{px(f.width)}"'
        f' height="{px(f.height)}" rx="{px(f.height / 2)}" {_BOX}/>'
        + _icon(f.words.icon, f.x + 13, f.y + 8),
        said("kind", f.words.kind, f.x + 32, f.y + 19, 20)
        + said("mono", told, start, f.y + 19, max(20 - len(f.words.kind), 6)),
    )


def _ring(f: Figure) -> Drawn:
    x, y, r = f.x + f.width / 2, f.y + f.height / 2, f.height / 2
    return Drawn(
        f'<circle class="box outline" cx="{px(x)}" cy="{px(y)}" r="{px(r)}" {_BOX}/>'
        f'<circle class="box" cx="{px(x)}" cy="{px(y)}" r="{px(r - 4)}" {_BOX}/>'
        + _icon(f.words.icon, x - 7, y - 7),
        _beside(f, x + r + 6, y),
    )


def _octagon(f: Figure) -> Drawn:
    x, c = f.x + f.width / 2, 12
    left, right, low = x - 34, x + 34, f.y + f.height
    shape = (
        f"M{px(left + c)},{px(f.y)}H{px(right - c)}L{px(right)},{px(f.y + c)}V{px(low - c)}"
        f"L{px(right - c)},{px(low)}H{px(left + c)}L{px(left)},{px(low - c)}V{px(f.y + c)}Z"
    )
    middle = f.y + f.height / 2
    return Drawn(
        f'<path class="box outline" d="{shape}" fill="#fff" stroke="#b32133"/>'
        + _icon(f.words.icon, x - 26, middle - 7),
        said("name", f.words.kind, x - 6, middle + 4, 8) + _beside(f, right + 6, middle),
    )


def _beside(f: Figure, x: float, y: float) -> str:
    told = " · ".join(part for part in (f.words.name, f.words.detail) if part)
    return said("detail", told, x, y + 4, max(int((f.x + f.width - x) / 6), 4))


def _mark(f: Figure) -> Drawn:
    x, y = f.x + f.width / 2, f.y + f.height / 2
    ring = f'<circle class="end outline" cx="{px(x)}" cy="{px(y)}" r="8" {_BOX}/>'
    if f.form is Form.START:
        return Drawn(ring)
    return Drawn(f'{ring}<circle class="end-dot" cx="{px(x)}" cy="{px(y)}" r="4" fill="{LINE}"/>')


def _icon(name: str, x: float, y: float) -> str:
    return (
        f'<svg class="sign" x="{px(x)}" y="{px(y)}" width="14" height="14" fill="none"'
        f' stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round">'
        f'<use href="#wf-{name}"/></svg>'
    )


def said(css: str, text: str, x: float, y: float, letters: int, *, middle: bool = False) -> str:
    """Return a text clipped to so many letters; the node's tip has the whole."""
    if not text:
        return ""
    anchor = ' text-anchor="middle"' if middle else ""
    shown = text if len(text) <= letters else text[: letters - 1] + "…"
    return f'<text class="{css}" x="{px(x)}" y="{px(y)}"{anchor}>{escaped(shown)}</text>'


def px(value: float) -> str:
    """Return a coordinate as short as it can be, to a tenth of a pixel."""
    return f"{value:.1f}".removesuffix(".0")


def escaped(text: str) -> str:
    return escape(text.translate(_UNPRINTABLE))


_SHAPES: dict[Form, Callable[[Figure], Drawn]] = {
    Form.JOB: _job,
    Form.HEXAGON: _hexagon,
    Form.BARS: _bars,
    Form.FRAME: _frame,
    Form.PILL: _pill,
    Form.RING: _ring,
    Form.OCTAGON: _octagon,
    Form.START: _mark,
    Form.END: _mark,
}
