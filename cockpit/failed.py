"""What is answered when a request fails outside of its view, such as without a database."""

import logging
import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template import TemplateDoesNotExist
from django.template.loader import render_to_string

from cockpit.api.problem import Refusal, respond
from cockpit.api.view import UNAVAILABLE

log = logging.getLogger(__name__)

FAILED = "Something went wrong here; it is logged with the request id."


def failed(request: HttpRequest) -> HttpResponse:
    """Return 503 where the database is away, 500 for everything else; a problem or a page."""
    problem = sys.exc_info()[1]
    is_away = isinstance(problem, OperationalError | InterfaceError)
    refusal = (
        Refusal(503, "database-unavailable", UNAVAILABLE, headers={"Retry-After": "2"})
        if is_away
        else Refusal(500, "failed", FAILED)
    )
    request_id = getattr(request, "request_id", "")
    if not is_away:
        facts = {"request_id": request_id, "path": request.path}
        log.error("request.failed", exc_info=problem, extra=facts)
    if request.path.startswith("/api/"):
        return respond(refusal, request_id)
    response = HttpResponse(_page(refusal, request_id), status=refusal.status)
    response["Retry-After"] = "2"
    return response


def _page(refusal: Refusal, request_id: str) -> str:
    context = {"page_title": "The cockpit cannot answer now", "sentence": refusal.detail,
               "status": refusal.status, "request_id": request_id}  # fmt: skip
    try:
        return render_to_string("cockpit/unavailable.html", context)
    except TemplateDoesNotExist:
        return refusal.detail
