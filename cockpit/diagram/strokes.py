"""The small parts of SVG that every figure is made of: texts, icons, coordinates."""

from functools import lru_cache
from html import escape

LINE = "#7f8b97"
BOX = f'fill="#fff" stroke="{LINE}"'
_UNPRINTABLE = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 127), "\N{REPLACEMENT CHARACTER}")


@lru_cache(maxsize=8192)
def px(value: float) -> str:
    """Return a coordinate as short as it can be, to a tenth of a pixel."""
    return f"{value:.1f}".removesuffix(".0")


def escaped(text: str) -> str:
    """Return a text that can stand in SVG, whatever it holds."""
    return escape(text.translate(_UNPRINTABLE))


def clipped(text: str, letters: int) -> str:
    """Return a text of at most so many letters."""
    return text if len(text) <= letters else text[: max(letters - 1, 1)] + "…"


def said(css: str, text: str, x: float, y: float, letters: int, *, middle: bool = False) -> str:
    """Return a text clipped to so many letters; the node's tip has the whole."""
    if not text:
        return ""
    anchor = ' text-anchor="middle"' if middle else ""
    shown = escaped(clipped(text, letters))
    return f'<text class="{css}" x="{px(x)}" y="{px(y)}"{anchor}>{shown}</text>'


def icon(name: str, x: float, y: float, size: int = 14) -> str:
    """Return a symbol of the drawing; svg.py defines those that are used."""
    return (
        f'<svg class="sign" x="{px(x)}" y="{px(y)}" width="{size}" height="{size}" fill="none"'
        f' stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round">'
        f'<use href="#wf-{name}"/></svg>'
    )


def box(x: float, y: float, width: float, height: float, *, css: str, rx: float, more: str) -> str:
    """Return a rectangle with round corners; `more` are further attributes."""
    return (
        f'<rect class="{css}" x="{px(x)}" y="{px(y)}" width="{px(width)}" height="{px(height)}"'
        f' rx="{px(rx)}" {more}/>'
    )
