"""Draws workflows: a workflow document in, an SVG or an outline out.

Pure: no clock, no database, no request. One renderer serves pages, the REST API, documents and
tests. `view_of` makes both faces for a page, `draw` the picture and `outline` the rows alone.
"""

from cockpit.diagram.outline import OutlineRow, outline
from cockpit.diagram.overlay import Addresses, LockUse, Overlay, Standing
from cockpit.diagram.svg import draw
from cockpit.diagram.view import Asked, View, asked, view_of

__all__ = [
    "Addresses",
    "Asked",
    "LockUse",
    "OutlineRow",
    "Overlay",
    "Standing",
    "View",
    "asked",
    "draw",
    "outline",
    "view_of",
]
