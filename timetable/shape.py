"""Compares plain JSON values with the documents' types and tells every difference.

A decoder stops at the first one. This knows types, not calendars. Where a value has the wrong shape
it is left out, or a stand-in takes its place, so that the rest can be read and checked.
"""

from collections.abc import Iterable
from difflib import get_close_matches
from functools import cache
from typing import Any, get_args, get_origin

import msgspec
from msgspec import inspect, structs

from timetable.problem import Path, Problem, place_text, problem, shown
from timetable.schedule import Clock

_CLOCK = inspect.type_info(Clock)


class Shape:
    """What came of comparing: all differences, and the places of which nothing is known.

    These are the stand-ins, what was left out, and fields that an unknown one may be meant for.
    """

    def __init__(self) -> None:
        """Begin with nothing found."""
        self.problems: list[Problem] = []
        self.unread: set[str] = set()

    def fitted(self, kind: Any, value: Any, path: Path, ignored: frozenset[str]) -> Any:
        """Return what fits a type of a value as JSON has it; note what does not.

        Args:
            kind: a struct, a tuple of any length, or what a decoder knows.
            value: as JSON has it; it stays as it is.
            path: where the value is.
            ignored: fields that an object may have beside those of its struct; not those within it.
        """
        inner = _without_none(kind) if value is not None else kind
        if isinstance(inner, type) and issubclass(inner, msgspec.Struct):
            return self._object(inner, value, path, ignored)
        if get_origin(inner) is tuple and get_args(inner)[1:] == (...,):
            return self._list(inner, value, path)
        try:
            msgspec.convert(value, inner)
        except msgspec.ValidationError as e:
            sentence = _sentence(inspect.type_info(inner), value, str(e))
            return self._refused(kind, problem(path, "wrong-value", sentence))
        return value

    def _object(
        self, kind: type[msgspec.Struct], value: Any, path: Path, ignored: frozenset[str]
    ) -> Any:
        if not isinstance(value, dict):
            sentence = f"An object is needed here, not {shown(value)}."
            return self._refused(kind, problem(path, "wrong-type", sentence))
        fields = _fields(kind)
        fitted = {}
        for name, inner in value.items():
            if name in fields:
                fitted[name] = self.fitted(fields[name].type, inner, (*path, name), frozenset())
            elif name not in ignored:
                self._strange_field(str(name), path, fields, absent=fields.keys() - value.keys())
        for name, field in fields.items():
            if field.required and name not in value:
                told = problem((*path, name), "field-missing", "This field is missing.")
                fitted[name] = self._refused(field.type, told)
        return fitted

    def _strange_field(
        self, name: str, path: Path, fields: Iterable[str], *, absent: Iterable[str]
    ) -> None:
        near = get_close_matches(name, fields, n=1)
        hint = f" Is {shown(near[0])} meant?" if near else ""
        sentence = f"There is no field {shown(name)} here.{hint}"
        self.problems.append(problem((*path, name), "field-unknown", sentence))
        self.unread.update(place_text((*path, each)) for each in absent)

    def _list(self, kind: Any, value: Any, path: Path) -> Any:
        if not isinstance(value, list | tuple):
            sentence = f"A list is needed here, not {shown(value)}."
            return self._refused(kind, problem(path, "wrong-type", sentence))
        inner = get_args(kind)[0]
        return [self.fitted(inner, v, (*path, i), frozenset()) for i, v in enumerate(value)]

    def _refused(self, kind: Any, told: Problem) -> Any:
        self.problems.append(told)
        self.unread.add(told.place)
        return _stand_in(kind)


def _stand_in(kind: Any) -> Any:
    """Return the least value that fits a type."""
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        fields = structs.fields(kind)
        return {f.encode_name: _stand_in(f.type) for f in fields if f.required}
    expected = inspect.type_info(kind)
    choices = [m.value for m in expected.cls] if isinstance(expected, inspect.EnumType) else []
    return next(value for value in (*choices, *_LEAST) if _fits(kind, value))


_LEAST: tuple[Any, ...] = (None, "", 0, 1, False, (), {}, "2000-01-01", "00:00")


def _fits(kind: Any, value: Any) -> bool:
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError:
        return False
    return True


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
