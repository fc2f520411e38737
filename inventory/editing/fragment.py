"""Copied instructions: taken out with their jobs, put into another workflow under free names."""

from collections.abc import Mapping
from typing import Any

from inventory.editing.errors import OperationUnfit
from inventory.editing.instructions import Done, jobs_of, put, runs
from inventory.editing.operations import Fragment, Paste
from inventory.editing.places import Places, within
from inventory.editing.starters import free_name
from inventory.editing.tree import Change, changed, value_at


def copied(document: Any, at: tuple[str, ...]) -> Fragment:
    """Return instructions with the jobs that they run.

    Raises:
        PlaceGone: one of them is not there.
    """
    places = Places(document)
    paths = places.outermost(at)
    jobs = jobs_of(document)
    named = {name for name, path in runs(places) if any(within(path, p) for p in paths)}
    return Fragment(
        [value_at(document, path) for path in paths],
        {name: jobs[name] for name in jobs if name in named},
    )


def paste(places: Places, op: Paste) -> Done:
    """Put copied instructions in; names that mean something else here are changed."""
    spot, fragment = places.spot(op.at), op.fragment
    if not fragment.instructions:
        raise OperationUnfit("Nothing was copied.")
    document = places.document
    jobs = dict(jobs_of(document))
    names: dict[str, str] = {}
    for name, job in fragment.jobs.items():
        known = jobs.get(name)
        names[name] = name if known is None or known == job else free_name(name, jobs)
        if names[name] not in jobs:
            jobs[names[name]] = job
            document = changed(document, ("jobs", names[name]), _always(job))
    new = _renamed(places, fragment, names)
    return Done(put(document, spot, new), new[0], f"pasted {len(new)} at {op.at}")


def _always(value: Any) -> Change:
    return lambda _old: value


def _renamed(places: Places, fragment: Fragment, names: Mapping[str, str]) -> list[Any]:
    """Return the instructions with free labels and the new names of jobs."""
    labels = {v.instruction.label for v in places.visits.values() if v.instruction.label}
    found: Any = {"instructions": fragment.instructions}
    inner = Places(found)
    for name, path in runs(inner):
        if names.get(name, name) != name:
            found = changed(found, (*path, "jobName"), _always(names[name]))
    for visit in inner.visits.values():
        label = visit.instruction.label
        if label:
            free = free_name(label, labels)
            labels.add(free)
            if free != label:
                found = changed(found, (*visit.path, "label"), _always(free))
    instructions: list[Any] = found["instructions"]
    return instructions
