"""The controller's answers about orders, as responses."""

import re
import uuid
from collections import Counter
from collections.abc import Iterable

from django.http import HttpResponse

from cockpit.api.orders.bodies import MOST_ORDERS, Accepted, OrderAnswer, OrdersAnswer
from cockpit.api.problem import FieldProblem, Refusal, as_json
from engine.order.requests import Answer, Answered

_STATUS = {
    "invalid": 422,
    "workflow-unknown": 422,
    "position-unknown": 422,
    "position-unreachable": 422,
    "label-unknown": 422,
    "order-unknown": 404,
    "board-unknown": 404,
    "notice-unknown": 404,
}
_NAMES = (
    "id", "plan", "key", "labels", "start_position", "block_position", "end_of_life",
    r"arguments\.[^:\s]+", r"stop_positions\[\d+\]",
)  # fmt: skip
_FIELD = re.compile(rf"(?:^|(?<=[.!?)] ))((?:{'|'.join(_NAMES)}): )")


def one(answer: Answer, status: int, *, place: str = "position") -> HttpResponse:
    """Return the answer to a request for one order; `place` is its field that names a position.

    Raises:
        Refusal: the controller refused it.
    """
    told = answer.answers[0]
    if not told.ok:
        raise refusal(told, place=place)
    return as_json(of(told), status)


def many(answer: Answer, status: int, operation: uuid.UUID | None = None) -> HttpResponse:
    """Return the answer to a request for several orders: one for each, in their order."""
    accepted = sum(a.ok for a in answer.answers)
    refused = len(answer.answers) - accepted
    body = OrdersAnswer(
        refused == 0,
        accepted,
        refused,
        [of(a) for a in answer.answers[:MOST_ORDERS]],
        codes_of(answer.answers),
        place_of(operation) if operation else None,
    )
    return as_json(body, status if refused == 0 else 200)


def codes_of(answers: Iterable[Answered]) -> dict[str, int]:
    """Return how many answers have each code, the most frequent first."""
    return dict(Counter(a.code for a in answers).most_common())


def place_of(operation: uuid.UUID) -> str:
    """Return the address of an operation."""
    return f"/api/v1/operations/{operation}/"


def later(command: uuid.UUID) -> HttpResponse:
    """Return the answer to a request that the controller has not answered yet."""
    place = place_of(command)
    return as_json(Accepted(place), 202, Location=place)


def refusal(told: Answered, *, place: str = "position") -> Refusal:
    """Return the problem that says why an order was refused; `place` as in `one`."""
    status = _STATUS.get(told.code, 409)
    problems = _problems(told, place) if status == 422 else ()
    return Refusal(
        status, told.code, told.sentence, problems=problems, order_id=told.id, state=told.state
    )


def _problems(told: Answered, place: str) -> tuple[FieldProblem, ...]:
    """Return the single problems of a sentence in which the engine has joined them."""
    parts = _FIELD.split(told.sentence)
    if told.code != "invalid" and len(parts) < 3:
        field = "workflow" if told.code == "workflow-unknown" else place
        return (FieldProblem(field, told.sentence),)
    if len(parts) < 3:
        return (FieldProblem("", told.sentence),)
    pairs = zip(parts[1::2], parts[2::2], strict=False)
    return tuple(FieldProblem(field.removesuffix(": "), text.strip()) for field, text in pairs)


def of(told: Answered) -> OrderAnswer:
    """Return the controller's answer about one object for the API."""
    return OrderAnswer(told.id, told.ok, told.code, told.state, told.sentence)
