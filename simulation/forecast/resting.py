"""What an order does while nothing happens to it, read off its state. Pure."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from engine.order import model as m
from engine.position import Position
from simulation.forecast.found import Kind


class Rest(msgspec.Struct, frozen=True):
    """What lasts. `mark` tells two runs of the same kind at the same position apart."""

    kind: Kind
    position: Position
    what: str = ""
    agent: str = ""
    mark: str | int = ""
    expected: tuple[tuple[str, str], ...] = ()
    children: tuple[str, ...] = ()


def rest_of(order: m.Order, hint: tuple[Kind, str], job: str) -> Rest:
    """Return what an order does.

    Args:
        order: as it is.
        hint: why it stands at an instruction that it could carry out.
        job: label or name of the job at which it stands, where it does.
    """
    agent = order.agent or ""
    if order.suspended:
        return Rest("person", order.position, "It is suspended.")
    found = _BY_STATE.get(type(order.state))
    if found is None:
        return Rest(hint[0], order.position, hint[1] or job, agent)
    if isinstance(order.state, m.Processing):
        return Rest("job", order.position, job, agent, order.state.attempt)
    kind, what, mark = found(order.state)
    expected = order.state.expected if isinstance(order.state, m.ExpectingNotices) else ()
    children = order.state.children if isinstance(order.state, m.Forked) else ()
    return Rest(kind, order.position, what, agent, mark, expected, children)


def _lock(state: m.WaitingForLock) -> tuple[Kind, str, str | int]:
    return "lock", ", ".join(path for path, _ in state.demands), state.no


def _notice(state: m.ExpectingNotices) -> tuple[Kind, str, str | int]:
    return "notice", ", ".join(f"{board} {key}" for board, key in state.expected), state.no


def _sleeping(state: m.Sleeping) -> tuple[Kind, str, str | int]:
    return ("cluster" if state.cause == "agent" else "sleep"), "", state.until_us


def _stands(sentence: str) -> Callable[[Any], tuple[Kind, str, str | int]]:
    return lambda _state: ("person", sentence, "")


_BY_STATE: Mapping[type, Callable[[Any], tuple[Kind, str, str | int]]] = {
    m.Fresh: lambda _: ("start", "", ""),
    m.Processing: lambda _: ("job", "", ""),
    m.Forked: lambda _: ("fork", "", ""),
    m.DelayingRetry: lambda s: ("retry", "", s.until_us),
    m.Sleeping: _sleeping,
    m.WaitingForAdmission: lambda s: ("admission", "", s.until_us),
    m.BetweenCycles: lambda s: ("cycle", "", s.until_us),
    m.WaitingForLock: _lock,
    m.ExpectingNotices: _notice,
    m.Prompting: lambda s: ("prompt", s.question, ""),
    m.Stopped: _stands("It stands stopped at a failure."),
    m.StoppedWhileFresh: _stands("It was stopped before it started."),
    m.Failed: _stands("It has failed."),
    m.FailedWhileFresh: _stands("It failed before it started."),
    m.FailedInFork: _stands("It has failed."),
    m.Broken: lambda s: ("person", f"It is broken: {s.problem}", ""),
}
