"""What a draft names, from its text. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from engine.position import to_text
from engine.workflow.json_values import Unreadable, decode
from engine.workflow.model import Workflow
from engine.workflow.relations import relations
from inventory.references.notation import names_of_text
from inventory.references.places import Place, places
from inventory.source import values_of
from inventory.workflow_reading import workflow_reading

LONGEST_NAME = 255
"""Characters; what is longer is no name of anything."""


class Named(NamedTuple):
    """A name in a document: of which type, in which role, and at which positions.

    Agents and agent clusters are named, too, though the inventory has no objects of them.
    """

    type: str
    name: str
    role: str
    positions: tuple[str, ...] = ()


def names_in(kind: str, source: str) -> tuple[Named, ...]:
    """Return what a draft names, each name once a role; nothing where it has no fields at all."""
    data = values_of(source).data
    if data is None:
        return ()
    workflow = workflow_reading(source).workflow if kind == "workflow" else None
    return tuple(_names(kind, data, workflow))


def document_of(data: bytes | Mapping[str, Any]) -> object:
    """Return the plain values of a document, None where the bytes are no JSON."""
    if not isinstance(data, bytes):
        return data
    found = decode(data)
    return None if isinstance(found, Unreadable) else found


def _names(
    kind: str, data: bytes | Mapping[str, Any], workflow: Workflow | None
) -> Iterator[Named]:
    found = _told(places(kind, document_of(data)))
    positions = {} if workflow is None else _positions(workflow)
    for kind_named, name, role in found:
        yield Named(kind_named, name, role, positions.get((role, name), ()))


def _told(found: Iterable[Place]) -> list[tuple[str, str, str]]:
    named = (
        (place.type, name, place.role)
        for place in found
        for name in names_of_text(place.notation, place.text)
        if 0 < len(name) <= LONGEST_NAME and "\0" not in name
    )
    return list(dict.fromkeys(named))


def _positions(workflow: Workflow) -> dict[tuple[str, str], tuple[str, ...]]:
    known = relations(workflow)
    return {
        (role, name): tuple(map(to_text, positions))
        for role in known.__struct_fields__
        for name, positions in getattr(known, role).items()
    }
