"""Writes a placed workflow as SVG that stands alone and carries no script and no style."""

import re
from collections.abc import Mapping

from cockpit.diagram.layout import lay_out
from cockpit.diagram.measure import LANE_LETTERS
from cockpit.diagram.picture import Figure, Form, Lane, Line, Picture
from cockpit.diagram.shapes import LINE, drawn, escaped, px, said
from cockpit.diagram.symbols import SYMBOLS
from engine.workflow.model import Workflow

_TRIES = re.compile(r"\b(try|catch|cycle)\+[^/]*")
_MOOD = {Form.OCTAGON: " bad", Form.RING: " good"}


def draw(workflow: Workflow, *, highlights: Mapping[str, str] | None = None) -> str:
    """Return the diagram of a workflow as one `<svg>` element.

    Args:
        highlights: state by position, such as `{"0/fork+eu/1": "failed"}`; which try it was
            does not matter. Each node is a `<g data-position="…">` that can be focused.
    """
    picture = lay_out(workflow)
    states = {_TRIES.sub(r"\1", at): state for at, state in (highlights or {}).items()}
    parts = [(figure, drawn(figure)) for figure in picture.figures]
    return "".join(
        (
            _head(picture),
            *(
                _node(figure, shape, states.get(figure.position, ""))
                for figure, (shape, _) in parts
            ),
            _lines(picture.lines),
            '<g aria-hidden="true" pointer-events="none">',
            *(text for _, (_, text) in parts),
            *map(_lane, picture.lanes),
            "</g></svg>",
        )
    )


def _head(picture: Picture) -> str:
    width, height = px(picture.width), px(picture.height)
    used = sorted({figure.words.icon for figure in picture.figures} & SYMBOLS.keys() | {"shield-x"})
    symbols = "".join(
        f'<symbol id="wf-{name}" viewBox="0 0 24 24">{SYMBOLS[name]}</symbol>' for name in used
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="diagram"'
        ' role="group" aria-label="Workflow diagram"'
        f' width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
        ' font-family="sans-serif" font-size="12" stroke-width="1.2"'
        f' color="#55606c"><defs>{symbols}</defs>'
    )


def _node(figure: Figure, shape: str, state: str) -> str:
    if not figure.position:
        return shape
    look = f" st-{escaped(state)}" if state else _MOOD.get(figure.form, "")
    label = escaped(f"{figure.words.label}, {state}" if state else figure.words.label)
    return (
        f'<g class="node node-{figure.form.value}{look}" data-position="{escaped(figure.position)}"'
        f' tabindex="0" role="button" aria-label="{label}"><title>{label}</title>{shape}</g>'
    )


def _lane(lane: Lane) -> str:
    return said("lane", lane.text, lane.x, lane.y, LANE_LETTERS)


def _lines(lines: list[Line]) -> str:
    edges = "".join(_path(line.points) for line in lines)
    tips = "".join(_tip(line.points[-1]) for line in lines if line.arrow)
    return (
        f'<path class="edge" d="{edges}" fill="none" stroke="{LINE}" stroke-width="1.5"'
        f' pointer-events="none"/><path class="arrow" d="{tips}" fill="{LINE}"/>'
    )


def _path(points: tuple[tuple[float, float], ...]) -> str:
    first, *rest = points
    return f"M{px(first[0])},{px(first[1])}" + "".join(f"L{px(x)},{px(y)}" for x, y in rest)


def _tip(point: tuple[float, float]) -> str:
    x, y = point
    return f"M{px(x)},{px(y)}l-4,-8h8z"
