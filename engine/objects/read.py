"""Reads and writes the documents of objects beside workflows, by kind.

The kinds are named as in files: `NAME.lock.json`, `NAME.noticeboard.json` and so on.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, TypeAlias

import msgspec

from engine.objects.checks import object_problems
from engine.objects.model import (
    FileOrderSource,
    IncludeScript,
    JobResource,
    NoticeBoard,
    Object,
    ResourceLock,
)
from engine.objects.template import Template
from engine.objects.timed import Timed, read_timed, timed_problems
from engine.workflow.canonical import canonical, digest_of
from engine.workflow.checks.known import NOTHING_KNOWN, Known
from engine.workflow.document import Document, read_document
from engine.workflow.follow_ups import without_follow_ups
from engine.workflow.json_values import LIMITS, Limits
from engine.workflow.problem import Problem, has_errors
from engine.workflow.shape import Vocabulary
from engine.workflow.vocabulary import FIELDS_REFUSED, TYPES_REFUSED
from timetable.calendar import Calendar
from timetable.schedule import Schedule

AnyObject: TypeAlias = Object | Template | Timed

KINDS: Mapping[str, type[AnyObject]] = MappingProxyType(
    {
        "lock": ResourceLock,
        "noticeboard": NoticeBoard,
        "jobresource": JobResource,
        "includescript": IncludeScript,
        "jobtemplate": Template,
        "fileordersource": FileOrderSource,
        "calendar": Calendar,
        "schedule": Schedule,
    }
)
"""The type of each kind."""

_NOT_IN_A_TEMPLATE = "A template does not say where its jobs run: leave the field out."
_OF_A_TEMPLATE = ("agentName", "subagentClusterId", "subagentClusterIdExpr")
# What JS7 adds when it shows or exports an object.
_IGNORED = frozenset({"TYPE", "version", "versionId", "path"})
_VOCABULARY = Vocabulary(
    types_refused=TYPES_REFUSED,
    fields_refused={
        **FIELDS_REFUSED,
        Template: dict.fromkeys(_OF_A_TEMPLATE, _NOT_IN_A_TEMPLATE),
    },
    fields_ignored={
        **dict.fromkeys(KINDS.values(), _IGNORED),
        Template: _IGNORED | {"withSubagentClusterIdExpr", "jobTemplate"},
    },
)


class ObjectReading(msgspec.Struct, frozen=True):
    """What came of reading: an object, or problems that prevent one; warnings beside an object."""

    object: AnyObject | None
    problems: tuple[Problem, ...] = ()


def read_object(
    kind: str,
    data: bytes | Mapping[str, Any],
    known: Known = NOTHING_KNOWN,
    *,
    limits: Limits = LIMITS,
) -> ObjectReading:
    """Return the object written in `data`, or all problems of its shape and of what it means.

    Args:
        kind: one of `KINDS`.
        data: JSON in UTF-8, or the values that a reader of YAML made.
        known: what else there is.
        limits: sizes beyond which a document is refused.
    """
    shape = KINDS[kind]
    found: Document[Any]
    if issubclass(shape, Calendar | Schedule):
        found = read_timed(shape, data, limits)
    else:
        found = read_document(shape, data, _VOCABULARY, limits)
    problems = (*found.problems, *_meaning_problems(found, known))
    return ObjectReading(None if has_errors(problems) else found.value, problems)


def _meaning_problems(found: Document[Any], known: Known) -> tuple[Problem, ...]:
    value = found.partial.value if found.partial is not None else found.value
    if value is None:
        return ()
    timed = isinstance(value, Calendar | Schedule)
    problems = tuple((timed_problems if timed else object_problems)(value, known))
    return without_follow_ups(problems, found.partial.unread) if found.partial else problems


def write_object(found: AnyObject) -> bytes:
    """Return the canonical document in UTF-8; `read_object` makes an equal object from it."""
    return canonical(found)


def digest(found: AnyObject) -> str:
    """Return the SHA-256 of the canonical document in hex: the id of the object's version."""
    return digest_of(write_object(found))
