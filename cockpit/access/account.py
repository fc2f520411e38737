"""From Django's users to accounts of the policy, and who acts in a request."""

from typing import Any

import msgspec
from django.http import HttpRequest

from cockpit.access.policy import ANONYMOUS, Account
from cockpit.models import AccessToken


class Actor(msgspec.Struct, frozen=True):
    """Who acts, how they came in, and in which request; for the audit log."""

    account: Account
    through: str
    request_id: str = ""


def account_of(user: Any, token: AccessToken | None = None) -> Account:
    """Return the account of a user; a token may narrow what it may do."""
    if user is None or not user.is_authenticated:
        return ANONYMOUS
    return Account(
        name=user.get_username(),
        active=user.is_active,
        staff=user.is_staff or user.is_superuser,
        scopes=frozenset(token.scopes) if token is not None and token.scopes else None,
    )


def actor_of(request: HttpRequest) -> Actor:
    """Return who acts in a request of Django or of REST framework."""
    token = getattr(request, "auth", None)
    token = token if isinstance(token, AccessToken) else None
    return Actor(
        account_of(getattr(request, "user", None), token),
        f"token {token.prefix}" if token else "session",
        getattr(request, "request_id", ""),
    )
