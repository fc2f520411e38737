"""What a page says about one instruction of a workflow: its words, its job, its last runs."""

import statistics
from typing import NamedTuple

from django.conf import settings

from cockpit.access.gate import rows
from cockpit.access.policy import Account
from cockpit.diagram.words import words
from cockpit.pages.steps import Step, steps_of
from engine.position import PositionUnreadable, from_text, place, to_text
from engine.workflow.model import Execute, Job
from engine.workflow.program import PositionUnknown, Program
from history import queries
from history.models import JobRun

LAST = 20
_ENOUGH = 5


class Panel(NamedTuple):
    """An instruction; `job` and what follows are there only where it runs one."""

    position: str
    label: str
    icon: str
    kind: str
    name: str
    detail: str
    job_name: str
    job: Job | None
    running: int
    runs: list[Step]
    durations: list[float]
    p50: float | None
    p95: float | None


def panel_of(account: Account, program: Program, at: str) -> Panel | None:
    """Return what is known about the instruction at a position, None where there is none."""
    try:
        instruction = program.instruction(place(from_text(at))) if at else None
    except (PositionUnreadable, PositionUnknown):
        return None
    if instruction is None:
        return None
    said = words(instruction, program.workflow)
    job_name = instruction.job_name if isinstance(instruction, Execute) else ""
    runs = _last_runs(account, program.path, job_name) if job_name else []
    lengths = [
        (step.run.ended_at - step.run.started_at).total_seconds()
        for step in reversed(runs)
        if step.run.ended_at is not None
    ]
    return Panel(
        position=to_text(place(from_text(at))),
        label=instruction.label or "",
        icon=said.icon,
        kind=said.kind,
        name=said.name,
        detail=said.detail,
        job_name=job_name,
        job=program.workflow.jobs.get(job_name),
        running=sum(step.run.state == "running" for step in runs),
        runs=runs,
        durations=lengths,
        p50=statistics.median(lengths) if lengths else None,
        p95=sorted(lengths)[int(0.95 * len(lengths))] if len(lengths) >= _ENOUGH else None,
    )


def _last_runs(account: Account, path: str, job: str) -> list[Step]:
    wanted = queries.JobFilter(controller=settings.STELLWERK_CONTROLLER_ID, workflow=path, job=job)
    found = queries.job_runs(rows(JobRun, account), wanted, limit=LAST)
    return steps_of(found.rows)  # type: ignore[arg-type]
