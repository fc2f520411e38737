"""Counts requests and how long they take, for `/metrics`."""

import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from cockpit.api.metrics import REQUEST_S, REQUESTS


class Measured:
    """Measures each request within this process."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on and note how it went."""
        began_s = time.monotonic()
        response = self._get_response(request)
        method = request.method if request.method in _METHODS else "other"
        REQUESTS.labels(method, str(response.status_code)).inc()
        REQUEST_S.observe(time.monotonic() - began_s)
        return response


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
