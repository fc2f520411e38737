"""An order, an event, and the one function that makes the next value.

`apply` is the only way an order changes, on the controller, on an agent and in a replay.
"""

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from engine.errors import EventNotApplicable
from engine.order import events as e
from engine.order.expect import expect, expect_detached, not_go, only_cancel, refuse
from engine.order.model import (
    FAILED,
    RESUMABLE,
    TERMINATED,
    BetweenCycles,
    Broken,
    Cancelled,
    DelayingRetry,
    Failed,
    FailedInFork,
    FailedWhileFresh,
    Finished,
    Forked,
    Fresh,
    Held,
    Order,
    Outcome,
    Processed,
    Processing,
    ProcessingKilled,
    Ready,
    Result,
    Sleeping,
    Sticky,
    StoppedWhileFresh,
    WaitingForAdmission,
)
from engine.order.relocated import relocated
from engine.order.waits import CHANGES as WAIT_CHANGES

_FRESH = Fresh()
_READY = Ready()
_PROCESSED = Processed()
_WHILE_FRESH = (Fresh, FailedWhileFresh, StoppedWhileFresh)
_KILLED = ProcessingKilled()


def apply(order: Order, event: e.OrderEvent) -> Order:
    """Return the order as it is after the event.

    Raises:
        EventNotApplicable: the event cannot follow from this state.
    """
    change = _CHANGES.get(type(event))
    if change is None:
        raise EventNotApplicable(f"{type(event).__name__} does not change an existing order")
    after = change(order, event)
    if after.resumed and type(event) not in _KEEPS_RESUMED:
        return replace(after, resumed=False)
    return after


def _started(order: Order, event: e.OrderStarted) -> Order:
    expect(order, event, Fresh)
    return replace(order, state=_READY, started_us=event.at_us, mark=not_go(order))


def _attachable(order: Order, event: e.OrderAttachable) -> Order:
    expect(order, event, Fresh, Ready)
    if order.held or event.own_no <= order.own_no:
        raise EventNotApplicable(f"order {order.id} is already held or own number is not higher")
    held = Held(event.agent, "attaching")
    return replace(order, held=held, own_no=event.own_no, chosen=order.position)


def _attached(order: Order, event: e.OrderAttached) -> Order:
    if not order.held or order.held.agent != event.agent or order.held.phase != "attaching":
        raise EventNotApplicable(f"order {order.id} is not on its way to {event.agent}")
    return replace(order, held=Held(event.agent, "attached"))


def _detached(order: Order, event: e.OrderDetached) -> Order:
    if order.attached_to != event.agent:
        raise EventNotApplicable(f"order {order.id} is not attached to {event.agent}")
    refuse(order, event, Processing)
    return replace(order, held=None, own_no=order.own_no + 1)


def _processing_started(order: Order, event: e.OrderProcessingStarted) -> Order:
    expect(order, event, Ready)
    if order.attached_to != event.agent or order.suspended:
        raise EventNotApplicable(f"order {order.id} is not free to run at {event.agent}")
    return replace(order, state=Processing(event.attempt, event.at_us))


def _processed(order: Order, event: e.OrderProcessed) -> Order:
    state = order.state
    if not isinstance(state, Processing) or state.attempt != event.attempt:
        raise EventNotApplicable(f"order {order.id} does not run attempt {event.attempt}")
    return replace(
        order,
        state=_KILLED if event.outcome.kind == "killed" else _PROCESSED,
        outcome=event.outcome,
        results=(*order.results, event.result) if event.result else order.results,
    )


def _moved(order: Order, event: e.OrderMoved) -> Order:
    expect(order, event, Fresh, Ready, Processed, Sleeping, WaitingForAdmission, BetweenCycles)
    state = _FRESH if type(order.state) is Fresh else _READY
    return replace(order, state=state, position=event.to, mark=not_go(order))


