"""`/workflows/{path}/transfer/`: orders of older versions go on in the newest one."""

from typing import Any

import msgspec
from django.http import HttpResponse
from rest_framework.request import Request

from cockpit.access.failures import NotThere
from cockpit.api import asking
from cockpit.api.documented import told
from cockpit.api.orders import answering
from cockpit.api.orders.bodies import Accepted, OrderAnswer
from cockpit.api.orders.load import program_at
from cockpit.api.orders.preview import Preview
from cockpit.api.orders.preview_objects import preview_of_transfer
from cockpit.api.problem import FieldProblem, Refusal, as_json
from cockpit.api.workflow_verbs import WorkflowBody, WorkflowVerb
from cockpit.audit import Deed, Reason
from engine.order.requests import Answer, TransferOrders

_MOST = 1_000
_ONE_OBJECT = frozenset({"workflow-unknown", "too-many"})


class TransferBody(WorkflowBody, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Moves all orders of older versions to the newest one: all or none.

    `only_possible` leaves those where they are that cannot be moved, and moves the others; an order
    and its children go together.
    """

    only_possible: bool = False


class Transferred(msgspec.Struct, frozen=True, kw_only=True):
    """The orders that are in the newest version now, or on their way from an agent to it.

    `left` stay in their versions, each with the reason; only with `only_possible`.
    """

    path: str
    version: str
    transferred: int
    orders: list[OrderAnswer]
    left: list[OrderAnswer] = []


TRANSFER_EXAMPLES: dict[str, Any] = {
    "all or none": {"comment": "the new version mends the report"},
    "those that can go": {"only_possible": True},
    "what would happen": {"dry_run": True, "only_possible": True},
}


class WorkflowTransfer(WorkflowVerb):
    """Brings orders of older versions to the newest one."""

    @told(
        body=TransferBody,
        answers={200: (Transferred, Preview), 202: Accepted},
        problems=(409,),
        examples=TRANSFER_EXAMPLES,
    )
    def post(self, request: Request, path: str) -> HttpResponse:
        """Transfer the orders of older versions: all or none, or those that can be transferred.

        Each goes on at the same place, found by its label or its job where that names one place in
        both versions, else by its position. A refusal names every order that cannot be transferred,
        and why.
        """
        body = self.body(TransferBody)
        version = self.version(path)
        asked = TransferOrders(path, only_possible=body.only_possible)
        if body.dry_run:
            return as_json(self._foretold(asked, version))
        operation, answer = asking.ask(
            asked,
            Deed(verb="transfer", kind="workflow", objects=[path], after=_after(asked, version)),
            actor=self.actor,
            reason=Reason(body.comment, body.ticket),
            asked_in=request._request,  # noqa: SLF001
        )
        if answer is None:
            return answering.later(operation)
        refuse_transfer(asked, answer)
        return as_json(_transferred(path, version, answer))

    def _foretold(self, asked: TransferOrders, version: str) -> Preview:
        new = program_at(self.account, asked.workflow, version)
        if new is None:
            raise NotThere(f"No workflow {asked.workflow} is deployed.", "workflow-unknown")
        return preview_of_transfer(self.account, asked, new)


def _after(asked: TransferOrders, version: str) -> dict[str, Any]:
    return {"version": version} | ({"only_possible": True} if asked.only_possible else {})


def _transferred(path: str, version: str, answer: Answer) -> Transferred:
    # Where no order had to be moved, the controller answers for the workflow itself.
    moved = [a for a in answer.answers if a.ok and a.id != path]
    left = [a for a in answer.answers if not a.ok]
    return Transferred(
        path=path,
        version=version,
        transferred=len(moved),
        orders=[answering.of(a) for a in moved[:_MOST]],
        left=[answering.of(a) for a in left[:_MOST]],
    )


def refuse_transfer(asked: TransferOrders, answer: Answer) -> None:
    """Let a transfer pass; one that leaves some orders where they are passes if it moved any.

    Raises:
        Refusal: with every order that cannot be transferred.
    """
    refused = [a for a in answer.answers if not a.ok]
    if not refused or (asked.only_possible and len(refused) < len(answer.answers)):
        return
    if refused[0].code in _ONE_OBJECT:
        raise answering.refusal(refused[0])
    why = [a for a in refused if a.code != "not-transferred"]
    problems = [FieldProblem(a.id, a.sentence, a.code) for a in why[:_MOST]]
    counted = f"{len(why)} of {len(answer.answers)} orders"
    sentence = f"{counted} of {asked.workflow} cannot be transferred."
    raise Refusal(409, "not-transferable", sentence, problems=problems)
