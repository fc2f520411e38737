"""`/orders/{id}/`: an order as it is now, or as it was when it ended."""

from django.http import HttpResponse
from rest_framework.request import Request

from cockpit.access.policy import Account, Verb, may_at
from cockpit.api.documented import told
from cockpit.api.orders.bodies import OrderSeen, PlaceList
from cockpit.api.orders.children import children_now
from cockpit.api.orders.ended import ended_refusal, ended_seen
from cockpit.api.orders.load import orders_now, program_at
from cockpit.api.orders.places import places_of
from cockpit.api.orders.present import seen
from cockpit.api.orders.reason import reason_of, waiting_of
from cockpit.api.problem import as_json
from cockpit.api.view import View


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
        return ended_seen(account, order_id)
    reason = reason_of(account, order)
    return seen(
        order,
        program_at(account, order.workflow, order.version),
        reason=reason,
        waiting=waiting_of(reason),
        children=children_now(account, order),
        may_operate=may_at(account, Verb.OPERATE, order.workflow),
    )
