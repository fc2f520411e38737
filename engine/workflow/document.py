"""Reads JSON as values of a struct type: all problems at once, nothing accepted silently.

The one reader of everything that comes from outside as a document; knows types, not meanings.
"""

from collections.abc import Mapping
from typing import Any, Generic, TypeVar

import msgspec

from engine.workflow.json_values import LIMITS, Limits, Unreadable, decode, plain
from engine.workflow.problem import Problem, problem
from engine.workflow.shape import Vocabulary, shape_problems

T = TypeVar("T", bound=msgspec.Struct)


class Document(msgspec.Struct, Generic[T], frozen=True):
    """What came of reading: a value, or the problems that prevent one."""

    value: T | None
    problems: tuple[Problem, ...] = ()


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
    if values is not None or not problems:
        problems += shape_problems(kind, values, vocabulary)
    return Document(None, _told(problems, limits)) if problems else _converted(kind, values)


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
