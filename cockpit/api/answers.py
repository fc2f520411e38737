"""Asking the controller and waiting for its answer, for every view that commands.

The request, its audit row and its idempotency key are one transaction; the wait comes afterwards
and holds no database connection longer than a look needs.
"""

import contextlib
import logging
import threading
import uuid
from collections.abc import Callable, Iterator

from django.db import InterfaceError, OperationalError, connection, transaction
from django.http import HttpRequest

from cockpit import audit
from cockpit.access.account import Actor
from cockpit.api import keep
from cockpit.audit import Deed, Reason
from cockpit.live import reader
from controller import commands
from engine.order.requests import Answer, Request

log = logging.getLogger(__name__)

WAIT_S = 5.0
BULK_FROM = 100
"""Requests for more orders than this go behind those of people."""

WAITS_AT_ONCE = 24
"""Beyond that a process would spend all its threads on waiting; the others get a 202 at once."""

_KEEP_CONNECTION_BELOW = 4
_waits = threading.BoundedSemaphore(WAITS_AT_ONCE)


def command(
    request: Request,
    deed: Callable[[uuid.UUID], Deed],
    *,
    actor: Actor,
    reason: Reason,
    asked_in: HttpRequest,
    objects: int = 1,
) -> uuid.UUID:
    """Return the id of a request to the controller, written with its audit row.

    A repeated idempotency key gives the id of the first request, and nothing is written.
    """
    lane = commands.BULK if objects > BULK_FROM else commands.PEOPLE
    with transaction.atomic():
        kept = keep.claim(asked_in, actor)
        if kept is not None and kept.command is not None:
            return kept.command
        with _in_one_piece():
            command_id = commands.ask(request, account=actor.account.name, lane=lane)
            audit.record(actor, deed(command_id), reason)
        keep.keep_command(kept, command_id)
    return command_id


@contextlib.contextmanager
def _in_one_piece() -> Iterator[None]:
    """Send the statements within without waiting for each one's result."""
    with connection.wrap_database_errors, connection.connection.pipeline():
        yield


def wait(command_id: uuid.UUID, timeout_s: float = WAIT_S) -> Answer | None:
    """Return the controller's answer, None if it does not come in time.

    The request is written; that the database is away by now does not undo it.
    """
    try:
        answer = _awaited(command_id, timeout_s)
        if answer is not None and not answer.ok:
            audit.note_answer(command_id, answer)
    except (OperationalError, InterfaceError) as problem:
        log.warning("api.wait_interrupted", extra={"problem": str(problem)})
        return None
    return answer


def _awaited(command_id: uuid.UUID, timeout_s: float) -> Answer | None:
    if not _waits.acquire(blocking=False):
        return commands.answer_to(command_id)
    try:
        _lend_connection()
        feed = reader.current()
        if feed is not None:
            return feed.wait_answer(command_id, timeout_s)
        return commands.wait_for(command_id, timeout_s=timeout_s)
    finally:
        _waits.release()


def _lend_connection() -> None:
    """Give the connection back to the pool, where many wait: others work in the meantime."""
    many = _waits._value < WAITS_AT_ONCE - _KEEP_CONNECTION_BELOW  # noqa: SLF001  # only a hint
    if many and not connection.in_atomic_block:
        connection.close()
