"""What the editor's requests mean as operations: fields by their texts, rows put in and taken away.

Pure: the text of the draft and the request in, an operation of `inventory.editing` out.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cockpit.pages.editor_fields import Path, Spec, value_of
from cockpit.pages.editor_rows import Rows, renamed_row, specs_in, with_row
from cockpit.pages.editor_specs import instruction_specs, job_specs, workflow_specs
from inventory.editing import Operation, read_operation
from inventory.editing.errors import OperationUnreadable
from inventory.editing.instructions import jobs_of
from inventory.editing.operations import SetField, SetJob, SetWorkflow
from inventory.editing.places import Places
from inventory.editing.reading import places_of
from inventory.editing.tree import value_or

_OF_ROWS = ("add-row", "remove-row", "rename-row")


def operation_of(source: str, given: Any) -> Operation:
    """Return the operation of a request; a field's text is read as its field wants it.

    Raises:
        EditingRefusal: it means none.
        FieldUnreadable: the field cannot take the text.
    """
    if not isinstance(given, dict):
        raise OperationUnreadable("No operation is given.")
    if given.get("do") != "field" and given.get("do") not in _OF_ROWS:
        return read_operation(given)
    parts = given.get("path")
    if not isinstance(parts, list) or not all(isinstance(p, str | int) for p in parts):
        raise OperationUnreadable("No field is named.")
    places, path = places_of(source), tuple(parts)
    if given["do"] == "field":
        return _set(given, path, _field_value(places, given, path))
    return _of_rows(places, given, path)


def _set(given: Mapping[str, Any], path: Path, value: Any) -> Operation:
    if given.get("job"):
        return SetJob(str(given["job"]), path, value)
    if given.get("at"):
        return SetField(str(given["at"]), path, value)
    return SetWorkflow(path, value)


def _field_value(places: Places, given: Mapping[str, Any], path: Path) -> Any:
    part, holder = str(given.get("part", "")), _holder(places, given)
    specs = specs_in(_fields(holder, given))
    spec = next((each for each in specs if (each.path, each.part) == (path, part)), None)
    if spec is None:
        raise OperationUnreadable("There is no such field any more.")
    return value_of(spec, str(given.get("text", "")), value_or(holder, path))


def _of_rows(places: Places, given: Mapping[str, Any], path: Path) -> Operation:
    holder = _holder(places, given)
    around = path if given["do"] == "add-row" else path[:-1]
    if around not in {rows.path for rows in _rows_in(_fields(holder, given))}:
        raise OperationUnreadable("There is no such field any more.")
    values = value_or(holder, around)
    if given["do"] == "add-row":
        return _set(given, path, with_row(values, path, str(given.get("kind", ""))))
    if given["do"] == "rename-row" and isinstance(values, Mapping):
        return _set(given, around, renamed_row(values, str(path[-1]), str(given.get("to", ""))))
    if isinstance(values, Mapping):
        return _set(given, path, None)
    left = [each for i, each in enumerate(values or ()) if i != path[-1]]
    return _left(given, around, left, holder)


def _left(given: Mapping[str, Any], around: Path, left: list[Any], holder: Any) -> Operation:
    """Return what leaves these rows; times of admission without any would admit never."""
    *scheme, name = around
    if left or name not in _TIMES or "restrictedSchemes" in scheme:
        return _set(given, around, left)
    has_others = value_or(holder, (*scheme, _TIMES[str(name)]))
    return _set(given, around if has_others else tuple(scheme), None)


_TIMES = {"periods": "restrictedSchemes", "restrictedSchemes": "periods"}
"""The two lists of a scheme of admission times."""


def _holder(places: Places, given: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the job, instruction or workflow that a request is about."""
    at, job = given.get("at"), given.get("job")
    value = places.document
    if isinstance(job, str) and job:
        value = jobs_of(places.document).get(job)
    elif isinstance(at, str) and at:
        value = places.value(at)
    return value if isinstance(value, Mapping) else {}


def _fields(holder: Mapping[str, Any], given: Mapping[str, Any]) -> Sequence[Spec | Rows]:
    if given.get("job"):
        return [field for fields in job_specs(holder).values() for field in fields]
    if given.get("at"):
        return instruction_specs(str(holder.get("TYPE", "")), holder)
    return workflow_specs(holder)


def _rows_in(fields: Sequence[Spec | Rows]) -> Iterator[Rows]:
    for field in fields:
        if isinstance(field, Rows):
            yield field
            for row in field.rows:
                yield from _rows_in(row.fields)
