"""Requests to the controller on behalf of the plan, each with the rows it concerns in one
transaction.
"""

from collections.abc import Sequence
from datetime import date, datetime

from django.db.models import F

from controller.commands import BULK, ask
from dailyplan.models import Submission, SubmissionPart
from engine.order.requests import AddOrders, CancelOrders, NewOrder

ORDERS_A_SLICE = 1_000

SUBMIT = "submit"
CANCEL = "cancel"
COPY = "copy"


def begin(verb: str, *, account: str, now: datetime, comment: str = "") -> Submission:
    """Return a submission without requests yet."""
    return Submission.objects.create(at=now, account=account, verb=verb, comment=comment)


def new_part(submission: Submission, verb: str) -> SubmissionPart:
    """Return a request that is about to be made; its id goes into the rows."""
    return SubmissionPart.objects.create(submission=submission, verb=verb)


def ask_to_add(submission: Submission, part: SubmissionPart, orders: Sequence[NewOrder]) -> None:
    """Ask the controller to add orders, in the open transaction."""
    _ask(submission, part, AddOrders(tuple(orders)), len(orders))


def ask_to_cancel(submission: Submission, part: SubmissionPart, ids: Sequence[str]) -> None:
    """Ask the controller to let orders leave that have not started."""
    _ask(submission, part, CancelOrders(tuple(ids), fresh_only=True), len(ids))


def note_days(submission: Submission, days: Sequence[date]) -> None:
    """Note the day concerned, if it is one."""
    if len(found := set(days)) == 1:
        Submission.objects.filter(pk=submission.pk).update(day=found.pop())


def _ask(
    submission: Submission, part: SubmissionPart, request: AddOrders | CancelOrders, asked: int
) -> None:
    # One lane for all, so that a cancelling never overtakes the adding before it.
    command = ask(request, account=submission.account, key=f"plan/{part.pk}", lane=BULK)
    SubmissionPart.objects.filter(pk=part.pk).update(command=command)
    Submission.objects.filter(pk=submission.pk).update(asked=F("asked") + asked)
