"""Plain values changed without touching the old ones: what did not change is the same object.

The writer relies on that: whatever is found again keeps its text.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from engine.workflow.problem import Path, place_text
from inventory.editing.errors import PlaceGone

Change = Callable[[Any], Any]


def value_at(document: Any, path: Path) -> Any:
    """Return the value at a path.

    Raises:
        PlaceGone: there is none.
    """
    found = document
    for part in path:
        if not _has(found, part):
            raise PlaceGone(f"There is no {place_text(path)} any more.")
        found = found[part]
    return found


def value_or(document: Any, path: Path, otherwise: Any = None) -> Any:
    """Return the value at a path, something else where there is none."""
    try:
        return value_at(document, path)
    except PlaceGone:
        return otherwise


def changed(document: Any, path: Path, change: Change) -> Any:
    """Return the document with another value at a path; missing objects on the way are made.

    `change` gets the present value, None where there is none.
    """
    if not path:
        return change(document)
    part, rest = path[0], path[1:]
    inner = document[part] if _has(document, part) else None
    return _with(document, part, changed(inner, rest, change))


def without(document: Any, path: Path) -> Any:
    """Return the document without the field at a path; the same one where there is none."""
    *around, last = path
    holder = document
    for part in around:
        if not _has(holder, part):
            return document
        holder = holder[part]
    if not isinstance(holder, Mapping) or last not in holder:
        return document
    return changed(document, tuple(around), lambda old: {k: v for k, v in old.items() if k != last})


def merged_into(old: Any, new: Any) -> Any:
    """Return new values in the order of the old ones, and the old ones where they say the same."""
    if old == new and type(old) is type(new):
        return old
    if not isinstance(old, Mapping) or not isinstance(new, Mapping):
        return new
    kept = {name: merged_into(old[name], new[name]) for name in old if name in new}
    return kept | {name: value for name, value in new.items() if name not in kept}


def inserted(values: Any, index: int, new: Sequence[Any]) -> list[Any]:
    """Return a list with more values before `index`; what is no list counts as an empty one."""
    found = list(values) if isinstance(values, list) else []
    return [*found[:index], *new, *found[index:]]


def path_to(document: Any, wanted: Any) -> Path | None:
    """Return the path of this very object in a document, None where it is not in it."""
    pending: list[tuple[Path, Any]] = [((), document)]
    while pending:
        path, value = pending.pop()
        if value is wanted:
            return path
        if isinstance(value, Mapping):
            pending += [((*path, k), v) for k, v in value.items() if isinstance(v, Mapping | list)]
        elif isinstance(value, list):
            pending += [
                ((*path, i), v) for i, v in enumerate(value) if isinstance(v, Mapping | list)
            ]
    return None


def _has(value: Any, part: str | int) -> bool:
    if isinstance(part, int):
        return isinstance(value, list) and 0 <= part < len(value)
    return isinstance(value, Mapping) and part in value


def _with(holder: Any, part: str | int, value: Any) -> Any:
    if isinstance(part, int):
        values = holder if isinstance(holder, list) else []
        if not 0 <= part <= len(values):
            raise PlaceGone(f"There is no element {part} any more.")
        return [*values[:part], value, *values[part + 1 :]]
    fields = dict(holder) if isinstance(holder, Mapping) else {}
    if part in fields or isinstance(value, Mapping | list):
        return {**fields, part: value}
    return _placed(fields, part, value)


def _placed(fields: dict[str, Any], name: str, value: Any) -> dict[str, Any]:
    """Put a short field before the first long one, where a reader looks for it."""
    pairs = list(fields.items())
    at = next((i for i, (_, v) in enumerate(pairs) if _is_long(v)), len(pairs))
    return dict([*pairs[:at], (name, value), *pairs[at:]])


def _is_long(value: Any) -> bool:
    return isinstance(value, Mapping | list) or (isinstance(value, str) and "\n" in value)
