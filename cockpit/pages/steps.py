"""Job runs as steps of an order. Knows no request."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import attrgetter
from typing import NamedTuple

from cockpit.diagram.overlay import place_text
from cockpit.pages.addresses import log_at
from cockpit.pages.passed import worst
from history.models import JobRun

STATES: Mapping[str, str] = {
    "running": "running",
    "succeeded": "finished",
    "failed": "failed",
    "timedout": "failed",
    "killed": "cancelled",
    "disrupted": "failed",
    "skipped": "cancelled",
}
"""The look of each state of a job run."""


class Step(NamedTuple):
    """A job run with its look and where its log is."""

    run: JobRun
    name: str
    state: str
    word: str
    log_href: str


def steps_of(runs: Iterable[JobRun]) -> list[Step]:
    """Return the job runs as steps."""
    return [step_of(run) for run in runs]


def step_of(run: JobRun) -> Step:
    """Return one job run as a step."""
    word = "lost" if run.lost else "timed out" if run.state == "timedout" else run.state
    return Step(run, run.label or run.job, STATES.get(run.state, "unknown"), word, log_at(run.no))


def highlights(
    steps: Sequence[Step], where: Callable[[JobRun], str | None] = attrgetter("position")
) -> dict[str, str]:
    """Return the state of the jobs by place, for the diagram.

    Of one order the newest run counts; of several, such as children of a fork, the worst. `where`
    returns the position of a job run in the diagram, None where it is not there any more.
    """
    found: dict[str, dict[str, str]] = {}
    for step in steps:
        position = where(step.run)
        if position is not None:
            found.setdefault(step.run.order_id, {})[place_text(position)] = step.state
    return worst(found.values())