def _caught(order: Order, event: e.OrderCaught) -> Order:
    expect(order, event, Ready, Processed, ProcessingKilled)
    return replace(
        order,
        state=_READY,
        position=event.to,
        outcome=event.outcome,
        results=_with_values(order, event.outcome),
    )


def _with_values(order: Order, outcome: Outcome) -> tuple[Result, ...]:
    """Return the results with what a failing instruction left; those of a job are there already."""
    if type(order.state) is not Ready or not outcome.values:
        return order.results
    return (*order.results, Result(order.position, None, None, outcome.values))


def _retrying(order: Order, event: e.OrderRetrying) -> Order:
    expect(order, event, Ready)
    state = _READY if event.until_us is None else DelayingRetry(event.until_us, order.position)
    return replace(order, state=state, position=event.to)


def _awoke(order: Order, event: e.OrderAwoke) -> Order:
    expect(order, event, DelayingRetry, Sleeping)
    return replace(order, state=_READY, mark=not_go(order))


def _forked(order: Order, event: e.OrderForked) -> Order:
    expect(order, event, Ready)
    children = tuple(child for child, _ in event.children)
    return replace(order, state=Forked(children, len(children)))


def _child_ended(order: Order, event: e.OrderChildEnded) -> Order:
    state = order.state
    waits = isinstance(state, Forked) and event.child in state.children
    if not isinstance(state, Forked) or not waits or event.child in state.failed or state.open < 1:
        raise EventNotApplicable(f"order {order.id} does not wait for {event.child}")
    return replace(
        order,
        own_no=max(order.own_no, event.own_no),
        state=Forked(
            state.children,
            state.open - 1,
            state.failed if event.ok else {**state.failed, event.child: event.message},
            {**state.values, **event.values} if event.values else state.values,
        ),
    )


def _joined(order: Order, event: e.OrderJoined) -> Order:
    expect(order, event, Forked)
    results = (*order.results, event.result) if event.result else order.results
    return replace(order, state=_PROCESSED, outcome=event.outcome, results=results)


def _failed(order: Order, event: e.OrderFailed) -> Order:
    refuse(order, event, *TERMINATED, *FAILED, Processing, Forked)
    expect_detached(order, event)
    state = FailedWhileFresh() if type(order.state) is Fresh else Failed()
    results = _with_values(order, event.outcome)
    return replace(
        order,
        state=state,
        outcome=event.outcome,
        results=results,
        mark=only_cancel(order),
        suspended=False,
    )


def _failed_in_fork(order: Order, event: e.OrderFailedInFork) -> Order:
    refuse(order, event, *TERMINATED, FailedInFork, Processing, Forked)
    expect_detached(order, event)
    return replace(
        order,
        state=FailedInFork(),
        outcome=event.outcome,
        mark=None,
        grants=(),
        suspended=False,
    )


def _finished(order: Order, event: e.OrderFinished) -> Order:
    expect(order, event, Ready)
    expect_detached(order, event)
    outcome = event.outcome or order.outcome
    return replace(order, state=Finished(), outcome=outcome, mark=None)


def _cancelled(order: Order, event: e.OrderCancelled) -> Order:
    refuse(order, event, *TERMINATED, Processing, Forked)
    expect_detached(order, event)
    return replace(order, state=Cancelled(), mark=None, suspended=False)


def _marked(order: Order, event: e.OrderMarked) -> Order:
    refuse(order, event, *TERMINATED)
    return replace(order, mark=event.mark)


def _suspended(order: Order, event: e.OrderSuspended) -> Order:
    expect(order, event, Fresh, Ready, ProcessingKilled)
    expect_detached(order, event)
    state = order.state if type(order.state) is Fresh else _READY
    return replace(order, state=state, suspended=True, mark=None)


def _resumed(order: Order, event: e.OrderResumed) -> Order:
    if not order.suspended:
        expect(order, event, *RESUMABLE)
    fresh = type(order.state) in _WHILE_FRESH and event.position is None
    return replace(
        order,
        state=_FRESH if fresh else _READY,
        suspended=False,
        resumed=True,
        mark=None,
        position=order.position if event.position is None else event.position,
        results=order.results if event.results is None else event.results,
        arguments=order.arguments if event.arguments is None else event.arguments,
    )


