"""What events of waiting states and of blocks make of an order's run. Pure."""

from collections.abc import Callable, Mapping
from typing import Any

from msgspec.structs import replace

from controller.journal import Entry
from engine.order import events as e
from engine.position import to_text
from history.runs import Run, packed
from history.texts import short

Transition = Callable[[Run, Any, Entry], Run]


def _waiting(run: Run, state: str, reason: str, until_us: int | None = None) -> Run:
    return replace(run, state=state, reason=short(reason), until_us=until_us)


def _went_on(run: Run, to: tuple[int | str, ...]) -> Run:
    return replace(run, state="Ready", position=to_text(to), label=None, reason=None, until_us=None)


def _reset(run: Run, _event: e.OrderStateReset, _: Entry) -> Run:
    return replace(run, state="Ready", reason=None, until_us=None)


def _sleeping(run: Run, event: e.OrderSleeping, _: Entry) -> Run:
    return _waiting(run, "Sleeping", event.cause, event.until_us)


def _admission(run: Run, event: e.OrderAdmissionAwaited, _: Entry) -> Run:
    return _waiting(run, "WaitingForAdmission", "admission", event.until_us)


def _cycling(run: Run, event: e.OrderCyclingPrepared, _: Entry) -> Run:
    at = replace(run, position=to_text(event.at), label=None)
    return _waiting(at, "BetweenCycles", "cycle", event.until_us)


def _prompted(run: Run, event: e.OrderPrompted, _: Entry) -> Run:
    return _waiting(run, "Prompting", event.question)


def _queued(run: Run, event: e.OrderLocksQueued, _: Entry) -> Run:
    return _waiting(run, "WaitingForLock", ", ".join(path for path, _ in event.demands))


def _expecting(run: Run, event: e.OrderNoticesExpected, _: Entry) -> Run:
    wanted = ", ".join(f"{board} {key}" for board, key in event.expected)
    return _waiting(run, "ExpectingNotices", wanted)


def _entered(
    run: Run,
    event: e.OrderCycleStarted
    | e.OrderPromptAnswered
    | e.OrderLocksAcquired
    | e.OrderNoticesPosted
    | e.OrderNoticesRead
    | e.OrderConsumptionStarted,
    _: Entry,
) -> Run:
    return _went_on(run, event.to)


def _warned(run: Run, _event: e.OrderNoticeHeldLong, _: Entry) -> Run:
    return run


def _left(run: Run, event: e.OrderLocksReleased | e.OrderNoticesConsumed, _: Entry) -> Run:
    return replace(run, position=to_text(event.position), label=None)


def _transferred(run: Run, event: e.OrderTransferred, _: Entry) -> Run:
    places = {to_text(was): to_text(now) for was, now in event.places}
    stops, block = run.stop_positions, run.block_position
    return replace(
        run,
        version=event.version,
        position=run.position if event.position is None else to_text(event.position),
        stop_positions=stops and tuple(places.get(at, at) for at in stops),
        block_position=block and places.get(block, block),
    )


def _changed(run: Run, event: e.OrderChanged, _: Entry) -> Run:
    start, arguments = event.change.scheduled_us, event.change.arguments
    return replace(
        run,
        scheduled_us=run.scheduled_us if start is None else start,
        arguments=run.arguments if arguments is None else packed(arguments),
    )


def _removed(run: Run, _event: e.OrderRemoved, _: Entry) -> Run:
    return replace(run, live=False)


CHANGES: Mapping[type, Transition] = {
    e.OrderStateReset: _reset,
    e.OrderSleeping: _sleeping,
    e.OrderAdmissionAwaited: _admission,
    e.OrderCyclingPrepared: _cycling,
    e.OrderCycleStarted: _entered,
    e.OrderPrompted: _prompted,
    e.OrderPromptAnswered: _entered,
    e.OrderLocksQueued: _queued,
    e.OrderLocksAcquired: _entered,
    e.OrderLocksReleased: _left,
    e.OrderNoticesPosted: _entered,
    e.OrderNoticesExpected: _expecting,
    e.OrderNoticesRead: _entered,
    e.OrderConsumptionStarted: _entered,
    e.OrderNoticeHeldLong: _warned,
    e.OrderNoticesConsumed: _left,
    e.OrderTransferred: _transferred,
    e.OrderChanged: _changed,
    e.OrderRemoved: _removed,
}
