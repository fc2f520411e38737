"""What happened to planned orders, folded from journal entries: one value per order. Pure."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec

from controller.journal import Entry
from dailyplan.origin import Place, place_of
from dailyplan.state import PlanState
from engine.order import events as e
from engine.order import model as m


class Happened(msgspec.Struct):
    """What a batch of entries says about one order.

    `state` is None where it stays; `resumed` tells that it goes on as it was before it stood.
    `start_us` is another start that a person gave it at the controller.
    """

    place: Place
    state: PlanState | None = None
    started_us: int | None = None
    ended_us: int | None = None
    resumed: bool = False
    start_us: int | None = None


def happened(entries: Iterable[Entry]) -> list[Happened]:
    """Return what became of the planned orders that entries are about; children are left out."""
    found: dict[str, Happened] = {}
    for entry in entries:
        take = _TAKE.get(type(entry.event))
        if take is None or not entry.order.startswith("#") or "|" in entry.order:
            continue
        one = found.get(entry.order)
        if one is None:
            place = place_of(entry.order)
            if place is None:
                continue
            one = found[entry.order] = Happened(place)
        take(one, entry.event, entry.at_us)
    return list(found.values())


def _started(one: Happened, event: e.OrderStarted, _at_us: int) -> None:
    one.state, one.started_us = PlanState.STARTED, event.at_us


def _finished(one: Happened, event: e.OrderFinished, _at_us: int) -> None:
    one.state, one.ended_us = PlanState.FINISHED, event.at_us


def _failed(one: Happened, event: e.OrderFailed | e.OrderStopped, _at_us: int) -> None:
    one.state, one.ended_us = PlanState.FAILED, event.at_us


def _broken(one: Happened, _event: e.OrderBroken, at_us: int) -> None:
    one.state, one.ended_us = PlanState.FAILED, at_us


def _cancelled(one: Happened, event: e.OrderCancelled, _at_us: int) -> None:
    one.state, one.ended_us = PlanState.CANCELLED, event.at_us


def _resumed(one: Happened, _event: e.OrderResumed, _at_us: int) -> None:
    one.state, one.ended_us, one.resumed = None, None, True


def _restored(one: Happened, event: e.OrderRestored, at_us: int) -> None:
    state = event.order.state
    if isinstance(state, m.Fresh):
        one.state, one.ended_us = None, None
    elif isinstance(state, (*m.FAILED, *m.STOPPED, m.Broken)):
        one.state, one.ended_us = PlanState.FAILED, at_us
    elif isinstance(state, m.TERMINATED):
        done = isinstance(state, m.Finished)
        one.state, one.ended_us = PlanState.FINISHED if done else PlanState.CANCELLED, at_us
    else:
        one.state, one.ended_us = PlanState.STARTED, None


def _changed(one: Happened, event: e.OrderChanged, _at_us: int) -> None:
    if event.change.scheduled_us is not None:
        one.start_us = event.change.scheduled_us


_TAKE: Mapping[type, Callable[[Happened, Any, int], None]] = {
    e.OrderStarted: _started,
    e.OrderFinished: _finished,
    e.OrderFailed: _failed,
    e.OrderStopped: _failed,
    e.OrderBroken: _broken,
    e.OrderCancelled: _cancelled,
    e.OrderResumed: _resumed,
    e.OrderRestored: _restored,
    e.OrderChanged: _changed,
}
