"""What each event makes of an order's run. One function an event, one table for all. Pure."""

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from controller.journal import Entry
from engine.order import events as e
from engine.order.group import group_of_state
from engine.order.model import TIMED, Order, Outcome
from engine.position import to_text
from history.runs import Run, packed
from history.texts import short, stored_text
from history.waits import CHANGES as WAITS

_FRESH_AGAIN = ("Fresh", "FailedWhileFresh", "StoppedWhileFresh")


def as_in(order: Order, run: Run) -> Run:
    """Return the run with everything that may change as the order's value has it."""
    state = order.state
    name = type(state).__name__
    return replace(
        _with_outcome(run, order.outcome),
        version=order.version,
        scheduled_us=order.scheduled_us,
        arguments=packed(order.arguments),
        state=name,
        group=group_of_state(name, suspended=order.suspended),
        suspended=order.suspended,
        live=True,
        position=to_text(order.position),
        until_us=state.until_us if isinstance(state, TIMED) else None,
        started_us=order.started_us,
        ended_us=None,
        agent=order.agent,
        priority=order.priority,
    )


def _with_outcome(run: Run, outcome: Outcome | None) -> Run:
    if outcome is None:
        return run
    return replace(
        run,
        outcome=outcome.kind,
        message=short(outcome.message),
        return_code=outcome.return_code,
    )


def _started(run: Run, event: e.OrderStarted, _: Entry) -> Run:
    return replace(run, state="Ready", started_us=event.at_us)


def _held(run: Run, event: e.OrderAttachable | e.OrderAttached, _: Entry) -> Run:
    return run if run.agent == event.agent else replace(run, agent=event.agent)


def _detached(run: Run, _event: e.OrderDetached, _: Entry) -> Run:
    return replace(run, agent=None)


def _processing(run: Run, event: e.OrderProcessingStarted, _: Entry) -> Run:
    return replace(run, state="Processing", label=stored_text(event.label), reason=None)


def _processed(run: Run, event: e.OrderProcessed, _: Entry) -> Run:
    state = "ProcessingKilled" if event.outcome.kind == "killed" else "Processed"
    return replace(_with_outcome(run, event.outcome), state=state)


def _moved(run: Run, event: e.OrderMoved, _: Entry) -> Run:
    state = "Fresh" if run.state == "Fresh" else "Ready"
    return replace(
        run,
        state=state,
        position=to_text(event.to),
        label=None,
        reason=stored_text(event.reason),
        until_us=None if state == "Ready" else run.until_us,
    )


def _caught(run: Run, event: e.OrderCaught, _: Entry) -> Run:
    moved = replace(run, state="Ready", position=to_text(event.to), label=None, reason=None)
    return _with_outcome(moved, event.outcome)


def _retrying(run: Run, event: e.OrderRetrying, _: Entry) -> Run:
    waits = event.until_us is not None
    return replace(
        run,
        state="DelayingRetry" if waits else "Ready",
        position=to_text(event.to),
        label=None,
        reason="retry" if waits else None,
        until_us=event.until_us,
    )


def _awoke(run: Run, _event: e.OrderAwoke, _: Entry) -> Run:
    return replace(run, state="Ready", reason=None, until_us=None)


def _forked(run: Run, event: e.OrderForked, _: Entry) -> Run:
    return replace(run, state="Forked", reason="children")


def _joined(run: Run, event: e.OrderJoined, _: Entry) -> Run:
    return _with_outcome(replace(run, state="Processed", reason=None), event.outcome)


def _failed(run: Run, event: e.OrderFailed, _: Entry) -> Run:
    state = "FailedWhileFresh" if run.state == "Fresh" else "Failed"
    ended = replace(_ended(run, state, event.at_us), suspended=False)
    return _with_outcome(ended, event.outcome)


def _failed_in_fork(run: Run, event: e.OrderFailedInFork, _: Entry) -> Run:
    left = replace(_left(run, "FailedInFork", event.at_us), suspended=False)
    return _with_outcome(left, event.outcome)


def _stopped(run: Run, event: e.OrderStopped, _: Entry) -> Run:
    state = "StoppedWhileFresh" if run.state == "Fresh" else "Stopped"
    return _with_outcome(_ended(run, state, event.at_us), event.outcome)


def _finished(run: Run, event: e.OrderFinished, _: Entry) -> Run:
    return _with_outcome(_left(run, "Finished", event.at_us), event.outcome)


def _cancelled(run: Run, event: e.OrderCancelled, _: Entry) -> Run:
    return replace(_left(run, "Cancelled", event.at_us), suspended=False)


def _left(run: Run, state: str, at_us: int) -> Run:
    return replace(_ended(run, state, at_us), live=False)


def _ended(run: Run, state: str, at_us: int) -> Run:
    return replace(run, state=state, ended_us=at_us, reason=None, until_us=None)


def _suspended(run: Run, _event: e.OrderSuspended, _: Entry) -> Run:
    state = "Fresh" if run.state == "Fresh" else "Ready"
    return replace(run, state=state, suspended=True, reason=None)


def _resumed(run: Run, event: e.OrderResumed, _: Entry) -> Run:
    again = run.state in _FRESH_AGAIN and event.position is None
    return replace(
        run,
        state="Fresh" if again else "Ready",
        suspended=False,
        ended_us=None,
        reason=None,
        until_us=None,
        position=run.position if event.position is None else to_text(event.position),
        label=run.label if event.position is None else None,
        arguments=run.arguments if event.arguments is None else packed(event.arguments),
    )


def _priority_changed(run: Run, event: e.OrderPriorityChanged, _: Entry) -> Run:
    return replace(run, priority=event.priority)


def _broken(run: Run, event: e.OrderBroken, entry: Entry) -> Run:
    broken = replace(run, state="Broken", agent=None, message=short(event.problem), reason=None)
    return replace(broken, until_us=None, ended_us=entry.at_us)


def _restored(run: Run, event: e.OrderRestored, _: Entry) -> Run:
    return as_in(event.order, replace(run, label=None, reason=stored_text(event.reason)))


CHANGES: dict[type, Callable[[Run, Any, Entry], Run]] = {
    **WAITS,
    e.OrderStopped: _stopped,
    e.OrderStarted: _started,
    e.OrderAttachable: _held,
    e.OrderAttached: _held,
    e.OrderDetached: _detached,
    e.OrderProcessingStarted: _processing,
    e.OrderProcessed: _processed,
    e.OrderMoved: _moved,
    e.OrderCaught: _caught,
    e.OrderRetrying: _retrying,
    e.OrderAwoke: _awoke,
    e.OrderForked: _forked,
    e.OrderJoined: _joined,
    e.OrderFailed: _failed,
    e.OrderFailedInFork: _failed_in_fork,
    e.OrderFinished: _finished,
    e.OrderCancelled: _cancelled,
    e.OrderSuspended: _suspended,
    e.OrderResumed: _resumed,
    e.OrderPriorityChanged: _priority_changed,
    e.OrderBroken: _broken,
    e.OrderRestored: _restored,
}
"""What follows from an event for the run; events that are missing change nothing that is shown."""
