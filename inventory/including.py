"""Puts include scripts into the shell jobs of workflows that are deployed."""

from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from engine.objects.include import expand
from engine.objects.model import IncludeScript
from engine.objects.read import read_object
from engine.workflow.model import Job, ShellScript, Workflow
from engine.workflow.problem import Problem
from engine.workflow.read import read_workflow
from engine.workflow.write import digest, write_workflow
from engine.world import names_of
from inventory.deployed import Ref, deployed_items
from inventory.kinds import Frozen

INCLUDE = "includescript"


def scripts_with(frozen: Iterable[tuple[Ref, Frozen]]) -> dict[str, str]:
    """Return the include scripts by name: the released ones, over them those of this request."""
    rows = deployed_items().filter(kind=INCLUDE).values_list("path", "document")
    documents = {path: bytes(document) for path, document in rows}
    for (kind, path), found in frozen:
        if kind == INCLUDE and found.document is not None:
            documents[path] = found.document
    return {
        name: script
        for path, document in documents.items()
        if (script := _script(document)) is not None
        for name in names_of(path)
    }


def _script(document: bytes) -> str | None:
    found = read_object(INCLUDE, document).object
    return found.script if isinstance(found, IncludeScript) else None


def expanded(frozen: Frozen, scripts: Mapping[str, str]) -> Frozen:
    """Return a frozen workflow with its include scripts put in, which is another version then."""
    workflow = read_workflow(frozen.document).workflow if frozen.document is not None else None
    if workflow is None or "!include" not in "".join(map(_text, workflow.jobs.values())):
        return frozen
    jobs, problems = _jobs(workflow, scripts)
    if problems:
        return Frozen((*frozen.problems, *problems), title=frozen.title)
    whole = replace(workflow, jobs=jobs)
    return Frozen(frozen.problems, write_workflow(whole), digest(whole), frozen.title)


def _jobs(
    workflow: Workflow, scripts: Mapping[str, str]
) -> tuple[dict[str, Job], tuple[Problem, ...]]:
    jobs: dict[str, Job] = {}
    problems: list[Problem] = []
    for name, job in workflow.jobs.items():
        jobs[name] = job
        if isinstance(job.executable, ShellScript):
            path = ("jobs", name, "executable", "script")
            found = expand(job.executable.script, scripts, path)
            problems += found.problems
            jobs[name] = replace(job, executable=replace(job.executable, script=found.script))
    return jobs, tuple(problems)


def _text(job: Job) -> str:
    return job.executable.script if isinstance(job.executable, ShellScript) else ""
