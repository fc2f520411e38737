"""The audit log: one row in the transaction of every change, read by nobody who decides.

Results of what a controller carried out are brought in afterwards, by whoever sees the answer
first; nothing else of a row ever changes.
"""

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
from django.db import connection
from django.db.models import QuerySet

from cockpit.access.account import Actor
from cockpit.models import AuditEntry
from controller.commands import answer_to
from engine.order.requests import Answer
from engine.order.secret import HIDDEN, SEALED

_encode = msgspec.json.Encoder().encode


class Reason(msgspec.Struct, frozen=True):
    """Why somebody does it, in their words."""

    comment: str = ""
    ticket: str = ""


NO_REASON = Reason()


class Deed(msgspec.Struct, frozen=True, kw_only=True):
    """What is done to what. `before` and `after` are what JSON can say; None is absence."""

    verb: str
    kind: str
    objects: Sequence[str]
    before: Any = None
    after: Any = None
    command: uuid.UUID | None = None


_INSERT = """
    INSERT INTO cockpit_auditentry
           (at, account, through, request_id, verb, kind, objects_named, before, after, comment,
            ticket, command, result)
    VALUES (%s, %s, %s, %s, %s, %s, %s::text[], %s, %s, %s, %s, %s, %s)"""


def record(actor: Actor, deed: Deed, reason: Reason = NO_REASON) -> None:
    """Write an entry; call it within the transaction of the change.

    Plain SQL that returns nothing, so that it can go out in one piece with the change.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _INSERT,
            [
                datetime.now(UTC),
                actor.account.name,
                actor.through,
                actor.request_id,
                deed.verb,
                deed.kind,
                [_storable(name) for name in deed.objects],
                _text(deed.before),
                _text(deed.after),
                _storable(reason.comment),
                _storable(reason.ticket),
                deed.command,
                "" if deed.command else "done",
            ],
        )


def note_answer(command: uuid.UUID, answer: Answer) -> None:
    """Bring the controller's answer into the entry of its command; the first one writes it."""
    refused = sum(not a.ok for a in answer.answers)
    result = "refused" if refused == len(answer.answers) else "partly" if refused else "accepted"
    AuditEntry.objects.filter(command=command, result="").update(
        result=result if answer.answers else "accepted",
        answer=_text([a for a in answer.answers if not a.ok]),
    )


def note_missing_answers(entries: QuerySet[AuditEntry], limit: int = 200) -> int:
    """Bring in answers that nobody waited for; returns how many there were."""
    brought = 0
    for entry in entries.filter(result="", command__isnull=False).only("command")[:limit]:
        answer = answer_to(entry.command) if entry.command else None
        if entry.command and answer is not None:
            note_answer(entry.command, answer)
            brought += 1
    return brought


def _text(value: Any) -> str | None:
    return None if value is None else SEALED.sub(HIDDEN, _encode(value).decode())


def _storable(text: str) -> str:
    return text.replace("\0", "\u2400")
