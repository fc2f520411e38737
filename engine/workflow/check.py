"""Says whether a workflow document makes sense: the door to the checks by subject.

What exists besides the document comes in as `Known`. Of a document whose shape is wrong in places
(`engine.workflow.read`) the rest is checked.
"""

from collections.abc import Iterator

from engine.workflow.checks.instructions import instruction_problems
from engine.workflow.checks.jobs import job_problems
from engine.workflow.checks.known import NOTHING_KNOWN, Known
from engine.workflow.checks.parameters import parameter_problems
from engine.workflow.checks.references import resources_problems
from engine.workflow.checks.secrets import use_problems
from engine.workflow.checks.values import time_of_day_problems
from engine.workflow.checks.zones import time_zone_problems
from engine.workflow.follow_ups import without_follow_ups
from engine.workflow.model import Workflow
from engine.workflow.problem import Problem
from engine.workflow.read import Reading

__all__ = ["Known", "check_reading", "check_workflow"]


def check_reading(reading: Reading, known: Known | None = None) -> tuple[Problem, ...]:
    """Return all that is wrong with a document: of its shape, and of what the rest means."""
    if reading.workflow is not None:
        return (*reading.problems, *check_workflow(reading.workflow, known))
    if reading.partial is None:
        return reading.problems
    found = check_workflow(reading.partial.value, known)
    return (*reading.problems, *without_follow_ups(found, reading.partial.unread))


def check_workflow(workflow: Workflow, known: Known | None = None) -> tuple[Problem, ...]:
    """Return everything that is wrong with the meaning of the document, errors and warnings."""
    known = known or NOTHING_KNOWN
    return (
        *_workflow_problems(workflow, known),
        *parameter_problems(workflow),
        *instruction_problems(workflow, known),
        *use_problems(workflow),
        *job_problems(workflow, known),
    )


def _workflow_problems(workflow: Workflow, known: Known) -> Iterator[Problem]:
    yield from time_zone_problems(("timeZone",), workflow.time_zone, known)
    yield from time_of_day_problems(("dayOffset",), workflow.day_offset)
    yield from resources_problems(("jobResourceNames",), workflow.job_resource_names, known)
