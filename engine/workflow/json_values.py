"""JSON as it came in, made harmless: plain values, and a problem for what no document may contain.

Knows JSON and its traps (repeated keys, NaN, NUL, lone surrogates, sizes, nesting), not what the
values mean. It never recurses in Python, so no nesting can exhaust the stack.
"""

import json
import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple, TypeAlias

import msgspec

from engine.workflow.problem import Path, Problem, problem, shown

_UNUSABLE = re.compile("[\x00\ud800-\udfff]")
_LONGEST_INTEGER = 20
_SURELY_SHORT = 1024
"""Characters; with four bytes each still below the limit of a text."""
_INTEGERS = range(-(2**63), 2**63)


class Limits(msgspec.Struct, frozen=True):
    """How large a document may be."""

    document_bytes: int = 16 * 1024 * 1024
    text_bytes: int = 1024 * 1024
    values: int = 500_000
    levels: int = 500
    problems: int = 1000
    blocks: int = 64


LIMITS = Limits()


class Unreadable(NamedTuple):
    """Bytes that are no JSON."""

    problem: Problem


class _Repeated(dict[str, Any]):
    """An object of which some keys came more than once."""

    keys_repeated: tuple[str, ...] = ()


Trail: TypeAlias = "tuple[Trail, str | int] | None"
"""A path as a linked list, innermost part first: cheap to extend for each of many values."""


class _Visit(NamedTuple):
    trail: Trail
    level: int
    value: Any
    home: Any
    key: Any


def path_of(trail: Trail) -> Path:
    """Return the path that a trail stands for."""
    parts: list[str | int] = []
    while trail is not None:
        trail, part = trail
        parts.append(part)
    return tuple(reversed(parts))


def decode(data: bytes, limits: Limits = LIMITS) -> Any | Unreadable:
    """Return the value written as JSON in UTF-8; `plain` tells of keys that came twice."""
    if len(data) > limits.document_bytes:
        return _unreadable(
            "too-large",
            f"The document has {len(data)} bytes; at most {limits.document_bytes} are read.",
        )
    try:
        return json.loads(
            data.decode("utf-8-sig"),
            object_pairs_hook=_object,
            parse_int=_integer,
            parse_constant=float,
        )
    except UnicodeDecodeError as e:
        return _unreadable("not-utf8", _not_utf8(data, e.start))
    except json.JSONDecodeError as e:
        return _unreadable(
            "no-json", f"This is no JSON: line {e.lineno}, column {e.colno}: {e.msg}."
        )
    except RecursionError:
        return _unreadable("too-deep", _too_deep(limits))


def plain(value: Any, limits: Limits = LIMITS) -> tuple[Any, list[Problem]]:
    """Return a copy made of dict, list, str, int, float, bool and None, and what was wrong.

    What cannot be copied is None in the copy. Too deep or too many values end the work at once.
    """
    root: list[Any] = [None]
    pending = [_Visit(None, 0, value, root, 0)]
    found: list[Problem] = []
    copied = 0
    while pending:
        visit = pending.pop()
        copied += 1
        if visit.level > limits.levels:
            return None, [*found, problem((), "too-deep", _too_deep(limits))]
        if copied + len(pending) + _size(visit.value) > limits.values:
            sentence = f"The document has more than {limits.values} values."
            return None, [*found, problem((), "too-large", sentence)]
        waiting = len(pending)
        visit.home[visit.key] = _copied(visit, pending, found, limits)
        copied += _size(visit.value) - (len(pending) - waiting)
    return root[0], found


def _copied(visit: _Visit, pending: list[_Visit], found: list[Problem], limits: Limits) -> Any:
    value = visit.value
    if isinstance(value, Mapping):
        found.extend(_key_problems(visit))
        copy: dict[str, Any] = {str(k): None for k in value}
        pending.extend(_deferred(visit, copy, [(str(k), v) for k, v in value.items()]))
        return copy
    if isinstance(value, list | tuple):
        items: list[Any] = [None] * len(value)
        pending.extend(_deferred(visit, items, enumerate(value)))
        return items
    return _scalar(visit, found, limits)


