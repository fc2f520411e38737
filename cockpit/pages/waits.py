"""Why an order waits, with the pages of whom or what it waits for. Pure."""

from collections.abc import Container, Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from cockpit.api.orders.bodies import ReasonSeen
from cockpit.pages.addresses import agent_at, board_at, lock_at, order_at, workflow_at
from engine.facts import Control, Fact, FactKey, LockState, NoticeState
from engine.order import model as m
from engine.order.notice_key import DAILY_PLAN
from engine.position import place

_NAMED = 2
_NO_WAIT = frozenset({"running", "moving", "ended"})
_ORDERS = frozenset(
    {"lock", "children", "failed-in-fork", "job-limit", "agent-limit", "notices-circle"}
)
_WORKFLOWS = frozenset({"notices", "workflow-suspended", "breakpoint"})
_MOST_LINKS = 8


class Target(NamedTuple):
    """What an order waits for: a lock, a board, another order, a workflow, an agent."""

    kind: str
    text: str
    href: str


class Waits(NamedTuple):
    """Why an order does not go on by itself; `waits` is False where it moves, runs or has ended.

    `warnings` are there in any case.
    """

    sentence: str
    targets: list[Target]
    until: datetime | None = None
    since: datetime | None = None
    waits: bool = True
    warnings: tuple[str, ...] = ()


def waits_of(order: m.Order | None, reason: ReasonSeen) -> Waits:
    """Return a reason with the pages that it speaks of; `order` None: it has ended."""
    targets = [*_things(order), *_others(reason)] if order else []
    return Waits(
        reason.sentence,
        targets[:_MOST_LINKS],
        reason.until,
        reason.since,
        waits=reason.code not in _NO_WAIT,
        warnings=tuple(reason.warnings),
    )


def _things(order: m.Order) -> Iterator[Target]:
    match order.state:
        case m.WaitingForLock(demands=demands):
            for path, _ in demands:
                yield Target("lock", path, lock_at(path))
        case m.ExpectingNotices(expected=expected):
            for board, key in expected:
                yield _board(board, key)
        case _:
            return


def _board(board: str, key: str) -> Target:
    text = key.removesuffix("/") if key.startswith(DAILY_PLAN) else key
    return Target("board", f"{board}: {text}", board_at(board, key=key))


def _others(reason: ReasonSeen) -> Iterator[Target]:
    for name in reason.for_whom:
        if reason.code in _ORDERS:
            yield Target("order", name, order_at(name))
        elif reason.code in _WORKFLOWS:
            yield Target("workflow", name, workflow_at(name))
        else:
            known = reason.code != "agent-unknown"
            yield Target("agent", name, agent_at(name) if known else "/resources/agents/")


# -- in a list: shortly, and out of what a whole page needs at once ---------------------------


def keys_of(order: m.Order) -> Iterator[FactKey]:
    """Yield the facts that `short` wants to know of."""
    yield ("workflow", order.workflow, "")
    if isinstance(order.state, m.WaitingForLock):
        for path, _ in order.state.demands:
            yield ("lock", path, "")
    if isinstance(order.state, m.ExpectingNotices):
        for board, key in order.state.expected:
            yield ("notice", board, key)


def short(
    order: m.Order,
    facts: Mapping[FactKey, Fact],
    away: Mapping[str, datetime],
    disabled: Container[str] = (),
    *,
    unheard: Container[str] = (),
) -> Waits:
    """Return in a few words why an order waits; no words where there is nothing to say.

    Args:
        order: as the controller has it.
        facts: those of `keys_of`, as far as they differ from nothing.
        away: since when agents are away, by their ids.
        disabled: the agents that start no job.
        unheard: the agents that have never joined.
    """
    control = facts.get(("workflow", order.workflow, ""))
    if order.suspended:
        stopped = isinstance(control, Control) and place(order.position) in control.stops
        return Waits("stopped before it" if stopped else "", [])
    agent = order.held.agent if order.held is not None else ""
    target = Target("agent", agent, agent_at(agent))
    if agent in away:
        return Waits("agent is away", [target], since=away[agent])
    if agent in disabled and isinstance(order.state, (m.Fresh, m.Ready)):
        return Waits("agent is disabled", [target])
    if agent in unheard:
        return Waits("agent has not joined yet", [target])
    found = _short_of(order, facts)
    is_frozen = isinstance(control, Control) and control.suspended
    if is_frozen and isinstance(order.state, (m.Fresh, m.Ready, *m.WAITING)):
        return found._replace(sentence=f"workflow is suspended; {found.sentence}".rstrip("; "))
    return found


def _short_of(order: m.Order, facts: Mapping[FactKey, Fact]) -> Waits:
    targets = list(_things(order))
    match order.state:
        case m.WaitingForLock(demands=demands):
            holders = [h for path, _ in demands for h in _holders(facts, path)]
            return Waits(f"held by {_named(holders)}" if holders else "its turn is next", targets)
        case m.ExpectingNotices(expected=expected):
            return _of_notices(order, expected, facts)
        case m.Prompting(question=question):
            return Waits(question.partition("\n")[0], [])
        case m.Forked(open=still, children=children):
            return Waits(f"{still} of {len(children)} children under way", [])
        case m.DelayingRetry() | m.Sleeping() | m.WaitingForAdmission() | m.BetweenCycles():
            return Waits(_TIMED[type(order.state)], [])
        case m.Ready() if order.held is not None:
            return Waits(_AT_AGENT[order.held.phase], [])
        case _:
            return Waits("", [])


def _of_notices(
    order: m.Order, expected: tuple[tuple[str, str], ...], facts: Mapping[FactKey, Fact]
) -> Waits:
    """Return those of the notices that are not there, or that the order cannot consume."""
    absent, taken, users = list[Target](), list[Target](), dict[str, None]()
    for board, key in expected:
        state = facts.get(("notice", board, key))
        present = state.present if isinstance(state, NoticeState) else None
        if present is None:
            absent.append(_board(board, key))
        elif not present.serves(order.workflow):
            taken.append(_board(board, key))
            users |= dict.fromkeys(i for i, w in present.holders.items() if w == order.workflow)
    if absent:
        return Waits("not posted yet" if not taken else "not posted yet, or in use", absent + taken)
    if taken:
        return Waits(f"in use by {_named(list(users))}" if users else "consumed already", taken)
    return Waits("about to be looked at", [_board(*at) for at in expected])


_TIMED: Mapping[type, str] = {
    m.DelayingRetry: "next try",
    m.Sleeping: "pauses",
    m.WaitingForAdmission: "admission period",
    m.BetweenCycles: "next cycle",
}
_AT_AGENT = {
    "attaching": "on its way to the agent",
    "attached": "waits for a process or its period",
    "detaching": "on its way back",
}


def _holders(facts: Mapping[FactKey, Fact], path: str) -> list[str]:
    state = facts.get(("lock", path, ""))
    return list(state.holders) if isinstance(state, LockState) else []


def _named(names: list[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")
