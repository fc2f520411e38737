"""What happens to boards, workflows, plans and watched files: events of no order.

Their subject in the journal is `|board|PATH`, `|workflow|PATH`, `|plan|ID`,
`|fileordersource|PATH`: no order's id begins with `|`.
"""

from typing import Any, TypeAlias

import msgspec

from engine.files.state import Arising
from engine.objects.model import Policy
from engine.position import Position


class PostedNotice(msgspec.Struct, frozen=True, array_like=True):
    """A notice as it is posted. `end_of_life_us` None: until it is consumed or its plan goes.

    `policy` and `longest_us` are its board's.
    """

    board: str
    key: str
    end_of_life_us: int | None = None
    arguments: dict[str, Any] = {}
    policy: Policy = Policy.ANY_SUCCESS
    longest_us: int | None = None


class NoticePosted(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """A person posted a notice."""

    notice: PostedNotice
    at_us: int


class NoticeDeleted(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """The present instance of a notice is deleted, at once or when nobody holds it any more.

    `reason`: by whom or why, `end of life` for instance.
    """

    board: str
    key: str
    reason: str = ""


class NoticeReleased(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """Orders that wait for a notice were looked at, up to `after` in the queue; None: all.

    `after` is the rank (negative priority, number) of the last one. `upto_no` names the scan: one
    that has begun since is not moved by it.
    """

    board: str
    key: str
    after: tuple[int, int] | None = None
    upto_no: int = 0


class WorkflowControlled(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """A person changed what a workflow's orders may do: see `engine.facts.Control`."""

    path: str
    suspended: bool
    skipped: tuple[str, ...] = ()
    stops: tuple[Position, ...] = ()


class WorkflowThawed(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """Orders of a workflow that goes on were looked at, up to an id; None: all."""

    path: str
    after: str | None = None


class PlanChanged(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """A person opened or closed a plan."""

    plan: str
    closed: bool


class FileArose(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """A file came into the directory of a file order source and is complete."""

    source: str
    name: str
    arising: Arising


class FileVanished(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """The file of an arising is there no more, or nobody watches it any more."""

    source: str
    name: str
    arising: str


class FileOrderRefused(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """No order could be added for a file; it is tried again."""

    source: str
    name: str
    problem: str
    retry_us: int


class FileSourceTold(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """The agent of a file order source says that it watches, or what keeps it from that."""

    source: str
    problem: str
    at_us: int


class FilesAsked(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """The agent of a source was told which files are known, and has to go on from there.

    Nothing counts that it says before it has answered with the mark; empty: it has.
    """

    source: str
    mark: str


class FilesReleased(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """Files of a withdrawn source were made to vanish, up to a name; empty: this begins.

    None: no more vanish; `over` where it is because all have.
    """

    source: str
    after: str | None
    over: bool = False


ObjectEvent: TypeAlias = (
    NoticePosted | NoticeDeleted | NoticeReleased | WorkflowControlled | WorkflowThawed
    | PlanChanged | FileArose | FileVanished | FileOrderRefused | FileSourceTold | FilesReleased
    | FilesAsked
)  # fmt: skip
FILE_EVENTS = frozenset(
    {FileArose, FileVanished, FileOrderRefused, FileSourceTold, FilesReleased, FilesAsked}
)
OBJECT_EVENTS = FILE_EVENTS | {
    NoticePosted, NoticeDeleted, NoticeReleased, WorkflowControlled, WorkflowThawed, PlanChanged,
}  # fmt: skip


def subject(kind: str, name: str) -> str:
    """Return what stands in the journal where an order's id would stand."""
    return f"|{kind}|{name}"
