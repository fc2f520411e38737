"""Compares plain JSON values with the documents' types and tells every difference.

A decoder stops at the first one. This knows types, not calendars.
"""

from collections.abc import Iterator
from difflib import get_close_matches
from functools import cache
from typing import Any, get_args, get_origin

import msgspec
from msgspec import inspect, structs

from timetable.problem import Path, Problem, problem, shown
from timetable.schedule import Clock

_CLOCK = inspect.type_info(Clock)


def shape_problems(
    kind: Any, value: Any, path: Path = (), *, ignored: frozenset[str] = frozenset()
) -> Iterator[Problem]:
    """Yield where a value, made of JSON's types, differs from a type; in the document's order.

    Args:
        kind: a struct, a tuple of any length, or what a decoder knows.
        value: as JSON has it.
        path: where the value is.
        ignored: fields that an object may have beside those of its struct; not those within it.
    """
    kind = _without_none(kind) if value is not None else kind
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        yield from _object_problems(kind, value, path, ignored)
    elif get_origin(kind) is tuple and get_args(kind)[1:] == (...,):
        yield from _list_problems(get_args(kind)[0], value, path)
    else:
        yield from _value_problems(kind, value, path)


def _object_problems(
    kind: type[msgspec.Struct], value: Any, path: Path, ignored: frozenset[str]
) -> Iterator[Problem]:
    if not isinstance(value, dict):
        yield problem(path, "wrong-type", f"An object is needed here, not {shown(value)}.")
        return
    fields = _fields(kind)
    for name, inner in value.items():
        if name in fields:
            yield from shape_problems(fields[name].type, inner, (*path, name))
        elif name not in ignored:
            near = get_close_matches(str(name), fields, n=1)
            hint = f" Is {shown(near[0])} meant?" if near else ""
            sentence = f"There is no field {shown(str(name))} here.{hint}"
            yield problem((*path, str(name)), "field-unknown", sentence)
    for name, field in fields.items():
        if field.required and name not in value:
            yield problem((*path, name), "field-missing", "This field is missing.")


def _list_problems(kind: Any, value: Any, path: Path) -> Iterator[Problem]:
    if not isinstance(value, list | tuple):
        yield problem(path, "wrong-type", f"A list is needed here, not {shown(value)}.")
        return
    for i, inner in enumerate(value):
        yield from shape_problems(kind, inner, (*path, i))


def _value_problems(kind: Any, value: Any, path: Path) -> Iterator[Problem]:
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError as e:
        yield problem(path, "wrong-value", _sentence(inspect.type_info(kind), value, str(e)))


def _sentence(expected: inspect.Type, value: Any, said: str) -> str:
    if expected == _CLOCK:
        return f"{shown(value)} is no time; one looks like 08:15:00, and 24:00 is the last."
    match expected:
        case inspect.DateType():
            return f"{shown(value)} is no date; one looks like 2026-03-02."
        case inspect.IntType(ge=low, le=high) if low is not None:
            return f"{shown(value)} is no whole number from {low} to {high}."
        case inspect.EnumType(cls=members):
            return f"{shown(value)} is none of {', '.join(member.value for member in members)}."
        case inspect.IntType():
            return f"A whole number is needed here, not {shown(value)}."
        case inspect.BoolType():
            return f"true or false is needed here, not {shown(value)}."
        case inspect.StrType():
            return f"A text is needed here, not {shown(value)}."
        case _:
            return f"{said}."


def _without_none(kind: Any) -> Any:
    """Return `X` of `X | None`."""
    inner = [part for part in get_args(kind) if part is not type(None)]
    is_optional = type(None) in get_args(kind) and len(inner) == 1
    return inner[0] if is_optional else kind


@cache
def _fields(kind: type[msgspec.Struct]) -> dict[str, structs.FieldInfo]:
    return {field.encode_name: field for field in structs.fields(kind)}
