"""The two faces of a workflow, diagram and outline, for one reader with one address.

Pure: queries come in as mappings, addresses as texts.
"""

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import NamedTuple

from cockpit.diagram.fold import MOST, WHOLE, folding
from cockpit.diagram.layout import lay_out
from cockpit.diagram.overlay import NOTHING, Overlay
from cockpit.diagram.svg import fold_links, written
from cockpit.diagram.tree import Site, tree
from cockpit.diagram.wanted import Folds, folds_of
from engine.workflow.model import Workflow


class Face(Enum):
    """How a workflow is shown."""

    DIAGRAM = "diagram"  # the picture, beside it the outline where there is room
    OUTLINE = "outline"  # the outline alone, with all that it can tell


class Asked(NamedTuple):
    """What an address asks for: parameters `view`, `open`, `fold` and `at`.

    `kept` is the rest of the query, which links repeat; it is empty or ends with `&`.
    """

    face: Face = Face.DIAGRAM
    folds: Folds = Folds()
    kept: str = ""

    def address(self, face: Face) -> str:
        """Return what links begin with that show a face; folds and position follow."""
        view = "" if face is Face.DIAGRAM else f"view={face.value}&"
        return f"?{self.kept}{view}"


AT_FIRST = Asked()
"""An address that asks for nothing."""


class View(NamedTuple):
    """Both faces as HTML, with the addresses that show the one and the other.

    `is_full` tells that not everything that was opened is shown, since a view has its bound.
    """

    face: str
    svg: str
    tree: str
    diagram_at: str
    outline_at: str
    is_full: bool
    most: int = MOST
    whole: int = WHOLE


def asked(query: Mapping[str, Sequence[str]], kept: str = "") -> Asked:
    """Return what a query asks for; an unknown face is the diagram."""
    face = (*query.get("view", ()), "")[0]
    known = Face.OUTLINE if face == Face.OUTLINE.value else Face.DIAGRAM
    return Asked(known, folds_of(query), kept)


def view_of(
    workflow: Workflow,
    sprite: str,
    *,
    overlay: Overlay = NOTHING,
    asked_for: Asked = AT_FIRST,
    several: bool = False,
    alone: bool = False,
) -> View:
    """Return the faces of a workflow; the outline alone has no picture.

    Args:
        workflow: what is shown.
        sprite: address of the icons' file.
        overlay: what lies over both faces.
        asked_for: which face, and what is opened and folded in it.
        several: whether more than one position can be picked.
        alone: whether the diagram is shown without the outline beside it.
    """
    folds, face = asked_for.folds, asked_for.face
    plan = folding(workflow, folds)
    address = asked_for.address(face)
    svg = outlined = ""
    site = Site(address, sprite, folds, several)
    if face is Face.DIAGRAM:
        picture = lay_out(workflow, plan)
        links = fold_links(picture, address, folds)
        svg = written(picture, plan, overlay.placed(), links)
    return View(
        face=face.value,
        svg=svg,
        tree=outlined if svg and alone else tree(workflow, plan, overlay, site),
        diagram_at=f"{asked_for.address(Face.DIAGRAM)}{folds.query()}",
        outline_at=f"{asked_for.address(Face.OUTLINE)}{folds.query()}",
        is_full=plan.is_full,
    )
