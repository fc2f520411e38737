"""`/operations/ID/`: what came of a request to the controller, object by object."""

import uuid

from django.http import HttpRequest, HttpResponse

from cockpit import audit
from cockpit.access.account import Actor
from cockpit.access.failures import NotThere
from cockpit.access.gate import fetch_or_refuse, rows
from cockpit.access.policy import Verb, may
from cockpit.pages.addresses import order_at
from cockpit.pages.door import own_address, page, render
from controller.commands import answer_to
from controller.models import Command


@page()
def operation(request: HttpRequest, actor: Actor, command: uuid.UUID) -> HttpResponse:
    """Show the answer to a request of one's own; administrators see everybody's."""
    found = fetch_or_refuse(rows(Command, actor.account), actor.account, id=command)
    if found.account != actor.account.name and not may(actor.account, Verb.ADMINISTER):
        raise NotThere("There is no operation like this.")
    answer = answer_to(command)
    if answer is not None:
        audit.note_answer(command, answer)
    lines = [(told, order_at(told.id)) for told in answer.answers] if answer else []
    context = {
        "page_title": "Operation",
        "made_at": found.made_at,
        "answered": answer is not None,
        "lines": lines,
        "accepted": sum(told.ok for told, _ in lines),
        "refused": sum(not told.ok for told, _ in lines),
        "back": own_address(request.GET.get("back", ""), "/orders/"),
    }
    return render(request, actor, "orders/operation.html", context)
