"""`Idempotency-Key`: a repeated request changes nothing and gets the first one's answer.

The key is claimed in the transaction of the change. A second request with it waits there until the
first one is committed or gone, so the two never both act.
"""

import hmac
import uuid
from collections.abc import Callable
from datetime import UTC, datetime

from django.conf import settings
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse

from cockpit.access.account import Actor
from cockpit.api.problem import FieldProblem, Refusal, invalid
from cockpit.models import KeptAnswer

HEADER = "Idempotency-Key"
_LONGEST = 200


def key_of(request: HttpRequest) -> str | None:
    """Return the request's key, None where it has none.

    Raises:
        Refusal: it is too long, or not of printable characters.
    """
    key = request.headers.get(HEADER)
    if key is None:
        return None
    if not 0 < len(key) <= _LONGEST or not key.isprintable():
        sentence = f"It must have 1 to {_LONGEST} printable characters."
        raise invalid([FieldProblem(HEADER, sentence)])
    return key


def claim(request: HttpRequest, actor: Actor) -> KeptAnswer | None:
    """Return what is kept for the request's key, made where it is new; None without a key.

    Call it inside the transaction of the change.

    Raises:
        Refusal: another request had this key.
    """
    key = key_of(request)
    if key is None:
        return None
    digest = _digest(request)
    found = _made(actor.account.name, key, digest)
    if bytes(found.digest) != digest:
        raise Refusal(
            422,
            "idempotency-key-reused",
            f"The key {key} belongs to another request; take a new one.",
            problems=[FieldProblem(HEADER, "It belongs to another request.")],
        )
    return found


def known_command(request: HttpRequest, actor: Actor) -> uuid.UUID | None:
    """Return what the request's key has led to; None without a key, or where it is new.

    Raises:
        Refusal: another request had this key.
    """
    key = key_of(request)
    rows = KeptAnswer.objects.filter(account=actor.account.name, key=key)
    if key is None or not rows.filter(command__isnull=False).exists():
        return None
    with transaction.atomic():
        kept = claim(request, actor)
    return kept.command if kept is not None else None


def keep_command(kept: KeptAnswer | None, command: uuid.UUID) -> None:
    """Note which request to the controller the key led to."""
    if kept is not None:
        KeptAnswer.objects.filter(pk=kept.pk, command__isnull=True).update(command=command)


def once(
    request: HttpRequest,
    actor: Actor,
    act: Callable[[], HttpResponse],
    *,
    kept_form: Callable[[HttpResponse], HttpResponse] = lambda response: response,
) -> HttpResponse:
    """Return the response of `act`, or the kept one where the request was made before.

    `act` and the key are one transaction; a refusal keeps nothing. `kept_form` leaves out what may
    be shown only once.
    """
    with transaction.atomic():
        kept = claim(request, actor)
        if kept is not None and kept.status is not None:
            return HttpResponse(
                bytes(kept.body or b""), status=kept.status, content_type="application/json"
            )
        response = act()
        if kept is not None:
            shown = kept_form(response)
            KeptAnswer.objects.filter(pk=kept.pk).update(
                status=shown.status_code, body=shown.content
            )
        return response


def _made(account: str, key: str, digest: bytes) -> KeptAnswer:
    try:
        with transaction.atomic():
            return KeptAnswer.objects.create(
                account=account, key=key, digest=digest, made_at=datetime.now(UTC)
            )
    except IntegrityError:
        return KeptAnswer.objects.get(account=account, key=key)


def _digest(request: HttpRequest) -> bytes:
    head = f"{request.method} {request.get_full_path()}\0".encode()
    # With a key: a plain digest would let who reads the database try values of secret variables.
    return hmac.digest(settings.SECRET_KEY.encode(), head + request.body, "sha256")
