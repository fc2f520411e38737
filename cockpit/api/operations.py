"""`/operations/{id}/`: what a 202 is waiting for."""

import datetime as dt
import uuid

import msgspec
from django.http import HttpResponse
from rest_framework.request import Request

from cockpit.access.gate import fetch_or_refuse, rows
from cockpit.api.documented import told
from cockpit.api.orders.bodies import OrderAnswer
from cockpit.api.problem import as_json
from cockpit.api.view import View
from controller.commands import answer_to
from controller.models import Command


class OperationSeen(msgspec.Struct, frozen=True, kw_only=True):
    """A request to the controller: `waiting`, or `answered` with what became of each object."""

    id: uuid.UUID
    state: str
    account: str
    made_at: dt.datetime
    answers: list[OrderAnswer]


class OperationOne(View):
    """One operation."""

    @told(answers={200: OperationSeen})
    def get(self, request: Request, operation: uuid.UUID) -> HttpResponse:
        """Tell whether the controller has answered, and what."""
        command = fetch_or_refuse(
            rows(Command, self.account).defer("body"), self.account, id=operation
        )
        answer = answer_to(operation)
        told = answer.answers if answer else ()
        return as_json(
            OperationSeen(
                id=command.id,
                state="answered" if answer else "waiting",
                account=command.account,
                made_at=command.made_at,
                answers=[OrderAnswer(a.id, a.ok, a.code, a.state, a.sentence) for a in told],
            )
        )
