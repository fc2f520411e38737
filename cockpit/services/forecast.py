"""The forecast as a service: made anew in intervals, and at once when somebody asks.

The playing happens in a process of its own at low priority: it takes seconds of computing, and
this process has others to serve.
"""

import datetime as dt
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from functools import partial

from django.db import connection, connections

from cluster.connection import connect_writer
from cluster.lease import Token
from cluster.orm import fenced_atomic
from cockpit.services.forecast_reading import Gathered, gather
from cockpit.services.ground import Ground
from controller.feed import heard, listen
from dailyplan.forecast_store import replace
from dailyplan.forecast_values import Basis
from dailyplan.plan_settings import kept
from simulation.forecast.found import Forecast
from simulation.forecast.wire import decode_forecast, encode_snapshot

NAME = "forecast"
CHANNEL = "stellwerk_forecast"
"""Announces that somebody asks for a new forecast."""

INTERVAL_S = 300.0
LONGEST_S = 240.0
SLICE_S = 0.5
NICE = 10


class ForecastNotMade(Exception):
    """The process that plays it has failed or taken too long."""


class Forecasting:
    """Makes the forecast of today and tomorrow."""

    name = NAME
    interval_s = INTERVAL_S

    def __init__(self, ground: Ground) -> None:
        self._ground = ground

    def run_once(self, token: Token, planned_at: dt.datetime) -> Mapping[str, int]:
        """Return what was forecast: orders, those that end, and events that were played.

        Raises:
            LeadershipLost: the term is over; the forecast before stays.
            ForecastNotMade: as above.
        """
        try:
            now, began = dt.datetime.now(dt.UTC), time.monotonic()
            with connect_writer(self._ground.dsn, token) as conn:
                gathered = gather(conn, self._ground.controller, now)
            found = played(encode_snapshot(gathered.snapshot))
            basis = basis_of(gathered, found, took_s=time.monotonic() - began)
            tolerance_s = kept().config.late_tolerance_s
            with_token = partial(fenced_atomic, token)
            replace(found, basis, made_at=now, tolerance_s=tolerance_s, transaction=with_token)
            coverage = found.coverage
            return {
                "orders": coverage.orders,
                "ended": coverage.ended,
                "events": coverage.events,
                "left_out": gathered.left_out,
            }
        finally:
            connections.close_all()


def played(snapshot: bytes) -> Forecast:
    """Return the forecast of a snapshot, played in a process of its own.

    Raises:
        ForecastNotMade: it has failed, or taken too long.
    """
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [sys.executable, "-m", "simulation.forecast", str(NICE)]
    try:
        done = subprocess.run(
            command, input=snapshot, capture_output=True, check=True, timeout=LONGEST_S, env=env
        )
    except subprocess.CalledProcessError as failed:
        raise ForecastNotMade(failed.stderr.decode("utf-8", "replace")[-2_000:]) from None
    except subprocess.TimeoutExpired:
        raise ForecastNotMade(f"It was not done after {LONGEST_S:.0f} s.") from None
    return decode_forecast(done.stdout)


def basis_of(gathered: Gathered, found: Forecast, *, took_s: float) -> Basis:
    """Return what a forecast rests on."""
    away = (agent.name for agent in gathered.snapshot.agents if not agent.is_there)
    return Basis(
        coverage=found.coverage,
        left_out=gathered.left_out,
        unsubmitted=gathered.unsubmitted,
        away=tuple(away),
        processes=gathered.processes,
        took_s=round(took_s, 3),
    )


def ask_for_forecast() -> None:
    """Ask the service for a new forecast, with the open transaction where there is one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, '')", [CHANNEL])


class WatchForecast:
    """Wakes the forecast when somebody asks for a new one."""

    name = "forecast watch"
    interval_s = 0.0

    def __init__(
        self, ground: Ground, stop: threading.Event, *, wake: Callable[[str], bool]
    ) -> None:
        self._ground, self._stop, self._wake = ground, stop, wake

    def run_once(self, token: Token, planned_at: dt.datetime) -> Mapping[str, int]:
        """Watch until the process stops, and return how often it woke the service."""
        woken = 0
        with connect_writer(self._ground.dsn, token) as conn:
            listen(conn, CHANNEL)
            while not self._stop.is_set():
                if heard(conn, SLICE_S):
                    woken += self._wake(NAME)
        return {"woken": woken}
