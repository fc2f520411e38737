"""A number for each request, to find it again in logs, in the audit log and in answers."""

import re
import secrets
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

HEADER = "X-Request-ID"
_USABLE = re.compile(r"[\w.-]{1,64}")


class RequestId:
    """Takes the caller's request id where it is usable, else makes one; and tells it back."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on with its id."""
        given = request.headers.get(HEADER, "")
        request_id = given if _USABLE.fullmatch(given) else secrets.token_hex(8)
        request.request_id = request_id  # type: ignore[attr-defined]
        response = self._get_response(request)
        response[HEADER] = request_id
        return response
