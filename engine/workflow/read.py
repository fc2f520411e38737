"""Reads workflow documents.

The door of this package for everything that comes from outside. What the document *means* is the
matter of `engine.workflow.check`.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import msgspec

from engine.workflow.document import Partial, read_document
from engine.workflow.json_values import LIMITS, Limits
from engine.workflow.model import Block, Workflow
from engine.workflow.problem import Problem
from engine.workflow.shape import Vocabulary
from engine.workflow.vocabulary import FIELDS_IGNORED, FIELDS_REFUSED, TYPES_REFUSED


class Reading(msgspec.Struct, frozen=True):
    """What came of reading: a workflow, or the problems that prevent one and what can be read."""

    workflow: Workflow | None
    problems: tuple[Problem, ...] = ()
    partial: Partial[Workflow] | None = None


def read_workflow(data: bytes | Mapping[str, Any], limits: Limits = LIMITS) -> Reading:
    """Return the workflow written in `data`, or every problem of its shape.

    Args:
        data: JSON in UTF-8, or the values that a reader of YAML made.
        limits: sizes beyond which a document is refused.
    """
    return _read_again(data, limits) if isinstance(data, bytes) else _read(data, limits)


def _read(data: bytes | Mapping[str, Any], limits: Limits) -> Reading:
    found = read_document(Workflow, data, _vocabulary(limits), limits)
    return Reading(found.value, found.problems, found.partial)


@lru_cache(maxsize=6)
def _read_again(data: bytes, limits: Limits) -> Reading:
    """Return what came of a text that is read by several in a row: when taken over, when used."""
    return _read(data, limits)


def _vocabulary(limits: Limits) -> Vocabulary:
    return Vocabulary(
        types_refused=TYPES_REFUSED,
        fields_refused=FIELDS_REFUSED,
        fields_ignored=FIELDS_IGNORED,
        nested=Block,
        nested_limit=limits.blocks,
    )
