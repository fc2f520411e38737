"""How a diagram and an outline show what differs from another version; folded, too.

What is gone is drawn as a ghost at the place where it stood, and moves nothing.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from cockpit.diagram.nearest import Places
from cockpit.diagram.outline import OutlineRow
from cockpit.diagram.overlay import Change, Overlay
from cockpit.diagram.picture import Gap
from cockpit.diagram.saying import counted
from cockpit.diagram.strokes import clipped, escaped, icon, px

_GHOST_HEIGHT = 18.0
_LETTER = 6.3
_MOST_LETTERS = 23


class Shown(NamedTuple):
    """Something that is shown: its position, the key of a run, whether it is folded."""

    position: str
    run: str
    is_folded: bool

    @property
    def key(self) -> str:
        """What changes that are folded into it are kept under."""
        return self.position or self.run


def folded_changes(overlay: Overlay, shown: Sequence[Shown]) -> Overlay:
    """Return the overlay with changes that are folded counted at what they are folded into."""
    if not overlay.changes and not overlay.removed:
        return overlay
    places, inside = Places((each.position, each.run) for each in shown), Counter[str]()
    gone = {at: len(words) for at, words in overlay.removed.items()}
    for at, many in [*dict.fromkeys(overlay.changes, 1).items(), *gone.items()]:
        i = places.at(at)
        if i is not None and shown[i].is_folded and shown[i].key != at:
            inside[shown[i].key] += many
    counts = {key: f"{counted(many, 'change')} inside" for key, many in inside.items()}
    more = {key: _with_inside(overlay.changes.get(key), text) for key, text in counts.items()}
    return overlay._replace(changes={**overlay.changes, **more})


def _with_inside(own: Change | None, inside: str) -> Change:
    if own is None:
        return Change(inside)
    return Change(own.word, f"{own.what}; {inside}" if own.what else inside)


def drawn_ghosts(gaps: Sequence[Gap], removed: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Yield what is gone at the places where it stood, as SVG."""
    for gap in gaps:
        if gap.position in removed:
            yield _ghost(gap, removed[gap.position])


def _ghost(gap: Gap, gone: Sequence[str]) -> str:
    told = f"removed: {gone[0].removeprefix('job ')}" if len(gone) == 1 else f"{len(gone)} removed"
    text = clipped(told, _MOST_LETTERS)
    width = 26 + _LETTER * len(text)
    x, y = gap.x - width / 2, gap.y - _GHOST_HEIGHT / 2
    label = escaped(f"removed here: {', '.join(gone)}")
    return (
        f'<g class="ghost" role="img" aria-label="{label}"><title>{label}</title>'
        f'<rect x="{px(x)}" y="{px(y)}" width="{px(width)}" height="{px(_GHOST_HEIGHT)}" rx="4"'
        ' fill="#fff" stroke="#b32133" stroke-dasharray="4 3"/>'
        f"{icon('circle-slash', x + 5, y + 3, 12)}"
        f'<text class="detail" x="{px(x + 21)}" y="{px(y + 13)}">{escaped(text)}</text></g>'
    )


def with_removed(
    rows: Sequence[OutlineRow], removed: Mapping[str, Sequence[str]]
) -> list[OutlineRow]:
    """Return the rows of an outline with one for each that is gone, where it stood."""
    found = list(rows)
    for at, gone in removed.items():
        where = _before(found, at)
        if where is not None:
            i, depth, level = where
            found[i:i] = [_gone_row(text, depth, level) for text in gone]
    return found


def _before(rows: Sequence[OutlineRow], at: str) -> tuple[int, int, int] | None:
    """Return the index of the row that follows a place, with depth and level there."""
    scope, _, index = at.rpartition("/")
    here = _index(rows, at)
    if here is not None:
        return here, rows[here].depth, rows[here].level
    prefix = f"{scope}/" if scope else ""
    before = _index(rows, f"{prefix}{int(index) - 1}") if index.isdecimal() else None
    if before is not None:
        return _end(rows, before), rows[before].depth, rows[before].level
    around = _index(rows, scope.rpartition("/")[0])
    if around is None:
        return (len(rows), 0, 1) if not scope else None
    if rows[around].is_open is False:
        return None
    return _end(rows, around), min(rows[around].depth + 1, 8), rows[around].level + 1


def _index(rows: Sequence[OutlineRow], at: str) -> int | None:
    return next((i for i, row in enumerate(rows) if row.is_place and row.position == at), None)


def _end(rows: Sequence[OutlineRow], i: int) -> int:
    """Return the index behind a row and all below it."""
    level = rows[i].level
    return next((j for j in range(i + 1, len(rows)) if rows[j].level <= level), len(rows))


def _gone_row(text: str, depth: int, level: int) -> OutlineRow:
    return OutlineRow(
        "", depth, "circle-slash", f"removed: {text}", f"removed: {text}",
        is_place=False, level=level, is_removed=True,
    )  # fmt: skip
