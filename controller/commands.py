"""The door for everybody who wants something of the controller.

A request becomes a row in the caller's transaction; the active controller answers in its next turn.
Nothing here decides anything.
"""

import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

import msgspec
from django.conf import settings
from django.db import connection, transaction

from controller.models import Command
from engine.order.requests import Answer, Request

BULK = 1
PEOPLE = 0

_encode = msgspec.msgpack.Encoder().encode
_decode_answer = msgspec.msgpack.Decoder(Answer).decode


def ask(request: Request, *, account: str, key: str | None = None, lane: int = PEOPLE) -> uuid.UUID:
    """Write a request and return its id; the controller is woken after commit.

    With an idempotency key that is known already nothing is written and the id of the first
    request comes back.
    """
    made = Command(
        id=uuid.uuid4(),
        controller=settings.STELLWERK_CONTROLLER_ID,
        key=key,
        lane=lane,
        body=_encode(request),
        account=account,
        made_at=datetime.now(UTC),
    )
    if key is None:
        made.save(force_insert=True)
    else:
        Command.objects.bulk_create([made], ignore_conflicts=True)
        made = Command.objects.only("id").get(key=key)
    transaction.on_commit(partial(_wake, made.controller))
    return made.id


def answer_to(command_id: uuid.UUID) -> Answer | None:
    """Return the answer, None while there is none."""
    found = Command.objects.filter(id=command_id).values_list("answer", flat=True).first()
    return _decode_answer(bytes(found)) if found is not None else None


def wait_for(
    command_id: uuid.UUID, *, timeout_s: float = 5.0, pause: Callable[[float], None] = time.sleep
) -> Answer | None:
    """Return the answer as soon as it is there, None after the time; polls with growing pauses.

    Web processes wait on the feed's announcement instead, see `controller.subscriptions`.
    """
    end = time.monotonic() + timeout_s
    step = 0.002
    while (answer := answer_to(command_id)) is None and time.monotonic() < end:
        pause(step)
        step = min(step * 1.5, 0.05)
    return answer


def _wake(controller: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, '')", [f"stellwerk_commands_{controller}"])
