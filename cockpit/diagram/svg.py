"""Writes a placed workflow as SVG that stands alone and carries no script and no style."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from cockpit.diagram.badges import (
    drawn_fold,
    drawn_jump,
    drawn_marks,
    drawn_tokens,
    holders_of,
    marks_of,
)
from cockpit.diagram.changes import Shown, drawn_ghosts, folded_changes
from cockpit.diagram.fold import Folding, Folds, folding
from cockpit.diagram.frames import FRAMES_DRAWN
from cockpit.diagram.layout import lay_out
from cockpit.diagram.nearest import Places
from cockpit.diagram.overlay import NOTHING, Overlay, Standing
from cockpit.diagram.picture import Figure, Form, Gap, Lane, Line, Picture
from cockpit.diagram.saying import counted
from cockpit.diagram.shapes import SHAPES, Drawn
from cockpit.diagram.sketch import LANE_LETTERS
from cockpit.diagram.strokes import LINE, escaped, px, said
from cockpit.diagram.symbols import SYMBOLS
from engine.workflow.model import Workflow

_DRAWN = {**SHAPES, **FRAMES_DRAWN}


def draw(
    workflow: Workflow,
    *,
    overlay: Overlay = NOTHING,
    folds: Folds | None = None,
    address: str | None = None,
) -> str:
    """Return the diagram of a workflow as one `<svg>` element.

    Each node is a `<g data-position="…">` that can be focused. What is folded beyond the reader's
    wish, and how big a drawing gets at most, is decided in `cockpit.diagram.fold`.

    Args:
        workflow: what is drawn.
        overlay: what lies over it; moves nothing.
        folds: what the reader opened and folded.
        address: what links for folding begin with, such as `?view=diagram&`; None for no links.
    """
    by_hand = folds or Folds()
    plan = folding(workflow, by_hand)
    picture = lay_out(workflow, plan)
    links = "" if address is None else fold_links(picture, address, by_hand)
    return written(picture, plan, overlay.placed(), links)


def fold_links(picture: Picture, address: str, folds: Folds) -> str:
    """Return the links that open and fold, as SVG; `address` is what comes before their query."""
    return "".join(drawn_fold(figure, address, folds) for figure in picture.figures)


def written(picture: Picture, plan: Folding, overlay: Overlay, links: str = "") -> str:
    """Return a placed workflow with what lies over it; `links` come last, so they are on top."""
    figures = [_told(figure, overlay) for figure in picture.figures]
    overlay = folded_changes(overlay, [_shown(figure) for figure in figures])
    orders = Places(map(_where, figures)).gathered(overlay.orders)
    parts = [(figure, _drawn(figure)) for figure in figures]
    body = "".join(
        (
            *(
                _node(figure, drawn, orders.get(i, ()), overlay)
                for i, (figure, drawn) in enumerate(parts)
            ),
            _lines(picture.lines),
            '<g aria-hidden="true" pointer-events="none">',
            *(drawn.text for _, drawn in parts),
            *map(_lane, picture.lanes),
            *(drawn_marks(figure, overlay) for figure in figures),
            "</g>",
            *(map(_gap, picture.gaps) if overlay.edits else ()),
            *drawn_ghosts(picture.gaps, overlay.removed),
            links,
            *(drawn_jump(figure, overlay.addresses) for figure in figures),
            _tokens(figures, orders, overlay),
        )
    )
    return f"{_head(picture, body, is_full=plan.is_full)}{body}</svg>"


@lru_cache(maxsize=2048)
def _drawn(figure: Figure) -> Drawn:
    """Return a figure as drawn; most are the same when a workflow is drawn again."""
    return _DRAWN[figure.form](figure)


def _head(picture: Picture, body: str, *, is_full: bool) -> str:
    width, height = px(picture.width), px(picture.height)
    used = set(_USED.findall(body))
    symbols = "".join(
        f'<symbol id="wf-{name}" viewBox="0 0 24 24">{SYMBOLS[name]}</symbol>'
        for name in sorted(used & SYMBOLS.keys())
    )
    symbols += _GAP if 'class="gap"' in body else ""
    full = ' data-full="1"' if is_full else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="diagram"'
        f' role="group" aria-label="Workflow diagram"{full}'
        f' width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
        ' font-family="sans-serif" font-size="12" stroke-width="1.2"'
        f' color="#55606c"><defs>{symbols}</defs>'
    )


_USED = re.compile('"#wf-([a-z0-9-]+)"')


def _told(figure: Figure, overlay: Overlay) -> Figure:
    """Return a lock's figure with what is taken of it."""
    if figure.form is not Form.LOCK or not overlay.locks:
        return figure
    names = [
        f"{name} {use.used}/{use.capacity}" if (use := overlay.locks.get(name)) else name
        for name in figure.target
    ]
    return figure._replace(words=figure.words._replace(name=", ".join(names)))


