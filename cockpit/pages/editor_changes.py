"""How a workflow's draft differs from what is deployed: marks for the diagram, and words. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from cockpit.diagram.overlay import Change
from cockpit.diagram.saying import counted
from cockpit.diagram.words import words
from cockpit.pages.editor_fields import Spec
from cockpit.pages.editor_rows import specs_in
from cockpit.pages.editor_specs import instruction_specs, job_specs, workflow_specs
from engine.workflow.blocks import inner_blocks
from engine.workflow.instruction import Instruction
from engine.workflow.model import Workflow
from engine.workflow.walk import type_name
from inventory.editing.places import Places
from inventory.workflow_difference import (
    Changed,
    Kind,
    Removed,
    WorkflowDifference,
    workflow_difference,
)


class ChangeLine(NamedTuple):
    """A difference in words; `at` is the position where it is seen, empty for the workflow."""

    kind: str
    text: str
    at: str = ""


class Changes(NamedTuple):
    """What differs, by position for the diagram, and as lines."""

    marks: Mapping[str, Change] = {}
    removed: Mapping[str, Sequence[str]] = {}
    lines: Sequence[ChangeLine] = ()


def changes_of(old: Workflow, places: Places) -> Changes:
    """Return how a draft differs from an older workflow."""
    found = workflow_difference(old, places.workflow)
    marks = {
        at: Change(changed.kind.value, _differing(changed, places, at))
        for at, changed in found.changed.items()
    }
    removed: dict[str, list[str]] = {}
    for each in found.removed:
        removed.setdefault(each.before, []).append(_gone(each, old))
    return Changes(marks, removed, list(_lines(found, old, places)))


def _differing(changed: Changed, places: Places, at: str) -> str:
    return ", ".join(_field_words(changed.fields, places.visits[at].instruction))


def _gone(removed: Removed, old: Workflow) -> str:
    named, inside = _named(removed.instruction, old), _size(removed.instruction)
    more = f" with {counted(inside, 'instruction')}" if inside else ""
    return f"{named}{more}, moved to {removed.to}" if removed.to else f"{named}{more}"


def _size(instruction: Instruction) -> int:
    blocks = (inner.block for inner in inner_blocks(instruction))
    return sum(1 + _size(below) for block in blocks for below in block.instructions)


def _named(instruction: Instruction, workflow: Workflow) -> str:
    said = words(instruction, workflow)
    return " ".join(part for part in (said.kind, said.name) if part)


def _field_words(fields: Iterable[str], instruction: Instruction) -> Iterator[str]:
    """Yield what people call the fields that differ."""
    own = list(specs_in(instruction_specs(type_name(instruction), {})))
    jobs = [spec for specs in job_specs({}).values() for spec in specs_in(specs)]
    for field in fields:
        if field.startswith("-"):
            yield f"branch {field[1:].removeprefix('fork+')} removed"
        elif field.startswith("job "):
            yield f"job: {_label(field.removeprefix('job '), jobs)}"
        else:
            yield _label(field, own)


def _label(field: str, specs: Iterable[Spec]) -> str:
    known = {".".join(map(str, spec.path)): spec.label for spec in specs}
    return known.get(field, field)


def _lines(found: WorkflowDifference, old: Workflow, places: Places) -> Iterator[ChangeLine]:
    for field in found.fields:
        yield ChangeLine(
            Kind.CHANGED.value, f"workflow: {_label(field, specs_in(workflow_specs({})))}"
        )
    for at, visit in places.visits.items():
        changed = found.changed.get(at)
        if changed:
            fields = _differing(changed, places, at)
            named = _named(visit.instruction, places.workflow)
            yield ChangeLine(changed.kind.value, f"{named}: {fields}" if fields else named, at)
    for gone in found.removed:
        if not gone.to:
            yield ChangeLine("removed", f"{_gone(gone, old)}, was at {gone.was}")
    yield from _job_lines(found, old, places.workflow)


def _job_lines(found: WorkflowDifference, old: Workflow, new: Workflow) -> Iterator[ChangeLine]:
    """Yield jobs that came or went; others are told of where they run."""
    for name in found.jobs:
        if name not in old.jobs:
            yield ChangeLine(Kind.ADDED.value, f"definition of job {name}")
        elif name not in new.jobs:
            yield ChangeLine("removed", f"definition of job {name}")
