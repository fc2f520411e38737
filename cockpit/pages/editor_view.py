"""What the workflow editor shows of a draft: faces, panel, problems, and how far one can go back.

Every answer to an operation is made here, all parts at once.
"""

import json
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, QueryDict
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.safestring import mark_safe

from cockpit.diagram import Overlay, view_of
from cockpit.diagram.view import Face
from cockpit.diagram.words import words
from cockpit.pages.addresses import object_at
from cockpit.pages.editor_changes import Changes, changes_of
from cockpit.pages.editor_drawn import drawn_once
from cockpit.pages.editor_look import Look
from cockpit.pages.editor_panel import Panel, panel_of
from cockpit.pages.inventory import condition_of
from cockpit.templatetags.icons import SPRITE
from engine.workflow.model import Workflow
from inventory import dangling
from inventory.editing import EditingRefusal
from inventory.editing.lines import lines_of
from inventory.editing.places import Places
from inventory.editing.pointing import Pointer, pointer_of
from inventory.editing.reading import places_of
from inventory.models import Item
from inventory.operating import steps_of
from inventory.presence import holder

KIND = "workflow"


def parts_of(item: Any, look: Look, account: str, old: Workflow | None = None) -> dict[str, Any]:
    """Return all parts of an answer: HTML, and facts of the draft.

    `old` is what is deployed, where differences from it are to be marked.
    """
    facts = _facts(dangling.told(item), look, account)
    try:
        places = places_of(item.source)
    except EditingRefusal as refused:
        return {**facts, "unreadable": str(refused), **_nothing(item, str(refused))}
    at = look.at if look.at in places.visits else ""
    return {
        **facts,
        "at": at,
        "faces": faces(item, places, look._replace(at=at), old),
        "problems": problems_bar(item, places),
        **_panel_parts(item, places, at),
    }


def panel_parts(item: Any, look: Look, account: str) -> dict[str, Any]:
    """Return what is shown anew when something else is selected."""
    facts = _facts(dangling.told(item), look, account)
    try:
        places = places_of(item.source)
    except EditingRefusal:
        return {**facts, "panel": "", "put_after": "", "put_into": ""}
    return {**facts, **_panel_parts(item, places, look.at if look.at in places.visits else "")}


def _panel_parts(item: Any, places: Places, at: str) -> dict[str, Any]:
    panel = panel_of(places, at, item.problems)
    return {
        "panel": render_to_string("cockpit/inventory/editor_panel.html", _panel(panel)),
        "put_after": panel.put_after,
        "put_into": panel.put_into,
    }


def _facts(item: Any, look: Look, account: str) -> dict[str, Any]:
    steps, held = steps_of(item), holder(item)
    return {
        "edit_no": item.edit_no,
        "at": look.at,
        "valid": item.valid,
        "changed_by": item.changed_by,
        "saved_at": item.changed_at.isoformat(),
        "undo": steps.back,
        "redo": steps.forth,
        "held_by": held.account if held and held.account != account else "",
        "held_since": held.since.isoformat() if held else "",
        "source": item.source if look.source else None,
        "lines": _lines(item) if look.source else [],
        "state": _state(item),
    }


def faces(item: Any, places: Places, look: Look, old: Workflow | None = None) -> str:
    """Return diagram and outline, where something can be put in, what is wrong, what differs."""
    differing = changes_of(old, places) if old is not None and look.marks else Changes()
    pointer = pointer_of(places)
    overlay = Overlay(
        edits=True, faults=pointer.faults(_of(item, "error")),
        cautions=pointer.faults(_of(item, "warning")),
        changes=differing.marks, removed=differing.removed,
    )  # fmt: skip
    return drawn_once(places.workflow, overlay, look, lambda: _drawn(places, overlay, look))


def _of(item: Any, severity: str) -> list[Mapping[str, str]]:
    return [each for each in item.problems if each["severity"] == severity]


def _drawn(places: Places, overlay: Overlay, look: Look) -> str:
    folds = look.asked.folds._replace(at=look.at)
    found = view_of(
        places.workflow, static(SPRITE), overlay=overlay,
        asked_for=look.asked._replace(folds=folds), alone=True,
    )  # fmt: skip
    # The diagram escapes every text of the workflow itself.
    safe = found._replace(svg=mark_safe(found.svg), tree=mark_safe(found.tree))  # noqa: S308
    return render_to_string("cockpit/inventory/editor_faces.html", {"view": safe})


def problems_bar(item: Any, places: Places) -> str:
    """Return the line of problems, each a link to its place."""
    pointer = pointer_of(places)
    lines = [_pointed(each, pointer, places) for each in item.problems]
    errors = sum(each["severity"] == "error" for each in item.problems)
    context = {
        "lines": lines,
        "errors": errors,
        "warnings": len(lines) - errors,
        "instructions": len(places.visits),
    }
    return render_to_string("cockpit/inventory/editor_problems.html", context)


def _pointed(problem: Mapping[str, str], pointer: Pointer, places: Places) -> dict[str, str]:
    """Return a problem with where it is mended, and what is concerned in words."""
    found = pointer.point(problem["place"])
    visit = places.visits.get(found.at)
    said = words(visit.instruction, places.workflow) if visit else None
    who = found.job or (said.name or said.kind if said else "")
    return {
        **problem,
        **found._asdict(),
        "who": " ".join(part for part in (who, found.field) if part),
    }


def _lines(item: Any) -> list[dict[str, Any]]:
    """Return the problems with their lines in the text."""
    found = lines_of(item.source, [each["place"] for each in item.problems])
    return [
        {"line": line, "message": each["sentence"], "severity": each["severity"]}
        for line, each in zip(found, item.problems, strict=True)
    ]


def _state(item: Any) -> str:
    condition, word = condition_of(item)
    context = {"condition": condition, "word": word}
    return render_to_string("cockpit/inventory/editor_state.html", context)


def _nothing(item: Any, sentence: str) -> dict[str, Any]:
    lines = [{**each, "at": "", "job": "", "field": ""} for each in item.problems]
    context = {"lines": lines, "errors": len(lines), "warnings": 0, "instructions": 0}
    return {
        "faces": render_to_string("cockpit/inventory/editor_faces.html", {"sentence": sentence}),
        "panel": "",
        "problems": render_to_string("cockpit/inventory/editor_problems.html", context),
        "put_after": "",
        "put_into": "",
    }


def _panel(panel: Panel) -> dict[str, Any]:
    return {"panel": panel, "kinds": _KINDS}


_KINDS = (
    ("ShellScriptExecutable", "shell script"),
    ("PythonExecutable", "Python"),
    ("BuiltInExecutable", "built in"),
)


def addresses(item: Item) -> dict[str, str]:
    """Return where the island asks, by what for."""
    words = ("operation", "undo", "redo", "look", "copied", "presence", "picture", "template")
    return {word: object_at(KIND, item.path, word) for word in words}


def shown_face(query: QueryDict) -> str:
    """Return which view the address asks for: diagram, outline, source or changes."""
    view = query.get("view", "")
    return view if view in (Face.OUTLINE.value, "source", "changes") else Face.DIAGRAM.value


def body_of(request: HttpRequest) -> dict[str, Any]:
    """Return the fields of a request in JSON, none where it has no such."""
    try:
        found = json.loads(request.body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
