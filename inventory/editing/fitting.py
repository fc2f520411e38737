"""A workflow to look at, made of a document that is not right yet.

What has the wrong shape is left out or filled in, and every instruction keeps its place. Problems
are the matter of `engine.workflow.read`; nothing made here is ever deployed.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

import msgspec
from msgspec import inspect

from engine.workflow.model import Workflow

_DEEPEST = 150
"""Values within each other, about 40 blocks: Python's own stack has to hold them several times."""

_STRANGE = {"TYPE": "Segment", "block": {"instructions": []}}


def fitted(document: Any) -> Workflow:
    """Return a workflow with as much of a document as has the right shape."""
    values = _fit(_type_of(Workflow), document if isinstance(document, Mapping) else {}, 0)
    return msgspec.convert(values, Workflow)


@cache
def _type_of(kind: type) -> inspect.Type:
    return inspect.type_info(kind)


def _fit(expected: inspect.Type, value: Any, depth: int) -> Any:
    """Return a value that fits the type: the given one, or part of it, or the least that does."""
    match expected:
        case inspect.AnyType():
            return value
        case inspect.UnionType():
            return _fit_union(expected, value, depth)
        case inspect.StructType():
            return _fit_struct(expected, value, depth)
        case inspect.DictType(value_type=inner):
            items = value.items() if isinstance(value, Mapping) else ()
            return {str(k): _fit(inner, v, depth + 1) for k, v in items}
        case inspect.VarTupleType(item_type=inner):
            elements = value if isinstance(value, list | tuple) and depth < _DEEPEST else ()
            return [_fit(inner, each, depth + 1) for each in elements]
        case inspect.LiteralType(values=values):
            return value if value in values else values[0]
        case _:
            return _fit_plain(expected, value)


def _fit_plain(expected: inspect.Type, value: Any) -> Any:
    match expected:
        case inspect.StrType():
            return value if isinstance(value, str) else _text(value)
        case inspect.BoolType():
            return value is True
        case inspect.IntType():
            return value if isinstance(value, int) and not isinstance(value, bool) else 0
        case inspect.FloatType():
            return value if isinstance(value, int | float) else 0.0
        case _:
            return None


def _text(value: Any) -> str:
    return "" if value is None or isinstance(value, Mapping | list) else str(value)


def _fit_union(union: inspect.UnionType, value: Any, depth: int) -> Any:
    structs = {str(t.tag): t for t in union.types if isinstance(t, inspect.StructType) and t.tag}
    if structs:
        return _fit_tagged(structs, value, depth, may_be_none=_takes_none(union))
    if value is None and _takes_none(union):
        return None
    fitting = [t for t in union.types if _kind_fits(t, value)]
    others = [t for t in union.types if not isinstance(t, inspect.NoneType)]
    if not fitting and _takes_none(union):
        return None
    return _fit((fitting or others)[0], value, depth)


def _fit_tagged(
    structs: Mapping[str, inspect.StructType], value: Any, depth: int, *, may_be_none: bool
) -> Any:
    given = value if isinstance(value, Mapping) else {}
    struct = structs.get(str(given.get("TYPE")))
    if struct is not None and depth < _DEEPEST:
        return {"TYPE": struct.tag, **_fit_struct(struct, given, depth)}
    if may_be_none:
        return None
    if "Segment" in structs:
        return {**_STRANGE, "label": str(given.get("TYPE", "")) or "?"}
    tag, first = next(iter(structs.items()))
    return {"TYPE": tag, **_fit_struct(first, given, depth)}


def _fit_struct(struct: inspect.StructType, value: Any, depth: int) -> dict[str, Any]:
    given = value if isinstance(value, Mapping) else {}
    tag = {"TYPE": struct.tag} if struct.tag and struct.tag_field else {}
    return tag | {
        field.encode_name: _fit(field.type, given.get(field.encode_name), depth + 1)
        for field in struct.fields
        if field.required or field.encode_name in given
    }


def _takes_none(union: inspect.UnionType) -> bool:
    return any(isinstance(t, inspect.NoneType) for t in union.types)


def _kind_fits(expected: inspect.Type, value: Any) -> bool:
    match expected:
        case inspect.StrType():
            return isinstance(value, str)
        case inspect.IntType():
            return isinstance(value, int) and not isinstance(value, bool)
        case inspect.BoolType():
            return isinstance(value, bool)
        case inspect.VarTupleType():
            return isinstance(value, list | tuple)
        case inspect.DictType() | inspect.StructType():
            return isinstance(value, Mapping)
        case _:
            return False
