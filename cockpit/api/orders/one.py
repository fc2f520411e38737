"""`/orders/{id}/`: an order as it is now, or as it was when it ended."""

from datetime import UTC, datetime

import msgspec
from django.conf import settings
from django.http import HttpResponse
from rest_framework.request import Request

from cockpit.access.failures import NotThere
from cockpit.access.gate import rows
from cockpit.access.policy import Account
from cockpit.api.documented import told
from cockpit.api.orders.bodies import OrderSeen, OutcomeSeen
from cockpit.api.orders.load import connected_agents, orders_now, program_at
from cockpit.api.orders.present import seen
from cockpit.api.problem import as_json
from cockpit.api.view import View
from history import queries
from history.models import OrderRun


class OrderOne(View):
    """One order."""

    @told(answers={200: OrderSeen})
    def get(self, request: Request, order_id: str) -> HttpResponse:
        """Tell everything about an order: where it stands, why it waits, what one may do."""
        return as_json(order_seen(self.account, order_id))


def order_seen(account: Account, order_id: str) -> OrderSeen:
    """Return an order for the API: the controller's own, or else the newest of the history.

    Raises:
        NotThere: nobody knows it, or the account may not see it.
    """
    order = orders_now(account, [order_id]).get(order_id)
    if order is None:
        return _ended(account, order_id)
    connected = order.agent is None or order.agent in connected_agents(account, [order.agent])
    now_us = int(datetime.now(UTC).timestamp() * 1e6)
    program = program_at(account, order.workflow, order.version)
    return seen(order, program, now_us=now_us, connected=connected)


def run_of(account: Account, order_id: str) -> OrderRun:
    """Return the newest run of an order in the history.

    Raises:
        NotThere: the history does not know it, or the account may not see it.
    """
    run = None
    if "\0" not in order_id:
        controller = settings.STELLWERK_CONTROLLER_ID
        run = queries.order_run(rows(OrderRun, account), controller, order_id)
    if run is None:
        raise NotThere(f"There is no order {order_id}.", "order-unknown")
    return run


def _ended(account: Account, order_id: str) -> OrderSeen:
    run = run_of(account, order_id)
    children = queries.children(rows(OrderRun, account), run).values_list("order_id", flat=True)
    arguments = msgspec.msgpack.decode(bytes(run.arguments))
    outcome = OutcomeSeen(run.outcome, run.return_code, run.message) if run.outcome else None
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
        waiting=None,
        agent=run.agent,
        parent=run.parent,
        children=list(dict.fromkeys(children[:1_000])),
        order_date=run.order_date,
        scheduled_for=run.scheduled_at,
        added_at=run.added_at,
        started_at=run.started_at,
        ended_at=run.ended_at,
        priority=run.priority,
        tags=run.tags,
        outcome=outcome,
        arguments=arguments,
        results=[],
        variables=arguments,
        allowed=[],
        live=False,
    )
