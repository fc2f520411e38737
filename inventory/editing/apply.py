"""An operation on the text of a draft. Pure; the door to the operations by subject."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from inventory.editing import fragment, instructions, jobs
from inventory.editing.errors import EditingRefusal, OperationUnfit, TextUnreadable
from inventory.editing.following import Moved, moved, moved_by_text
from inventory.editing.instructions import Done, with_field
from inventory.editing.operations import (
    AddBranch,
    AddJob,
    Delete,
    Insert,
    MakeJob,
    MakeJobs,
    Move,
    Operation,
    Paste,
    RemoveBranch,
    RemoveJob,
    RenameJob,
    SetField,
    SetJob,
    SetKind,
    SetWorkflow,
    Unwrap,
    Wrap,
    Write,
)
from inventory.editing.places import Places
from inventory.editing.reading import document_of, places_of
from inventory.editing.tree import path_to
from inventory.editing.writing import rewritten
from inventory.source import storable_problems


class Edited(NamedTuple):
    """What came of an operation.

    `at` is the position to look at afterwards, empty for no other one; `words` say what was done;
    `moved` is None where only the person who made the change knows what became of what.
    """

    source: str
    at: str
    words: str
    moved: Moved | None = None


def edited(source: str, operation: Operation) -> Edited:
    """Return the text of a draft after an operation.

    Raises:
        EditingRefusal: the operation cannot be done; see its classes.
    """
    if isinstance(operation, Write):
        return _written(source, operation)
    places = places_of(source)
    done = _DO[type(operation)](places, operation)
    text = rewritten(source, places.document, done.document)
    path = None if done.seen is None else path_to(done.document, done.seen)
    after = places_of(text)
    at = "" if path is None else after.positions.get(path, "")
    stays = isinstance(operation, _STILL) and places.visits.keys() == after.visits.keys()
    return Edited(text, at, done.words, {} if stays else moved(places, done.document, after))


def text_moved(before: str, after: str) -> Moved | None:
    """Return what another text moved, None where that cannot be told."""
    try:
        return moved_by_text(places_of(before), places_of(after))
    except EditingRefusal:
        return None


def _written(source: str, operation: Write) -> Edited:
    unfit = storable_problems(operation.source)
    if unfit:
        raise TextUnreadable(unfit[0].sentence)
    document_of(operation.source)
    return Edited(operation.source, "", "edited the source", text_moved(source, operation.source))


def _set_workflow(places: Places, op: SetWorkflow) -> Done:
    if not op.path or op.path[0] in ("instructions", "jobs"):
        raise OperationUnfit("This is no field of the workflow itself.")
    document = with_field(places.document, op.path, op.value)
    return Done(document, None, f"set {'.'.join(map(str, op.path))}")


_STILL = (SetField, SetJob, SetKind, SetWorkflow, MakeJob, MakeJobs, AddJob, RenameJob,
          RemoveJob)  # fmt: skip
"""Operations that leave every instruction where it is."""

_DO: Mapping[type, Callable[[Places, Any], Done]] = {
    Insert: instructions.insert,
    Paste: fragment.paste,
    Delete: instructions.delete,
    Move: instructions.move,
    Wrap: instructions.wrap,
    Unwrap: instructions.unwrap,
    SetField: instructions.set_field,
    AddBranch: instructions.add_branch,
    RemoveBranch: instructions.remove_branch,
    AddJob: jobs.add_job,
    RenameJob: jobs.rename_job,
    RemoveJob: jobs.remove_job,
    SetJob: jobs.set_job,
    MakeJob: jobs.make_job,
    MakeJobs: jobs.make_jobs,
    SetKind: jobs.set_kind,
    SetWorkflow: _set_workflow,
}
