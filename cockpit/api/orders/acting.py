"""`/orders/{id}/{verb}/` and `/orders/-/{verb}/`: asking something of one order or of many."""

import uuid
from collections.abc import Sequence
from typing import Any

import msgspec
from django.http import Http404, HttpResponse
from rest_framework.request import Request

from cockpit.access.failures import Forbidden, NotThere
from cockpit.access.gate import everywhere, rows
from cockpit.access.policy import Account
from cockpit.access.policy import Verb as Right
from cockpit.api import slices
from cockpit.api.documented import told
from cockpit.api.orders import answering
from cockpit.api.orders import verb_bodies as b
from cockpit.api.orders.bodies import Accepted, OrderAnswer, OrdersAnswer
from cockpit.api.orders.ended import ended_refusal
from cockpit.api.orders.examples import BULK_EXAMPLES, VERB_EXAMPLES
from cockpit.api.orders.preview import Effect, Preview, previewed
from cockpit.api.orders.sealing import sealed_verb
from cockpit.api.orders.selecting import selected_ids
from cockpit.api.orders.verbs import VERBS, VerbBody, VerbKind, body_problems
from cockpit.api.problem import FieldProblem, as_json, invalid
from cockpit.api.view import View
from cockpit.audit import Deed, Reason
from controller.models import OrderRow
from engine.order.commands import Verb
from engine.order.requests import Answer

__all__ = ["OrderVerb", "OrderVerbBulk", "previewed", "refuse_unreachable"]


class Acting(View):
    """What the verbs on one and on many orders have in common."""

    verbs = {"POST": Right.OPERATE}

    def sealed(self, asked: Verb) -> Verb:
        """Return what is asked with secret variables sealed."""
        asked, problems = sealed_verb(self.account, asked)
        _refuse(problems)
        return asked

    def ask(self, name: str, body: VerbBody, verb: Verb) -> tuple[uuid.UUID, Answer | None]:
        """Return the operation and the controller's answers, None while one is missing."""
        refuse_unreachable(self.account, verb.orders)
        operation = slices.ask(
            [msgspec.structs.replace(verb, orders=ids) for ids in slices.sliced(verb.orders)],
            lambda request, command: _deed(name, request, command),
            actor=self.actor,
            reason=Reason(body.comment, body.ticket),
            asked_in=self.request._request,  # noqa: SLF001
            objects=len(verb.orders),
        )
        return operation, slices.wait(operation)


class OrderVerb(Acting):
    """A verb on one order."""

    @told(
        body=(
            b.CancelBody, b.SuspendBody, b.ResumeBody, b.ContinueBody, b.ConfirmBody,
            b.PriorityBody, b.StartBody, b.ParametersBody, b.RemoveBody,
        ),
        answers={200: (OrderAnswer, Effect), 202: Accepted},
        problems=(409,),
        examples=VERB_EXAMPLES,
    )  # fmt: skip
    def post(self, request: Request, order_id: str, verb: str) -> HttpResponse:
        """Ask something of an order; answers with its state, or 409 with why not."""
        kind = _kind(verb)
        body = self.body(kind.body)
        _refuse(body_problems(body))
        if "\0" in order_id:
            raise Http404
        asked = self.sealed(kind.request(body, (order_id,)))
        if body.dry_run:
            return as_json(self._foretold(previewed(self.account, asked).orders[0]))
        operation, answer = self.ask(verb, body, asked)
        if answer is None:
            return answering.later(operation)
        told = answer.answers[0]
        if told.code == "order-unknown":
            raise ended_refusal(self.account, order_id)
        place = "position" if getattr(body, "label", None) is None else "label"
        return answering.one(answer, 200, place=place)

    def _foretold(self, effect: Effect) -> Effect:
        """Return an effect as the answer would be: an order that has ended is not unknown."""
        if effect.code != "order-unknown":
            return effect
        try:
            refused = ended_refusal(self.account, effect.id)
        except NotThere:
            return effect
        return msgspec.structs.replace(
            effect, sentence=refused.detail, code=refused.code, state=refused.state
        )


class OrderVerbBulk(Acting):
    """A verb on many orders: those that are named, or those that a filter selects."""

    @told(
        body=(
            b.BulkCancel, b.BulkSuspend, b.BulkResume, b.BulkContinue, b.BulkConfirm,
            b.BulkPriority, b.BulkStart, b.BulkParameters, b.BulkRemove,
        ),
        answers={200: (OrdersAnswer, Preview), 202: Accepted},
        examples=BULK_EXAMPLES,
    )  # fmt: skip
    def post(self, request: Request, verb: str) -> HttpResponse:
        """Ask something of many orders; each is answered for itself.

        A filter selects up to 100,000 orders. They are asked in durable slices; where this takes
        longer than 5 s, the operation tells how far it is.
        """
        kind = _kind(verb)
        body: Any = self.body(kind.bulk)
        problems = body_problems(body)
        if (body.ids is None) == (body.filter is None):
            problems.append(FieldProblem("ids", "Give either ids or a filter."))
        _refuse(problems)
        asked = self.sealed(kind.request(body, tuple(self._chosen(kind, body))))
        if body.dry_run:
            return as_json(previewed(self.account, asked))
        if not asked.orders:
            return answering.many(Answer(()), 200)
        operation, answer = self.ask(verb, body, asked)
        if answer is None:
            return answering.later(operation)
        return answering.many(answer, 200, operation)

    def _chosen(self, kind: VerbKind, body: Any) -> Sequence[str]:
        if body.ids is not None:
            return list(dict.fromkeys(body.ids))
        return selected_ids(self.account, body.filter, ended=kind.ended)


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


def _deed(name: str, request: Any, command: uuid.UUID) -> Deed:
    given = {k: v for k, v in msgspec.to_builtins(request).items() if k not in ("orders", "type")}
    return Deed(verb=name, kind="order", objects=list(request.orders), after=given, command=command)


def _kind(verb: str) -> VerbKind:
    try:
        return VERBS[verb]
    except KeyError:
        raise Http404(f"There is no verb {verb}; there are: {', '.join(VERBS)}.") from None


def _refuse(problems: list[FieldProblem]) -> None:
    if problems:
        raise invalid(problems)
