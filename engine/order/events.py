"""Everything that can happen to an order.

An event is a fact: it was decided once and is never computed again. It says enough that a reader
who follows the journal needs no other source.
"""

from typing import Any, TypeAlias

import msgspec

from engine.order.model import Mark, Order, Outcome, Result
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
    """A job run is about to start; durable before the process exists."""

    agent: str
    attempt: str
    job: str
    label: str | None
    position: Position
    at_us: int


class OrderProcessed(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """The job run named by `attempt` has ended. `result` is what later instructions may read."""

    attempt: str
    outcome: Outcome
    result: Result | None
    at_us: int


class OrderMoved(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """Stands at another position, Ready. `reason` is set where it is not the plain way on."""

    to: Position
    reason: str | None = None


class OrderCaught(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """A failure was caught; goes on in the catch block at `to`."""

    to: Position
    outcome: Outcome


class OrderRetrying(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """Goes back to its try block at `to`, after `until_us` if given."""

    to: Position
    until_us: int | None = None


class OrderAwoke(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """The delay before a retry is over."""


class OrderForked(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """Children were made: pairs of order id and branch."""

    children: tuple[tuple[str, str], ...]


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
)  # fmt: skip
