"""Addresses of the API that lead nowhere, answered like every other refusal."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from cockpit.api.problem import Refusal, respond


@csrf_exempt
def nothing_here(request: HttpRequest) -> HttpResponse:
    """Return the problem of an unknown address; a missing slash at its end is named."""
    hint = "" if request.path.endswith("/") else " Addresses of the API end with a slash."
    refusal = Refusal(404, "not-found", f"There is nothing at {request.path}.{hint}")
    return respond(refusal, getattr(request, "request_id", ""))
