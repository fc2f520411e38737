"""`/operations/ID/`: what came of a request to the controller or the plan, object by object."""

import uuid
from collections import Counter

import msgspec
from django.http import HttpRequest, HttpResponse

from cockpit import audit
from cockpit.access.account import Actor
from cockpit.access.failures import NotThere
from cockpit.access.gate import fetch_or_refuse, rows
from cockpit.access.policy import Verb, may
from cockpit.api.slices import progress_of, requests_of
from cockpit.models import PlanOperation
from cockpit.pages.addresses import order_at
from cockpit.pages.door import own_address, page, render
from cockpit.pages.plan_operation import shown_plan_operation
from controller.commands import answer_to
from controller.models import Command
from engine.order.requests import ObjectRequest, Request, TransferOrders

MOST_LINES = 1_000
"""Answers that are listed one by one, refusals first; the others are counted."""


@page()
def operation(request: HttpRequest, actor: Actor, command: uuid.UUID) -> HttpResponse:
    """Show the answer to a request of one's own; administrators see everybody's."""
    of_plan = rows(PlanOperation, actor.account).filter(id=command).first()
    if of_plan is not None:
        return shown_plan_operation(request, actor, of_plan)
    found = fetch_or_refuse(rows(Command, actor.account), actor.account, id=command)
    if found.account != actor.account.name and not may(actor.account, Verb.ADMINISTER):
        raise NotThere("There is no operation like this.")
    progress = progress_of(command)
    if progress.done:
        for each in requests_of(command):
            answer = answer_to(each)
            if answer is not None:
                audit.note_answer(each, answer)
    told = sorted(progress.answers, key=lambda answer: answer.ok)
    names_orders = _names_orders(found)
    context = {
        "page_title": "Operation",
        "made_at": found.made_at,
        "answered": progress.done,
        "progress": progress,
        "lines": [(each, order_at(each.id) if names_orders else "") for each in told[:MOST_LINES]],
        "not_listed": max(len(told) - MOST_LINES, 0),
        "accepted": sum(each.ok for each in told),
        "refused": sum(not each.ok for each in told),
        "codes": Counter(each.code for each in told if not each.ok).most_common(),
        "back": own_address(request.GET.get("back", ""), "/orders/"),
    }
    return render(request, actor, "orders/operation.html", context)


def _names_orders(command: Command) -> bool:
    asked = msgspec.msgpack.decode(bytes(command.body), type=Request)
    return isinstance(asked, TransferOrders) or not isinstance(asked, ObjectRequest)
