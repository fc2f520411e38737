"""Places in a document, as problems and addresses write them: `includes.months[0].days`. Pure."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

Path: TypeAlias = tuple[str | int, ...]

_PART = re.compile(r"(?:^|\.)([A-Za-z]\w{0,63})|\[(\d{1,6})\]")
_LONGEST = 400


class PlaceUnknown(LookupError):
    """A text that is no place, or a place that the document does not have."""


def path_of(place: str) -> Path:
    """Return the fields and indices of a place; the inverse of `timetable.problem.place_text`.

    Raises:
        PlaceUnknown: the text is no place.
    """
    found: list[str | int] = []
    at = 0
    while at < len(place):
        part = _PART.match(place, at)
        if part is None or len(place) > _LONGEST:
            raise PlaceUnknown(f"{place[:60]!r} is no place in a document.")
        found.append(part[1] or int(part[2]))
        at = part.end()
    return tuple(found)


def value_at(tree: Any, path: Path) -> Any:
    """Return what stands at a path.

    Raises:
        PlaceUnknown: nothing does.
    """
    for part in path:
        is_field = isinstance(part, str) and isinstance(tree, Mapping) and part in tree
        if is_field or (isinstance(part, int) and _is_list(tree) and part < len(tree)):
            tree = tree[part]
        else:
            raise PlaceUnknown("The document has no such place; it has been changed meanwhile.")
    return tree


def value_or(tree: Any, path: Path, otherwise: Any = None) -> Any:
    """Return what stands at a path, something else where nothing does."""
    try:
        return value_at(tree, path)
    except PlaceUnknown:
        return otherwise


def is_at(place: str, at: str) -> bool:
    """Tell whether a place is this one or lies within it."""
    return place == at or place.startswith((f"{at}.", f"{at}["))


def _is_list(value: object) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str | bytes)
