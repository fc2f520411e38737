"""Writes the outline as HTML: a tree for the keyboard, links where there is no script.

What the diagram shows and lets do is here too: orders, marks, folding, selecting, picking.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from cockpit.diagram.badges import STATE_ICONS, Mark, change_mark
from cockpit.diagram.changes import Shown, folded_changes, with_removed
from cockpit.diagram.fold import Folding, Folds
from cockpit.diagram.nearest import Places
from cockpit.diagram.outline import OutlineRow, outline
from cockpit.diagram.overlay import Overlay, Standing, link
from cockpit.diagram.strokes import escaped
from engine.workflow.model import Workflow


class Site(NamedTuple):
    """Where the tree stands: what its links begin with, and where the icons are.

    `address` ends such that a query can follow, `sprite` is the file of the icons.
    """

    address: str
    sprite: str
    folds: Folds = Folds()
    several: bool = False


def tree(workflow: Workflow, plan: Folding, overlay: Overlay, site: Site) -> str:
    """Return the outline of a workflow as `<div role="tree">`."""
    rows = outline(workflow, plan)
    over = folded_changes(overlay.placed(), [_shown(row) for row in rows])
    rows = with_removed(rows, over.removed)
    orders = Places(map(_where, rows)).gathered(over.orders)
    current = site.folds.at if any(_is_at(row, site.folds.at) for row in rows) else ""
    reached = current or (rows[0].position if rows else "")
    written = []
    for i, row in enumerate(rows):
        standings = orders.get(i, [])
        is_first = row.is_place and row.position == reached
        written.append(_Item(row, over, site, is_first=is_first).html(standings))
    several = ' aria-multiselectable="true"' if site.several else ""
    return (
        f'<div class="outline" role="tree" aria-label="Outline" data-outline{several}>'
        f"{''.join(written)}</div>"
    )


def _where(row: OutlineRow) -> tuple[str, str]:
    is_run = row.is_open is False and not row.is_place
    return (row.position if row.is_place else "", row.key if is_run else "")


def _shown(row: OutlineRow) -> Shown:
    position, run = _where(row)
    return Shown(position, run or ("" if position else row.key), row.is_open is False)


def _is_at(row: OutlineRow, at: str) -> bool:
    return row.is_place and row.position == at


class _Item:
    """One row to be written."""

    def __init__(self, row: OutlineRow, over: Overlay, site: Site, *, is_first: bool) -> None:
        self._row = row
        self._over = over
        self._site = site
        self._is_first = is_first
        self._refused = over.refusal(row.position) if row.is_place else None
        self._is_pick = over.picks is not None and row.is_place

    def html(self, standings: Sequence[Standing]) -> str:
        row = self._row
        kind = '<span class="hidden-visually">job </span>' if row.icon == "terminal" else ""
        return (
            f"<a{self._attributes()}>{self._twist()}{self._icon(row.icon)}"
            f'<span class="text">{kind}{escaped(row.text)}</span>'
            f"{self._detail()}{self._marks()}{self._orders(standings)}{self._place()}</a>"
        )

    def _attributes(self) -> str:
        row = self._row
        found = [
            ("role", "treeitem"),
            ("class", self._css()),
            *([("data-removed", "1")] if row.is_removed else []),
            ("href", self._href()),
            ("title", f"{row.label}: {self._refused}" if self._refused else row.label),
            ("tabindex", "0" if self._is_first else "-1"),
            ("aria-level", str(row.level)),
        ]
        if row.is_place:
            found.append(("data-at", row.position))
        if row.many:
            found += [("aria-posinset", str(row.nth)), ("aria-setsize", str(row.many))]
        if row.is_open is not None:
            is_open = str(row.is_open).lower()
            found += [("aria-expanded", is_open), ("data-fold-key", row.key)]
            found.append(("data-is-open", str(int(row.is_open))))
        return "".join(f' {name}="{escaped(value)}"' for name, value in found + self._picking())

    def _picking(self) -> list[tuple[str, str]]:
        if not self._is_pick:
            is_current = self._row.is_place and self._row.position == self._site.folds.at
            return [("aria-current", "true")] if is_current else []
        if self._refused:
            return [("aria-disabled", "true"), ("data-refused", self._refused)]
        return [("aria-selected", str(self._row.position in self._over.chosen).lower())]

    def _css(self) -> str:
        words = [f"depth-{self._row.depth}"]
        state = self._over.highlights.get(self._row.position, "") if self._row.is_place else ""
        if state:
            words.append(f"st-{state}")
        if self._is_pick:
            words.append("refused" if self._refused else "pickable")
        return " ".join(words)

    def _href(self) -> str:
        row, folds = self._row, self._site.folds
        if row.is_open is False:
            folds = folds.toggled(row.key, is_open=False)
        if row.position:
            folds = folds._replace(at=row.position)
        return f"{self._site.address}{folds.query()}"

    def _twist(self) -> str:
        if self._row.is_open is None:
            return '<span class="twist"></span>'
        name = "chevron-down" if self._row.is_open else "chevron-right"
        return f'<span class="twist" data-twist>{self._icon(name)}</span>'

    def _icon(self, name: str) -> str:
        use = f'<use href="{escaped(self._site.sprite)}#{name}"/>'
        return f'<svg class="icon" aria-hidden="true">{use}</svg>'

    def _detail(self) -> str:
        row = self._row
        told = row.detail if row.detail and row.detail not in row.text else ""
        more = [f'<span class="detail">{escaped(told)}</span>'] if told else []
        if self._refused:
            more.append(f'<span class="reason">{escaped(self._refused)}</span>')
        state = self._over.highlights.get(row.position, "") if row.is_place else ""
        if state:
            more.append(f'<span class="hidden-visually">, {escaped(state)}</span>')
        return "".join(more)

    def _marks(self) -> str:
        return "".join(
            f'<span class="mark mark-{mark.css}" title="{escaped(mark.meaning)}">'
            f"{self._icon(mark.icon)}{escaped(mark.text)}</span>"
            for mark in self._found_marks()
        )

    def _found_marks(self) -> list[Mark]:
        row, over = self._row, self._over
        if not row.is_place:
            change = over.changes.get(row.key) if row.key else None
            return [change_mark(change)] if change else []
        found = []
        if row.name and row.name in over.skipped:
            found.append(Mark("skipped", "skip-forward", "skipped", "skipped by its label"))
        if row.position in over.stopped:
            found.append(Mark("stopped", "octagon-pause", "breakpoint", "orders stop here"))
        if row.position in over.chosen:
            found.append(Mark("chosen", "map-pin", "chosen", "chosen"))
        found += self._wrong()
        if row.position in over.changes:
            change = over.changes[row.position]
            text = f"{change.word}: {change.what}" if change.what else change.word
            found.append(change_mark(change)._replace(text=text))
        used = [use for name in row.locks if (use := over.locks.get(name))]
        for use in used:
            holders = f", held by {' and '.join(use.holders)}" if use.holders else ""
            told = f"{use.used}/{use.capacity}{holders}"
            found.append(Mark("holder", "lock", told, "how much of the lock is taken"))
        return found

    def _wrong(self) -> Iterator[Mark]:
        at, over = self._row.position, self._over
        if at in over.faults:
            yield Mark("fault", "octagon-x", "problem", over.faults[at])
        if at in over.cautions:
            yield Mark("caution", "triangle-alert", "warning", over.cautions[at])

    def _orders(self, standings: Sequence[Standing]) -> str:
        return "".join(self._order(one) for one in standings)

    def _order(self, one: Standing) -> str:
        addresses = self._over.addresses
        href = link(addresses.order, one.order_id) if one.order_id else ""
        href = href or link(addresses.orders, self._row.position)
        leads = f' data-href="{escaped(href)}"' if href else ""
        told = escaped(f"{one.many} {one.group}")
        return (
            f'<span class="state st-{escaped(one.group)}" role="img" aria-label="{told}"'
            f' title="{told}"{leads}>'
            f"{self._icon(STATE_ICONS.get(one.group, 'circle-dashed'))}{one.many}</span>"
        )

    def _place(self) -> str:
        row = self._row
        if not row.is_place:
            return ""
        jump = link(self._over.addresses.workflow, row.target) if row.target else ""
        leads = (
            f'<span class="jump" data-href="{escaped(jump)}" title="open the workflow">'
            f"{self._icon('external-link')}</span>"
            if jump
            else ""
        )
        return f'{leads}<span class="place">{escaped(row.position)}</span>'
