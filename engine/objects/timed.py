"""Calendars and schedules as objects of the inventory: read, and what they name of it.

Their own rules are in `timetable`; here is what a timetable does not know: other objects.
"""

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from engine.workflow.checks.known import Known
from engine.workflow.checks.names import order_name_problems, tag_problems
from engine.workflow.checks.references import reference_problems
from engine.workflow.document import Document, refused
from engine.workflow.json_values import LIMITS, Limits, Unreadable, decode, plain
from engine.workflow.problem import Path, Problem, problem
from timetable.calendar import Calendar
from timetable.check import check_calendar, check_schedule, read_calendar, read_schedule
from timetable.problem import Problem as TimetableProblem
from timetable.schedule import Schedule

Timed: TypeAlias = Calendar | Schedule

READERS: Mapping[type, Any] = {Calendar: read_calendar, Schedule: read_schedule}

# What JS7 adds when it shows or exports an object.
_IGNORED = ("TYPE", "version", "versionId", "path")


def read_timed(
    kind: type[Timed], data: bytes | Mapping[str, Any], limits: Limits = LIMITS
) -> Document[Any]:
    """Return the calendar or schedule written in `data`, or every problem of its shape."""
    raw = decode(data, limits) if isinstance(data, bytes) else data
    if isinstance(raw, Unreadable):
        return Document(None, (raw.problem,))
    values, problems = plain(raw, limits)
    if values is None and problems:
        return Document(None, tuple(problems))
    if isinstance(values, dict):
        values = {name: value for name, value in values.items() if name not in _IGNORED}
    reading = READERS[kind](values)
    problems += map(_of_object, reading.problems)
    if problems:
        return refused(problems, reading.partial or reading.document, reading.unread, limits)
    return Document(reading.document)


def timed_problems(found: Timed, known: Known) -> Iterator[Problem]:
    """Yield everything that is wrong with the meaning of a calendar or schedule."""
    if isinstance(found, Calendar):
        yield from map(_of_object, check_calendar(found, known.calendars))
        return
    yield from map(_of_object, check_schedule(found, known.calendars))
    yield from _workflow_problems(found, known)
    for i, orders in enumerate(found.order_parameterisations):
        path: Path = ("orderParameterisations", i)
        if orders.order_name is not None:
            yield from order_name_problems((*path, "orderName"), orders.order_name)
        for at, tag in enumerate(orders.tags):
            yield from tag_problems((*path, "tags", at), tag)


def _workflow_problems(schedule: Schedule, known: Known) -> Iterator[Problem]:
    if schedule.workflow_name:
        yield from reference_problems(("workflowName",), schedule.workflow_name, "workflow", known)
    for i, name in enumerate(schedule.workflow_names):
        yield from reference_problems(("workflowNames", i), name, "workflow", known)
        if name in schedule.workflow_names[:i]:
            sentence = "The workflow is named twice; it would get each order twice."
            yield problem(("workflowNames", i), "workflow-twice", sentence)


def _of_object(found: TimetableProblem) -> Problem:
    return Problem(found.place, found.sentence, found.code)
