"""Compares plain JSON values with struct types and collects every difference.

A decoder stops at the first one. This is a small interpreter over `msgspec.inspect`: it knows
types, not workflows. It never recurses in Python. Where a value has the wrong shape a stand-in
takes its place, so that the rest can be read and checked.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple, TypeAlias

import msgspec
from msgspec import inspect

from engine.workflow.json_values import Trail, path_of
from engine.workflow.problem import Path, Problem, problem, shown
from engine.workflow.shape_words import hint, name_of, name_of_value, wrong_type
from engine.workflow.stand_in import members, nested_fields, stand_in, tagged_structs

Refusal: TypeAlias = str | Callable[[Mapping[str, Any]], str]
"""A sentence, or what makes it from the object refused."""


class Vocabulary(msgspec.Struct, frozen=True):
    """What a reader says about words that are no part of the shape."""

    types_refused: Mapping[str, Refusal] = {}
    fields_refused: Mapping[type, Mapping[str, str]] = {}
    fields_ignored: Mapping[type, frozenset[str]] = {}
    nested: type | None = None
    nested_limit: int = 64


class Shape:
    """What came of comparing: all differences, and the value with stand-ins where it was wrong.

    `unread` are the paths of which nothing is known: stand-ins, and fields that an unknown one may
    be meant for.
    """

    def __init__(self, value: Any) -> None:
        """Begin with the value, which is changed in place."""
        self.problems: list[Problem] = []
        self.unread: list[Path] = []
        self._root = [value]

    @property
    def value(self) -> Any:
        """The value as it is by now."""
        return self._root[0]

    def replace(self, trail: Trail, expected: inspect.Type) -> None:
        """Put a stand-in at the place of what is missing or wrong."""
        path = path_of(trail)
        home: Any = self._root
        key: str | int = 0
        for part in path:
            home, key = home[key], part
        home[key] = stand_in(expected)
        self.unread.append(path)


class _Pair(NamedTuple):
    """A value beside the type that it should have."""

    trail: Trail
    expected: inspect.Type
    value: Any
    nesting: int


def shape_of(kind: type, value: Any, vocabulary: Vocabulary) -> Shape:
    """Return every difference between the value and the struct type, in document order."""
    pending = [_Pair(None, _type_of(kind), value, 0)]
    found = Shape(value)
    while pending:
        pair = pending.pop()
        inner = _compare(pair, vocabulary, found)
        pending.extend(reversed(inner))
    return found


@cache
def _type_of(kind: type) -> inspect.Type:
    return inspect.type_info(kind)


def _compare(pair: _Pair, vocabulary: Vocabulary, found: Shape) -> list[_Pair]:
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
            return _compare_choice(pair, values, found)
        case _ if _fits(expected, pair.value):
            return []
        case _:
            return _refuse(pair, "wrong-type", wrong_type(pair.expected, pair.value), found)


def _refuse(pair: _Pair, code: str, sentence: str, found: Shape) -> list[_Pair]:
    found.problems.append(problem(path_of(pair.trail), code, sentence))
    found.replace(pair.trail, pair.expected)
    return []


def _compare_choice(pair: _Pair, values: Collection[Any], found: Shape) -> list[_Pair]:
    if pair.value in values:
        return []
    sentence = f"{shown(pair.value)} is none of {', '.join(map(str, values))}."
    return _refuse(pair, "choice-unknown", sentence, found)


def _compare_tagged(
    pair: _Pair, union: inspect.UnionType, vocabulary: Vocabulary, found: Shape
) -> list[_Pair]:
    tags = _tags(union)
    tag = pair.value.get("TYPE")
    if isinstance(tag, str) and tag in tags:
        return _compare_object(pair, tags[tag], vocabulary, found)
    found.problems.append(_type_problem(pair, tags, vocabulary))
    meant = _meant(pair.value, tags)
    if meant is None:
        found.replace(pair.trail, pair.expected)
        return []
    return _compare_nested(pair, meant, found)


def _meant(value: Mapping[str, Any], tags: Mapping[str, inspect.StructType]) -> Any:
    """Return the type whose blocks an object of an unknown TYPE has; None where it has none."""
    fitting = {tag: len(nested_fields(tags[tag].cls).keys() & value.keys()) for tag in tags}
    best = max(fitting, key=lambda tag: fitting[tag])
    return tags[best] if fitting[best] else None


def _compare_nested(pair: _Pair, meant: inspect.StructType, found: Shape) -> list[_Pair]:
    """Leave of an object of an unknown TYPE what is within its blocks."""
    inner = {n: t for n, t in nested_fields(meant.cls).items() if n in pair.value}
    kept = {name: pair.value[name] for name in inner}
    pair.value.clear()
    pair.value.update(stand_in(meant) | kept)
    fields = (f.encode_name for f in meant.fields)
    unread = ["TYPE", *(name for name in fields if name not in kept)]
    found.unread += [path_of((pair.trail, name)) for name in unread]
    return [_below(pair, name, inner[name], value) for name, value in kept.items()]


def _compare_object(
    pair: _Pair, struct: inspect.StructType, vocabulary: Vocabulary, found: Shape
) -> list[_Pair]:
    if struct.tag is not None and pair.value.get("TYPE") != struct.tag:
        found.problems.append(_type_problem(pair, {str(struct.tag): struct}, vocabulary))
        found.replace(pair.trail, pair.expected)
        return []
    nesting = pair.nesting + (struct.cls is vocabulary.nested)
    if nesting > vocabulary.nested_limit:
        sentence = f"Blocks are nested deeper than {vocabulary.nested_limit} levels."
        return _refuse(pair, "too-deep", sentence, found)
    known = _known_fields(struct.cls)
    strange = list(_strange_fields(pair, struct, known, vocabulary))
    if strange or not _required(struct.cls) <= pair.value.keys():
        _tell_fields(pair, known, strange, found)
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
    kinds = members(expected)
    return frozenset(_PLAIN[type(kind)] for kind in kinds if type(kind) in _PLAIN)


_PLAIN: Mapping[type, type] = {
    inspect.StrType: str,
    inspect.IntType: int,
    inspect.BoolType: bool,
    inspect.NoneType: type(None),
}


@cache
def _required(kind: type) -> frozenset[str]:
    return frozenset(name for name, (field, _) in _known_fields(kind).items() if field.required)


def _tell_fields(
    pair: _Pair,
    known: Mapping[str, tuple[inspect.Field, frozenset[type]]],
    strange: list[Problem],
    found: Shape,
) -> None:
    """Tell of fields that are missing, then of strange ones, each of which may be meant for one."""
    absent = {name: field for name, (field, _) in known.items() if name not in pair.value}
    for name, field in absent.items():
        path = path_of((pair.trail, name))
        if field.required:
            found.problems.append(problem(path, "field-missing", "This field is missing."))
            pair.value[name] = stand_in(field.type)
        if field.required or strange:
            found.unread.append(path)
    found.problems += strange


def _strange_fields(
    pair: _Pair,
    struct: inspect.StructType,
    names: Mapping[str, tuple[inspect.Field, frozenset[type]]],
    vocabulary: Vocabulary,
) -> Iterator[Problem]:
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
        near = hint(name, (f.encode_name for f in struct.fields))
        yield problem(path, "field-unknown", f"There is no field {shown(name)} here.{near}")
    elif pair.value[name] is not None and pair.value[name] is not False:
        yield problem(path, "not-supported", refused)


def _type_problem(
    pair: _Pair, tags: Mapping[str, inspect.StructType], vocabulary: Vocabulary
) -> Problem:
    path = path_of((pair.trail, "TYPE"))
    tag = pair.value.get("TYPE")
    if tag is None:
        return problem(path, "field-missing", f"TYPE is missing: one of {', '.join(tags)}.")
    if not isinstance(tag, str):
        return problem(path, "wrong-type", f"A text is needed, not {name_of_value(tag)}.")
    if tag in vocabulary.types_refused:
        refusal = vocabulary.types_refused[tag]
        sentence = refusal if isinstance(refusal, str) else refusal(pair.value)
        return problem(path, "not-supported", sentence)
    near = hint(tag, tags) or f" There are: {', '.join(tags)}."
    return problem(path, "type-unknown", f"{shown(tag)} is no type known here.{near}")


def _below(
    pair: _Pair, part: str | int, expected: inspect.Type, value: Any, nesting: int | None = None
) -> _Pair:
    return _Pair((pair.trail, part), expected, value, pair.nesting if nesting is None else nesting)


def _member(expected: inspect.Type, value: Any) -> inspect.Type:
    """Return the member of a union that fits the value; the union itself where that is not one."""
    if not isinstance(expected, inspect.UnionType):
        return expected
    fitting = _members(expected).by_name.get(name_of_value(value), ())
    return fitting[0] if len(fitting) == 1 else expected


def _fits(expected: inspect.Type, value: Any) -> bool:
    """Tell whether the value has the kind of a type; False for a union of which no member fits."""
    return not isinstance(expected, inspect.UnionType) and name_of(expected) == name_of_value(value)


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
        found = _MEMBERS[id(union)] = _Members(tagged_structs(union), {})
        for each in union.types:
            found.by_name.setdefault(name_of(each), []).append(each)
    return found


_MEMBERS: dict[int, _Members] = {}
