"""The daily plan as services: planning in intervals, and at once when something is released."""

import datetime as dt
import threading
import time
from collections.abc import Callable, Mapping
from functools import partial
from importlib import metadata

import psycopg
from django.db import connections

from cluster.connection import connect_writer
from cluster.lease import Token
from cluster.orm import fenced_atomic
from cockpit import plan_operations
from cockpit.services.ground import Ground
from controller.feed import answers_channel, heard, listen
from dailyplan.cleaning import clean_up
from dailyplan.intents import CHANNEL
from dailyplan.once import plan_once
from dailyplan.plan_settings import kept
from dailyplan.released import fingerprint
from dailyplan.settle import has_answers

NAME = "daily plan"
LOOK_S = 5.0
SLICE_S = 0.25
GATHER_S = 0.1
OPERATIONS_KEPT = dt.timedelta(days=7)


class PlanDaily:
    """Plans what has changed or come into sight, submits what is due, brings answers in."""

    name = NAME
    interval_s = 30.0

    def run_once(self, token: Token, planned_at: dt.datetime) -> Mapping[str, int]:
        """Return what there was to be done.

        Raises:
            LeadershipLost: the term is over.
        """
        try:
            return plan_once(
                dt.datetime.now(dt.UTC), partial(fenced_atomic, token), given=zones_version()
            )
        finally:
            connections.close_all()


class ForgetOldPlans:
    """Deletes days of the plan older than its settings say, and operations of the last weeks."""

    name = "old plans"
    interval_s = 3_600.0

    def run_once(self, token: Token, planned_at: dt.datetime) -> Mapping[str, int]:
        """Return how many rows of the plan, and of operations, were deleted."""
        transaction = partial(fenced_atomic, token)
        try:
            config = kept().config
            gone = clean_up(config.day_of(planned_at), config.keep_days, transaction)
            with transaction():
                operations = plan_operations.forget(before=planned_at - OPERATIONS_KEPT)
            return {"deleted": gone, "operations": operations}
        finally:
            connections.close_all()


class WatchReleases:
    """Wakes the planning within a second of a release, an answer, or a word of somebody."""

    name = "plan watch"
    interval_s = 0.0

    def __init__(
        self, ground: Ground, stop: threading.Event, *, wake: Callable[[str], bool]
    ) -> None:
        self._ground, self._stop, self._wake = ground, stop, wake

    def run_once(self, token: Token, planned_at: dt.datetime) -> Mapping[str, int]:
        """Watch until the process stops, and return how often it woke the planning."""
        woken, seen = 0, ""
        try:
            with connect_writer(self._ground.dsn, token) as conn:
                listen(conn, answers_channel(self._ground.controller), CHANNEL)
                said = True
                while not self._stop.is_set():
                    now = fingerprint()
                    if said or now != seen or has_answers():
                        woken += self._wake(NAME)
                    seen = now
                    said = self._wait(conn)
        finally:
            connections.close_all()
        return {"woken": woken}

    def _wait(self, conn: psycopg.Connection) -> bool:
        """Wait for an announcement or a while, and tell whether it was one to the planner."""
        end = time.monotonic() + LOOK_S
        while not self._stop.is_set() and time.monotonic() < end:
            if found := heard(conn, SLICE_S):
                # A turn answers many requests at once: let them gather.
                self._stop.wait(GATHER_S)
                return any(n.channel == CHANNEL for n in [*found, *heard(conn, 0.0)])
        return False


def zones_version() -> str:
    """Return the version of the time zones: where it changes, plans are made anew."""
    try:
        return metadata.version("tzdata")
    except metadata.PackageNotFoundError:
        return ""
