"""Refusals of the API in the form of RFC 9457, `application/problem+json`.

`code` is stable and meant for machines, `detail` and the sentences for people.
"""

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

import msgspec
from django.http import HttpResponse

CONTENT_TYPE = "application/problem+json"
_encode = msgspec.json.Encoder().encode


class FieldProblem(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is wrong with one field; `field` is its place, such as `orders[2].arguments.day`."""

    field: str
    sentence: str
    code: str = ""


class Problem(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """The body of every refusal. `state` is the present state of the order that refused a verb."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    problems: tuple[FieldProblem, ...] = ()
    id: str | None = None
    state: str | None = None
    request_id: str = ""


class Refusal(Exception):
    """Raised anywhere in a view to answer with a problem."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        problems: Iterable[FieldProblem] = (),
        order_id: str | None = None,
        state: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail = status, code, detail
        self.problems = tuple(problems)
        self.id, self.state = order_id, state
        self.headers = headers or {}


def invalid(problems: Iterable[FieldProblem], detail: str = "") -> Refusal:
    """Return the refusal of input with all its problems."""
    found = tuple(problems)
    return Refusal(422, "invalid", detail or _summary(found), problems=found)


def _summary(problems: tuple[FieldProblem, ...]) -> str:
    if len(problems) == 1:
        return (
            f"{problems[0].field}: {problems[0].sentence}"
            if problems[0].field
            else problems[0].sentence
        )
    return f"{len(problems)} fields cannot be taken as they are."


def respond(refusal: Refusal, request_id: str = "") -> HttpResponse:
    """Return the response that says the refusal."""
    body = Problem(
        type=f"urn:stellwerk:problem:{refusal.code}",
        title=HTTPStatus(refusal.status).phrase,
        status=refusal.status,
        code=refusal.code,
        detail=refusal.detail,
        problems=refusal.problems,
        id=refusal.id,
        state=refusal.state,
        request_id=request_id,
    )
    response = HttpResponse(_encode(body), status=refusal.status, content_type=CONTENT_TYPE)
    for name, value in refusal.headers.items():
        response[name] = value
    return response


def as_json(value: Any, status: int = 200, **headers: str) -> HttpResponse:
    """Return a value as a JSON response; header names are given with `_` for `-`."""
    response = HttpResponse(_encode(value), status=status, content_type="application/json")
    for name, content in headers.items():
        response[name.replace("_", "-")] = content
    return response
