"""Compares what is observed with what a case expects, however it was run."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Protocol

import msgspec

from engine.order.model import Outcome
from engine.position import branch_place
from tests.conformance.case import Case, ExpectedOrder, When

HALTED = ("Finished", "Cancelled", "Failed", "Stopped")


class ObservedOrder(msgspec.Struct, frozen=True):
    """An order as it was last seen. Offsets are seconds from the start of the case."""

    state: str
    suspended: bool
    position: tuple[int | str, ...]
    label: str | None
    history: str
    trace: list[tuple[str, str]]
    started_s: float | None
    ended_s: float | None
    message: str | None


class ObservedRun(msgspec.Struct, frozen=True):
    """A process as its machine saw it; `ended_s` is None where it never ended."""

    order: str
    job: str
    began_s: float
    ended_s: float | None


class Observed(Protocol):
    """What a runner can tell at the end of a case."""

    def order(self, order_id: str) -> ObservedOrder | None:
        """Return the order as it was last seen, None if it never was."""

    def is_known(self, order_id: str) -> bool:
        """Tell whether the engine knows the order now."""

    def variable(self, order_id: str, name: str) -> object:
        """Return the value of a variable at the order's end position."""

    def notices(self, board: str) -> list[str]:
        """Return the keys of the notices that are present, sorted."""

    def lock(self, path: str) -> tuple[list[str], list[str]]:
        """Return who holds a lock, sorted, and its queue in order."""

    def runs(self) -> list[ObservedRun] | None:
        """Return the processes that were started, None where nobody can tell."""

    def ids(self) -> list[str]:
        """Return the ids of all orders that were ever there."""


def outcome_text(outcome: Outcome | None) -> str:
    """Return an outcome as cases write it; None is a job that was skipped."""
    if outcome is None:
        return "skipped"
    if outcome.kind == "failed" and outcome.return_code is not None:
        return f"failed {outcome.return_code}"
    return outcome.kind


def holds(when: When, seen: ObservedOrder | None) -> bool:
    """Tell whether a condition is true."""
    if seen is None:
        return False
    wanted = [(when.state, seen.state), (when.label, seen.label), (when.suspended, seen.suspended)]
    if when.position is not None and not same_position(when.position, seen.position):
        return False
    return all(expected is None or expected == found for expected, found in wanted)


def same_position(expected: list[int | str], found: tuple[int | str, ...]) -> bool:
    """Tell whether two positions are the same; what follows `cycle` is ignored."""

    def comparable(position: tuple[int | str, ...]) -> tuple[int | str, ...]:
        return tuple(
            branch_place(p) if isinstance(p, str) and p.startswith("cycle") else p for p in position
        )

    return comparable(tuple(expected)) == comparable(found)


def problems(case: Case, observed: Observed, *, exact_times: bool) -> list[str]:
    """Return what differs from the expectation, a sentence each."""
    found: list[str] = []
    for order_id, expected in case.expect.orders.items():
        seen = observed.order(order_id)
        if seen is None:
            found.append(f"{order_id} was never seen")
            continue
        found += [
            f"{order_id}: {p}" for p in _order_problems(expected, seen, exact_times=exact_times)
        ]
        found += [f"{order_id}: {p}" for p in _variable_problems(expected, observed, order_id)]
    found += [f"{i} is still known" for i in case.expect.absent_orders if observed.is_known(i)]
    found += _object_problems(case, observed)
    found += _run_problems(case, observed)
    return found


def _object_problems(case: Case, observed: Observed) -> Iterator[str]:
    for board, keys in case.expect.notices.items():
        present = observed.notices(board)
        if present != sorted(keys):
            yield f"board {board} has {present}, expected {sorted(keys)}"
    for path, wanted in case.expect.locks.items():
        holders, queue = observed.lock(path)
        if "held_by" in wanted and holders != sorted(wanted["held_by"]):
            yield f"lock {path} is held by {holders}, expected {wanted['held_by']}"
        if "queue" in wanted and queue != wanted["queue"]:
            yield f"lock {path} has the queue {queue}, expected {wanted['queue']}"


def _order_problems(
    expected: ExpectedOrder, seen: ObservedOrder, *, exact_times: bool
) -> Iterator[str]:
    for name in ("state", "history", "label", "suspended"):
        wanted, is_ = getattr(expected, name), getattr(seen, name)
        if wanted is not None and wanted != is_:
            yield f"{name} is {is_!r}, expected {wanted!r}"
    if expected.position is not None and not same_position(expected.position, seen.position):
        yield f"position is {list(seen.position)}, expected {expected.position}"
    if expected.trace is not None and expected.trace != seen.trace:
        yield f"trace is {seen.trace}, expected {expected.trace}"
    if (
        expected.message is not None
        and expected.message.lower() not in (seen.message or "").lower()
    ):
        yield f"message is {seen.message!r}, expected {expected.message!r} in it"
    if exact_times:
        yield from _time_problems(expected, seen)


def _time_problems(expected: ExpectedOrder, seen: ObservedOrder) -> Iterator[str]:
    for name, wanted, is_ in (
        ("started", expected.started, seen.started_s),
        ("ended", expected.ended, seen.ended_s),
    ):
        if wanted is not None and (is_ is None or float(wanted.removesuffix("s")) != is_):
            yield f"{name} at {is_} s, expected {wanted}"


def _variable_problems(expected: ExpectedOrder, observed: Observed, order_id: str) -> Iterator[str]:
    for name, wanted in expected.variables.items():
        found = observed.variable(order_id, name)
        if _text(found) != _text(wanted):
            yield f"variable {name} is {found!r}, expected {wanted!r}"


def _text(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_text(v) for v in value]
    if isinstance(value, dict):
        return {k: _text(v) for k, v in value.items()}
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Decimal) and value == value.to_integral_value():
        return str(int(value))
    return str(value)


def _run_problems(case: Case, observed: Observed) -> Iterator[str]:
    runs = observed.runs()
    if runs is None:
        return
    for job, limit in case.expect.max_parallel.items():
        most = _most_at_once([r for r in runs if r.job == job])
        if most > limit:
            yield f"{most} processes of {job} at once, at most {limit} expected"
    if "run-once" in case.expect.invariants:
        yield from _run_once_problems(runs, observed)
    if "no-lost" in case.expect.invariants:
        for order_id in observed.ids():
            seen = observed.order(order_id)
            if not observed.is_known(order_id) and (seen is None or seen.state not in HALTED):
                yield f"{order_id} is lost"


def _run_once_problems(runs: list[ObservedRun], observed: Observed) -> Iterator[str]:
    for order_id in {r.order for r in runs}:
        mine = [r for r in runs if r.order == order_id]
        seen = observed.order(order_id)
        if seen is None or len(mine) > len(seen.trace):
            yield f"{order_id}: {len(mine)} processes for {seen.trace if seen else None}"
        if _most_at_once(mine) > 1:
            yield f"{order_id}: processes overlap"


def _most_at_once(runs: list[ObservedRun]) -> int:
    """Return how many ran together; one that ends as another begins does not overlap it."""
    changes = sorted(
        [(r.began_s, 1) for r in runs] + [(r.ended_s, -1) for r in runs if r.ended_s is not None]
    )
    most = now = 0
    for _, change in changes:
        now += change
        most = max(most, now)
    return most
