"""The kinds of objects: how each is read and frozen, and what becomes of it. Pure.

A new kind is one more entry in `KINDS`.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

import msgspec

from engine.objects.read import digest as object_digest
from engine.objects.read import read_object, write_object
from engine.workflow.canonical import digest_of
from engine.workflow.check import Known, check_reading
from engine.workflow.problem import Problem, has_errors
from engine.workflow.write import write_workflow
from inventory.source import values_of
from inventory.workflow_reading import workflow_reading
from timetable.calendar import Calendar
from timetable.national import frozen

HOLIDAY_YEARS = range(2000, 2061)
"""The years for which the holidays of a national calendar are written into a released one."""


class Life(StrEnum):
    """Where a finished object goes."""

    DEPLOYED = "deployed"  # orders use it
    RELEASED = "released"  # the cockpit uses it; the controller only keeps the version in use


class Frozen(msgspec.Struct, frozen=True):
    """A document in its canonical form and the digest that is its version; None where invalid."""

    problems: tuple[Problem, ...]
    document: bytes | None = None
    digest: str = ""
    title: str = ""


class Kind(msgspec.Struct, frozen=True):
    """A kind of object: `suffix` marks its files, `freeze` reads a text that says something."""

    name: str
    suffix: str
    life: Life
    freeze: Callable[[str, Known], Frozen]


def _freeze_workflow(source: str, known: Known) -> Frozen:
    reading = workflow_reading(source)
    workflow, problems = reading.workflow, check_reading(reading, known)
    if workflow is None or has_errors(problems):
        return Frozen(problems, title=(workflow and workflow.title) or "")
    document = write_workflow(workflow)
    return Frozen(problems, document, digest_of(document), workflow.title or "")


def _freezer(kind: str) -> Callable[[str, Known], Frozen]:
    def freeze(source: str, known: Known) -> Frozen:
        reading = read_object(kind, _data(source), known)
        found = reading.object
        if found is None:
            return Frozen(reading.problems)
        return Frozen(
            reading.problems, write_object(found), object_digest(found), found.title or ""
        )

    return freeze


def _freeze_calendar(source: str, known: Known) -> Frozen:
    """Freeze with the dates of holidays: a newer list of them never changes what is released."""
    reading = read_object("calendar", _data(source), known)
    found = reading.object
    if not isinstance(found, Calendar):
        return Frozen(reading.problems)
    dated = frozen(found, HOLIDAY_YEARS)
    return Frozen(reading.problems, write_object(dated), object_digest(dated), found.title or "")


def _data(source: str) -> bytes | Mapping[str, Any]:
    data = values_of(source).data
    return {} if data is None else data


def _object(name: str, life: Life) -> Kind:
    return Kind(name, f".{name}", life, _freezer(name))


KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("workflow", ".workflow", Life.DEPLOYED, _freeze_workflow),
        _object("noticeboard", Life.DEPLOYED),
        _object("lock", Life.DEPLOYED),
        _object("jobresource", Life.DEPLOYED),
        _object("includescript", Life.RELEASED),
        _object("jobtemplate", Life.RELEASED),
        _object("fileordersource", Life.DEPLOYED),
        _object("schedule", Life.RELEASED),
        Kind("calendar", ".calendar", Life.RELEASED, _freeze_calendar),
    )
}


def kind_of_file(name: str) -> tuple[Kind, str] | None:
    """Return kind and object name of `NAME.workflow.json`; None for any other file."""
    stem, dot, ending = name.rpartition(".")
    if not dot or ending not in ("json", "yaml", "yml"):
        return None
    for kind in KINDS.values():
        if stem.endswith(kind.suffix) and stem != kind.suffix:
            return kind, stem.removesuffix(kind.suffix)
    return None
