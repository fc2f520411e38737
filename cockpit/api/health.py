"""`/health/…` and `/metrics`: for probes and monitors, plain and without sign-in.

Probes learn whether this process lives, serves, and leads; nothing about orders.
"""

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, generate_latest

from cockpit import state
from cockpit.api import metrics

metrics.register()


@require_safe
def live(request: HttpRequest) -> HttpResponse:
    """Answer while the process can answer at all."""
    return _plain("live", ok=True)


@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """Answer 200 while the database answers, 503 otherwise."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return _plain("the database does not answer", ok=False)
    return _plain("ready", ok=True)


@require_safe
def leader(request: HttpRequest) -> HttpResponse:
    """Answer 200 on the active cockpit member, 503 on the others."""
    role = state.role()
    if role is None:
        return _plain(f"{settings.STELLWERK_MEMBER} takes no part", ok=False)
    return _plain(role.describe().sentence, ok=role.may_act())


@require_safe
def metrics_page(request: HttpRequest) -> HttpResponse:
    """Return the figures of this process for Prometheus."""
    return HttpResponse(generate_latest(REGISTRY), content_type=CONTENT_TYPE_LATEST)


def _plain(text: str, *, ok: bool) -> HttpResponse:
    response = HttpResponse(f"{text}\n", status=200 if ok else 503, content_type="text/plain")
    response["Cache-Control"] = "no-store"
    return response
