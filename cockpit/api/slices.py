"""Requests that are too big for one: a row of them under one operation.

The first request gives the operation its id, the others carry it in their keys. Each slice is a
durable request with an audit row of its own, so the controller takes others between them.
"""

import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from django.db import transaction
from django.http import HttpRequest

from cockpit import audit
from cockpit.access.account import Actor
from cockpit.api import answers, keep
from cockpit.audit import Deed, Reason
from controller import commands
from controller.operations import Progress, key_in, progress_of, requests_of
from engine.order.requests import Answer, Answered, Request

__all__ = ["Progress", "ask", "progress_of", "requests_of", "sliced", "wait"]

T = TypeVar("T")

ORDERS_A_SLICE = 1_000
MOST_ORDERS = 100_000
"""Orders that one filter may select."""


def sliced(items: Sequence[T], size: int = ORDERS_A_SLICE) -> Iterator[tuple[T, ...]]:
    """Yield the items in slices; one empty slice where there are none."""
    for start in range(0, max(len(items), 1), size):
        yield tuple(items[start : start + size])


def ask(
    requests: Sequence[Request],
    deed: Callable[[Request, uuid.UUID], Deed],
    *,
    actor: Actor,
    reason: Reason,
    asked_in: HttpRequest,
    objects: int,
) -> uuid.UUID:
    """Return the id of an operation of one request or more, all written or none.

    A repeated idempotency key gives the id of the first operation, and nothing is written.
    """
    first, *others = requests
    with transaction.atomic():
        known = keep.claim(asked_in, actor)
        if known is not None and known.command is not None:
            return known.command
        operation = answers.command(
            first,
            lambda command: deed(first, command),
            actor=actor,
            reason=reason,
            asked_in=asked_in,
            objects=objects,
        )
        for n, request in enumerate(others, 1):
            command = commands.ask(
                request, account=actor.account.name, key=key_in(operation, n), lane=commands.BULK
            )
            audit.record(actor, deed(request, command), reason)
    return operation


def wait(operation: uuid.UUID, timeout_s: float = answers.WAIT_S) -> Answer | None:
    """Return the answers to all requests of an operation, None if they do not come in time."""
    end = time.monotonic() + timeout_s
    found: list[Answered] = []
    for command in requests_of(operation):
        answer = answers.wait(command, max(end - time.monotonic(), 0))
        if answer is None:
            return None
        found += answer.answers
    return Answer(tuple(found))
