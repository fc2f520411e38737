"""An order's value as the API shows it. Pure: everything else comes in as an argument."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from cockpit.api.moments import moment
from cockpit.api.orders.bodies import (
    ChildSeen,
    FileOrderSeen,
    MarkSeen,
    OrderSeen,
    OutcomeSeen,
    ReasonSeen,
    ResultSeen,
    Waiting,
)
from engine.files.names import shown, shown_name
from engine.order import model as m
from engine.order.group import group_of, state_name
from engine.order.guards import VERBS, may
from engine.order.notice_key import plan_of
from engine.order.secret import hidden_variables, secret_names
from engine.position import Position, PositionUnreadable, to_text
from engine.workflow.model import Execute
from engine.workflow.program import PositionUnknown, Program

_UNIX = datetime(1970, 1, 1, tzinfo=UTC)
_NAMES = {"start": "start-time", "arguments": "parameters"}
_ELSEWHERE = frozenset({"transfer"})
"""Verbs of the guards that are not asked of an order but of its workflow."""


def seen(
    order: m.Order,
    program: Program | None,
    *,
    reason: ReasonSeen,
    waiting: Waiting | None,
    children: Sequence[ChildSeen] = (),
    may_operate: bool = True,
) -> OrderSeen:
    """Return everything that the API tells about an order that the controller has.

    Args:
        order: with its results.
        program: the workflow version it walks, where it is known.
        reason: why it does not go on now.
        waiting: the same in its earlier form.
        children: its children, as far as they are told.
        may_operate: whether the account may use the verbs.
    """
    label, job = instruction_at(program, order.position)
    verbs = allowed(order)
    secret = secret_names(program.workflow) if program else frozenset[str]()
    return OrderSeen(
        id=order.id,
        workflow=order.workflow,
        version=order.version,
        state=state_name(order),
        group=group_of(order),
        suspended=order.suspended,
        marks=[MarkSeen(order.mark.verb, order.mark.kill, order.mark.reset)] if order.mark else [],
        position=to_text(order.position),
        label=label,
        job=job,
        reason=reason,
        may=verbs if may_operate else [],
        waiting=waiting,
        agent=order.agent,
        parent=order.parent,
        children=list(order.state.children) if isinstance(order.state, m.Forked) else [],
        child_orders=list(children),
        plan=plan_of(order),
        order_date=order.order_date,
        scheduled_for=moment(order.scheduled_us),
        added_at=moment(order.added_us) or _UNIX,
        started_at=moment(order.started_us),
        priority=order.priority,
        tags=list(order.tags),
        outcome=outcome_seen(order.outcome),
        arguments=hidden_variables(order.arguments, secret),
        results=results_seen(order.results, secret),
        variables=hidden_variables(variables(order), secret),
        stop_positions=[to_text(p) for p in order.stop_positions],
        block_position=to_text(order.block) if order.block else None,
        force_admission=order.force_admission,
        remain=order.remain,
        file=file_of(order),
        allowed=verbs,
        live=True,
    )


def file_of(order: m.Order) -> FileOrderSeen | None:
    """Return the file that an order came of."""
    external = order.external
    return file_seen(external.source, external.name, order.arguments) if external else None


def file_seen(source: str, name: str, arguments: Mapping[str, Any]) -> FileOrderSeen:
    """Return a file by its source, its name there and the arguments of its order."""
    return FileOrderSeen(source, shown_name(name), shown(str(arguments.get("file", ""))))


def results_seen(results: Iterable[m.Result], secret: frozenset[str]) -> list[ResultSeen]:
    """Return what instructions left behind, without the values of variables of these names."""
    return [
        ResultSeen(to_text(r.position), r.label, r.job, hidden_variables(r.values, secret))
        for r in results
    ]


def variables(order: m.Order) -> dict[str, Any]:
    """Return the effective variables of an order."""
    return overlaid(order.arguments, order.results)


def overlaid(arguments: Mapping[str, Any], results: Iterable[m.Result]) -> dict[str, Any]:
    """Return effective variables: arguments, overlaid by named results, newest last."""
    found = dict(arguments)
    for result in results:
        found.update(result.values)
    return found


def allowed(order: m.Order) -> list[str]:
    """Return the verbs that would change something about the order now."""
    found = may(order) - _ELSEWHERE
    return [_NAMES.get(verb, verb) for verb in VERBS if verb in found]


def outcome_seen(outcome: m.Outcome | None) -> OutcomeSeen | None:
    """Return how the last instruction ended."""
    if outcome is None:
        return None
    return OutcomeSeen(outcome.kind, outcome.return_code, outcome.message)


def instruction_at(program: Program | None, position: Position) -> tuple[str | None, str | None]:
    """Return label and job of the instruction at a position."""
    if program is None:
        return None, None
    try:
        found = program.instruction(position)
    except (PositionUnknown, PositionUnreadable):
        return None, None
    if found is None:
        return None, None
    return found.label, found.job_name if isinstance(found, Execute) else None
