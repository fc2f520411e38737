"""Tells problems of meaning from those that only follow from what could not be read.

Where the shape of a document is wrong a stand-in takes its place (`engine.workflow.stand_in`), and
the checks of meaning know nothing of that. A check that looks at more than the place where it tells
its problem, and at what is within that place, has its code in one of the tables here.
"""

import re
from collections.abc import Iterable, Iterator, Mapping

from engine.workflow.problem import Problem

_BEGIN_OF_PART = re.compile(r"[.\[]")

_BESIDE: Mapping[str, tuple[str, ...]] = {
    "callable-or-script": ("script",),
    "children-unclear": ("subagentClusterId", "subagentClusterIdExpr"),
    "columns-misplaced": ("type",),
    "default-not-allowed": ("list",),
    "demands-missing": ("lockName",),
    "field-missing": ("directoryExpr",),
    "return-codes-invalid": ("executable.returnCodeMeaning",),
    "without-effect": ("admissionTimeScheme",),
    "workflow-missing": ("workflowName",),
    "wrong-type": ("type",),
}
"""By code: fields of the same object that the check looks at."""

_ELSEWHERE: Mapping[str, str] = {"job-unknown": "jobs", "variable-unknown": "arguments"}
"""By code: a field of the whole document that the check takes names from."""

_AROUND = frozenset({"break-misplaced", "result-misplaced", "retry-misplaced"})
"""Told of an instruction for what is around it: which TYPE that has."""

_WITHIN = frozenset(
    {"break-misplaced", "name-invalid", "name-reserved", "result-misplaced", "sticky-nested"}
)
"""Told of an object, whatever is within it."""

_WHOLE = frozenset({"name-twice", "offset-order", "sticky-elsewhere", "unreachable"})
"""Told where two parts of the document do not fit: only if all of it could be read."""


def without_follow_ups(problems: Iterable[Problem], unread: frozenset[str]) -> tuple[Problem, ...]:
    """Return the problems of meaning that do not come from the places that are unread."""
    around = {outer for place in unread for outer in _around(place)}
    return tuple(p for p in problems if not _follows(p, unread, around))


def _follows(found: Problem, unread: frozenset[str], around: set[str]) -> bool:
    places = [found.place, *_around(found.place)]
    if found.code in _WHOLE or not unread.isdisjoint(places):
        return True
    if found.code not in _WITHIN and found.place in around:
        return True
    if found.code in _AROUND:
        return any(f"{place}.TYPE" in unread for place in places)
    return _ELSEWHERE.get(found.code) in unread or any(
        field in unread or field in around for field in _beside(found)
    )


def _beside(found: Problem) -> Iterator[str]:
    outer, dot, _ = found.place.rpartition(".")
    for field in _BESIDE.get(found.code, ()):
        yield f"{outer}{dot}{field}"


def _around(place: str) -> list[str]:
    """Return the places of the objects and lists around a place; the document itself is `""`."""
    return [place[: part.start()] for part in _BEGIN_OF_PART.finditer(place)] + [""]
