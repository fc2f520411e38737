"""`/operations/{id}/`: what a 202 is waiting for."""

import datetime as dt
import uuid
from typing import Annotated

import msgspec
from django.http import HttpResponse
from msgspec import Meta
from rest_framework.request import Request

from cockpit.access.gate import fetch_or_refuse, rows
from cockpit.api import slices
from cockpit.api.documented import told
from cockpit.api.orders import answering
from cockpit.api.orders.bodies import OrderAnswer
from cockpit.api.problem import as_json
from cockpit.api.query import Limit, read_query
from cockpit.api.view import View
from controller.models import Command


class OperationQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which of the answers; `after` is how many were seen."""

    ok: bool | None = None
    after: Annotated[int, Meta(ge=0, le=10_000_000)] = 0
    limit: Limit = 1_000


class OperationSeen(msgspec.Struct, frozen=True, kw_only=True):
    """What the controller was asked: `waiting`, or `answered` with what became of each object.

    A big operation has several requests; while it is waiting, answers are those so far. `codes`
    counts all of them, `after` leads to the next page of `answers`.
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
        """Tell whether the controller has answered, and what."""
        query = read_query(request.GET, OperationQuery)
        command = fetch_or_refuse(
            rows(Command, self.account).defer("body"), self.account, id=operation
        )
        progress = slices.progress_of(operation)
        accepted = sum(a.ok for a in progress.answers)
        wanted = [a for a in progress.answers if query.ok is None or a.ok is query.ok]
        end = query.after + query.limit
        return as_json(
            OperationSeen(
                id=command.id,
                state="answered" if progress.done else "waiting",
                account=command.account,
                made_at=command.made_at,
                requests=progress.requests,
                answered=progress.answered,
                accepted=accepted,
                refused=len(progress.answers) - accepted,
                codes=answering.codes_of(progress.answers),
                answers=[answering.of(a) for a in wanted[query.after : end]],
                after=end if end < len(wanted) else None,
            )
        )
