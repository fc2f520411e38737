"""The text of a draft as plain values, and the places in it. Pure."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from engine.workflow.json_values import Unreadable, decode
from inventory.editing.errors import TextUnreadable
from inventory.editing.places import Places
from inventory.source import KEPT_CHARACTERS, values_of
from inventory.workflow_reading import workflow_reading


def places_of(source: str) -> Places:
    """Return the places of a text; shared, so nobody changes them.

    Raises:
        TextUnreadable: it cannot be read.
    """
    return _places_again(source) if len(source) <= KEPT_CHARACTERS else _places(source)


def _places(source: str) -> Places:
    return Places(document_of(source), workflow_reading(source).workflow)


_places_again = lru_cache(maxsize=8)(_places)


def document_of(source: str) -> Any:
    """Return the plain values of a text.

    Raises:
        TextUnreadable: it cannot be read.
    """
    values = values_of(source)
    if values.data is None:
        raise TextUnreadable(values.problems[0].sentence)
    if not isinstance(values.data, bytes):
        return values.data
    found = decode(values.data)
    if isinstance(found, Unreadable):
        raise TextUnreadable(found.problem.sentence)
    if not isinstance(found, Mapping):
        raise TextUnreadable("The document has no fields: it must be an object.")
    return found
