"""`/orders/`: the list, and adding one order or many."""

import uuid
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from django.conf import settings
from django.http import HttpResponse
from rest_framework.request import Request

from cockpit.access.gate import require_at
from cockpit.access.policy import Verb
from cockpit.api import answers
from cockpit.api.documented import told
from cockpit.api.orders import answering
from cockpit.api.orders.adding import new_orders
from cockpit.api.orders.bodies import (
    Accepted,
    OrderAnswer,
    OrderBody,
    OrderList,
    OrderListed,
    OrderPage,
    OrdersAnswer,
    OrdersBody,
)
from cockpit.api.orders.examples import ADD_EXAMPLES
from cockpit.api.orders.foreseen import foreseen, refusal_of
from cockpit.api.orders.ids import made_id
from cockpit.api.orders.sealing import sealed_orders
from cockpit.api.orders.selecting import OrderQuery, selection
from cockpit.api.problem import FieldProblem, as_json, invalid
from cockpit.api.query import read_query
from cockpit.api.view import View
from cockpit.audit import Deed, Reason
from engine.order.notice_key import plan_or_day
from engine.order.requests import AddOrders, NewOrder
from history import queries
from history.keyset import CursorUnreadable

_MANY = "orders[{}]."


class OrderCollection(View):
    """The list of orders, and adding to it."""

    verbs = {"POST": Verb.OPERATE}

    @told(query=OrderQuery, answers={200: OrderPage})
    def get(self, request: Request) -> HttpResponse:
        """List orders, newest first by the moment of adding."""
        query = read_query(request.GET, OrderQuery)
        selected, wanted = selection(self.account, query)
        try:
            page = queries.order_runs(
                selected, wanted, cursor=query.cursor or None, limit=query.limit
            )
        except CursorUnreadable as unreadable:
            raise invalid([FieldProblem("cursor", str(unreadable))]) from None
        return as_json(OrderPage([listed(run) for run in page.rows], page.older, page.newer))

    @told(
        body=(OrderBody, OrdersBody, OrderList),
        answers={200: OrdersAnswer, 201: (OrderAnswer, OrdersAnswer), 202: Accepted},
        problems=(409,),
        examples=ADD_EXAMPLES,
    )
    def post(self, request: Request) -> HttpResponse:
        """Add one order or many; each of many is answered for itself."""
        body, is_one = self._posted()
        orders = self._asked(body.orders, is_one=is_one)
        command = answers.command(
            AddOrders(tuple(orders)),
            lambda command: _deed(orders, command),
            actor=self.actor,
            reason=Reason(body.comment, body.ticket),
            asked_in=request._request,  # noqa: SLF001
            objects=len(orders),
        )
        answer = answers.wait(command)
        if answer is None:
            return answering.later(command)
        return answering.one(answer, 201) if is_one else answering.many(answer, 201)

    def _asked(self, bodies: list[OrderBody], *, is_one: bool) -> list[NewOrder]:
        """Return the orders that are asked for, with what is secret sealed.

        Raises:
            Refusal: some of them are wrong, or the account may not add them.
        """
        place = "" if is_one else _MANY
        zone = ZoneInfo(settings.STELLWERK_TIME_ZONE)
        orders, problems = new_orders(
            bodies, made_id, now=datetime.now(UTC), zone=zone, place=place
        )
        if problems:
            raise invalid(problems)
        if is_one and (known := foreseen(self.account, orders[0])):
            raise refusal_of(known)
        for path in {order.workflow for order in orders}:
            require_at(self.account, Verb.OPERATE, path)
        orders, problems = sealed_orders(self.account, orders, place=place)
        if problems:
            raise invalid(problems)
        return orders

    def _posted(self) -> tuple[OrdersBody, bool]:
        """Return what was posted, and whether it was one order without a list around it."""
        raw = self.raw_body
        if raw.lstrip()[:1] == b"[":
            return OrdersBody(orders=self.body(OrderList)), False
        if b'"orders"' in raw and "orders" in _names(raw):
            return self.body(OrdersBody), False
        one = self.body(OrderBody)
        return OrdersBody(orders=[one], comment=one.comment, ticket=one.ticket), True


def listed(run: Any) -> OrderListed:
    """Return a run of the history as a line of a list."""
    return OrderListed(
        id=run.order_id,
        workflow=run.workflow,
        version=run.version,
        state=run.state,
        group=run.group,
        suspended=run.suspended,
        live=run.live,
        position=run.position,
        label=run.label,
        reason=run.reason,
        until=run.until_at,
        outcome=run.outcome,
        message=run.message,
        return_code=run.return_code,
        order_date=run.order_date,
        plan=plan_or_day(run.plan, run.order_date),
        scheduled_for=run.scheduled_at,
        added_at=run.added_at,
        started_at=run.started_at,
        ended_at=run.ended_at,
        agent=run.agent,
        parent=run.parent,
        priority=run.priority,
        tags=run.tags,
    )


def _names(raw: bytes) -> dict[str, msgspec.Raw]:
    try:
        return msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}  # reading it as an order will say what is wrong


def _deed(orders: list[NewOrder], command: uuid.UUID) -> Deed:
    after = orders[0] if len(orders) == 1 else {"orders": orders[:100], "count": len(orders)}
    return Deed(
        verb="add", kind="order", objects=[o.id for o in orders], after=after, command=command
    )
