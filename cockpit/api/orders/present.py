"""An order's value as the API shows it. Pure: everything else comes in as an argument."""

from datetime import UTC, datetime, timedelta
from typing import Any

from cockpit.api.orders.bodies import (
    MarkSeen,
    OrderSeen,
    OutcomeSeen,
    ResultSeen,
    Waiting,
)
from engine.errors import CommandRefused, NotLoaded
from engine.order import model as m
from engine.order.commands import Verb, carry_out
from engine.order.group import group_of, state_name
from engine.order.requests import (
    CancelOrders,
    ChangePriority,
    ContinueOrders,
    ResumeOrders,
    SuspendOrders,
)
from engine.position import PositionUnreadable, to_text
from engine.workflow.model import Execute
from engine.workflow.program import PositionUnknown, Program
from engine.world import World

_UNIX = datetime(1970, 1, 1, tzinfo=UTC)


def seen(
    order: m.Order, program: Program | None, *, now_us: int, connected: bool = True
) -> OrderSeen:
    """Return everything that the API tells about an order that the controller has.

    Args:
        order: with its results.
        program: the workflow version it walks, where it is known.
        now_us: the moment of the question.
        connected: whether the order's agent is there.
    """
    label, job = _instruction(order, program)
    return OrderSeen(
        id=order.id,
        workflow=order.workflow,
        version=order.version,
        state=state_name(order),
        group=group_of(order),
        suspended=order.suspended,
        marks=[MarkSeen(order.mark.verb, order.mark.kill)] if order.mark else [],
        position=to_text(order.position),
        label=label,
        job=job,
        waiting=waiting(order, now_us, connected=connected),
        agent=order.agent,
        parent=order.parent,
        children=list(order.state.children) if isinstance(order.state, m.Forked) else [],
        order_date=order.order_date,
        scheduled_for=moment(order.scheduled_us),
        added_at=moment(order.added_us) or _UNIX,
        started_at=moment(order.started_us),
        priority=order.priority,
        tags=list(order.tags),
        outcome=outcome_seen(order.outcome),
        arguments=order.arguments,
        results=[ResultSeen(to_text(r.position), r.label, r.job, r.values) for r in order.results],
        variables=variables(order),
        stop_positions=[to_text(p) for p in order.stop_positions],
        allowed=allowed(order),
        live=True,
    )


def variables(order: m.Order) -> dict[str, Any]:
    """Return the effective variables: arguments, overlaid by named results, newest last."""
    found = dict(order.arguments)
    for result in order.results:
        found.update(result.values)
    return found


def allowed(order: m.Order) -> list[str]:
    """Return the verbs that the order would take now, asked of the engine itself."""
    world = World()
    world.put(order)
    return [name for name, verb in _TRIALS if _fits(world, order, verb)]


_TRIALS: tuple[tuple[str, Verb], ...] = (
    ("cancel", CancelOrders(())),
    ("suspend", SuspendOrders(())),
    ("resume", ResumeOrders(())),
    ("continue", ContinueOrders(())),
    ("priority", ChangePriority((), 0)),
)


def _fits(world: World, order: m.Order, verb: Verb) -> bool:
    if isinstance(verb, ChangePriority):
        verb = ChangePriority((), order.priority + 1)
    try:
        return bool(carry_out(world, order.id, verb))
    except CommandRefused:
        return False
    except NotLoaded:
        # It came past all guards and asks for the workflow.
        return True


def waiting(order: m.Order, now_us: int, *, connected: bool) -> Waiting | None:
    """Return why the order stands still, None while it moves or works."""
    if order.suspended:
        return Waiting("suspended", "It is suspended: resume leads on.")
    if order.held is not None and not connected:
        return Waiting("agent-not-connected", f"Agent {order.held.agent} is not connected.")
    return (
        _for_time(order.state, order.scheduled_us or 0, now_us)
        or _for_others(order.state)
        or _at_agent(order)
    )


def _for_time(state: m.State, scheduled_us: int, now_us: int) -> Waiting | None:
    if isinstance(state, m.Fresh) and scheduled_us > now_us:
        return Waiting("scheduled", "It starts at its scheduled time.", moment(scheduled_us))
    if isinstance(state, m.DelayingRetry):
        return Waiting("retry-delay", "It waits before the next try.", moment(state.until_us))
    return None


def _for_others(state: m.State) -> Waiting | None:
    if isinstance(state, m.Forked):
        return Waiting("children", f"It waits for {state.open} of its children.")
    if isinstance(state, m.FAILED):
        return Waiting("failed", "It has failed: resume or cancel leads on.")
    if isinstance(state, m.FailedInFork):
        return Waiting("failed-in-fork", "It has failed; the join of its fork takes it in.")
    if isinstance(state, m.Broken):
        return Waiting("broken", f"It is broken: {state.problem}")
    return None


def _at_agent(order: m.Order) -> Waiting | None:
    if order.held is None or isinstance(order.state, m.Processing):
        return None
    agent = order.held.agent
    if order.held.phase == "attaching":
        return Waiting("attaching", f"It is on its way to agent {agent}.")
    if order.held.phase == "detaching":
        return Waiting("detaching", f"It is on its way back from agent {agent}.")
    if isinstance(order.state, m.Ready):
        return Waiting("process-limit", f"It waits for a free process of agent {agent}.")
    return None


def outcome_seen(outcome: m.Outcome | None) -> OutcomeSeen | None:
    """Return how the last instruction ended."""
    if outcome is None:
        return None
    return OutcomeSeen(outcome.kind, outcome.return_code, outcome.message)


def moment(at_us: int | None) -> datetime | None:
    """Return microseconds as a moment in UTC."""
    return None if at_us is None else _UNIX + timedelta(microseconds=at_us)


def _instruction(order: m.Order, program: Program | None) -> tuple[str | None, str | None]:
    """Return label and job of the instruction at which the order stands."""
    if program is None:
        return None, None
    try:
        found = program.instruction(order.position)
    except (PositionUnknown, PositionUnreadable):
        return None, None
    if found is None:
        return None, None
    return found.label, found.job_name if isinstance(found, Execute) else None
