"""The controller's answers about orders, as responses."""

import re
import uuid

from django.http import HttpResponse

from cockpit.api.orders.bodies import Accepted, OrderAnswer, OrdersAnswer
from cockpit.api.problem import FieldProblem, Refusal, as_json
from engine.order.requests import Answer, Answered

_STATUS = {
    "invalid": 422,
    "workflow-unknown": 422,
    "position-unknown": 422,
    "position-unreachable": 422,
    "order-unknown": 404,
}
_PLACES = {"workflow-unknown": "workflow", "position-unknown": "position"}
_FIELD = re.compile(r"(?:^|(?<=[.!?)] ))((?:id|arguments\.[^:\s]+): )")


def one(answer: Answer, status: int) -> HttpResponse:
    """Return the answer to a request for one order.

    Raises:
        Refusal: the controller refused it.
    """
    told = answer.answers[0]
    if not told.ok:
        raise refusal(told)
    return as_json(_of(told), status)


def many(answer: Answer, status: int) -> HttpResponse:
    """Return the answer to a request for several orders: one for each, in their order."""
    accepted = sum(a.ok for a in answer.answers)
    refused = len(answer.answers) - accepted
    body = OrdersAnswer(refused == 0, accepted, refused, [_of(a) for a in answer.answers])
    return as_json(body, status if refused == 0 else 200)


def later(command: uuid.UUID) -> HttpResponse:
    """Return the answer to a request that the controller has not answered yet."""
    place = f"/api/v1/operations/{command}/"
    return as_json(Accepted(place), 202, Location=place)


def refusal(told: Answered) -> Refusal:
    """Return the problem that says why an order was refused."""
    status = _STATUS.get(told.code, 409)
    problems = _problems(told) if status == 422 else ()
    return Refusal(
        status, told.code, told.sentence, problems=problems, order_id=told.id, state=told.state
    )


def _problems(told: Answered) -> tuple[FieldProblem, ...]:
    """Return the single problems of a sentence in which the engine has joined them."""
    if told.code != "invalid":
        return (FieldProblem(_PLACES.get(told.code, "position"), told.sentence),)
    parts = _FIELD.split(told.sentence)
    if len(parts) < 3:
        return (FieldProblem("", told.sentence),)
    pairs = zip(parts[1::2], parts[2::2], strict=False)
    return tuple(FieldProblem(field.removesuffix(": "), text.strip()) for field, text in pairs)


def _of(told: Answered) -> OrderAnswer:
    return OrderAnswer(told.id, told.ok, told.code, told.state, told.sentence)
