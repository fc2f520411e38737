"""`Authorization: Token …` for the REST API."""

from typing import Any

from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from cockpit.access.failures import TokenRefused
from cockpit.access.tokens import token_of


class TokenAuthentication(BaseAuthentication):
    """Finds user and token of a request; leaves requests without a token to others."""

    keyword = "Token"

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        """Return user and token, None where there is no token.

        Raises:
            AuthenticationFailed: there is one, but it is not in force.
        """
        scheme, _, secret = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        if scheme.lower() != self.keyword.lower():
            return None
        try:
            token = token_of(secret.strip())
        except TokenRefused as refused:
            raise AuthenticationFailed(str(refused)) from None
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        """Return how a client may authenticate."""
        return self.keyword
