"""An order's run as one line of a list, with the texts that pages show of it. Knows no request."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.template.loader import get_template

from cockpit.access.policy import Account
from cockpit.api.moments import moment
from cockpit.pages.addresses import log_at, order_at, workflow_at
from cockpit.pages.known_facts import (
    agents_away,
    agents_disabled,
    agents_unheard,
    bare_orders,
    facts_of,
)
from cockpit.pages.labels import Names, name_at, names_for
from cockpit.pages.verb_dialogs import offers_of
from cockpit.pages.waits import Target, Waits, keys_of, short
from engine.order.model import TERMINATED, TIMED, Order
from history.models import OrderRun

_ENDS = {"Finished": "end"}
_NOTHING = Waits("", [])


class OrderLine(NamedTuple):
    """What a row needs. `place` is where the order stands, `why` and `targets` what it waits for.

    `verbs` are those that may be used now, separated by spaces.
    """

    run: OrderRun
    href: str
    workflow_href: str
    log_href: str
    verbs: str
    word: str
    place: str
    why: str
    targets: list[Target]
    until: datetime | None


def lines_of(account: Account, runs: Sequence[Any]) -> list[OrderLine]:
    """Return the lines of runs."""
    names = names_for(account, runs)
    orders = bare_orders(account, [run.order_id for run in runs if not _is_past(run)])
    waits = _waits(account, orders)
    return [
        _line(
            run,
            names.get((run.workflow, run.version), {}),
            None if _is_past(run) else orders.get(run.order_id),
            waits.get(run.order_id, _NOTHING),
        )
        for run in runs
    ]


def line_of(account: Account, run: OrderRun) -> OrderLine:
    """Return the line of a run."""
    return lines_of(account, [run])[0]


def _is_past(run: OrderRun) -> bool:
    # One that remains after its end is still with the controller, and can be removed.
    return not run.live and run.group not in ("finished", "cancelled")


def _waits(account: Account, orders: Mapping[str, Order]) -> dict[str, Waits]:
    facts = facts_of(account, {key for order in orders.values() for key in keys_of(order)})
    agents = {o.held.agent for o in orders.values() if o.held is not None}
    away, disabled = agents_away(account, agents), agents_disabled(account, agents)
    unheard = agents_unheard(account, agents)
    return {i: short(order, facts, away, disabled, unheard=unheard) for i, order in orders.items()}


def _line(run: OrderRun, names: Names, order: Order | None, waits: Waits) -> OrderLine:
    # An id may come again: what has ended fits only to an order that has.
    is_this = order is not None and run.live != isinstance(order.state, TERMINATED)
    offers = offers_of(order) if order is not None and is_this else []
    return OrderLine(
        run=run,
        href=order_at(run.order_id),
        workflow_href=workflow_at(run.workflow),
        log_href=log_at(run.job_no) if run.job_no is not None else "",
        verbs=" ".join(offer.verb for offer in offers if not offer.refused),
        word="broken" if run.state == "Broken" else run.group,
        place=place_of(run, names),
        why=_why(run, waits),
        targets=waits.targets if run.live else [],
        until=_until(run, order) if run.live else None,
    )


def place_of(run: OrderRun, names: Names) -> str:
    """Return where the order stands: a label or job, else the position, else start or end."""
    if run.state in _ENDS:
        return _ENDS[run.state]
    if run.state == "Fresh" and run.position == "0":
        return "start"
    return run.label or name_at(names, run.position)


def _why(run: OrderRun, waits: Waits) -> str:
    if run.group in ("failed", "suspended") and run.message:
        return run.message.partition("\n")[0]
    return waits.sentence if run.live else ""


def _until(run: OrderRun, order: Order | None) -> datetime | None:
    if order is not None and isinstance(order.state, TIMED) and not order.suspended:
        return moment(order.state.until_us)
    return run.scheduled_at if run.state == "Fresh" and not run.suspended else None


def rendered_rows(account: Account, runs: list[Any], *, can_operate: bool) -> list[dict[str, str]]:
    """Return `id` and `html` of each row, for islands."""
    template = get_template("cockpit/orders/row.html")
    return [
        {
            "id": line.run.order_id,
            "html": template.render({"line": line, "can_operate": can_operate}),
        }
        for line in lines_of(account, runs)
    ]
