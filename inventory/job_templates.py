"""Job templates as drafts, and how the jobs of workflows stand to them. Nothing here writes."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec
from django.db.models import Q, QuerySet

from engine.objects.read import read_object
from engine.objects.template import Sync, Template, missing_arguments, sync_state
from engine.workflow.instruction import Execute
from engine.workflow.model import Job, ShellScript, Workflow
from engine.workflow.problem import Problem, shown, warning
from engine.workflow.walk import walk
from engine.world import names_of
from inventory.models import Item
from inventory.source import values_of

KIND = "jobtemplate"
BEHIND = "template-changed"
LACKING = "template-argument-missing"
CODES = frozenset({BEHIND, LACKING})


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How a job stands to its template; `missing` are required arguments without a value."""

    job: str
    template: str
    sync: Sync
    missing: tuple[str, ...] = ()


def template_of(item: Item) -> Template | None:
    """Return the template that a draft says, None while it says none."""
    data = values_of(item.source).data
    found = None if data is None else read_object(KIND, data).object
    return found if isinstance(found, Template) else None


def templates_named(names: Iterable[str], items: QuerySet[Item]) -> dict[str, Template | None]:
    """Return the templates that there are of these names; None for one with mistakes."""
    wanted = {name for name in names if "\0" not in name}
    rows = items.filter(Q(name__in=wanted) | Q(path__in=wanted), kind=KIND)
    named = ((template_of(item), names_of(item.path)) for item in rows)
    return {name: found for found, names in named for name in names if name in wanted}


def standings(
    workflow: Workflow, templates: Mapping[str, Template | None]
) -> Iterator[tuple[Job, Standing]]:
    """Yield the jobs that were made from a template, and how each stands to it."""
    for name, job in workflow.jobs.items():
        if job.job_template is None:
            continue
        template = templates.get(job.job_template.name)
        missing = missing_in(workflow, name, template) if template else ()
        sync = sync_state(job, templates)
        yield job, Standing(job=name, template=job.job_template.name, sync=sync, missing=missing)


def missing_in(workflow: Workflow, name: str, template: Template) -> tuple[str, ...]:
    """Return what the template requires and neither a job nor all that run it give a value for."""
    missing = missing_arguments(template, workflow.jobs[name])
    runs = _runs(workflow, name) if missing else []
    return tuple(each for each in missing if not runs or any(each not in run for run in runs))


def _runs(workflow: Workflow, name: str) -> list[Mapping[str, Any]]:
    """Return the arguments of all instructions that run a job."""
    instructions = (visit.instruction for visit in walk(workflow))
    executes = (each for each in instructions if isinstance(each, Execute))
    return [each.default_arguments for each in executes if each.job_name == name]


def template_warnings(workflow: Workflow) -> list[Problem]:
    """Return what is to be told of jobs: a template that has changed, arguments that it needs.

    A template that nobody has is told with all other names of this sort.
    """
    names = {job.job_template.name for job in workflow.jobs.values() if job.job_template}
    if not names:
        return []
    templates = templates_named(names, Item.objects.filter(trashed_at__isnull=True))
    return [told for job, each in standings(workflow, templates) for told in _warnings(job, each)]


def _warnings(job: Job, standing: Standing) -> Iterator[Problem]:
    at, template = ("jobs", standing.job), f"job template {shown(standing.template)}"
    if standing.sync is Sync.OUT_OF_SYNC:
        sentence = f"The {template} has changed since the job was made from it."
        yield warning((*at, "jobTemplate"), BEHIND, sentence)
    is_script = isinstance(job.executable, ShellScript)
    where = ("defaultArguments",) if is_script else ("executable", "arguments")
    for name in standing.missing:
        sentence = f"The {template} requires the argument {shown(name)}; the job gives none."
        yield warning((*at, *where), LACKING, sentence)
