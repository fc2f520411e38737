"""Draws who is connected with whom: rows of boxes, lines to the leader above. Pure."""

from collections.abc import Sequence
from html import escape
from itertools import pairwise
from typing import NamedTuple

from django.utils.safestring import SafeString, mark_safe

from cockpit.templatetags.states import look

WIDTH, HEIGHT, GAP, ROW = 148, 44, 14, 84
MOST_IN_ROW = 4
_LETTERS = 19


class Box(NamedTuple):
    """A process or machine; `condition` is a word of the state language."""

    name: str
    condition: str
    text: str


def topology(rows: Sequence[Sequence[Box]]) -> SafeString:
    """Return the picture as SVG; empty rows are left out, long ones end in a count."""
    shown = [_cut(row) for row in rows if row]
    if not shown:
        return SafeString("")
    width = max(len(row) for row in shown) * (WIDTH + GAP) - GAP + 4
    height = len(shown) * ROW - (ROW - HEIGHT) + 4
    placed = [_placed(row, n, width) for n, row in enumerate(shown)]
    parts = [_lines(above, below) for above, below in pairwise(placed)]
    parts += [_drawn(box, x, y) for row in placed for box, x, y in row]
    label = "; ".join(f"{box.name} {box.text}" for row in shown for box in row)
    # Every text went through `escape`.
    return mark_safe(  # noqa: S308
        f'<svg class="topology" viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
        f' role="img" aria-label="{escape(label)}">{"".join(parts)}</svg>'
    )


def _cut(row: Sequence[Box]) -> list[Box]:
    if len(row) <= MOST_IN_ROW:
        return list(row)
    # What is not well stands first; the rest is one box.
    ordered = sorted(row, key=lambda box: look(box.condition).hue == "finished")
    rest = ordered[MOST_IN_ROW - 1 :]
    well = all(look(box.condition).hue == "finished" for box in rest)
    more = Box(f"{len(rest)} more", rest[0].condition if well else "unknown", "see the list")
    return [*ordered[: MOST_IN_ROW - 1], more]


def _placed(row: list[Box], n: int, width: int) -> list[tuple[Box, float, float]]:
    left = (width - (len(row) * (WIDTH + GAP) - GAP)) / 2
    return [(box, left + i * (WIDTH + GAP), 2.0 + n * ROW) for i, box in enumerate(row)]


def _lines(above: list[tuple[Box, float, float]], below: list[tuple[Box, float, float]]) -> str:
    leader = next((each for each in above if each[0].condition == "active"), above[0])
    x, y = leader[1] + WIDTH / 2, leader[2] + HEIGHT
    return "".join(
        f'<path class="link st-{look(box.condition).hue}"'
        f' d="M{x:.0f},{y:.0f}L{bx + WIDTH / 2:.0f},{by:.0f}"/>'
        for box, bx, by in below
    )


def _drawn(box: Box, x: float, y: float) -> str:
    hue = look(box.condition).hue
    name = box.name if len(box.name) <= _LETTERS else f"{box.name[: _LETTERS - 1]}…"
    text = box.text if len(box.text) <= _LETTERS + 3 else f"{box.text[: _LETTERS + 2]}…"
    return (
        f'<g class="st-{hue}"><title>{escape(box.name)}: {escape(box.text)}</title>'
        f'<rect class="box" x="{x:.0f}" y="{y:.0f}" width="{WIDTH}" height="{HEIGHT}" rx="4"/>'
        f'<rect class="stripe" x="{x:.0f}" y="{y:.0f}" width="5" height="{HEIGHT}" rx="2"/>'
        f'<text class="name" x="{x + 14:.0f}" y="{y + 18:.0f}">{escape(name)}</text>'
        f'<text class="text" x="{x + 14:.0f}" y="{y + 34:.0f}">{escape(text)}</text></g>'
    )
