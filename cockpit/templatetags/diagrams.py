"""Shows a workflow as diagram or outline, to be looked at or to pick a place from.

Knows no models: what lies over the picture comes as `cockpit.diagram.Overlay`.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django import template
from django.http import HttpRequest
from django.template.context import RequestContext
from django.templatetags.static import static
from django.utils.safestring import mark_safe

from cockpit.diagram import Overlay, View, asked, view_of
from cockpit.diagram.view import Asked
from cockpit.templatetags.icons import SPRITE
from engine.workflow.model import Workflow

register = template.Library()

_OWN = frozenset({"view", "open", "fold", "at", "part", "pick", "chosen", "order"})


@register.inclusion_tag("cockpit/parts/workflow_view.html", takes_context=True)
def workflow_view(
    context: RequestContext, workflow: Workflow, overlay: Overlay | None = None, **data: str
) -> dict[str, Any]:
    """Return both faces of a workflow, switched, opened and folded by the page's address.

    Args:
        context: of the page, for its request.
        workflow: what is shown.
        overlay: what lies over it.
        data: attributes of the island: `topic`, `upto`, `tokens_url`, `panel_url`, `picture_url`,
            `order_url`, `orders_url`; see `live-diagram.js`.
    """
    view = _view(workflow, overlay, _asked(context), several=False)
    return {"view": _safe(view), "data": _attributes(data)}


@register.inclusion_tag("cockpit/parts/workflow_faces.html", takes_context=True)
def workflow_faces(
    context: RequestContext,
    workflow: Workflow,
    overlay: Overlay | None = None,
    *,
    several: bool = False,
) -> dict[str, Any]:
    """Return the faces alone, as an island asks for them again."""
    return {"view": _safe(_view(workflow, overlay, _asked(context), several=several))}


@register.inclusion_tag("cockpit/parts/pick_position.html")
def pick_position(  # it is called by names
    workflow: Workflow,
    overlay: Overlay,
    *,
    name: str,
    label: str,
    picture_url: str,
    value: str = "",
    hint: str = "",
    several: bool = False,
) -> dict[str, Any]:
    """Return a form field for a position, with the workflow to pick it from.

    Without script the field takes the position as text. `overlay.picks` says what may be picked.

    Args:
        workflow: where the position lies.
        overlay: with `picks`.
        name: of the form field.
        label: of the form field.
        picture_url: address of the faces, to which `open`, `fold` and `view` are added.
        value: what is in the field.
        hint: a sentence below the field, such as what an empty field means.
        several: whether the field takes several positions, one a line.
    """
    chosen = overlay._replace(chosen=frozenset(value.splitlines()))
    view = _view(workflow, chosen, Asked(), several=several)
    return {
        "view": _safe(view),
        "data": _attributes({"picture_url": picture_url, "pick": f"pick-{name}"}),
        "name": name,
        "label": label,
        "value": value,
        "hint": hint,
        "several": several,
    }


@register.inclusion_tag("cockpit/parts/pick_into.html")
def pick_into(
    workflow: Workflow, overlay: Overlay, *, field: str, picture_url: str, value: str = ""
) -> dict[str, Any]:
    """Return a workflow whose picked place is written into a field that the form has already.

    Args:
        workflow: where the position lies.
        overlay: with `picks`.
        field: id of an input, textarea or select; a select has the places as options.
        picture_url: address of the faces.
        value: what is in the field.
    """
    chosen = overlay._replace(chosen=frozenset(value.splitlines()))
    view = _view(workflow, chosen, Asked(), several=False)
    data = _attributes({"picture_url": picture_url, "pick": field})
    return {"view": _safe(view), "data": data, "several": False}


def _view(workflow: Workflow, overlay: Overlay | None, asked_for: Asked, *, several: bool) -> View:
    over = overlay or Overlay()
    return view_of(workflow, static(SPRITE), overlay=over, asked_for=asked_for, several=several)


def _asked(context: RequestContext) -> Asked:
    request = context.get("request")
    if not isinstance(request, HttpRequest):
        return Asked()
    query = dict(request.GET.lists())
    kept = [(name, value) for name, values in query.items() if name not in _OWN for value in values]
    return asked(query, f"{urlencode(kept)}&" if kept else "")


def _attributes(data: Mapping[str, str]) -> list[tuple[str, str]]:
    return [(name.replace("_", "-"), value) for name, value in data.items() if value]


def _safe(view: View) -> View:
    # The renderer escapes every text of the workflow itself.
    return view._replace(svg=mark_safe(view.svg), tree=mark_safe(view.tree))  # noqa: S308
