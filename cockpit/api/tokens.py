"""`/token/`: a name and a password for an access token."""

import datetime as dt
from typing import Annotated, Literal

import msgspec
from django.contrib.auth import authenticate
from django.db import transaction
from django.http import HttpResponse
from msgspec import Meta
from rest_framework.request import Request

from cockpit import audit
from cockpit.access.account import Actor, account_of
from cockpit.access.tokens import issue
from cockpit.api.documented import told
from cockpit.api.problem import Refusal, as_json
from cockpit.api.view import View
from cockpit.audit import Deed

Scope = Literal["read", "operate", "edit", "deploy", "administer"]


class TokenBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Who asks for a token. Without scopes it may do all that its person may."""

    name: Annotated[str, Meta(min_length=1, max_length=150)]
    password: Annotated[str, Meta(min_length=1, max_length=4_096)]
    label: Annotated[str, Meta(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]*$")] = (
        "api"
    )
    scopes: list[Scope] = []
    days: Annotated[int, Meta(ge=1, le=3_650, description="How long it is in force.")] = 30


class TokenMade(msgspec.Struct, frozen=True):
    """A new token; `token` is shown only now."""

    token: str
    prefix: str
    expires_at: dt.datetime | None


class Token(View):
    """Makes tokens for those who know a password."""

    authentication_classes = []
    permission_classes = []

    @told(body=TokenBody, answers={201: TokenMade})
    def post(self, request: Request) -> HttpResponse:
        """Return a new token. `Idempotency-Key` is not heard here: secrets are not kept."""
        body = self.body(TokenBody)
        user = None
        if "\0" not in body.name + body.password:
            user = authenticate(request._request, username=body.name, password=body.password)  # noqa: SLF001
        if user is None:
            raise Refusal(401, "credentials-refused", "Name and password do not fit.")
        expires_at = dt.datetime.now(dt.UTC) + dt.timedelta(days=body.days)
        actor = Actor(account_of(user), "password", getattr(request, "request_id", ""))
        with transaction.atomic():
            token, secret = issue(user, body.label, scopes=body.scopes, expires_at=expires_at)
            told = {"label": body.label, "scopes": body.scopes, "expires_at": expires_at}
            audit.record(
                actor, Deed(verb="issue", kind="token", objects=[token.prefix], after=told)
            )
        return as_json(TokenMade(secret, token.prefix, token.expires_at), 201)
