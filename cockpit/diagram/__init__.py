"""Draws workflows: a workflow document in, an SVG or an outline out.

Pure: no clock, no database, no request. One renderer serves pages, the REST API, documents and
tests. `draw` and `outline` are the door.
"""

from cockpit.diagram.outline import OutlineRow, outline
from cockpit.diagram.svg import draw

__all__ = ["OutlineRow", "draw", "outline"]
