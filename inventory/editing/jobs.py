"""Operations on jobs: add, rename with all uses, remove, set fields, change the kind."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from inventory.editing.errors import OperationUnfit, PlaceGone
from inventory.editing.instructions import Done, jobs_of, runs, with_field
from inventory.editing.operations import (
    AddJob,
    MakeJob,
    MakeJobs,
    RemoveJob,
    RenameJob,
    SetJob,
    SetKind,
)
from inventory.editing.places import Places
from inventory.editing.starters import executable, new_job
from inventory.editing.tree import changed, merged_into, without

_KEPT = ("script", "env", "returnCodeMeaning", "arguments")


def add_job(places: Places, op: AddJob) -> Done:
    """Add a job that no instruction runs yet."""
    jobs = jobs_of(places.document)
    _refuse_taken(jobs, op.job)
    new = new_job(jobs)
    document = changed(places.document, ("jobs", op.job), lambda _: new)
    return Done(document, None, f"added job {op.job}")


def rename_job(places: Places, op: RenameJob) -> Done:
    """Give a job another name, also where it is run, and to labels that say the same."""
    jobs = _with_job(places, op.job)
    if op.to == op.job:
        return Done(places.document, None, f"kept the name of job {op.job}")
    _refuse_taken(jobs, op.to)
    renamed = {op.to if name == op.job else name: job for name, job in jobs.items()}
    document = changed(places.document, ("jobs",), lambda _: renamed)
    seen = None
    for name, path in runs(places):
        if name == op.job:
            document = changed(document, (*path, "jobName"), lambda _: op.to)
    return Done(document, seen, f"renamed job {op.job} to {op.to}")


def remove_job(places: Places, op: RemoveJob) -> Done:
    """Take a job away that no instruction runs."""
    _with_job(places, op.job)
    used = sum(name == op.job for name, _ in runs(places))
    if used:
        times = "once" if used == 1 else f"{used} times"
        raise OperationUnfit(f"The job {op.job} is run {times}: delete the instructions first.")
    return Done(without(places.document, ("jobs", op.job)), None, f"removed job {op.job}")


def set_job(places: Places, op: SetJob) -> Done:
    """Give a field of a job a value."""
    _with_job(places, op.job)
    if not op.path:
        raise OperationUnfit("No field is named.")
    document = with_field(places.document, ("jobs", op.job, *op.path), op.value)
    return Done(document, None, f"set {'.'.join(map(str, op.path))} of job {op.job}")


def make_job(places: Places, op: MakeJob) -> Done:
    """Make a job as a template has it; what already says so stays as it is written."""
    document = _made(places, {op.job: op.value})
    return Done(document, None, f"made job {op.job} from template {op.template}")


def make_jobs(places: Places, op: MakeJobs) -> Done:
    """Make several jobs as a template has them."""
    names = f"job {next(iter(op.jobs))}" if len(op.jobs) == 1 else f"{len(op.jobs)} jobs"
    return Done(_made(places, op.jobs), None, f"updated {names} from template {op.template}")


def _made(places: Places, values: Mapping[str, Mapping[str, Any]]) -> Any:
    document = places.document
    for job, value in values.items():
        _with_job(places, job)
        document = changed(document, ("jobs", job), partial(merged_into, new=value))
    return document


def set_kind(places: Places, op: SetKind) -> Done:
    """Make a job one of another kind."""
    job = _with_job(places, op.job)[op.job]
    old = job.get("executable") if isinstance(job, Mapping) else None
    known = old if isinstance(old, Mapping) else {}
    new = executable(op.type)
    if known.get("TYPE") == op.type:
        return Done(places.document, None, f"kept the kind of job {op.job}")
    taken = {"env", "returnCodeMeaning", *new} - {"TYPE"}
    kept = {name: known[name] for name in _KEPT if name in known and name in taken}
    document = changed(places.document, ("jobs", op.job, "executable"), lambda _: {**new, **kept})
    return Done(document, None, f"made job {op.job} a {op.type}")


def _with_job(places: Places, name: str) -> Mapping[str, Any]:
    jobs = jobs_of(places.document)
    if name not in jobs:
        raise PlaceGone(f"There is no job {name} any more.")
    return jobs


def _refuse_taken(jobs: Mapping[str, Any], name: str) -> None:
    if not name.strip():
        raise OperationUnfit("A job needs a name.")
    if name in jobs:
        raise OperationUnfit(f"There is a job {name} already.")
