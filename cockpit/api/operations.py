"""`/operations/{id}/`: what a 202 is waiting for, of the controller or of the daily plan."""

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
from django.http import HttpResponse
from msgspec import Meta
from rest_framework.request import Request

from cockpit import plan_operations
from cockpit.access.gate import fetch_or_refuse, rows
from cockpit.access.policy import Verb, may
from cockpit.api import slices
from cockpit.api.documented import told
from cockpit.api.orders import answering
from cockpit.api.orders.bodies import OrderAnswer
from cockpit.api.problem import Refusal, as_json
from cockpit.api.query import Limit, read_query
from cockpit.api.view import View
from cockpit.models import PlanOperation
from controller.models import Command


class OperationQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which of the answers; `after` is how many were seen."""

    ok: bool | None = None
    after: Annotated[int, Meta(ge=0, le=10_000_000)] = 0
    limit: Limit = 1_000


class OperationSeen(msgspec.Struct, frozen=True, kw_only=True):
    """What was asked: `waiting`, or `answered` with what became of each object.

    A big operation has several requests; while it is waiting, answers are those so far. `codes`
    counts all of them, `after` leads to the next page of `answers`. A verb on planned orders may
    be `stopped`: what is not answered is not done then.
    """

    id: uuid.UUID
    state: str
    account: str
    made_at: dt.datetime
    requests: int
    answered: int
    accepted: int
    refused: int
    codes: dict[str, int]
    answers: list[OrderAnswer]
    after: int | None


class OperationOne(View):
    """One operation."""

    @told(query=OperationQuery, answers={200: OperationSeen})
    def get(self, request: Request, operation: uuid.UUID) -> HttpResponse:
        """Tell whether the controller has answered, or the plan has done it, and what."""
        query = read_query(request.GET, OperationQuery)
        if (of_plan := rows(PlanOperation, self.account).filter(id=operation).first()) is not None:
            return as_json(_of_plan(of_plan, query))
        command = fetch_or_refuse(
            rows(Command, self.account).defer("body"), self.account, id=operation
        )
        progress = slices.progress_of(operation)
        told_of = [answering.of(answer) for answer in progress.answers]
        return as_json(
            OperationSeen(
                id=command.id,
                state="answered" if progress.done else "waiting",
                account=command.account,
                made_at=command.made_at,
                requests=progress.requests,
                answered=progress.answered,
                **_counted(told_of, query),
            )
        )


class OperationStop(View):
    """Stopping a verb on planned orders."""

    verbs = {"POST": Verb.OPERATE}

    @told(answers={200: OperationSeen}, problems=(409,))
    def post(self, request: Request, operation: uuid.UUID) -> HttpResponse:
        """Stop an operation on planned orders; what is done stays done.

        A person may stop their own, an administrator everybody's. What the controller was asked
        is not stopped.
        """
        mine = rows(PlanOperation, self.account, Verb.OPERATE)
        if not may(self.account, Verb.ADMINISTER):
            mine = mine.filter(account=self.account.name)
        found = fetch_or_refuse(mine, self.account, Verb.OPERATE, id=operation)
        if not plan_operations.stop(mine.filter(pk=found.pk), now=dt.datetime.now(dt.UTC)):
            raise Refusal(409, "not-applicable", "The operation has ended or was stopped.")
        found.refresh_from_db()
        return as_json(_of_plan(found, OperationQuery()))


def _of_plan(operation: PlanOperation, query: OperationQuery) -> OperationSeen:
    progress = plan_operations.progress_of(operation)
    answers = plan_operations.answers_of(operation.pk)
    state = "stopped" if progress.stopped else "answered" if progress.ended else "waiting"
    return OperationSeen(
        id=operation.pk,
        state=state,
        account=operation.account,
        made_at=operation.made_at,
        requests=progress.slices,
        answered=progress.slices_done,
        **_counted([OrderAnswer(a.id, a.ok, a.code, a.state, a.sentence) for a in answers], query),
    )


def _counted(answers: Sequence[OrderAnswer], query: OperationQuery) -> dict[str, Any]:
    accepted = sum(a.ok for a in answers)
    wanted = [a for a in answers if query.ok is None or a.ok is query.ok]
    end = query.after + query.limit
    return {
        "accepted": accepted,
        "refused": len(answers) - accepted,
        "codes": dict(Counter(a.code for a in answers).most_common()),
        "answers": wanted[query.after : end],
        "after": end if end < len(wanted) else None,
    }
