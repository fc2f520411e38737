"""`/health/…` and `/metrics`: for probes and monitors, plain and without sign-in.

Probes learn whether this process lives, serves, and leads; nothing about orders.
"""

from django.conf import settings
from django.db import DatabaseError, OperationalError, connection, transaction
from django.db.backends.utils import CursorWrapper
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, generate_latest
from psycopg.errors import ConfigurationLimitExceeded, DiskFull

from cockpit import state
from cockpit.api import metrics

# The rows of a function are gathered before they are counted: some 1.5 MB here.
_SPILL = "SELECT count(*) FROM unnest(array_fill(repeat('x', 1000), ARRAY[1500]))"

metrics.register()


@require_safe
def live(request: HttpRequest) -> HttpResponse:
    """Answer while the process can answer at all."""
    return _plain("live", ok=True)


@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """Answer 200 while the database answers and has room to write, 503 otherwise."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            has_room = _has_room(cursor)
    except DatabaseError:
        return _plain("the database does not answer", ok=False)
    return _plain("ready" if has_room else "the database has no room to write", ok=has_room)


def _has_room(cursor: CursorWrapper) -> bool:
    """Return whether the database's disk takes another megabyte.

    A row that is changed in place needs no room, so a write of that kind would tell nothing. What
    does not fit into a query's memory goes to the disk, and leaves no trace there.
    """
    try:
        with transaction.atomic():
            cursor.execute("SET LOCAL work_mem = '64kB'")
            cursor.execute(_SPILL)
    except OperationalError as problem:
        if isinstance(problem.__cause__, DiskFull | ConfigurationLimitExceeded):
            return False
        raise
    return True


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
