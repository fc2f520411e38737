"""What is drawn over figures: order tokens, marks of operators, holders of locks, folding.

Each says its meaning in words beside its colour. The island `live-diagram.js` draws the same tokens
anew while orders move.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from cockpit.diagram.overlay import Addresses, Change, Overlay, Standing, link
from cockpit.diagram.picture import FRAMES, Figure, Form
from cockpit.diagram.saying import counted
from cockpit.diagram.sketch import NODE_WIDTH
from cockpit.diagram.strokes import clipped, escaped, icon, px
from cockpit.diagram.wanted import Folds

HEIGHT = 17.0
LETTER = 6.6
MOST_TOKENS = 3
STATE_ICONS = {
    "planned": "circle-dashed",
    "scheduled": "calendar-clock",
    "ready": "circle-arrow-right",
    "running": "loader",
    "waiting": "hourglass",
    "prompting": "message-circle-question-mark",
    "suspended": "circle-pause",
    "failed": "octagon-x",
    "blocked": "ban",
    "finished": "circle-check",
    "cancelled": "circle-slash",
}
_UNKNOWN = "circle-dashed"
_ID = re.compile(
    r"#\d{4}-\d\d-\d\d#(?:(?P<number>C\d+(?:-\d+){1,2}|[A-Z]\d+)(?:-(?P<name>.+))?|(?P<own>.+))",
    re.ASCII,
)
_WHITE = 'fill="#fff" stroke="#55606c"'


class Mark(NamedTuple):
    """Something said about an instruction: class, icon, short text, and the whole in words."""

    css: str
    icon: str
    text: str
    meaning: str


def marks_of(figure: Figure, overlay: Overlay) -> list[Mark]:
    """Return the marks at the upper left of a figure."""
    found = []
    if figure.label and figure.label in overlay.skipped:
        found.append(Mark("skipped", "skip-forward", "skipped", "skipped by its label"))
    if figure.position and figure.position in overlay.stopped:
        found.append(Mark("stopped", "octagon-pause", "breakpoint", "orders stop here"))
    if figure.position and figure.position in overlay.chosen:
        found.append(Mark("chosen", "map-pin", "chosen", "chosen"))
    if figure.position and figure.position in overlay.faults:
        found.append(Mark("fault", "octagon-x", "", overlay.faults[figure.position]))
    if figure.position and figure.position in overlay.cautions:
        found.append(Mark("caution", "triangle-alert", "", overlay.cautions[figure.position]))
    change = overlay.changes.get(figure.position or (figure.fold.key if figure.fold else ""))
    if change:
        found.append(change_mark(change))
    if figure.form is Form.START and overlay.suspended:
        found.append(Mark("suspended", "circle-pause", "suspended", "the workflow is suspended"))
    return found


def change_mark(change: Change) -> Mark:
    """Return the mark of what differs from another version."""
    sign = _CHANGE_ICONS.get(change.word, "pencil")
    css = change.word if " " not in change.word else "changed"
    return Mark(css, sign, change.word, change.told)


_CHANGE_ICONS = {"added": "circle-plus", "moved": "circle-arrow-right"}


def holders_of(figure: Figure, overlay: Overlay) -> list[str]:
    """Return the orders that hold a lock which the figure demands, each once."""
    if figure.form is not Form.LOCK:
        return []
    used = [overlay.locks[name] for name in figure.target if name in overlay.locks]
    return list(dict.fromkeys(holder for use in used for holder in use.holders))


def drawn_marks(figure: Figure, overlay: Overlay) -> str:
    """Return what is marked at a figure, and who holds its lock, as SVG."""
    x, y, parts = figure.x - 6, figure.y - HEIGHT + 4, []
    if figure.form is Form.START:
        x, y = max(figure.x - 90, 2), figure.y
    for mark in marks_of(figure, overlay):
        parts.append(_badge(f"mark mark-{mark.css}", mark.icon, mark.text, x, y))
        x += _width(mark.text) + 3
    holders = holders_of(figure, overlay)
    if holders:
        more = f" +{len(holders) - 1}" if len(holders) > 1 else ""
        text = f"held by {short_id(holders[0])}{more}"
        low = figure.y + figure.height - HEIGHT / 2
        parts.append(_badge("mark mark-holder", "lock", text, figure.x + 10, low))
    return "".join(parts)


def drawn_tokens(figure: Figure, standings: Sequence[Standing], addresses: Addresses) -> str:
    """Return the orders at a figure as pills on its upper right edge, from right to left."""
    right, top = figure.x + _node_width(figure) + 8, figure.y - HEIGHT / 2 - 2
    parts = []
    for standing, text in _pills(standings):
        width = _width(text)
        right -= width
        parts.append(_token(figure.position, standing, text, right, top, addresses))
        right -= 3
    return "".join(parts)


def drawn_fold(figure: Figure, address: str, folds: Folds) -> str:
    """Return the link that opens or folds a figure; `address` is what comes before its query."""
    fold = figure.fold
    if fold is None:
        return ""
    x, y = _fold_corner(figure)
    sign = icon("chevron-down" if fold.is_open else "chevron-right", x + 5, y + 5)
    inside = f", {counted(fold.size, 'instruction')}" if fold.size else ""
    label = f"{'fold' if fold.is_open else 'open'} {figure.words.kind} {figure.words.name}{inside}"
    query = folds.toggled(fold.key, is_open=fold.is_open).query()
    return (
        f'<a class="fold{" on-bar" if figure.form is Form.BARS else ""}"'
        f' href="{escaped(f"{address}{query}")}" data-fold-key="{escaped(fold.key)}"'
        f' data-is-open="{int(fold.is_open)}" aria-expanded="{str(fold.is_open).lower()}"'
        f' aria-label="{escaped(label)}" tabindex="-1"><title>{escaped(label)}</title>'
        f'<rect x="{px(x)}" y="{px(y)}" width="24" height="24" rx="4" fill="none"'
        f' pointer-events="all"/>{sign}</a>'
    )


def drawn_jump(figure: Figure, addresses: Addresses) -> str:
    """Return the link from an added order to its workflow."""
    if figure.form is not Form.DASHED or not addresses.workflow:
        return ""
    x, y = figure.x + figure.width - 28, figure.y + figure.height / 2 - 12
    label = escaped(f"open the workflow {figure.target[0]}")
    return (
        f'<a class="jump" href="{escaped(link(addresses.workflow, figure.target[0]))}"'
        f' aria-label="{label}"><title>{label}</title><rect x="{px(x)}" y="{px(y)}" width="24"'
        f' height="24" rx="4" fill="none" pointer-events="all"/>'
        f"{icon('external-link', x + 5, y + 5)}</a>"
    )


def short_id(order_id: str) -> str:
    """Return what people know an order by: its name, a child's branch, else its number.

    The number in an id is made so that no two orders share it; nobody reads it.
    """
    branch = order_id.rpartition("|")[2]
    if branch and branch != order_id:
        return clipped(branch, 14)
    found = _ID.fullmatch(order_id)
    known = found and (found["name"] or found["number"] or found["own"])
    return clipped(known or order_id, 14)


def _pills(standings: Sequence[Standing]) -> Iterator[tuple[Standing, str]]:
    """Yield the orders of each state with a text, which is a bare count where there are several."""
    for one in standings[:MOST_TOKENS]:
        if len(standings) > 1:
            yield one, str(one.many)
        else:
            yield one, short_id(one.order_id) if one.order_id else f"{one.many} orders"
    rest = sum(one.many for one in standings[MOST_TOKENS:])
    if rest:
        yield Standing("", rest), f"+{rest}"


def _token(  # one pill, and all of it is needed
    position: str, standing: Standing, text: str, x: float, y: float, addresses: Addresses
) -> str:
    one = link(addresses.order, standing.order_id) if standing.order_id else ""
    href = one or link(addresses.orders, position)
    name = f"{standing.order_id or counted(standing.many, 'order')}, {standing.group or 'further'}"
    # Who steers by voice says what is written, also where that is cut short.
    name = name if text in name else f"{text}: {name}"
    pill = _badge("", STATE_ICONS.get(standing.group, _UNKNOWN), text, x, y)
    look = f'class="token st-{escaped(standing.group)}"'
    if not href:
        return f'<g {look} role="img" aria-label="{escaped(name)}">{pill}</g>'
    return f'<a {look} href="{escaped(href)}" aria-label="{escaped(name)}">{pill}</a>'


def _badge(css: str, sign: str, text: str, x: float, y: float) -> str:
    shape = (
        f'<rect x="{px(x)}" y="{px(y)}" width="{px(_width(text))}" height="{px(HEIGHT)}"'
        f' rx="{px(HEIGHT / 2)}" {_WHITE}/>{icon(sign, x + 6, y + 3, 11)}'
        f'<text x="{px(x + 20)}" y="{px(y + 12.5)}" font-size="10.5">{escaped(text)}</text>'
    )
    return f'<g class="{css}" pointer-events="none">{shape}</g>' if css else shape


def _node_width(figure: Figure) -> float:
    # Beside a ring and an octagon there is text, which belongs to the figure.
    return NODE_WIDTH if figure.form in (Form.RING, Form.OCTAGON) else figure.width


def _width(text: str) -> float:
    return 26 + len(text) * LETTER


def _fold_corner(figure: Figure) -> tuple[float, float]:
    right = figure.x + (figure.width if figure.split is None else figure.split)
    if figure.form in FRAMES or figure.form is Form.RUN:
        return right - 26, figure.y + 1
    if figure.form is Form.BARS:
        # Beside the title in the middle: tokens lie over the ends.
        half = 3.1 * len(f"{figure.words.kind} {figure.words.name}".strip())
        return figure.x + figure.width / 2 + half, figure.y - 5
    if figure.form is Form.HEXAGON:
        return right - 42, figure.y - 1  # beside the word, above the condition
    return right - 30, figure.y + figure.height / 2 - 12
