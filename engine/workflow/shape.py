"""Compares plain JSON values with struct types and collects every difference.

A decoder stops at the first one. This is a small interpreter over `msgspec.inspect`: it knows
types, not workflows. It never recurses in Python.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from difflib import get_close_matches
from functools import cache
from typing import Any, NamedTuple, TypeAlias

import msgspec
from msgspec import inspect

from engine.workflow.json_values import Trail, path_of
from engine.workflow.problem import Problem, clipped, problem, shown

Refusal: TypeAlias = str | Callable[[Mapping[str, Any]], str]
"""A sentence, or what makes it from the object refused."""


class Vocabulary(msgspec.Struct, frozen=True):
    """What a reader says about words that are no part of the shape."""

    types_refused: Mapping[str, Refusal] = {}
    fields_refused: Mapping[type, Mapping[str, str]] = {}
    fields_ignored: Mapping[type, frozenset[str]] = {}
    nested: type | None = None
    nested_limit: int = 64


class _Pair(NamedTuple):
    """A value beside the type that it should have."""

    trail: Trail
    expected: inspect.Type
    value: Any
    nesting: int


def shape_problems(kind: type, value: Any, vocabulary: Vocabulary) -> list[Problem]:
    """Return every difference between the value and the struct type, in document order."""
    pending = [_Pair(None, _type_of(kind), value, 0)]
    found: list[Problem] = []
    while pending:
        pair = pending.pop()
        inner = _compare(pair, vocabulary, found)
        pending.extend(reversed(inner))
    return found


@cache
def _type_of(kind: type) -> inspect.Type:
    return inspect.type_info(kind)


def _compare(pair: _Pair, vocabulary: Vocabulary, found: list[Problem]) -> list[_Pair]:
    """Add what is wrong with this value itself to `found` and return the pairs below it."""
    expected = _member(pair.expected, pair.value)
    match expected:
        case inspect.AnyType():
            return []
        case inspect.StructType() if isinstance(pair.value, dict):
            return _compare_object(pair, expected, vocabulary, found)
        case inspect.UnionType() if isinstance(pair.value, dict) and _tags(expected):
            return _compare_tagged(pair, expected, vocabulary, found)
        case inspect.DictType(value_type=inner) if isinstance(pair.value, dict):
            plain = _plain_kinds(inner)
            items = pair.value.items()
            return [_below(pair, k, inner, v) for k, v in items if type(v) not in plain]
        case inspect.VarTupleType(item_type=inner) if isinstance(pair.value, list):
            plain = _plain_kinds(inner)
            each = enumerate(pair.value)
            return [_below(pair, i, inner, v) for i, v in each if type(v) not in plain]
        case inspect.LiteralType(values=values) if isinstance(pair.value, str):
            found.extend(_choice_problems(pair, values))
            return []
        case _ if _fits(expected, pair.value):
            return []
        case _:
            found.append(problem(path_of(pair.trail), "wrong-type", _wrong_type(pair)))
            return []


def _compare_tagged(
    pair: _Pair, union: inspect.UnionType, vocabulary: Vocabulary, found: list[Problem]
) -> list[_Pair]:
    tags = _tags(union)
    tag = pair.value.get("TYPE")
    if isinstance(tag, str) and tag in tags:
        return _compare_object(pair, tags[tag], vocabulary, found)
    found.append(_type_problem(pair, tags, vocabulary))
    return []


def _compare_object(
    pair: _Pair, struct: inspect.StructType, vocabulary: Vocabulary, found: list[Problem]
) -> list[_Pair]:
    if struct.tag is not None and pair.value.get("TYPE") != struct.tag:
        found.append(_type_problem(pair, {str(struct.tag): struct}, vocabulary))
        return []
    nesting = pair.nesting + (struct.cls is vocabulary.nested)
    if nesting > vocabulary.nested_limit:
        found.append(
            problem(
                path_of(pair.trail),
                "too-deep",
                f"Blocks are nested deeper than {vocabulary.nested_limit} levels.",
            )
        )
        return []
    known = _known_fields(struct.cls)
    found.extend(_field_problems(pair, struct, known, vocabulary))
    return [
        _below(pair, name, field.type, pair.value[name], nesting)
        for name, (field, plain) in known.items()
        if name in pair.value and type(pair.value[name]) not in plain
    ]


@cache
def _known_fields(kind: type) -> dict[str, tuple[inspect.Field, frozenset[type]]]:
    """Return the fields of a struct by name, with the types of values that surely fit."""
    struct = inspect.type_info(kind)
    assert isinstance(struct, inspect.StructType)  # noqa: S101  # for the type checker
    return {f.encode_name: (f, _plain_kinds(f.type)) for f in struct.fields}


def _plain_kinds(expected: inspect.Type) -> frozenset[type]:
    """Return the types of plain values that fit a type, whatever they say."""
    kinds = expected.types if isinstance(expected, inspect.UnionType) else (expected,)
    return frozenset(_PLAIN[type(kind)] for kind in kinds if type(kind) in _PLAIN)


_PLAIN: Mapping[type, type] = {
    inspect.StrType: str,
    inspect.IntType: int,
    inspect.BoolType: bool,
    inspect.NoneType: type(None),
}


def _field_problems(
    pair: _Pair,
    struct: inspect.StructType,
    names: Mapping[str, tuple[inspect.Field, frozenset[type]]],
    vocabulary: Vocabulary,
) -> Iterator[Problem]:
    for name, (field, _) in names.items():
        if field.required and name not in pair.value:
            yield problem(path_of((pair.trail, name)), "field-missing", "This field is missing.")
    ignored = vocabulary.fields_ignored.get(struct.cls, frozenset())
    for name in pair.value:
        if name in names or name in ignored or (name == "TYPE" and struct.tag is not None):
            continue
        yield from _strange_field(pair, name, struct, vocabulary)


def _strange_field(
    pair: _Pair, name: str, struct: inspect.StructType, vocabulary: Vocabulary
) -> Iterator[Problem]:
    path = path_of((pair.trail, name))
    refused = vocabulary.fields_refused.get(struct.cls, {}).get(name)
    if refused is None:
        hint = _hint(name, (f.encode_name for f in struct.fields))
        yield problem(path, "field-unknown", f"There is no field {shown(name)} here.{hint}")
    elif pair.value[name] is not None and pair.value[name] is not False:
        yield problem(path, "not-supported", refused)


def _choice_problems(pair: _Pair, values: Iterable[object]) -> Iterator[Problem]:
    if pair.value not in values:
        sentence = f"{shown(pair.value)} is none of {', '.join(map(str, values))}."
        yield problem(path_of(pair.trail), "choice-unknown", sentence)


def _type_problem(
    pair: _Pair, tags: Mapping[str, inspect.StructType], vocabulary: Vocabulary
) -> Problem:
    path = path_of((pair.trail, "TYPE"))
    tag = pair.value.get("TYPE")
    if tag is None:
        return problem(path, "field-missing", f"TYPE is missing: one of {', '.join(tags)}.")
    if not isinstance(tag, str):
        return problem(path, "wrong-type", f"A text is needed, not {_name_of_value(tag)}.")
    if tag in vocabulary.types_refused:
        refusal = vocabulary.types_refused[tag]
        sentence = refusal if isinstance(refusal, str) else refusal(pair.value)
        return problem(path, "not-supported", sentence)
    hint = _hint(tag, tags) or f" There are: {', '.join(tags)}."
    return problem(path, "type-unknown", f"{shown(tag)} is no type known here.{hint}")


def _below(
    pair: _Pair, part: str | int, expected: inspect.Type, value: Any, nesting: int | None = None
) -> _Pair:
    return _Pair((pair.trail, part), expected, value, pair.nesting if nesting is None else nesting)


def _member(expected: inspect.Type, value: Any) -> inspect.Type:
    """Return the member of a union that fits the value; the union itself where that is not one."""
    if not isinstance(expected, inspect.UnionType):
        return expected
    fitting = _members(expected).by_name.get(_name_of_value(value), ())
    return fitting[0] if len(fitting) == 1 else expected


def _fits(expected: inspect.Type, value: Any) -> bool:
    """Tell whether the value has the kind of a type; False for a union of which no member fits."""
    return not isinstance(expected, inspect.UnionType) and _name(expected) == _name_of_value(value)


def _tags(union: inspect.UnionType) -> dict[str, inspect.StructType]:
    return _members(union).by_tag


class _Members(NamedTuple):
    """The members of a union: structs by tag, and all by the name of their values."""

    by_tag: dict[str, inspect.StructType]
    by_name: dict[str, list[inspect.Type]]


def _members(union: inspect.UnionType) -> _Members:
    """Return the members of a union, sorted once.

    Types have no hash, but live as long as the process, for their structs are remembered above.
    """
    found = _MEMBERS.get(id(union))
    if found is None:
        structs = [t for t in union.types if isinstance(t, inspect.StructType) and t.tag]
        found = _MEMBERS[id(union)] = _Members({str(t.tag): t for t in structs}, {})
        for each in union.types:
            found.by_name.setdefault(_name(each), []).append(each)
    return found


_MEMBERS: dict[int, _Members] = {}


def _hint(name: str, names: Iterable[str]) -> str:
    near = get_close_matches(clipped(name), list(names), n=1)
    return f" Did you mean {near[0]}?" if near else ""


def _wrong_type(pair: _Pair) -> str:
    types = (
        pair.expected.types if isinstance(pair.expected, inspect.UnionType) else (pair.expected,)
    )
    names = dict.fromkeys(_name(t) for t in types if not isinstance(t, inspect.NoneType))
    wanted = " or ".join(names)
    return f"{wanted[0].upper()}{wanted[1:]} is needed, not {_name_of_value(pair.value)}."


def _name(expected: inspect.Type) -> str:
    match expected:
        case inspect.StructType() | inspect.DictType():
            return "an object"
        case inspect.VarTupleType():
            return "a list"
        case inspect.StrType() | inspect.LiteralType():
            return "a text"
        case inspect.IntType():
            return "a whole number"
        case inspect.BoolType():
            return "true or false"
        case inspect.NoneType():
            return "null"
        case _:
            raise AssertionError(f"{type(expected).__name__} is not used in documents")


def _name_of_value(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true or false"
        case int():
            return "a whole number"
        case float():
            return "a number with a fraction"
        case str():
            return "a text"
        case list():
            return "a list"
        case _:
            return "an object"
