"""Access tokens: made, looked up by their digest, revoked. The secret itself is never stored."""

import hashlib
import secrets
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Q

from cockpit.access.failures import TokenRefused
from cockpit.models import AccessToken

MARK = "stw_"
_SECRET_BYTES = 30
_PREFIX_LENGTH = len(MARK) + 6
_COARSE = timedelta(minutes=10)

TRUSTED_S = 2.0
"""A token that was in force is taken again for this long without a look into the database."""

_MOST_TRUSTED = 1_000
_trusted: dict[bytes, tuple[float, AccessToken]] = {}


def issue(
    user: Any, name: str, *, scopes: Sequence[str] = (), expires_at: datetime | None = None
) -> tuple[AccessToken, str]:
    """Return a new token and its secret, which nobody can read again.

    Args:
        user: who the token acts as.
        name: what people call it.
        scopes: what it may do besides looking; empty is all that the user may.
        expires_at: when it ends; None is never.
    """
    secret = MARK + secrets.token_urlsafe(_SECRET_BYTES)
    made = AccessToken.objects.create(
        user=user,
        name=name,
        prefix=secret[:_PREFIX_LENGTH],
        digest=digest_of(secret),
        scopes=list(scopes),
        made_at=datetime.now(UTC),
        expires_at=expires_at,
    )
    return made, secret


def token_of(secret: str) -> AccessToken:
    """Return the token with this secret, with its user, and note that it was used.

    A revoked token ends within `TRUSTED_S` in every process.

    Raises:
        TokenRefused: there is none, it is over, or its user is not active.
    """
    digest = digest_of(secret)
    until_s, known = _trusted.get(digest, (0.0, None))
    if known is not None and time.monotonic() < until_s and not _is_over(known):
        return known
    found = _looked_up(digest)
    if len(_trusted) >= _MOST_TRUSTED:
        _trusted.clear()
    _trusted[digest] = (time.monotonic() + TRUSTED_S, found)
    return found


def forget_trust() -> None:
    """Look every token up again at its next use."""
    _trusted.clear()


def _looked_up(digest: bytes) -> AccessToken:
    found = (
        AccessToken.objects.select_related("user")
        .filter(digest=digest, revoked_at__isnull=True)
        .first()
    )
    now = datetime.now(UTC)
    if found is None:
        raise TokenRefused("The token is not known.")
    if _is_over(found):
        raise TokenRefused("The token has expired.")
    if not found.user.is_active:
        raise TokenRefused("The account of the token is not active.")
    if found.last_used_at is None or found.last_used_at < now - _COARSE:
        stale = Q(last_used_at__isnull=True) | Q(last_used_at__lt=now - _COARSE)
        AccessToken.objects.filter(stale, pk=found.pk).update(last_used_at=now)
    return found


def _is_over(token: AccessToken) -> bool:
    return token.expires_at is not None and token.expires_at <= datetime.now(UTC)


def revoke(token_id: int) -> bool:
    """End a token; returns whether it was still in force."""
    in_force = AccessToken.objects.filter(pk=token_id, revoked_at__isnull=True)
    forget_trust()
    return in_force.update(revoked_at=datetime.now(UTC)) == 1


def digest_of(secret: str) -> bytes:
    """Return what is stored of a secret; it is random, so a plain digest cannot be guessed."""
    return hashlib.sha256(secret.encode(errors="replace")).digest()
