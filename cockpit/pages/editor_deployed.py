"""What is deployed of the workflow in the editor, and how its draft differs."""

from collections.abc import Sequence
from typing import Any

from cockpit.access.account import Actor
from cockpit.access.gate import restrict
from cockpit.pages.editor_changes import ChangeLine, changes_of
from cockpit.pages.editor_look import Look
from cockpit.pages.editor_view import KIND
from engine.workflow.model import Workflow
from inventory.check import examine
from inventory.editing import EditingRefusal
from inventory.editing.reading import places_of
from inventory.known import known_names
from inventory.models import Version
from inventory.queries import difference, versions_of
from inventory.workflow_reading import workflow_reading


def deployed_version(actor: Actor, item: Any) -> Version | None:
    """Return the version in use, None where there is none or the account may not see it."""
    if not item.deployed_version:
        return None
    versions = restrict(versions_of(KIND, item.path), actor.account)
    return versions.filter(version=item.deployed_version).first()


def marked_against(actor: Actor, item: Any, look: Look) -> Workflow | None:
    """Return what is deployed, where differences from it are to be marked."""
    return as_written(deployed_version(actor, item)) if look.marks else None


def as_written(version: Version | None) -> Workflow | None:
    """Return a version as its author had written it: scripts without what they include."""
    return None if version is None else workflow_reading(version.source).workflow


def draft_changes(item: Any, old: Version | None) -> dict[str, Any]:
    """Return how the draft differs from what is deployed, as text and in words."""
    if old is None:
        return {"old": None, "diff": [], "lines": [], "added": 0, "removed": 0}
    lines = difference(old, _as_version(item, old)).splitlines() if item.valid else []
    body = lines[2:]
    return {
        "old": old,
        "new": item,
        "diff": lines,
        "lines": _in_words(item, old),
        "added": sum(line.startswith("+") for line in body),
        "removed": sum(line.startswith("-") for line in body),
    }


def _in_words(item: Any, old: Version) -> Sequence[ChangeLine]:
    workflow = as_written(old)
    try:
        return () if workflow is None else changes_of(workflow, places_of(item.source)).lines
    except EditingRefusal:
        return ()


def _as_version(item: Any, old: Version) -> Version:
    document = examine(KIND, item.source, known_names()).frozen.document
    return Version(kind=KIND, path=item.path, version="draft", document=document or b"{}")
