"""Reads workflow documents: all problems at once, nothing accepted silently.

The door of this package for everything that comes from outside. What the document *means* is the
matter of `engine.workflow.check`.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from engine.workflow.json_values import LIMITS, Limits, Unreadable, decode, plain
from engine.workflow.model import Block, Workflow
from engine.workflow.problem import Problem, problem
from engine.workflow.shape import Vocabulary, shape_problems
from engine.workflow.vocabulary import FIELDS_IGNORED, FIELDS_REFUSED, TYPES_REFUSED


class Reading(msgspec.Struct, frozen=True):
    """What came of reading: a workflow, or the problems that prevent one."""

    workflow: Workflow | None
    problems: tuple[Problem, ...] = ()


def read_workflow(data: bytes | Mapping[str, Any], limits: Limits = LIMITS) -> Reading:
    """Return the workflow written in `data`, or every problem of its shape.

    Args:
        data: JSON in UTF-8, or the values that a reader of YAML made.
        limits: sizes beyond which a document is refused.
    """
    raw = decode(data, limits) if isinstance(data, bytes) else data
    if isinstance(raw, Unreadable):
        return Reading(None, (raw.problem,))
    values, problems = plain(raw, limits)
    if values is not None or not problems:
        problems += shape_problems(Workflow, values, _vocabulary(limits))
    return Reading(None, _told(problems, limits)) if problems else _converted(values)


def _vocabulary(limits: Limits) -> Vocabulary:
    return Vocabulary(
        types_refused=TYPES_REFUSED,
        fields_refused=FIELDS_REFUSED,
        fields_ignored=FIELDS_IGNORED,
        nested=Block,
        nested_limit=limits.blocks,
    )


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


def _converted(values: Any) -> Reading:
    try:
        return Reading(msgspec.convert(values, Workflow))
    except msgspec.ValidationError as e:
        # Not reachable as far as known, but a difference between the readers must not be silent.
        return Reading(None, (problem((), "wrong-type", f"{e}."),))
