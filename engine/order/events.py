"""Everything that can happen to an order.

An event is a fact: it was decided once and is never computed again. It says enough that a reader
who follows the journal needs no other source.
"""

from typing import Any, Literal, TypeAlias

import msgspec

from engine.order.model import Change, Mark, Order, Outcome, Result
from engine.order.object_events import ObjectEvent, PostedNotice
from engine.position import Position


class OrderAdded(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """A new order; `order` is its first value, still Fresh."""

    order: Order


class OrderStarted(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """Left Fresh."""

    at_us: int


class OrderAttachable(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """On its way to an agent; `own_no` is the number of this ownership."""

    agent: str
    own_no: int


class OrderAttached(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """The agent has it, durably."""

    agent: str


class OrderDetached(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """The agent gave it back, durably, and touches it no more."""

    agent: str


class OrderProcessingStarted(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """A job run is about to start; durable before the process exists.

    `criticality` is that of the job, None for NORMAL.
    """

    agent: str
    attempt: str
    job: str
    label: str | None
    position: Position
    at_us: int
    criticality: str | None = None


class OrderProcessed(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """The job run named by `attempt` has ended. `result` is what later instructions may read.

    `usual`: by how many percent it may be shorter and longer than earlier runs; the history judges.
    """

    attempt: str
    outcome: Outcome
    result: Result | None
    at_us: int
    usual: tuple[float | None, float | None] | None = None


class OrderMoved(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """Stands at another position, Ready. `reason` is set where it is not the plain way on.

    `skipped` is label or name of a job that was passed by.
    """

    to: Position
    reason: str | None = None
    skipped: str | None = None


class OrderCaught(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """A failure was caught; goes on in the catch block at `to`."""

    to: Position
    outcome: Outcome


class OrderRetrying(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """Goes back to its try block at `to`, after `until_us` if given."""

    to: Position
    until_us: int | None = None


class OrderAwoke(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """The delay before a retry or before a new look at the instruction is over."""


class OrderStateReset(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """Left a waiting state: Ready at the instruction, to be looked at anew."""


class OrderSleeping(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """Pauses until a moment, see `engine.order.model.Sleeping`."""

    until_us: int
    cause: Literal["sleep", "throttle", "agent"] = "sleep"


class OrderAdmissionAwaited(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """Waits for the period in which its block may be entered."""

    until_us: int


class OrderCyclingPrepared(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """Stands at the Cycle at `at` until its next run is due; `cycle` says how far it has come."""

    at: Position
    until_us: int
    cycle: str


class OrderCycleStarted(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """Goes into the block of a Cycle, at `to`."""

    to: Position


class OrderPrompted(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """Asks a person."""

    question: str


class OrderPromptAnswered(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """A person confirmed; goes on at `to`."""

    to: Position


class OrderLocksQueued(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """Waits in the queue of each lock demanded: pairs of path and count, None for all of it."""

    demands: tuple[tuple[str, int | None], ...]


class OrderLocksAcquired(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """Holds the locks demanded and goes into the block, at `to`."""

    demands: tuple[tuple[str, int | None], ...]
    to: Position


class OrderLocksReleased(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """Gave back what it held inside the Lock block at `position`, and stands at that."""

    position: Position


class OrderNoticesPosted(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """Posted notices, all at once, and goes on at `to`."""

    notices: tuple[PostedNotice, ...]
    to: Position
    at_us: int


class OrderNoticesExpected(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """Waits for notices: pairs of board and key."""

    expected: tuple[tuple[str, str], ...]


class OrderNoticesRead(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """Found what it expected and goes on at `to`; `result` holds the variables of the notices."""

    to: Position
    result: Result | None = None


class OrderConsumptionStarted(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """Holds instances of notices (board, key, generation) and goes into the block, at `to`."""

    notices: tuple[tuple[str, str, int], ...]
    to: Position
    result: Result | None = None
    at_us: int = 0


class OrderNoticeHeldLong(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """Holds an instance of a notice for longer than its board allows: a warning, nothing ends."""

    board: str
    key: str
    gen: int
    longest_us: int
    at_us: int


class OrderNoticesConsumed(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """The consuming block at `position` is left, and the order stands at that.

    `ok` tells whether this was a success.
    """

    position: Position
    ok: bool


class OrderStopped(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """Stopped at a failure or at a Stop; waits for a person and keeps its locks."""

    outcome: Outcome
    at_us: int


class OrderBoundToAgent(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """The StickySubagent block at `position` is bound to an agent, empty until one is chosen."""

    position: Position
    agent: str


class OrderTransferred(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """Goes on in another version of its workflow.

    `position` is where the same place is there, None where it has the same position; `places` are
    pairs of where other places that the order keeps (results, locks, its block) were and are.
    """

    version: str
    position: Position | None = None
    places: tuple[tuple[Position, Position], ...] = ()


class OrderChanged(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """Got another start or other arguments before it started."""

    change: Change


class OrderRemoved(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """Left for good after it had remained behind its end."""


class OrderForked(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """Children were made: pairs of order id and branch.

    For a list: the branch is empty and `elements` are the arguments of each child.
    """

    children: tuple[tuple[str, str], ...]
    elements: tuple[dict[str, Any], ...] = ()


class OrderChildEnded(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """One child has come to its end; `values` go into the result of the join.

    `message` says why it was no success. `own_no` is the child's last number of ownership: its id
    may be used again by the next try, and then goes on from there.
    """

    child: str
    ok: bool
    values: dict[str, Any]
    message: str = ""
    own_no: int = 0


class OrderJoined(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """All children have ended and are gone."""

    outcome: Outcome
    result: Result | None


class OrderFailed(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """Failed and nobody caught it; waits for a person."""

    outcome: Outcome
    at_us: int


class OrderFailedInFork(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """A child failed whose fork joins failures."""

    outcome: Outcome
    at_us: int


class OrderFinished(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """Left at its end or at a stop position. `outcome` is set where Finish says unsuccessful."""

    at_us: int
    outcome: Outcome | None = None


class OrderCancelled(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """Left by order of a person."""

    at_us: int


class OrderMarked(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """A person asked for something that takes effect later; None takes the mark back."""

    mark: Mark | None


class OrderSuspended(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """Stands still until it is resumed."""


class OrderResumed(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """Goes on, maybe from another position and with other variables."""

    position: Position | None = None
    results: tuple[Result, ...] | None = None
    arguments: dict[str, Any] | None = None


class OrderPriorityChanged(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """Waits with another priority from now on."""

    priority: int


class OrderBroken(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """Something happened that cannot follow; the order is flagged and stands still."""

    problem: str


class OrderReclaimed(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """Taken back from an agent that has lost its journal; `outcome` says what nobody can know."""

    agent: str
    outcome: Outcome


class OrderRestored(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """An agent knew better than a journal that had gone back in time; `order` is what it holds."""

    order: Order
    reason: str


OrderEvent: TypeAlias = (
    OrderAdded | OrderStarted | OrderAttachable | OrderAttached | OrderDetached
    | OrderProcessingStarted | OrderProcessed | OrderMoved | OrderCaught | OrderRetrying
    | OrderAwoke | OrderForked | OrderChildEnded | OrderJoined | OrderFailed | OrderFailedInFork
    | OrderFinished | OrderCancelled | OrderMarked | OrderSuspended | OrderResumed
    | OrderPriorityChanged | OrderBroken | OrderReclaimed | OrderRestored
    | OrderStateReset | OrderSleeping | OrderAdmissionAwaited | OrderCyclingPrepared
    | OrderCycleStarted | OrderPrompted | OrderPromptAnswered | OrderLocksQueued
    | OrderLocksAcquired | OrderLocksReleased | OrderNoticesPosted | OrderNoticesExpected
    | OrderNoticesRead | OrderConsumptionStarted | OrderNoticeHeldLong | OrderNoticesConsumed
    | OrderStopped | OrderBoundToAgent | OrderTransferred | OrderChanged | OrderRemoved
    | ObjectEvent
)  # fmt: skip
