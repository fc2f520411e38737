"""Plain values that stand in where a document has the wrong shape, so that the rest can be read.

Knows types. A stand-in is never used, only stepped over (`engine.workflow.follow_ups`).
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from msgspec import inspect

INSTRUCTION = "Stop"
"""Stands in for any instruction: an order stays there, so that nothing follows from it."""


def stand_in(expected: inspect.Type) -> Any:
    """Return the least value that fits a type, in the values of JSON."""
    match expected:
        case inspect.UnionType():
            return _of_union(expected)
        case inspect.StructType():
            tag = {"TYPE": expected.tag} if expected.tag else {}
            return tag | {f.encode_name: stand_in(f.type) for f in expected.fields if f.required}
        case inspect.VarTupleType(item_type=inspect.UnionType() as item):
            # A block without instructions would say that nothing is in there.
            return [stand_in(item)] if INSTRUCTION in tagged_structs(item) else []
        case inspect.LiteralType(values=values):
            return values[0]
        case inspect.EnumType(cls=kind):
            return next(iter(kind)).value
        case inspect.IntType(ge=least):
            return least or 0
        case _:
            return _LEAST[type(expected)]()


def members(expected: inspect.Type) -> Sequence[inspect.Type]:
    """Return the members of a union; of any other type the type itself."""
    return expected.types if isinstance(expected, inspect.UnionType) else (expected,)


def tagged_structs(union: inspect.UnionType) -> dict[str, inspect.StructType]:
    """Return the structs of a union by their TYPE."""
    return {str(t.tag): t for t in union.types if isinstance(t, inspect.StructType) and t.tag}


@cache
def nested_fields(kind: type) -> Mapping[str, inspect.Type]:
    """Return the fields of a struct in which other structs are, or lists of them."""
    struct = inspect.type_info(kind)
    assert isinstance(struct, inspect.StructType)  # noqa: S101  # for the type checker
    return {f.encode_name: f.type for f in struct.fields if _is_nested(f.type)}


def _is_nested(expected: inspect.Type) -> bool:
    inner = [t.item_type if isinstance(t, inspect.VarTupleType) else t for t in members(expected)]
    return any(isinstance(t, inspect.StructType) for each in inner for t in members(each))


def _of_union(union: inspect.UnionType) -> Any:
    if any(isinstance(t, inspect.NoneType) for t in union.types):
        return None
    return stand_in(tagged_structs(union).get(INSTRUCTION, union.types[0]))


_LEAST: Mapping[type, type | Any] = {
    inspect.AnyType: lambda: None,
    inspect.NoneType: lambda: None,
    inspect.StrType: str,
    inspect.BoolType: bool,
    inspect.FloatType: float,
    inspect.DictType: dict,
    inspect.VarTupleType: list,
    inspect.DateType: lambda: "2000-01-01",
}
