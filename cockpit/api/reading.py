"""Bodies of requests as values: JSON in, a struct or all of its problems out.

The usual case is one call of msgspec; only a body that it refuses is read again, field by field,
to name everything that is wrong with it.
"""

import re
from collections.abc import Iterator, Sequence
from enum import Enum
from functools import lru_cache
from types import UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin

import msgspec

from cockpit.api.problem import FieldProblem, Refusal, invalid
from cockpit.api.unreadable import unreadable

T = TypeVar("T")

LARGEST_BODY = 4 * 1024 * 1024
"""Bytes of a body, where a view does not say otherwise."""

_MOST_PROBLEMS = 100
_MOST_TOLD = 10
_LONGEST_TOLD = 100
_NAMES = {
    "str": "a text", "int": "a whole number", "float": "a number", "bool": "true or false",
    "array": "a list", "object": "an object", "null": "null", "datetime": "a moment",
    "date": "a date",
}  # fmt: skip
_EXPECTED = re.compile(r"Expected `(?P<want>[^`]*)`, got `(?P<got>[^`]*)`")
_LENGTH = re.compile(r"Expected `(?P<what>str|array|object)` of length (?P<sign><=|>=) (?P<n>\d+)")
_BOUND = re.compile(r"Expected `(?:int|float)` (?P<sign><=|>=|<|>) (?P<n>-?[\d.]+)")
_PLACE = re.compile(r" - at `\$\.?(?P<place>[^`]*)`$")


def read(body: bytes, kind: type[T], largest: int = LARGEST_BODY) -> T:
    """Return the body as a value of a struct type.

    Raises:
        Refusal: too large (413), no JSON (400), or with all problems of all fields (422).
    """
    if len(body) > largest:
        raise Refusal(
            413, "body-too-large", f"The body has {len(body)} bytes; at most {largest} are taken."
        )
    try:
        found: T = _decoder(kind).decode(body or b"{}")  # type: ignore[arg-type]  # types can be keys
        return found
    except msgspec.ValidationError:
        raise invalid(_problems(body or b"{}", kind)) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise unreadable(body) from None


