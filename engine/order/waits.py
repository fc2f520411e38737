"""Into waiting states and out of them, into blocks and out of them."""

from collections.abc import Callable, Mapping
from typing import Any

from msgspec.structs import replace

from engine.errors import EventNotApplicable
from engine.order import events as e
from engine.order import model as m
from engine.order.expect import expect, expect_detached, not_go, only_cancel, refuse
from engine.position import untried

_READY = m.Ready()


def _reset(order: m.Order, event: e.OrderStateReset) -> m.Order:
    expect(order, event, *m.WAITING)
    return replace(order, state=_READY)


def _sleeping(order: m.Order, event: e.OrderSleeping) -> m.Order:
    expect(order, event, m.Ready)
    return replace(order, state=m.Sleeping(event.until_us, event.cause))


def _admission_awaited(order: m.Order, event: e.OrderAdmissionAwaited) -> m.Order:
    expect(order, event, m.Ready)
    return replace(order, state=m.WaitingForAdmission(event.until_us))


def _cycling_prepared(order: m.Order, event: e.OrderCyclingPrepared) -> m.Order:
    expect(order, event, m.Ready)
    state = m.BetweenCycles(event.until_us, event.cycle)
    return replace(order, state=state, position=event.at)


def _cycle_started(order: m.Order, event: e.OrderCycleStarted) -> m.Order:
    expect(order, event, m.BetweenCycles)
    return replace(order, state=_READY, position=event.to, mark=not_go(order))


def _prompted(order: m.Order, event: e.OrderPrompted) -> m.Order:
    expect(order, event, m.Ready)
    expect_detached(order, event)
    return replace(order, state=m.Prompting(event.question))


def _prompt_answered(order: m.Order, event: e.OrderPromptAnswered) -> m.Order:
    expect(order, event, m.Prompting)
    return replace(order, state=_READY, position=event.to)


def _locks_queued(order: m.Order, event: e.OrderLocksQueued) -> m.Order:
    expect(order, event, m.Ready)
    expect_detached(order, event)
    return replace(order, state=m.WaitingForLock(event.demands))


def _locks_acquired(order: m.Order, event: e.OrderLocksAcquired) -> m.Order:
    expect(order, event, m.Ready, m.WaitingForLock)
    expect_detached(order, event)
    held = m.LockHold(order.position, event.demands)
    return replace(order, state=_READY, position=event.to, locks=(*order.locks, held))


def _locks_released(order: m.Order, event: e.OrderLocksReleased) -> m.Order:
    expect_detached(order, event)
    kept = tuple(held for held in order.locks if held.position != event.position)
    if kept == order.locks:
        raise EventNotApplicable(f"order {order.id} holds no lock of {event.position}")
    return replace(order, position=event.position, locks=kept)


def _notices_posted(order: m.Order, event: e.OrderNoticesPosted) -> m.Order:
    expect(order, event, m.Ready)
    expect_detached(order, event)
    posted = {(notice.board, notice.key) for notice in event.notices}
    left = tuple(key for key in order.announces if key not in posted)
    return replace(order, position=event.to, announces=left)


def _notices_expected(order: m.Order, event: e.OrderNoticesExpected) -> m.Order:
    expect(order, event, m.Ready)
    expect_detached(order, event)
    return replace(order, state=m.ExpectingNotices(event.expected))


def _notices_read(order: m.Order, event: e.OrderNoticesRead) -> m.Order:
    expect(order, event, m.Ready, m.ExpectingNotices)
    expect_detached(order, event)
    results = (*order.results, event.result) if event.result else order.results
    return replace(order, state=_READY, position=event.to, results=results)


def _consumption_started(order: m.Order, event: e.OrderConsumptionStarted) -> m.Order:
    expect(order, event, m.Ready, m.ExpectingNotices)
    expect_detached(order, event)
    results = (*order.results, event.result) if event.result else order.results
    return replace(
        order,
        state=_READY,
        position=event.to,
        results=results,
        consumptions=(
            *order.consumptions,
            m.Consumption(order.position, event.notices, event.at_us),
        ),
        grants=tuple(g for g in order.grants if untried(g.position) != untried(order.position)),
    )


def _held_long(order: m.Order, event: e.OrderNoticeHeldLong) -> m.Order:
    held = (event.board, event.key, event.gen)
    if not any(held in used.notices for used in order.consumptions):
        raise EventNotApplicable(f"order {order.id} does not hold {held}")
    return order  # the notice remembers that it was told


def _notices_consumed(order: m.Order, event: e.OrderNoticesConsumed) -> m.Order:
    expect_detached(order, event)
    ended = next((c for c in order.consumptions if c.position == event.position), None)
    if ended is None:
        raise EventNotApplicable(f"order {order.id} consumes nothing at {event.position}")
    return replace(
        order,
        position=event.position,
        consumptions=tuple(c for c in order.consumptions if c is not ended),
        grants=order.grants if event.ok else (*order.grants, ended),
    )


def _stopped(order: m.Order, event: e.OrderStopped) -> m.Order:
    refuse(order, event, *m.TERMINATED, *m.FAILED, m.Processing, m.Forked)
    expect_detached(order, event)
    fresh = type(order.state) is m.Fresh
    state = m.StoppedWhileFresh() if fresh else m.Stopped()
    return replace(order, state=state, outcome=event.outcome, mark=only_cancel(order))


CHANGES: Mapping[type, Callable[[m.Order, Any], m.Order]] = {
    e.OrderStateReset: _reset,
    e.OrderSleeping: _sleeping,
    e.OrderAdmissionAwaited: _admission_awaited,
    e.OrderCyclingPrepared: _cycling_prepared,
    e.OrderCycleStarted: _cycle_started,
    e.OrderPrompted: _prompted,
    e.OrderPromptAnswered: _prompt_answered,
    e.OrderLocksQueued: _locks_queued,
    e.OrderLocksAcquired: _locks_acquired,
    e.OrderLocksReleased: _locks_released,
    e.OrderNoticesPosted: _notices_posted,
    e.OrderNoticesExpected: _notices_expected,
    e.OrderNoticesRead: _notices_read,
    e.OrderConsumptionStarted: _consumption_started,
    e.OrderNoticeHeldLong: _held_long,
    e.OrderNoticesConsumed: _notices_consumed,
    e.OrderStopped: _stopped,
}
