"""What orders carry, as rows keep it, and as a reader puts it together again. Pure.

Values that jobs return stand in their job runs, all others in the states that they came with.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple, TypeAlias

import msgspec
from msgspec.structs import replace

from engine.order import events as e
from engine.order.model import Outcome, Result
from engine.position import Position, from_text
from history.runs import Run, packed

WITH_RETURN_CODE = ("succeeded", "failed")
"""Ends of job runs that leave a result; of the others nothing can be read later."""

NOT_KEPT = b""
"""In rows of a release that did not keep what jobs returned and orders carried."""


_unpacked = msgspec.msgpack.Decoder(dict[str, Any]).decode


Buffer: TypeAlias = bytes | memoryview
"""Packed values, as a row has them in mind."""


class Carried(msgspec.Struct, frozen=True, array_like=True):
    """Results that came with an event; `whole`: they are all, and those before are gone.

    `places` are pairs of where results were and are, in another version of the workflow; `version`
    is the one that the order was in before.
    """

    whole: bool
    results: tuple[Result, ...]
    places: tuple[tuple[Position, Position], ...] = ()
    version: str | None = None


class Left(NamedTuple):
    """Results that the row of a job run or a state tells; `no` is that row's number."""

    no: int
    carried: Carried


decode = msgspec.msgpack.Decoder(Carried).decode
"""Returns what `OrderRunState.carried` keeps."""


def carried_by(event: e.OrderEvent, before: Run | None) -> bytes | None:
    """Return the results that come with an event that is not the end of a job, packed.

    Args:
        event: what happened.
        before: the run as it was, None for a new one.
    """
    find = _FOUND.get(type(event))
    found = find(event, before) if find else None
    return None if found is None else packed(found)


def returned_of(outcome: Outcome, result: Result | None) -> bytes | None:
    """Return what a job run left behind, packed; None where `plain_values` tells the same."""
    values = result.values if result else {}
    return None if values == plain_values(outcome.kind, outcome.return_code) else packed(values)


def plain_values(state: str, return_code: int | None) -> dict[str, Any]:
    """Return what a job run left behind of which nothing else is kept."""
    left = state in WITH_RETURN_CODE and return_code is not None
    return {"returnCode": return_code} if left else {}


def values_left(state: str, return_code: int | None, returned: Buffer | None) -> dict[str, Any]:
    """Return the values that a job run left behind, as far as its row keeps them."""
    return _unpacked(returned) if returned else plain_values(state, return_code)


def is_kept(state: str, returned: Buffer | None) -> bool:
    """Tell whether a row has all values that a job run left behind."""
    return returned is None or returned != NOT_KEPT or state not in WITH_RETURN_CODE


def left_by_job(
    no: int, position: str, label: str | None, job: str, state: str, *values: Any
) -> Left | None:
    """Return the result that the row of a job run tells, None where it left none.

    `values` are its return code and what it `returned`, as rows keep it.
    """
    found = values_left(state, *values)
    if not found:
        return None
    result = Result(from_text(position), label, job, found)
    return Left(no, Carried(whole=False, results=(result,)))


def put_together(left: Iterable[Left]) -> list[Result]:
    """Return the results that an order carries in the end, in the order of their birth."""
    found: list[Result] = []
    for _, carried in sorted(left, key=lambda one: one.no):
        if carried.whole:
            found.clear()
        if carried.places:
            at = dict(carried.places)
            found = [replace(one, position=at.get(one.position, one.position)) for one in found]
        found.extend(carried.results)
    return found


def _with_result(event: Any, _: Run | None) -> Carried | None:
    return Carried(whole=False, results=(event.result,)) if event.result else None


def _added(event: e.OrderAdded, _: Run | None) -> Carried | None:
    results = event.order.results
    return Carried(whole=True, results=results) if results else None


def _restored(event: e.OrderRestored, before: Run | None) -> Carried | None:
    results = event.order.results
    return Carried(whole=True, results=results) if results or before else None


def _resumed(event: e.OrderResumed, _: Run | None) -> Carried | None:
    return None if event.results is None else Carried(whole=True, results=event.results)


def _transferred(event: e.OrderTransferred, before: Run | None) -> Carried | None:
    version = before.version if before else None
    return Carried(whole=False, results=(), places=event.places, version=version)


def _failed(event: e.OrderCaught | e.OrderFailed, before: Run | None) -> Carried | None:
    """Return what a failing instruction left; of a job that has failed its job run tells it."""
    if before is None or before.state != "Ready" or not event.outcome.values:
        return None
    at = from_text(before.position)
    return Carried(whole=False, results=(Result(at, None, None, event.outcome.values),))


_FOUND: Mapping[type, Callable[[Any, Run | None], Carried | None]] = {
    e.OrderNoticesRead: _with_result,
    e.OrderConsumptionStarted: _with_result,
    e.OrderJoined: _with_result,
    e.OrderCaught: _failed,
    e.OrderFailed: _failed,
    e.OrderResumed: _resumed,
    e.OrderTransferred: _transferred,
    e.OrderAdded: _added,
    e.OrderRestored: _restored,
}