@lru_cache(maxsize=256)
def _decoder(kind: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(kind)


def _problems(body: bytes, kind: Any) -> list[FieldProblem]:
    try:
        data = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        # Such as a number that no double can hold, behind the first field that is wrong.
        return list(unreadable(body).problems) or [FieldProblem("", "The body cannot be read.")]
    found: list[FieldProblem] = []
    for problem in problems_of(data, kind):
        found.append(problem)
        if len(found) == _MOST_PROBLEMS:
            break
    return found or [FieldProblem("", "The body cannot be read.")]


def problems_of(data: Any, kind: Any, place: str = "") -> Iterator[FieldProblem]:
    """Yield everything that keeps plain data from being a value of a type."""
    struct = _struct_in(kind)
    if struct is not None and isinstance(data, dict):
        yield from _struct_problems(data, struct, place)
    elif _item_of(kind) is not None and isinstance(data, list):
        for n, item in enumerate(data):
            yield from problems_of(item, _item_of(kind), f"{place}[{n}]")
        yield from _own_problem(data, kind, place, within=False)
    elif _value_of(kind) is not None and isinstance(data, dict):
        for name, item in data.items():
            yield from problems_of(item, _value_of(kind), _below(place, name))
    else:
        yield from _own_problem(data, kind, place, within=True)


def _struct_problems(data: dict[str, Any], struct: Any, place: str) -> Iterator[FieldProblem]:
    fields = {field.encode_name: field for field in msgspec.structs.fields(struct)}
    for name in data:
        if name not in fields:
            known = ", ".join(sorted(fields))
            yield FieldProblem(
                _below(place, name), f"This field is not known here; known are: {known}."
            )
    for name, field in fields.items():
        if name in data:
            yield from problems_of(data[name], field.type, _below(place, name))
        elif field.required:
            yield FieldProblem(_below(place, name), "This field is required.")


def _own_problem(data: Any, kind: Any, place: str, *, within: bool) -> Iterator[FieldProblem]:
    try:
        msgspec.convert(data, kind)
    except msgspec.ValidationError as problem:
        at = _PLACE.search(str(problem))
        if within or at is None:
            inner = at["place"] if at else ""
            yield FieldProblem(_below(place, inner), sentence_of(str(problem), kind))


def allowed_in(kind: Any) -> tuple[str, ...]:
    """Return the texts that a type allows, none where it does not list them."""
    found: list[str] = []
    for one in _alternatives(kind):
        if get_origin(one) is Literal:
            found += map(str, get_args(one))
        elif isinstance(one, type) and issubclass(one, Enum):
            found += [str(member.value) for member in one]
    for meta in metas_of(kind):
        found += (meta.extra or {}).get("allowed", ())
    return tuple(found)


def metas_of(kind: Any) -> Iterator[msgspec.Meta]:
    """Yield what a type is annotated with, also as an alternative to others."""
    if hasattr(kind, "__metadata__"):
        yield from (one for one in kind.__metadata__ if isinstance(one, msgspec.Meta))
        yield from metas_of(get_args(kind)[0])
    elif get_origin(kind) in (Union, UnionType):
        for part in get_args(kind):
            yield from metas_of(part)


def among(wrong: Sequence[str], allowed: Sequence[str]) -> str:
    """Return the sentence about texts that are not among those that are allowed."""
    told = ", ".join(repr(one[:_LONGEST_TOLD]) for one in wrong[:_MOST_TOLD])
    verb = "is" if len(wrong) == 1 else "are"
    return f"{told} {verb} not among the possible values: {', '.join(allowed)}."


def sentence_of(message: str, kind: Any = None) -> str:
    """Return what msgspec says about a value as a sentence for people; `kind` is its type."""
    message = _PLACE.sub("", message)
    if found := _LENGTH.search(message):
        limit = "at most" if found["sign"] == "<=" else "at least"
        one, many = ("character", "characters") if found["what"] == "str" else ("entry", "entries")
        return f"It must have {limit} {found['n']} {one if found['n'] == '1' else many}."
    if found := _BOUND.search(message):
        words = {"<=": "at most", ">=": "at least", "<": "less than", ">": "more than"}
        return f"It must be {words[found['sign']]} {found['n']}."
    if found := _EXPECTED.search(message):
        return f"It must be {_spoken(found['want'])}, not {_spoken(found['got'])}."
    if "matching regex" in message:
        return "It contains characters that cannot be used here, such as control characters."
    if "RFC3339" in message or "timezone" in message:
        return "It must be a moment with an offset from UTC, as in 2026-01-31T08:00:00Z."
    if message.startswith("Invalid enum value"):
        value = message.removeprefix("Invalid enum value").strip().strip("'")
        return among([value], allowed_in(kind))
    return f"{message}."


def _spoken(names: str) -> str:
    return " or ".join(_NAMES.get(name, name) for name in names.split(" | "))


def _below(place: str, name: str) -> str:
    if not name or name.startswith("["):
        return place + name
    return f"{place}.{name}" if place else name


def _struct_in(kind: Any) -> Any:
    return next((k for k in _alternatives(kind) if _is_struct(k)), None)


def _item_of(kind: Any) -> Any:
    for found in _alternatives(kind):
        if get_origin(found) in (list, tuple) and get_args(found):
            return get_args(found)[0]
    return None


def _value_of(kind: Any) -> Any:
    """Return the type of the values of an object whose names are free."""
    for found in _alternatives(kind):
        if get_origin(found) is dict and get_args(found):
            return get_args(found)[1]
    return None


def _alternatives(kind: Any) -> tuple[Any, ...]:
    if hasattr(kind, "__metadata__"):
        return _alternatives(get_args(kind)[0])
    if get_origin(kind) in (Union, UnionType):
        return tuple(one for part in get_args(kind) for one in _alternatives(part))
    return (kind,)


def _is_struct(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, msgspec.Struct)
