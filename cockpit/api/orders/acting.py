"""`/orders/{id}/{verb}/` and `/orders/-/{verb}/`: asking something of one order or of many."""

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
from django.http import Http404, HttpResponse
from rest_framework.request import Request

from cockpit.access.failures import Forbidden
from cockpit.access.gate import everywhere, rows
from cockpit.access.policy import Account
from cockpit.access.policy import Verb as Right
from cockpit.api import answers
from cockpit.api.documented import told
from cockpit.api.orders import answering
from cockpit.api.orders.bodies import MOST_ORDERS, Accepted, OrderAnswer, OrdersAnswer
from cockpit.api.orders.collection import OrderQuery, selection
from cockpit.api.orders.load import orders_now, program_at
from cockpit.api.orders.one import run_of
from cockpit.api.orders.preview import Effect, Preview, preview
from cockpit.api.orders.verbs import (
    VERBS,
    BulkCancel,
    BulkContinue,
    BulkPriority,
    BulkResume,
    BulkSuspend,
    CancelBody,
    ContinueBody,
    PriorityBody,
    ResumeBody,
    Selection,
    SuspendBody,
    VerbBody,
    VerbKind,
    body_problems,
)
from cockpit.api.problem import FieldProblem, Refusal, as_json, invalid
from cockpit.api.view import View
from cockpit.audit import Deed, Reason
from controller.models import OrderRow
from engine.errors import EventNotApplicable, NotLoaded
from engine.order.commands import Verb
from engine.order.requests import Answer
from engine.world import World
from history import queries


class Acting(View):
    """What the verbs on one and on many orders have in common."""

    verbs = {"POST": Right.OPERATE}

    def ask(self, name: str, body: VerbBody, verb: Verb) -> Answer | uuid.UUID:
        """Return the controller's answer, or the id of the request while there is none."""
        refuse_unreachable(self.account, verb.orders)
        command = answers.command(
            verb,
            lambda command: self._deed(name, verb, command),
            actor=self.actor,
            reason=Reason(body.comment, body.ticket),
            asked_in=self.request._request,  # noqa: SLF001
            objects=len(verb.orders),
        )
        return answers.wait(command) or command

    def _deed(self, name: str, verb: Verb, command: uuid.UUID) -> Deed:
        given = {k: v for k, v in msgspec.to_builtins(verb).items() if k not in ("orders", "type")}
        return Deed(
            verb=name, kind="order", objects=list(verb.orders), after=given, command=command
        )


class OrderVerb(Acting):
    """A verb on one order."""

    @told(
        body=(CancelBody, SuspendBody, ResumeBody, ContinueBody, PriorityBody),
        answers={200: (OrderAnswer, Effect), 202: Accepted},
        problems=(409,),
    )
    def post(self, request: Request, order_id: str, verb: str) -> HttpResponse:
        """Ask something of an order; answers with its state, or 409 with why not."""
        kind = _kind(verb)
        body = self.body(kind.body)
        _refuse(body_problems(body))
        if "\0" in order_id:
            raise Http404
        asked = kind.request(body, (order_id,))
        if body.dry_run:
            return as_json(previewed(self.account, asked).orders[0])
        answer = self.ask(verb, body, asked)
        if isinstance(answer, uuid.UUID):
            return answering.later(answer)
        told = answer.answers[0]
        if told.code == "order-unknown":
            self._refuse_ended(order_id)
        return answering.one(answer, 200)

    def _refuse_ended(self, order_id: str) -> None:
        run = run_of(self.account, order_id)
        raise Refusal(
            409,
            "not-applicable",
            f"Order {order_id} has ended: it is {run.state}.",
            order_id=order_id,
            state=run.state,
        )


class OrderVerbBulk(Acting):
    """A verb on many orders: those that are named, or those that a filter selects."""

    @told(
        body=(BulkCancel, BulkSuspend, BulkResume, BulkContinue, BulkPriority),
        answers={200: (OrdersAnswer, Preview), 202: Accepted},
    )
    def post(self, request: Request, verb: str) -> HttpResponse:
        """Ask something of many orders; each is answered for itself."""
        kind = _kind(verb)
        body: Any = self.body(kind.bulk)
        problems = body_problems(body)
        if (body.ids is None) == (body.filter is None):
            problems.append(FieldProblem("ids", "Give either ids or a filter."))
        _refuse(problems)
        ids = body.ids if body.ids is not None else self._selected(body.filter)
        asked = kind.request(body, tuple(dict.fromkeys(ids)))
        if body.dry_run:
            return as_json(previewed(self.account, asked))
        if not asked.orders:
            return answering.many(Answer(()), 200)
        answer = self.ask(verb, body, asked)
        return (
            answering.later(answer)
            if isinstance(answer, uuid.UUID)
            else answering.many(answer, 200)
        )

    def _selected(self, chosen: Selection) -> Sequence[str]:
        query = OrderQuery(**{f: getattr(chosen, f) for f in chosen.__struct_fields__})
        selected, wanted = selection(self.account, query, Right.OPERATE)
        found = queries.filtered_orders(selected, wanted).values_list("order_id", flat=True)
        ids = list(found.order_by("added_at", "run")[: MOST_ORDERS + 1])
        if len(ids) > MOST_ORDERS:
            sentence = f"It selects more than {MOST_ORDERS} orders; narrow it."
            raise Refusal(422, "too-many", sentence, problems=[FieldProblem("filter", sentence)])
        return ids


def previewed(account: Account, verb: Verb) -> Preview:
    """Return what a verb would do to its orders, changing nothing."""
    world = World()
    _put(world, account, verb.orders)

    def load(world: World, missing: NotLoaded) -> None:
        kind, name, *version = missing.key
        if kind == "order":
            _put(world, account, [name])
            return
        program = program_at(account, name, version[0]) if version else None
        if program is None:
            raise EventNotApplicable(f"The workflow {name} cannot be read.")
        world.programs[name, version[0]] = program

    now_us = int(datetime.now(UTC).timestamp() * 1e6)
    return preview(world, verb.orders, verb, now_us=now_us, load=load)


def refuse_unreachable(account: Account, ids: Sequence[str]) -> None:
    """Refuse to act on orders in folders where the account may only look.

    Raises:
        Forbidden: it may not act on one of them.
    """
    if everywhere(account, Right.OPERATE):
        return
    there = set(rows(OrderRow, account).filter(order_id__in=ids).values_list("order_id", flat=True))
    mine = rows(OrderRow, account, Right.OPERATE).filter(order_id__in=ids)
    left = there - set(mine.values_list("order_id", flat=True))
    if left:
        raise Forbidden(f"{account.name} may not operate on {', '.join(sorted(left)[:5])}.")


def _put(world: World, account: Account, ids: Sequence[str]) -> None:
    found = orders_now(account, ids)
    for order in found.values():
        world.put(order)
    world.absent.update(set(ids) - found.keys())


def _kind(verb: str) -> VerbKind:
    try:
        return VERBS[verb]
    except KeyError:
        raise Http404(f"There is no verb {verb}; there are: {', '.join(VERBS)}.") from None


def _refuse(problems: list[FieldProblem]) -> None:
    if problems:
        raise invalid(problems)