def _priority_changed(order: Order, event: e.OrderPriorityChanged) -> Order:
    refuse(order, event, *TERMINATED)
    return replace(order, priority=event.priority)


def _broken(order: Order, event: e.OrderBroken) -> Order:
    refuse(order, event, *TERMINATED)
    return replace(order, state=Broken(event.problem), held=None, own_no=order.own_no + 1)


def _reclaimed(order: Order, event: e.OrderReclaimed) -> Order:
    if order.agent != event.agent:
        raise EventNotApplicable(f"order {order.id} is not held by {event.agent}")
    return replace(
        order, state=_PROCESSED, held=None, own_no=order.own_no + 1, outcome=event.outcome
    )


def _restored(order: Order, event: e.OrderRestored) -> Order:
    if event.order.ownership < order.ownership:
        raise EventNotApplicable(f"order {order.id} has moved on since {event.reason}")
    return event.order


def _transferred(order: Order, event: e.OrderTransferred) -> Order:
    refuse(order, event, *TERMINATED, Processing)
    expect_detached(order, event)
    fetched = order.mark is not None and order.mark.verb == "transfer"
    return replace(
        relocated(order, dict(event.places)),
        version=event.version,
        position=order.position if event.position is None else event.position,
        mark=None if fetched else order.mark,
    )


def _changed(order: Order, event: e.OrderChanged) -> Order:
    expect(order, event, Fresh)
    expect_detached(order, event)
    start, arguments = event.change.scheduled_us, event.change.arguments
    return replace(
        order,
        scheduled_us=order.scheduled_us if start is None else start,
        arguments=order.arguments if arguments is None else arguments,
        mark=None,
    )


def _removed(order: Order, event: e.OrderRemoved) -> Order:
    expect(order, event, *TERMINATED)
    return order


def _bound_to_agent(order: Order, event: e.OrderBoundToAgent) -> Order:
    others = tuple(s for s in order.sticky if s.position != event.position)
    bound = (Sticky(event.position, event.agent),) if event.agent else ()
    return replace(order, sticky=(*others, *bound))


_KEEPS_RESUMED = frozenset(
    {
        e.OrderResumed, e.OrderStarted, e.OrderAttachable, e.OrderAttached, e.OrderDetached,
        e.OrderMarked, e.OrderPriorityChanged, e.OrderTransferred, e.OrderBoundToAgent,
        e.OrderNoticeHeldLong,
    }
)  # fmt: skip

_CHANGES: dict[type, Callable[[Order, Any], Order]] = {
    **WAIT_CHANGES,
    e.OrderTransferred: _transferred,
    e.OrderChanged: _changed,
    e.OrderRemoved: _removed,
    e.OrderBoundToAgent: _bound_to_agent,
    e.OrderStarted: _started,
    e.OrderAttachable: _attachable,
    e.OrderAttached: _attached,
    e.OrderDetached: _detached,
    e.OrderProcessingStarted: _processing_started,
    e.OrderProcessed: _processed,
    e.OrderMoved: _moved,
    e.OrderCaught: _caught,
    e.OrderRetrying: _retrying,
    e.OrderAwoke: _awoke,
    e.OrderForked: _forked,
    e.OrderChildEnded: _child_ended,
    e.OrderJoined: _joined,
    e.OrderFailed: _failed,
    e.OrderFailedInFork: _failed_in_fork,
    e.OrderFinished: _finished,
    e.OrderCancelled: _cancelled,
    e.OrderMarked: _marked,
    e.OrderSuspended: _suspended,
    e.OrderResumed: _resumed,
    e.OrderPriorityChanged: _priority_changed,
    e.OrderBroken: _broken,
    e.OrderReclaimed: _reclaimed,
    e.OrderRestored: _restored,
}
