"""How figures with a head are drawn: frames around blocks, and what stands for folded ones."""

from collections.abc import Callable, Mapping

from cockpit.diagram.picture import Figure, Form
from cockpit.diagram.saying import both, counted
from cockpit.diagram.shapes import Drawn
from cockpit.diagram.sketch import TITLE
from cockpit.diagram.strokes import BOX, LINE, box, icon, px, said

_FRAME = f'fill="#f6f8fa" stroke="{LINE}"'
_LINE_ONLY = f'fill="none" stroke="{LINE}"'
_HEAD = 'fill="#e6eaee"'
_FOLD_ROOM = 28
"""Kept free at the right end of a head for what folds the frame."""


def _frame(f: Figure) -> Drawn:
    """Return a frame with its head, split where it has a catch part."""
    shape = box(f.x, f.y, f.width, f.height, css="frame outline", rx=8, more=_FRAME)
    width = f.width if f.split is None else f.split
    head = _head(f, width, is_split=f.split is not None)
    sign = icon(f.words.icon, f.x + 10, f.y + 7)
    title = _title(f, width - _FOLD_ROOM)
    if f.split is None:
        return Drawn(shape + head + sign, title)
    caught = said("kind", "catch", f.x + f.split + 29, f.y + 18, 20)
    return Drawn(shape + head + _catch(f, f.split) + sign, title + caught)


def _cycle(f: Figure) -> Drawn:
    drawn = _frame(f)
    inner = box(f.x + 3, f.y + 3, f.width - 6, f.height - 6, css="rim", rx=6, more=_LINE_ONLY)
    return drawn._replace(shape=drawn.shape + inner)


def _list(f: Figure) -> Drawn:
    drawn = _frame(f)
    behind = box(f.x + 5, f.y - 5, f.width, f.height, css="frame behind", rx=8, more=_FRAME)
    return drawn._replace(shape=behind + drawn.shape)


def _folded(f: Figure) -> Drawn:
    size = f.fold.size if f.fold else 0
    shadow = box(f.x + 5, f.y + 5, f.width - 10, f.height, css="rim", rx=6, more=_LINE_ONLY)
    return Drawn(
        shadow
        + box(f.x, f.y, f.width, f.height, css="box outline", rx=6, more=BOX)
        + icon(f.words.icon, f.x + 11, f.y + 7),
        said("kind", f.words.kind, f.x + 30, f.y + 18, 20)
        + said("mono", both(f.words.name, f.words.detail), *_after_kind(f), _letters(f, f.width))
        + said("detail", f"folded: {counted(size, 'instruction')}", f.x + 30, f.y + 33, 24),
    )


def _run(f: Figure) -> Drawn:
    is_open = f.fold is not None and f.fold.is_open
    told = " ".join(part for part in (f.words.kind, f.words.name, f.words.detail) if part)
    dashes = ' stroke-dasharray="2 3"' if is_open else ""
    return Drawn(
        box(f.x, f.y, f.width, f.height, css="box outline", rx=4, more=f"{BOX}{dashes}"),
        said("detail", told, f.x + 10, f.y + 17, 25),
    )


def _head(f: Figure, width: float, *, is_split: bool) -> str:
    right, low = f.x + width, f.y + TITLE - 2
    end = f"H{px(right)}" if is_split else f"H{px(right - 8)}a8,8 0 0 1 8,8"
    shape = f"M{px(f.x)},{px(low)}V{px(f.y + 8)}a8,8 0 0 1 8,-8{end}V{px(low)}Z"
    return f'<path class="frame-title" d="{shape}" {_HEAD}/>'


def _title(f: Figure, width: float) -> str:
    x, y = _after_kind(f)
    return said("kind", f.words.kind, f.x + 29, y, 22) + said(
        "mono", both(f.words.name, f.words.detail), x, y, _letters(f, width)
    )


def _after_kind(f: Figure) -> tuple[float, float]:
    return f.x + 36 + 6.3 * len(f.words.kind), f.y + 18


def _letters(f: Figure, width: float) -> int:
    return max(int((f.x + width - 6 - _after_kind(f)[0]) / 6.9), 3)


def _catch(f: Figure, split: float) -> str:
    x, y, low, right = f.x + split, f.y, f.y + f.height, f.x + f.width
    shape = f"M{px(x)},{px(y)}H{px(right - 8)}a8,8 0 0 1 8,8V{px(low - 8)}a8,8 0 0 1 -8,8H{px(x)}Z"
    return (
        f'<path class="catch" d="{shape}" fill="#fdf3f3" stroke="#b32133" stroke-dasharray="5 4"/>'
        f'<g class="bad">{icon("shield-x", x + 10, y + 7)}</g>'
    )


FRAMES_DRAWN: Mapping[Form, Callable[[Figure], Drawn]] = {
    Form.FRAME: _frame,
    Form.LOCK: _frame,
    Form.CYCLE: _cycle,
    Form.LIST: _list,
    Form.FOLDED: _folded,
    Form.RUN: _run,
}
