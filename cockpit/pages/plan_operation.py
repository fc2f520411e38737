"""Operations on planned orders on pages: how far each is, what became of it, stopping it."""

import uuid
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from cockpit import plan_operations as operations
from cockpit.access.account import Actor
from cockpit.access.failures import NotThere
from cockpit.access.gate import fetch_or_refuse, rows
from cockpit.access.policy import Account, Verb, may
from cockpit.models import PlanOperation
from cockpit.pages.asking import operation_at, told
from cockpit.pages.door import own_address, page, render
from cockpit.pages.plan_dialogs import PLAN_DIALOGS
from cockpit.pages.plan_places import planned_at
from dailyplan.origin import place_of

MOST_LINES = 1_000
"""Answers that are listed one by one, refusals first; the others are counted."""

MOST_SHOWN = 5
SHOWN_AFTER = timedelta(minutes=1)
"""So long the plan goes on to tell of an operation that has ended."""


class OperationLine(NamedTuple):
    """An operation with its title and the address of its page."""

    progress: operations.Progress
    title: str
    href: str
    may_stop: bool


def shown_plan_operation(
    request: HttpRequest, actor: Actor, operation: PlanOperation
) -> HttpResponse:
    """Show an operation of one's own; administrators see everybody's."""
    if not _is_ones_own(actor.account, operation):
        raise NotThere("There is no operation like this.")
    line = _line(actor.account, operation, request.GET.get("back", ""))
    answers = sorted(operations.answers_of(operation.pk), key=lambda answer: answer.ok)
    refusals = Counter(answer.sentence for answer in answers if not answer.ok)
    context = {
        "page_title": f"Operation: {line.title}",
        "line": line,
        "progress": line.progress,
        "lines": [(one, _href(one.id)) for one in answers[:MOST_LINES]],
        "not_listed": max(len(answers) - MOST_LINES, 0),
        "accepted": len(answers) - refusals.total(),
        "refused": refusals.total(),
        "sentences": refusals.most_common(5),
        "back": own_address(request.GET.get("back", ""), "/plan/"),
    }
    return render(request, actor, "plan/operation.html", context)


@require_POST
@page(Verb.OPERATE)
def stop_operation(request: HttpRequest, actor: Actor, operation: uuid.UUID) -> HttpResponse:
    """Stop an operation; what is done stays done."""
    mine = rows(PlanOperation, actor.account, Verb.OPERATE)
    found = fetch_or_refuse(mine, actor.account, Verb.OPERATE, id=operation)
    if not _is_ones_own(actor.account, found):
        raise NotThere("There is no operation like this.")
    stopped = operations.stop(mine.filter(pk=found.pk), now=datetime.now(UTC))
    text = "Stopped: what is done stays done." if stopped else "It had ended before."
    back = operation_at(operation, own_address(request.POST.get("back", ""), "/plan/"))
    return told(request, text, back_to=back, level="success" if stopped else "warning")


def present_operations(account: Account, now: datetime) -> list[OperationLine]:
    """Return the operations of the account that go on, and those that have just ended."""
    found = rows(PlanOperation, account).filter(account=account.name)
    open_ones = found.filter(ended_at__isnull=True) | found.filter(ended_at__gt=now - SHOWN_AFTER)
    return [_line(account, one, "") for one in open_ones.order_by("-made_at")[:MOST_SHOWN]]


def _line(account: Account, operation: PlanOperation, back: str) -> OperationLine:
    dialog = PLAN_DIALOGS.get(operation.verb)
    title = dialog.title if dialog is not None else operation.verb.replace("-", " ").capitalize()
    progress = operations.progress_of(operation)
    may_stop = not progress.ended and not progress.stopped and may(account, Verb.OPERATE)
    href = operation_at(operation.pk, own_address(back, "/plan/"))
    return OperationLine(progress, title, href, may_stop)


def _href(order_id: str) -> str:
    place = place_of(order_id)
    return planned_at(place.day, order_id) if place is not None else ""


def _is_ones_own(account: Account, operation: PlanOperation) -> bool:
    return operation.account == account.name or may(account, Verb.ADMINISTER)
