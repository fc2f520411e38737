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


class Sleeping(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """Pauses. The clock or a verb leads out: behind a Sleep, for other causes to a new look.

    `throttle`: others go first; `agent`: no agent of a cluster is there.
    """

    until_us: int
    cause: Literal["sleep", "throttle", "agent"] = "sleep"


class WaitingForAdmission(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """Waits before an AdmissionTime block. The begin of the period or a verb leads in."""

    until_us: int


class BetweenCycles(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """Stands at a Cycle before its next run. The clock or a verb leads in.

    `cycle` is the text of `timetable.repetition`: how far the schedule has come.
    """

    until_us: int
    cycle: str


class WaitingForLock(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """In the queue of each lock demanded. A release leads in; `no` is when it came to the queue.

    Demands are pairs of a lock's path and a count, None for all of it.
    """

    demands: tuple[tuple[str, int | None], ...]
    no: int = 0


class ExpectingNotices(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """Waits for notices. A posting leads out; `no` is when it began to wait.

    `expected` are pairs of a board's path and a key, one for each board of the expression.
    """

    expected: tuple[tuple[str, str], ...]
    no: int = 0


class Prompting(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """Asks a person. A confirmation leads out."""

    question: str


class Stopped(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """Stands at a failure or a Stop and keeps its locks. A person leads out: resume or cancel."""


class StoppedWhileFresh(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """Stopped before it started. A person leads out: resume or cancel."""


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
    | Sleeping | WaitingForAdmission | BetweenCycles | WaitingForLock | ExpectingNotices
    | Prompting | Stopped | StoppedWhileFresh | Failed | FailedWhileFresh | FailedInFork | Broken
    | Finished | Cancelled
)  # fmt: skip

TERMINATED = (Finished, Cancelled)
FAILED = (Failed, FailedWhileFresh)
STOPPED = (Stopped, StoppedWhileFresh)
TIMED = (DelayingRetry, Sleeping, WaitingForAdmission, BetweenCycles)
"""States that the clock leads out of, at `until_us`."""
WAITING = (*TIMED, WaitingForLock, ExpectingNotices, Prompting)
"""States that a reset leads out of, back to the instruction."""
RESUMABLE = (*FAILED, *STOPPED)
ENDED_FOR_HISTORY = (*TERMINATED, *FAILED, FailedInFork, Broken)

OutcomeKind: TypeAlias = Literal["succeeded", "failed", "timedout", "killed", "disrupted"]


class Outcome(msgspec.Struct, frozen=True, array_like=True):
    """How a job run, an instruction or a join ended.

    `disrupted` means lost or not evaluable; `lost` tells the two apart. `uncatchable` failures pass
    every Try. `warnings` are sentences about a job run that people should look at.
    """

    kind: OutcomeKind
    return_code: int | None = None
    message: str | None = None
    values: dict[str, Any] = {}
    uncatchable: bool = False
    lost: bool = False
    warnings: tuple[str, ...] = ()

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


class Change(msgspec.Struct, frozen=True, array_like=True):
    """Another start or other arguments for an order that has not started; None leaves as it is."""

    scheduled_us: int | None = None
    arguments: dict[str, Any] | None = None


class Mark(msgspec.Struct, frozen=True, array_like=True):
    """What a person asked for and what takes effect at the next safe point.

    `kill` ends the running job for it, `reset` the wait in which the order stands. `version` is
    where a transfer leads, `change` what is to be changed before the start (also of an order that
    is to be suspended), `reason` why it fails.
    """

    verb: Literal["cancel", "suspend", "go", "transfer", "change", "fail"]
    kill: bool = False
    reset: bool = False
    version: str = ""
    change: Change | None = None
    reason: str = ""
    fresh_only: bool = False
    """The mark is dropped where the order has started meanwhile."""


class LockHold(msgspec.Struct, frozen=True, array_like=True):
    """Shares of locks that an order holds inside the Lock block at `position`."""

    position: Position
    demands: tuple[tuple[str, int | None], ...]


class Consumption(msgspec.Struct, frozen=True, array_like=True):
    """Instances of notices (board, key, generation) held inside the block at `position`.

    `since_us` 0: nobody knows any more.
    """

    position: Position
    notices: tuple[tuple[str, str, int], ...]
    since_us: int = 0


class Sticky(msgspec.Struct, frozen=True, array_like=True):
    """The agent that a StickySubagent block at `position` is bound to."""

    position: Position
    agent: str


class ExternalOrder(msgspec.Struct, frozen=True, array_like=True):
    """The file that an order was added for: its source, its name there, and which arising."""

    source: str
    name: str
    arising: str


class Held(msgspec.Struct, frozen=True, array_like=True):
    """The agent that an order is with, or on its way to (`attaching`) or from (`detaching`)."""

    agent: str
    phase: Literal["attaching", "attached", "detaching"]


class Order(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A run of a workflow version.

    `own_no` rises with each change of owner: a late message of an earlier owner is harmless.
    `results` are named values in order of their birth; resume may cut them. `run` is the journal
    number of the event that added it: ids may come again, runs never. `plan` is the daily plan it
    belongs to. `resumed` until it has done something: a breakpoint does not stop it again. `locks`
    and `consumptions` are those of the blocks it is in, `grants` allow a failed consumption to be
    entered again, `announces` are the notices (board, key) that its plan counts on. `remain` keeps
    it after its end until it is removed. `adder` is the order whose instruction added it, `chosen`
    the position of the job for which its agent was picked out of a cluster. An `external` one came
    of a file and stays until that has vanished.
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
    plan: str | None = None
    force_admission: bool = False
    remain: bool = False
    resumed: bool = False
    locks: tuple[LockHold, ...] = ()
    consumptions: tuple[Consumption, ...] = ()
    grants: tuple[Consumption, ...] = ()
    announces: tuple[tuple[str, str], ...] = ()
    sticky: tuple[Sticky, ...] = ()
    adder: str | None = None
    chosen: Position | None = None
    external: ExternalOrder | None = None

    @property
    def ownership(self) -> tuple[int, int]:
        """What rises with each change of owner, also where the order's id comes again."""
        return self.run, self.own_no

    @property
    def agent(self) -> str | None:
        """The agent that the order is with or on its way to or from."""
        return self.held.agent if self.held else None

    @property
    def waits_for_time(self) -> bool:
        """Whether the clock leads the order on, or a person who cannot wait for it."""
        fresh = isinstance(self.state, Fresh) and self.scheduled_us is not None
        return not self.suspended and (fresh or isinstance(self.state, TIMED))

    @property
    def attached_to(self) -> str | None:
        """The agent that owns the order now."""
        return self.held.agent if self.held and self.held.phase == "attached" else None