def _deferred(visit: _Visit, copy: Any, values: Iterable[tuple[Any, Any]]) -> list[_Visit]:
    """Put in what can stand as it is, which most values can; return visits for the rest."""
    found = []
    for key, value in values:
        if _is_copy(value):
            copy[key] = value
        else:
            found.append(_below(visit, key, value, copy))
    found.reverse()
    return found


def _is_copy(value: Any) -> bool:
    """Tell of a value at a glance that it needs no look: a short text, a switch, nothing."""
    kind = type(value)
    if kind is str:
        return len(value) <= _SURELY_SHORT and not _UNUSABLE.search(value)
    return value is None or kind is bool


def _size(value: Any) -> int:
    return len(value) if isinstance(value, Mapping | list | tuple) else 0


def _below(visit: _Visit, key: str | int, value: Any, home: Any) -> _Visit:
    return _Visit((visit.trail, key), visit.level + 1, value, home, key)


def _scalar(visit: _Visit, found: list[Problem], limits: Limits) -> Any:
    value = visit.value
    wrong = _scalar_problem(value, limits)
    if wrong:
        found.append(problem(path_of(visit.trail), *wrong))
        return None
    if value is None or isinstance(value, bool):
        return value
    # Subclasses, as YAML readers make them, become the plain type.
    return next(kind(value) for kind in (str, int, float) if isinstance(value, kind))


def _scalar_problem(value: Any, limits: Limits) -> tuple[str, str] | None:
    """Return code and sentence."""
    match value:
        case str():
            return _text_problem(value, limits)
        case float() if not math.isfinite(value):
            return (
                "number-out-of-range",
                "This number cannot be kept: NaN, infinite or too large.",
            )
        case int() if value not in _INTEGERS:
            return (
                "number-out-of-range",
                "Whole numbers have at most 64 bits.",
            )
        case None | float() | int():
            return None
        case _:
            return "not-json", (
                f"JSON knows no {type(value).__name__}: write the value as a text, in quotes."
            )


def _text_problem(text: str, limits: Limits) -> tuple[str, str] | None:
    unusable = _UNUSABLE.search(text)
    if unusable:
        kind = "a NUL character" if unusable[0] == "\0" else "half a surrogate pair"
        return "text-unusable", f"The text contains {kind} at character {unusable.start() + 1}."
    size = len(text.encode())
    if size > limits.text_bytes:
        return (
            "text-too-long",
            f"The text has {size} bytes; at most {limits.text_bytes} are allowed.",
        )
    return None


def _key_problems(visit: _Visit) -> Iterator[Problem]:
    repeated = getattr(visit.value, "keys_repeated", ())
    if not repeated and _are_usable(visit.value):
        return
    path = path_of(visit.trail)
    for key in repeated:
        yield problem(path, "key-repeated", f"The field {shown(key)} is given more than once.")
    for key in visit.value:
        if not isinstance(key, str):
            yield problem(
                path, "wrong-type", f"The name {key!r} of a field is no text: write it in quotes."
            )
        elif _UNUSABLE.search(key):
            yield problem(
                path,
                "text-unusable",
                f"The name {shown(key)} contains NUL or half a surrogate pair.",
            )


def _are_usable(keys: Iterable[Any]) -> bool:
    return all(type(key) is str for key in keys) and not _UNUSABLE.search("".join(keys))


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    repeated = _Repeated(found)
    times = Counter(name for name, _ in pairs)
    repeated.keys_repeated = tuple(name for name, n in times.items() if n > 1)
    return repeated


def _integer(text: str) -> int | float:
    return int(text) if len(text) <= _LONGEST_INTEGER else math.inf


def _not_utf8(data: bytes, start: int) -> str:
    before = data[:start]
    column = start - (before.rfind(b"\n") + 1) + 1
    line = before.count(b"\n") + 1
    return f"This is no UTF-8: line {line}, byte {column} of the line."


def _too_deep(limits: Limits) -> str:
    return f"The document is nested deeper than {limits.levels} levels."


def _unreadable(code: str, sentence: str) -> Unreadable:
    return Unreadable(problem((), code, sentence))