def _node(figure: Figure, drawn: Drawn, standings: Sequence[Standing], overlay: Overlay) -> str:
    if not figure.position:
        run = _where(figure)[1]
        return f'<g data-run="{escaped(run)}">{drawn.shape}</g>' if run else drawn.shape
    state = overlay.highlights.get(figure.position, "")
    marks = marks_of(figure, overlay)
    look = f" st-{escaped(state)}" if state else _mood(figure)
    look += "".join(f" is-{mark.css}" for mark in marks)
    more, refused = _picking(figure.position, overlay)
    holders = holders_of(figure, overlay)
    label = ", ".join(
        (
            figure.words.label,
            *_folded(figure),
            *([state] if state else []),
            *(mark.meaning for mark in marks),
            *([f"held by {' and '.join(holders)}"] if holders else []),
            *(f"{one.many} {one.group}" for one in standings),
            *([f"not selectable: {refused}"] if refused else []),
        )
    )
    return (
        f'<g class="node node-{figure.form.value}{look}{more[0]}"'
        f' data-position="{escaped(figure.position)}"'
        f' tabindex="0" role="button" aria-label="{escaped(label)}"{more[1]}>'
        f"<title>{escaped(label)}</title>{drawn.shape}</g>"
    )


def _mood(figure: Figure) -> str:
    if figure.form not in (Form.OCTAGON, Form.RING):
        return ""
    return " bad" if figure.words.icon == "x" else " good"  # also a finish may be a failure


def _where(figure: Figure) -> tuple[str, str]:
    is_run = figure.form is Form.RUN and figure.fold is not None and not figure.fold.is_open
    return (figure.position, figure.fold.key if is_run and figure.fold else "")


def _shown(figure: Figure) -> Shown:
    return Shown(*_where(figure), figure.form in (Form.FOLDED, Form.RUN))


def _folded(figure: Figure) -> tuple[str, ...]:
    if figure.form is not Form.FOLDED or figure.fold is None:
        return ()
    return (f"folded, {counted(figure.fold.size, 'instruction')} inside",)


def _picking(position: str, overlay: Overlay) -> tuple[tuple[str, str], str | None]:
    """Return class and attributes of a place that may or may not be picked, and why it may not."""
    if overlay.picks is None:
        return ("", ""), None
    refused = overlay.refusal(position)
    if refused:
        return (" refused", f' aria-disabled="true" data-refused="{escaped(refused)}"'), refused
    pressed = str(position in overlay.chosen).lower()
    return (" pickable", f' aria-pressed="{pressed}"'), None


def _tokens(
    figures: Sequence[Figure], orders: Mapping[int, Sequence[Standing]], overlay: Overlay
) -> str:
    if not orders:
        return ""
    pills = (drawn_tokens(figures[i], here, overlay.addresses) for i, here in orders.items())
    return f'<g class="tokens">{"".join(pills)}</g>'


def _lane(lane: Lane) -> str:
    return said("lane", lane.text, lane.x, lane.y, LANE_LETTERS)


def _gap(gap: Gap) -> str:
    """Return a place between instructions: what is dragged is let fall there."""
    x, y = px(gap.x), px(gap.y)
    return f'<use class="gap" data-put="{escaped(gap.position)}" x="{x}" y="{y}" href="#wf-gap"/>'


_GAP = (
    '<g id="wf-gap"><rect x="-60" y="-11" width="120" height="22" fill="none"'
    ' pointer-events="all"/>'
    '<path d="M-52,0H52" stroke="currentColor" stroke-width="3"/>'
    '<circle r="8" fill="currentColor"/><path d="M-4,0h8M0,-4v8" stroke="#fff"/></g>'
)


def _lines(lines: list[Line]) -> str:
    edges = "".join(_path(line.points) for line in lines if not line.out)
    ways_out = "".join(_path(line.points) for line in lines if line.out)
    tips = "".join(_tip(line.points[-1]) for line in lines if line.arrow)
    stroke = f'fill="none" stroke="{LINE}" stroke-width="1.5"'
    out = (
        f'<path class="edge out" d="{ways_out}" {stroke} stroke-dasharray="5 4"'
        ' pointer-events="none"/>'
        if ways_out
        else ""
    )
    return (
        f'<path class="edge" d="{edges}" {stroke} pointer-events="none"/>{out}'
        f'<path class="arrow" d="{tips}" fill="{LINE}"/>'
    )


def _path(points: tuple[tuple[float, float], ...]) -> str:
    first, *rest = points
    return f"M{px(first[0])},{px(first[1])}" + "".join(f"L{px(x)},{px(y)}" for x, y in rest)


def _tip(point: tuple[float, float]) -> str:
    x, y = point
    return f"M{px(x)},{px(y)}l-4,-8h8z"
