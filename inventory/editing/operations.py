"""The operations of the editor, as they come in and as the log keeps them.

Places are texts of positions, as in `1/fork+us/0`. Where something is put in, the position is that
of the instruction it comes before; one behind the last instruction is the end of the block.
"""

from collections.abc import Mapping
from typing import Any, TypeAlias

import msgspec

from inventory.editing.errors import OperationUnreadable

Path: TypeAlias = tuple[str | int, ...]


class Insert(msgspec.Struct, frozen=True, tag_field="do", tag="insert", forbid_unknown_fields=True):
    """Puts a new instruction in; one that runs a job gets a new job, or `job` where it exists."""

    at: str
    type: str
    job: str = ""


class Fragment(msgspec.Struct, frozen=True):
    """Instructions on their way, with the jobs that they run."""

    instructions: list[dict[str, Any]]
    jobs: dict[str, dict[str, Any]] = {}


class Paste(msgspec.Struct, frozen=True, tag_field="do", tag="paste", forbid_unknown_fields=True):
    """Puts instructions in that were copied, here or in another workflow."""

    at: str
    fragment: Fragment


class Delete(msgspec.Struct, frozen=True, tag_field="do", tag="delete", forbid_unknown_fields=True):
    """Takes instructions away, and the jobs that nothing else runs."""

    at: tuple[str, ...]


class Move(msgspec.Struct, frozen=True, tag_field="do", tag="move", forbid_unknown_fields=True):
    """Puts instructions elsewhere, in their order."""

    at: tuple[str, ...]
    to: str


class Wrap(msgspec.Struct, frozen=True, tag_field="do", tag="wrap", forbid_unknown_fields=True):
    """Puts a block of a new instruction around others that stand one after the other."""

    at: tuple[str, ...]
    type: str


class Unwrap(msgspec.Struct, frozen=True, tag_field="do", tag="unwrap", forbid_unknown_fields=True):
    """Puts what is in the blocks of an instruction in its place; a catch block goes with it."""

    at: str


class SetField(msgspec.Struct, frozen=True, tag_field="do", tag="set", forbid_unknown_fields=True):
    """Gives a field of an instruction a value, none where it is null."""

    at: str
    path: Path
    value: Any = None


class AddBranch(
    msgspec.Struct, frozen=True, tag_field="do", tag="add-branch", forbid_unknown_fields=True
):
    """Adds a branch, a case, an else or a catch, whichever the instruction takes next."""

    at: str


class RemoveBranch(
    msgspec.Struct, frozen=True, tag_field="do", tag="remove-branch", forbid_unknown_fields=True
):
    """Takes a branch of an instruction away, with what is in it."""

    at: str
    branch: str


class AddJob(
    msgspec.Struct, frozen=True, tag_field="do", tag="add-job", forbid_unknown_fields=True
):
    """Adds a job that no instruction runs yet."""

    job: str


class RenameJob(
    msgspec.Struct, frozen=True, tag_field="do", tag="rename-job", forbid_unknown_fields=True
):
    """Gives a job another name, also where it is run."""

    job: str
    to: str


class RemoveJob(
    msgspec.Struct, frozen=True, tag_field="do", tag="remove-job", forbid_unknown_fields=True
):
    """Takes a job away that no instruction runs."""

    job: str


class SetJob(
    msgspec.Struct, frozen=True, tag_field="do", tag="set-job", forbid_unknown_fields=True
):
    """Gives a field of a job a value, none where it is null."""

    job: str
    path: Path
    value: Any = None


class MakeJob(
    msgspec.Struct, frozen=True, tag_field="do", tag="make-job", forbid_unknown_fields=True
):
    """Makes a job as a template has it; `value` is the whole job as it is then."""

    job: str
    template: str
    value: dict[str, Any]


class MakeJobs(
    msgspec.Struct, frozen=True, tag_field="do", tag="make-jobs", forbid_unknown_fields=True
):
    """Makes several jobs as a template has them; `jobs` are the whole jobs as they are then."""

    template: str
    jobs: dict[str, dict[str, Any]]


class SetKind(
    msgspec.Struct, frozen=True, tag_field="do", tag="set-kind", forbid_unknown_fields=True
):
    """Makes a job one of another kind; what both kinds have stays."""

    job: str
    type: str


class SetWorkflow(
    msgspec.Struct, frozen=True, tag_field="do", tag="set-workflow", forbid_unknown_fields=True
):
    """Gives a field of the workflow a value, none where it is null."""

    path: Path
    value: Any = None


class Write(msgspec.Struct, frozen=True, tag_field="do", tag="write", forbid_unknown_fields=True):
    """Puts another text in the place of the whole one."""

    source: str


Operation: TypeAlias = (
    Insert | Paste | Delete | Move | Wrap | Unwrap | SetField | AddBranch | RemoveBranch | AddJob
    | RenameJob | RemoveJob | SetJob | MakeJob | MakeJobs | SetKind | SetWorkflow | Write
)  # fmt: skip


def read_operation(given: Mapping[str, Any]) -> Operation:
    """Return the operation that plain values say.

    Raises:
        OperationUnreadable: they say none.
    """
    try:
        operation: Operation = msgspec.convert(given, Operation)
    except msgspec.ValidationError as e:
        raise OperationUnreadable(f"This is no operation of the editor: {e}.") from e
    return operation
