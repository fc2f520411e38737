"""Reads JSON as values of a struct type: all problems at once, nothing accepted silently.

The one reader of everything that comes from outside as a document; knows types, not meanings.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Generic, TypeVar

import msgspec

from engine.workflow.json_values import LIMITS, Limits, Unreadable, decode, plain
from engine.workflow.problem import Problem, place_text, problem
from engine.workflow.shape import Vocabulary, shape_of

T = TypeVar("T", bound=msgspec.Struct)


class Partial(msgspec.Struct, Generic[T], frozen=True):
    """What can be read of a wrong document: to check it further, never to use it.

    `unread` are the places of which nothing is known; stand-ins are there.
    """

    value: T
    unread: frozenset[str]


class Document(msgspec.Struct, Generic[T], frozen=True):
    """What came of reading: a value, or the problems that prevent one and what can be read."""

    value: T | None
    problems: tuple[Problem, ...] = ()
    partial: Partial[T] | None = None


def read_document(
    kind: type[T],
    data: bytes | Mapping[str, Any],
    vocabulary: Vocabulary,
    limits: Limits = LIMITS,
) -> Document[T]:
    """Return the value of a struct type written in `data`, or every problem of its shape.

    Args:
        kind: the type of the whole document.
        data: JSON in UTF-8, or the values that a reader of YAML made.
        vocabulary: what is said about words that are no part of the shape.
        limits: sizes beyond which a document is refused.
    """
    raw = decode(data, limits) if isinstance(data, bytes) else data
    if isinstance(raw, Unreadable):
        return Document(None, (raw.problem,))
    values, problems = plain(raw, limits)
    if values is None and problems:
        return Document(None, _told(problems, limits))
    shape = shape_of(kind, values, vocabulary)
    problems += shape.problems
    if not problems:
        return _converted(kind, values)
    unread = map(place_text, shape.unread)
    partial = _converted(kind, shape.value).value
    return refused(problems, partial, unread, limits)


def refused(
    problems: list[Problem], value: T | None, unread: Iterable[str], limits: Limits
) -> Document[T]:
    """Return a document with problems, the value that is left of it, and what is not read of it."""
    dropped = (p.place for p in problems if p.code in _VALUE_DROPPED)
    partial = None if value is None else Partial(value, frozenset((*unread, *dropped)))
    return Document(None, _told(problems, limits), partial)


def _told(problems: list[Problem], limits: Limits) -> tuple[Problem, ...]:
    """Leave out what only follows from an unusable value, and what is too much."""
    unusable = {p.place for p in problems if p.code in _VALUE_DROPPED}
    found = [p for p in problems if p.code in _VALUE_DROPPED or p.place not in unusable]
    more = len(found) - limits.problems
    if more > 0:
        found[limits.problems :] = [
            problem((), "more-problems", f"There are {more} more problems.")
        ]
    return tuple(found)


_VALUE_DROPPED = frozenset({"not-json", "number-out-of-range", "text-unusable", "text-too-long"})


def _converted(kind: type[T], values: Any) -> Document[T]:
    try:
        return Document(msgspec.convert(values, kind))
    except msgspec.ValidationError as e:
        # Not reachable as far as known, but a difference between the readers must not be silent.
        return Document(None, (problem((), "wrong-type", f"{e}."),))
