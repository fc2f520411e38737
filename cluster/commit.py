"""Whether a COMMIT is certain.

A cancelled wait for the synchronous standby answers *success* with a warning, and a connection that
breaks during COMMIT answers nothing. Both mean: nobody knows yet.
"""

from types import TracebackType
from typing import Self

import psycopg

from cluster.failures import UnknownOutcome

_WARNING = "01000"


class CommitWatch:
    """Wraps a transaction and raises `UnknownOutcome` when its commit is in doubt.

    Use as the *outer* context manager; call `committing` as the last thing in the transaction.
    """

    def __init__(self, conn: psycopg.Connection) -> None:
        self._conn = conn
        self._committing = False
        self._doubts: list[str] = []

    def __enter__(self) -> Self:
        self._conn.add_notice_handler(self._hear)
        return self

    def committing(self) -> None:
        """Counts warnings from here on: earlier ones say nothing about the commit."""
        self._committing = True

    def __exit__(
        self,
        kind: type[BaseException] | None,
        failure: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._conn.remove_notice_handler(self._hear)
        if not self._committing:
            return
        # Django wraps the driver's exception, which then is the cause.
        origin = failure.__cause__ if failure and failure.__cause__ else failure
        if isinstance(origin, psycopg.OperationalError) and self._conn.closed:
            raise UnknownOutcome("The connection broke during COMMIT.") from failure
        if failure is None and self._doubts:
            raise UnknownOutcome(self._doubts[0])

    def _hear(self, notice: psycopg.errors.Diagnostic) -> None:
        if self._committing and notice.sqlstate == _WARNING:
            self._doubts.append(notice.message_primary or "The commit answered with a warning.")
