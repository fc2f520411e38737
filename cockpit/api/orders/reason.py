"""Why an order waits, for whom and until when.

The engine's answer, with what no event tells: who is away, who runs where, who posts to a board.
"""

import datetime as dt
from typing import Literal

from django.conf import settings

from agents.models import Agent
from cockpit.access.gate import restrict, rows
from cockpit.access.policy import Account
from cockpit.api.moments import microseconds, moment
from cockpit.api.orders.bodies import ReasonSeen, Waiting
from cockpit.api.orders.load import orders_now, program_at
from cockpit.api.orders.world import RowsWorld, now_us
from cockpit.api.uses import posters
from controller.models import Link, OrderRow
from engine.errors import EngineError
from engine.order import model as m
from engine.order.why import Around, Wait, why
from engine.workflow.model import Execute
from engine.workflow.program import PositionUnknown
from history import queries
from history.models import OrderRun

_MOST_RUNS = 1_000
_MOST_STATES = 20
_NO_WAIT = frozenset({"running", "moving", "ended"})
_EARLIER = {
    "agent-away": "agent-not-connected",
    "agent-unknown": "agent-not-connected",
    "agent-disabled": "attaching",
    "process": "process-limit",
    "agent-limit": "process-limit",
    "job-limit": "process-limit",
}


def reason_of(account: Account, order: m.Order) -> ReasonSeen:
    """Return why an order of the controller does not go on now; every order gets an answer."""
    asked = RowsWorld()
    asked.world.put(order)
    if isinstance(order.state, m.Forked):
        asked.put(account, order.state.children[:_MOST_RUNS])
    around = around_of(account, order)
    try:
        found = asked.until(lambda: why(asked.world, order, now_us(), around))
    except EngineError as problem:
        found = Wait("unknown", f"It cannot be told: {problem}.")
    return ReasonSeen(
        code=found.code,
        sentence=found.sentence,
        for_whom=[name for name in found.for_whom if name],
        until=moment(found.until_us),
        since=moment(found.since_us or None) or _state_since(account, order),
        warnings=list(found.warnings),
    )


def _state_since(account: Account, order: m.Order) -> dt.datetime | None:
    """Return since when the order is in its state, None where the history lags behind."""
    controller = settings.STELLWERK_CONTROLLER_ID
    run = queries.order_run(rows(OrderRun, account), controller, order.id)
    latest = restrict(queries.states(run), account).order_by("-no")[:_MOST_STATES] if run else ()
    now, since = (type(order.state).__name__, order.suspended), None
    for earlier in latest:
        here = (earlier.state, earlier.suspended, earlier.position)
        if here[:2] != now or (since is not None and here[2] != since.position):
            break
        since = earlier  # a warning repeats the state in which the order is
    return since.at if since else None


def waiting_of(reason: ReasonSeen) -> Waiting | None:
    """Return a reason in its earlier form."""
    if reason.code in _NO_WAIT:
        return None
    return Waiting(_EARLIER.get(reason.code, reason.code), reason.sentence, reason.until)


def around_of(account: Account, order: m.Order) -> Around:
    """Return what is around an order now: its agent, who runs there, who posts what it expects."""
    boards = order.state.expected if isinstance(order.state, m.ExpectingNotices) else ()
    posted = posters(account, {board for board, _ in boards}) if boards else {}
    if order.agent is None:
        return Around(posters=posted)
    agent_runs, job_runs = _runs(account, order)
    agent = rows(Agent, account).filter(pk=order.agent).first()
    away_since_us = _away_since_us(account, order.agent)
    return Around(
        agent=_known(agent, heard=away_since_us != 0),
        away_since_us=away_since_us,
        job_runs=job_runs,
        agent_runs=agent_runs,
        agent_limit=agent.process_limit if agent else None,
        posters=posted,
    )


def _known(agent: Agent | None, *, heard: bool) -> Literal["enabled", "disabled", "unknown"]:
    if agent is not None and not agent.enabled:
        return "disabled"
    return "enabled" if agent is not None and (agent.joined_at or heard) else "unknown"


def _away_since_us(account: Account, agent: str) -> int | None:
    """Return since when an agent is away, 0 where nobody knows, None where it is there."""
    here = {"controller": settings.STELLWERK_CONTROLLER_ID, "agent": agent}
    link = rows(Link, account).filter(**here).first()
    if link is not None and link.state == "coupled":
        return None
    if link is None or link.seen_at is None:
        return 0
    return microseconds(link.seen_at)


def _runs(account: Account, order: m.Order) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return who runs at the order's agent: any job, and the job at which the order stands."""
    if not isinstance(order.state, m.Ready):
        return (), ()
    here = {"controller": settings.STELLWERK_CONTROLLER_ID, "agent": order.agent}
    running = rows(OrderRow, account).filter(**here, state="Processing")
    found = list(running.values_list("order_id", "workflow", "version")[:_MOST_RUNS])
    same = [i for i, *version in found if version == [order.workflow, order.version]]
    job = job_at(account, order)
    others = orders_now(account, same).values() if job else ()
    return tuple(i for i, *_ in found), tuple(o.id for o in others if job_at(account, o) == job)


def job_at(account: Account, order: m.Order) -> str | None:
    """Return the name of the job at which an order stands."""
    program = program_at(account, order.workflow, order.version)
    try:
        found = program.instruction(order.position) if program else None
    except PositionUnknown:
        return None
    return found.job_name if isinstance(found, Execute) else None
