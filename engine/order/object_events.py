"""What happens to boards, workflows and plans: events of no order.

Their subject in the journal is `|board|PATH`, `|workflow|PATH`, `|plan|ID`: no order's id begins
with `|`.
"""

from typing import Any, TypeAlias

import msgspec

from engine.position import Position


class PostedNotice(msgspec.Struct, frozen=True, array_like=True):
    """A notice as it is posted. `end_of_life_us` None: until it is consumed or its plan goes."""

    board: str
    key: str
    end_of_life_us: int | None = None
    arguments: dict[str, Any] = {}


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


ObjectEvent: TypeAlias = (
    NoticePosted | NoticeDeleted | NoticeReleased | WorkflowControlled | WorkflowThawed
    | PlanChanged
)  # fmt: skip
OBJECT_EVENTS = (
    NoticePosted, NoticeDeleted, NoticeReleased, WorkflowControlled, WorkflowThawed, PlanChanged,
)  # fmt: skip


def subject(kind: str, name: str) -> str:
    """Return what stands in the journal where an order's id would stand."""
    return f"|{kind}|{name}"
