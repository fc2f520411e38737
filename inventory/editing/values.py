"""Single values of a text changed: what a form of an object says about its fields. Pure.

All else stays as people wrote it, and whatever comes out is read again and says what was meant.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from engine.workflow.problem import Path
from inventory.editing.errors import TextUnreadable
from inventory.editing.reading import document_of
from inventory.editing.tree import changed, value_or, without
from inventory.editing.writing import rewritten

KEPT_EMPTY = frozenset({"calendars", "periods", "includes"})
"""Fields that a document must have, even if nothing is in them."""

GONE = object()
"""The value of what shall not be there any more."""


class Put(NamedTuple):
    """A value for a path; an index one behind the last appends, `GONE` removes."""

    path: Path
    value: Any


def tree_of(source: str) -> Any:
    """Return what a text says as JSON's values, to look at; None where it cannot be read."""
    try:
        return document_of(source)
    except TextUnreadable:
        return None


def with_values(source: str, puts: Sequence[Put]) -> str:
    """Return the text with these values, one after the other.

    Raises:
        EditingRefusal: the text cannot be read, or is written in a way that hides single values.
    """
    for put in puts:
        document = document_of(source)
        source = rewritten(source, document, _with(document, put))
    return source


def _with(document: Any, put: Put) -> Any:
    if put.value is GONE:
        return _without(document, put.path)
    return changed(document, put.path, lambda _: put.value)


def _without(document: Any, path: Path) -> Any:
    """Return the document without what stands at a path; lists that become empty go along."""
    around = value_or(document, path[:-1])
    if isinstance(around, Mapping):
        return without(document, path)
    if not isinstance(around, list) or not isinstance(path[-1], int) or path[-1] >= len(around):
        return document
    left = [*around[: path[-1]], *around[path[-1] + 1 :]]
    if not left and path[-2] not in KEPT_EMPTY:
        return _without(document, path[:-1])
    return changed(document, path[:-1], lambda _: left)
