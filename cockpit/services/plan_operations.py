"""Goes on with verbs on many planned orders where the process that was asked has not ended them."""

import datetime as dt
import logging
import threading
import time
from collections.abc import Mapping
from functools import partial

import psycopg
from django.db import connections

from cluster.connection import connect_writer
from cluster.lease import Token
from cluster.orm import fenced_atomic
from cockpit import plan_operations
from cockpit.services.ground import Ground
from controller.feed import heard, listen

log = logging.getLogger(__name__)

LOOK_S = 5.0
SLICE_S = 0.5
LEFT_ALONE = dt.timedelta(seconds=6)
"""So long an operation is left to the process that was asked, unless that hands it over."""


class DoPlanOperations:
    """Does open slices: those that are handed over at once, those left behind after a while."""

    name = "plan operations"
    interval_s = 0.0

    def __init__(self, ground: Ground, stop: threading.Event) -> None:
        self._ground, self._stop = ground, stop

    def run_once(self, token: Token, planned_at: dt.datetime) -> Mapping[str, int]:
        """Go on until the process stops, and return how many slices were done."""
        done = 0
        try:
            with connect_writer(self._ground.dsn, token) as conn:
                listen(conn, plan_operations.CHANNEL)
                handed_over = False
                while not self._stop.is_set():
                    done += self._go_on(token, also_new=handed_over)
                    handed_over = self._wait(conn)
        finally:
            connections.close_all()
        return {"slices": done}

    def _go_on(self, token: Token, *, also_new: bool) -> int:
        now = dt.datetime.now(dt.UTC)
        done = 0
        for operation in plan_operations.open_operations(
            older_than=now if also_new else now - LEFT_ALONE
        ):
            done += plan_operations.go_on(
                operation, partial(fenced_atomic, token), until=self._stop.is_set
            )
            log.info("plan_operations.went_on", extra={"operation": str(operation), "slices": done})
        return done

    def _wait(self, conn: psycopg.Connection) -> bool:
        """Wait for an announcement or a while, and tell whether there was one."""
        end = time.monotonic() + LOOK_S
        while not self._stop.is_set() and time.monotonic() < end:
            if heard(conn, SLICE_S):
                return True
        return False
