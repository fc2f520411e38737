"""`/plan/`: which plans are closed, closing and opening them."""

import datetime as dt

import msgspec
from django.http import HttpResponse
from rest_framework.request import Request

from cockpit.access.gate import require_at
from cockpit.access.policy import Verb
from cockpit.api import asking
from cockpit.api.documented import told
from cockpit.api.orders import answering
from cockpit.api.orders.adding import plan_id, plan_problems
from cockpit.api.orders.bodies import Accepted, Remark, Ticket
from cockpit.api.orders.preview import Preview
from cockpit.api.orders.preview_objects import preview_of_plan
from cockpit.api.problem import FieldProblem, as_json, invalid
from cockpit.api.query import read_query
from cockpit.api.resources.plans import PlanList, PlanSeen, plan_list, plan_seen
from cockpit.api.view import View
from cockpit.audit import Deed, Reason
from engine.order.requests import ChangePlan

_ROOT = ""


class PlanQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which plans: only closed ones, only open ones, or both; of all days or of some."""

    closed: bool | None = None
    since: dt.date | None = msgspec.field(default=None, name="from")
    until: dt.date | None = msgspec.field(default=None, name="to")


class PlanBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Why a plan is closed or opened.

    `dry_run` tells what that means for each of its orders and changes nothing.
    """

    comment: Remark = ""
    ticket: Ticket = ""
    dry_run: bool = False


class PlanCollection(View):
    """The plans."""

    @told(query=PlanQuery, answers={200: PlanList})
    def get(self, request: Request) -> HttpResponse:
        """List the plans that are closed and those that have orders, with counts, newest first."""
        query = read_query(request.GET, PlanQuery)
        return as_json(
            plan_list(self.account, closed=query.closed, since=query.since, until=query.until)
        )


class PlanOne(View):
    """One plan."""

    @told(answers={200: PlanSeen})
    def get(self, request: Request, plan: str) -> HttpResponse:
        """Tell whether a plan is closed; a day alone is the daily plan's."""
        return as_json(plan_seen(self.account, _id(plan)))


class PlanVerb(View):
    """Closes and opens a plan."""

    verbs = {"POST": Verb.OPERATE}

    @told(body=PlanBody, answers={200: (PlanSeen, Preview), 202: Accepted}, problems=(409,))
    def post(self, request: Request, plan: str, verb: str) -> HttpResponse:
        """Close a plan to new orders and notices, or open it again."""
        body = self.body(PlanBody)
        wanted = _id(plan)
        # A plan lies in no folder: whoever closes it concerns everybody.
        require_at(self.account, Verb.OPERATE, _ROOT)
        asked = ChangePlan(wanted, closed=verb == "close")
        if body.dry_run:
            return as_json(preview_of_plan(self.account, asked))
        operation, answer = asking.ask(
            asked,
            Deed(verb=verb, kind="plan", objects=[wanted], after={"closed": verb == "close"}),
            actor=self.actor,
            reason=Reason(body.comment, body.ticket),
            asked_in=request._request,  # noqa: SLF001
        )
        if answer is None:
            return answering.later(operation)
        asking.refuse(answer)
        return as_json(plan_seen(self.account, wanted))


def _id(given: str) -> str:
    problems = plan_problems(given)
    if not problems and not given.isprintable():
        problems = [("plan", "It must not contain control characters.")]
    if problems:
        raise invalid([FieldProblem(field, sentence) for field, sentence in problems])
    return plan_id(given)
