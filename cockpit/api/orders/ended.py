"""An order that has left the controller, as the history tells it; nothing can be asked of it.

Nobody waits here: where rows are not there yet, the journal tells what they will be.
"""

from typing import NamedTuple

from django.conf import settings

from cockpit.access.failures import NotThere
from cockpit.access.gate import rows
from cockpit.access.policy import Account, Verb, may_at
from cockpit.api.orders.bodies import FileOrderSeen, OrderSeen, OutcomeSeen, ReasonSeen
from cockpit.api.orders.children import children_then
from cockpit.api.orders.load import program_at
from cockpit.api.orders.present import file_seen, instruction_at, overlaid, results_seen
from cockpit.api.problem import Refusal
from engine.order.notice_key import plan_or_day
from engine.order.secret import hidden_variables, secret_names
from engine.position import PositionUnreadable, from_text
from engine.workflow.program import Program
from history import queries
from history.ahead import newest_life
from history.changes import Changes
from history.models import JobRun, OrderRun, OrderRunState
from history.results import Lives, all_kept, arguments_of, results_of

_HAS_ENDED = "It has ended; the history has not followed yet and shows it as it was before."


class Life(NamedTuple):
    """The newest life of an order; `news` leads from the rows of the history to `run`."""

    run: OrderRun
    news: Changes | None = None


def run_of(account: Account, order_id: str) -> OrderRun:
    """Return the newest run of an order in the rows of the history.

    Raises:
        NotThere: the history does not know it, or the account may not see it.
    """
    found = _known_run(account, order_id)
    if found is None:
        raise _not_there(order_id)
    return found


def ended_life(account: Account, order_id: str) -> Life:
    """Return the newest life of an order that has left the controller, with its end.

    The end is in the journal before anybody misses the order. A run that is `live` still is one of
    which the journal does not tell the end: the history is far behind.

    Raises:
        NotThere: nobody knows it, or the account may not see it.
    """
    run = _known_run(account, order_id)
    if run is not None and not run.live:
        return Life(run)
    ahead = None if "\0" in order_id else newest_life(settings.STELLWERK_CONTROLLER_ID, order_id)
    if ahead is not None and may_at(account, Verb.LOOK, ahead.run.workflow):
        return Life(ahead.run, ahead.news)
    if run is None:
        raise _not_there(order_id)
    return Life(run)


def ended_refusal(account: Account, order_id: str) -> Refusal:
    """Return why nothing can be asked of an order that the controller no longer has.

    Raises:
        NotThere: nobody knows it, or the account may not see it.
    """
    run = ended_life(account, order_id).run
    how, state = ("", None) if run.live else (f": it is {run.state}", run.state)
    return Refusal(
        409, "not-applicable", f"Order {order_id} has ended{how}.", order_id=order_id, state=state
    )


def ended_seen(account: Account, order_id: str) -> OrderSeen:
    """Return an order that the controller no longer has, with all that it carried in the end.

    Raises:
        NotThere: nobody knows it, or the account may not see it.
    """
    life = ended_life(account, order_id)
    run = life.run
    children = sorted(children_then(account, run), key=lambda child: child.id)
    program = program_at(account, run.workflow, run.version)
    secret = secret_names(program.workflow) if program else frozenset[str]()
    lives = _lives(account, life.news)
    arguments, results = arguments_of(lives, run), results_of(lives, run)
    return OrderSeen(
        id=run.order_id,
        workflow=run.workflow,
        version=run.version,
        state=run.state,
        group=run.group,
        suspended=run.suspended,
        marks=[],
        position=run.position,
        label=run.label,
        job=_job_at(program, run.position),
        reason=ReasonSeen("ended", _HAS_ENDED if run.live else f"It has ended: it is {run.state}."),
        may=[],
        waiting=None,
        agent=run.agent,
        parent=run.parent,
        children=[child.id for child in children],
        child_orders=children,
        plan=plan_or_day(run.plan, run.order_date),
        order_date=run.order_date,
        scheduled_for=run.scheduled_at,
        added_at=run.added_at,
        started_at=run.started_at,
        ended_at=run.ended_at,
        priority=run.priority,
        tags=run.tags,
        outcome=OutcomeSeen(run.outcome, run.return_code, run.message) if run.outcome else None,
        arguments=hidden_variables(arguments, secret),
        results=results_seen(results, secret),
        variables=hidden_variables(overlaid(arguments, results), secret),
        all_kept=all_kept(lives, run),
        stop_positions=run.stop_positions or [],
        block_position=run.block_position,
        force_admission=run.force_admission,
        remain=run.remain,
        file=_file(run, arguments),
        allowed=[],
        live=False,
    )


def _known_run(account: Account, order_id: str) -> OrderRun | None:
    if "\0" in order_id:
        return None
    return queries.order_run(rows(OrderRun, account), settings.STELLWERK_CONTROLLER_ID, order_id)


def _not_there(order_id: str) -> NotThere:
    return NotThere(f"There is no order {order_id}.", "order-unknown")


def _lives(account: Account, news: Changes | None) -> Lives:
    here = (rows(OrderRun, account), rows(OrderRunState, account), rows(JobRun, account))
    return Lives(*here, news)


def _job_at(program: Program | None, position: str) -> str | None:
    try:
        return instruction_at(program, from_text(position))[1]
    except PositionUnreadable:
        return None


def _file(run: OrderRun, arguments: dict[str, object]) -> FileOrderSeen | None:
    if run.file_source is None:
        return None
    return file_seen(run.file_source, run.file_name or "", arguments)
