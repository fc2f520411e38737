"""An order as a value: where it stands, what it carries, who holds it.

Nothing here changes anything; `engine.order.apply` makes the next value out of an event.
Moments are integer microseconds since 1970 in UTC and end in `_us`.
"""

from typing import Any, Literal, TypeAlias

import msgspec

from engine.position import START, Position


class Fresh(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """Added, not started. The clock, a verb or the agent leads out."""


class Ready(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """Between instructions. The engine leads out."""


class Processing(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """A process runs on the agent. The end of the process leads out."""

    attempt: str
    started_us: int


class Processed(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """The process or the join has ended; `Order.outcome` tells how. The engine leads out."""


class ProcessingKilled(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """The process was killed by a verb. The mark that killed it leads out."""


class Forked(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """Waits for its children. The end of the last child leads out.

    `failed` are the children that failed or were cancelled, each with the reason.
    """

    children: tuple[str, ...]
    open: int
    failed: dict[str, str] = {}
    values: dict[str, Any] = {}


class DelayingRetry(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """Waits before the next try. The clock or a verb leads out; a reset leads back to `retry`."""

    until_us: int
    retry: Position = ()


class Failed(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """Failed and nobody caught it. A person leads out: resume or cancel."""


class FailedWhileFresh(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """Failed before it started. A person leads out: resume or cancel."""


class FailedInFork(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """A child that failed where its fork joins failures. The join removes it."""


class Broken(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """An inconsistency that could not be turned into a failure. A person leads out: cancel."""

    problem: str


class Finished(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """Left at its end. Nothing leads out."""


class Cancelled(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """Left by order of a person. Nothing leads out."""


State: TypeAlias = (
    Fresh | Ready | Processing | Processed | ProcessingKilled | Forked | DelayingRetry
    | Failed | FailedWhileFresh | FailedInFork | Broken | Finished | Cancelled
)  # fmt: skip

TERMINATED = (Finished, Cancelled)
FAILED = (Failed, FailedWhileFresh)
ENDED_FOR_HISTORY = (*TERMINATED, *FAILED, FailedInFork, Broken)

OutcomeKind: TypeAlias = Literal["succeeded", "failed", "timedout", "killed", "disrupted"]


class Outcome(msgspec.Struct, frozen=True, array_like=True):
    """How a job run, an instruction or a join ended.

    `disrupted` means lost or not evaluable; `lost` tells the two apart. `uncatchable` failures pass
    every Try.
    """

    kind: OutcomeKind
    return_code: int | None = None
    message: str | None = None
    values: dict[str, Any] = {}
    uncatchable: bool = False
    lost: bool = False

    @property
    def ok(self) -> bool:
        """Tell whether the order goes on behind the instruction."""
        return self.kind == "succeeded"


SUCCEEDED = Outcome("succeeded")


class Result(msgspec.Struct, frozen=True, array_like=True):
    """Named values that an instruction left behind, with where they come from."""

    position: Position
    label: str | None
    job: str | None
    values: dict[str, Any]


class Mark(msgspec.Struct, frozen=True, array_like=True):
    """What a person asked for and what takes effect at the next safe point.

    `kill` ends the running job for it, `reset` the wait in which the order stands.
    """

    verb: Literal["cancel", "suspend", "go"]
    kill: bool = False
    reset: bool = False


class Held(msgspec.Struct, frozen=True, array_like=True):
    """The agent that an order is with, or on its way to (`attaching`) or from (`detaching`)."""

    agent: str
    phase: Literal["attaching", "attached", "detaching"]


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """A run of a workflow version.

    `own_no` rises with each change of owner: a late message of an earlier owner is harmless.
    `results` are named values in order of their birth; resume may cut them. `run` is the journal
    number of the event that added it: ids may come again, runs never.
    """

    id: str
    workflow: str
    version: str
    run: int = 0
    state: State = Fresh()
    position: Position = START
    arguments: dict[str, Any] = {}
    results: tuple[Result, ...] = ()
    outcome: Outcome | None = None
    order_date: str | None = None
    scheduled_us: int | None = None
    priority: int = 0
    parent: str | None = None
    held: Held | None = None
    own_no: int = 0
    mark: Mark | None = None
    suspended: bool = False
    stop_positions: tuple[Position, ...] = ()
    block: Position | None = None
    tags: tuple[str, ...] = ()
    added_us: int = 0
    started_us: int | None = None

    @property
    def agent(self) -> str | None:
        """The agent that the order is with or on its way to or from."""
        return self.held.agent if self.held else None

    @property
    def waits_for_time(self) -> bool:
        """Whether the clock leads the order on, or a person who cannot wait for it."""
        fresh = isinstance(self.state, Fresh) and self.scheduled_us is not None
        return not self.suspended and (fresh or isinstance(self.state, DelayingRetry))

    @property
    def attached_to(self) -> str | None:
        """The agent that owns the order now."""
        return self.held.agent if self.held and self.held.phase == "attached" else None
