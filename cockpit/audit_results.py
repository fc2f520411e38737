"""Brings results of the controller into the audit log, also where nobody waited for them."""

import logging
import threading

from django.db import DatabaseError, connection

from cockpit.audit import note_missing_answers
from cockpit.models import AuditEntry

log = logging.getLogger(__name__)

PAUSE_S = 3.0
_stopping = threading.Event()
_thread: threading.Thread | None = None


def start() -> None:
    """Begin to bring results in, now and then."""
    global _thread  # noqa: PLW0603  # one per process
    _stopping.clear()
    _thread = threading.Thread(target=_run, name="audit results", daemon=True)
    _thread.start()


def stop() -> None:
    """End it; returns when it has ended."""
    _stopping.set()
    if _thread is not None:
        _thread.join(5)


def _run() -> None:
    while not _stopping.wait(PAUSE_S):
        try:
            while note_missing_answers(AuditEntry.objects.order_by("pk")):
                pass
        except DatabaseError as problem:
            log.warning("audit.results_delayed", extra={"problem": str(problem)})
        finally:
            connection.close()
