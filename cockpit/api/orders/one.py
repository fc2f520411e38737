"""`/orders/{id}/`: an order as it is now, or as it was when it ended."""

import time

import msgspec
from django.conf import settings
from django.http import HttpResponse
from rest_framework.request import Request

from cockpit.access.failures import NotThere
from cockpit.access.gate import rows
from cockpit.access.policy import Account, Verb, may_at
from cockpit.api.documented import told
from cockpit.api.orders.bodies import OrderSeen, OutcomeSeen, PlaceList, ReasonSeen
from cockpit.api.orders.children import children_now, children_then
from cockpit.api.orders.load import orders_now, program_at
from cockpit.api.orders.places import places_of
from cockpit.api.orders.present import seen
from cockpit.api.orders.reason import reason_of, waiting_of
from cockpit.api.problem import Refusal, as_json
from cockpit.api.view import View
from engine.order.secret import hidden_variables, secret_names
from history import queries
from history.models import OrderRun

FOLLOWED_S = 1.0
"""Longest wait for the history to follow the end of an order."""

_LOOK_AGAIN_S = 0.02
_HAS_ENDED = "It has ended; the history has not followed yet and shows it as it was before."


class OrderOne(View):
    """One order."""

    @told(answers={200: OrderSeen})
    def get(self, request: Request, order_id: str) -> HttpResponse:
        """Tell everything about an order: where it stands, why it waits, what one may do."""
        return as_json(order_seen(self.account, order_id))


class OrderPlaces(View):
    """Where an order could be resumed."""

    @told(answers={200: PlaceList})
    def get(self, request: Request, order_id: str) -> HttpResponse:
        """List the positions of an order's workflow, and why it cannot be resumed at some."""
        order = orders_now(self.account, [order_id]).get(order_id)
        if order is None:
            raise ended_refusal(self.account, order_id)
        return as_json(PlaceList(order_id, places_of(self.account, order)))


def order_seen(account: Account, order_id: str) -> OrderSeen:
    """Return an order for the API: the controller's own, or else the newest of the history.

    Raises:
        NotThere: nobody knows it, or the account may not see it.
    """
    order = orders_now(account, [order_id]).get(order_id)
    if order is None:
        return _ended(account, order_id)
    reason = reason_of(account, order)
    return seen(
        order,
        program_at(account, order.workflow, order.version),
        reason=reason,
        waiting=waiting_of(reason),
        children=children_now(account, order),
        may_operate=may_at(account, Verb.OPERATE, order.workflow),
    )


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


def ended_refusal(account: Account, order_id: str) -> Refusal:
    """Return why nothing can be asked of an order that the controller no longer has.

    Raises:
        NotThere: the history does not know it, or the account may not see it.
    """
    run = ended_run(account, order_id)
    how, state = ("", None) if run.live else (f": it is {run.state}", run.state)
    return Refusal(
        409, "not-applicable", f"Order {order_id} has ended{how}.", order_id=order_id, state=state
    )


def ended_run(account: Account, order_id: str) -> OrderRun:
    """Return the newest run of an order that has left the controller, with its end.

    The history follows the controller: for a moment it has such an order as it was before. That is
    waited for, up to a second; a run that is `live` still is behind.

    Raises:
        NotThere: the history does not know it, or the account may not see it.
    """
    end = time.monotonic() + FOLLOWED_S
    run = run_of(account, order_id)
    while run.live and time.monotonic() < end:
        time.sleep(_LOOK_AGAIN_S)
        run = run_of(account, order_id)
    return run


def _ended(account: Account, order_id: str) -> OrderSeen:
    run = ended_run(account, order_id)
    children = sorted(children_then(account, run), key=lambda child: child.id)
    program = program_at(account, run.workflow, run.version)
    arguments = hidden_variables(
        msgspec.msgpack.decode(bytes(run.arguments)),
        secret_names(program.workflow) if program else frozenset(),
    )
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
        reason=ReasonSeen("ended", _HAS_ENDED if run.live else f"It has ended: it is {run.state}."),
        may=[],
        waiting=None,
        agent=run.agent,
        parent=run.parent,
        children=[child.id for child in children],
        child_orders=children,
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
