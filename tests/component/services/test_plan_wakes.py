"""From a released change to the plan of future days, with the threads of the real services."""

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial

import psycopg
import pytest
from django.conf import LazySettings
from django.db import close_old_connections

from cluster.lease import Token
from cluster.models import ServiceRun
from cockpit.services import plan as services
from cockpit.services.ground import Ground
from cockpit.services.plan import PlanDaily, WatchReleases
from cockpit.services.running import Running
from controller.feed import answers_channel
from dailyplan.models import PlannedOrder
from tests.pace import Others
from tests.plan_site import C, Site, every_day
from tests.system.waiting import wait_until

BOUND_S = 5.0
"""A release is in the plan by then, also on a busy machine; usually within a second."""

FAR = 6


@pytest.fixture
def site(conn: psycopg.Connection, settings: LazySettings) -> Site:
    settings.STELLWERK_CONTROLLER_ID = C
    found = Site(conn)
    found.release("workflow", "demo/report", {})
    found.release("calendar", "demo/days", every_day())
    return found


@pytest.fixture
def stop() -> Iterator[threading.Event]:
    found = threading.Event()
    yield found
    found.set()


class Watched:
    """The planner and its watch in threads of their own; nothing else wakes the planner."""

    def __init__(self, dsn: str, token: Token, stop: threading.Event) -> None:
        self.woken = 0
        ground = Ground(dsn=dsn, broker_url="", controller=C, token=token)
        self._running = Running(dsn, token, stop)
        self._running.begin()
        self._running.timed(PlanDaily())
        self._running.lasting(WatchReleases(ground, stop, wake=self._wake))
        self._stop = stop
        # It wakes the planner once when it begins.
        wait_until(lambda: ServiceRun.objects.filter(service=services.NAME, state="finished"))

    def _wake(self, name: str) -> bool:
        found = self._running.run_now(name)
        self.woken += 1
        return found

    def end(self) -> None:
        self._stop.set()
        assert self._running.join(20) == []


def schedule(at: str) -> dict[str, object]:
    entry = {"calendarName": "days", "periods": [{"singleStart": at}]}
    return {"workflowNames": ["report"], "planOrderAutomatically": True, "calendars": [entry]}


def release(site: Site, at: str) -> None:
    """Put the schedule into force and announce it, as a turn of the controller does."""
    site.release("schedule", "demo/morning", schedule(at))
    site.conn.execute("SELECT pg_notify(%s, 'x')", [answers_channel(C)])


def is_planned_at(hour: int) -> bool:
    return hours_planned() == {hour}


def hours_planned(days: int = FAR) -> set[int]:
    day = (datetime.now(UTC) + timedelta(days=days)).date()
    close_old_connections()
    rows = PlannedOrder.objects.filter(day=day).values_list("start_at", flat=True)
    return {at.hour for at in rows}


def test_a_released_change_reaches_future_days_within_seconds(
    site: Site,
    dsn: str,
    token: Token,
    stop: threading.Event,
    others: Others,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Only what is announced can wake it in time.
    monkeypatch.setattr(services, "LOOK_S", 600.0)
    watched = Watched(dsn, token, stop)
    for hour in (6, 7):
        began = time.monotonic()
        release(site, f"{hour:02}:00")
        wait_until(partial(is_planned_at, hour), within_s=6 * BOUND_S)
        assert time.monotonic() - began <= others.stretched(BOUND_S)
    watched.end()


def test_it_would_be_noticed_if_the_watch_did_not_see_releases(
    site: Site, dsn: str, token: Token, stop: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Negative control: the same release and announcement, and a watch that finds nothing new."""
    looks = []

    def blind() -> str:
        looks.append("")
        return "always the same"

    monkeypatch.setattr(services, "fingerprint", blind)
    watched = Watched(dsn, token, stop)
    woken, before = watched.woken, len(looks)
    release(site, "06:00")
    wait_until(lambda: len(looks) > before)
    assert watched.woken == woken
    watched.end()
    assert hours_planned() == set()


def test_a_release_that_nobody_announced_is_found_by_looking(
    site: Site, dsn: str, token: Token, stop: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "LOOK_S", 0.5)
    watched = Watched(dsn, token, stop)
    site.release("schedule", "demo/morning", schedule("06:00"))
    wait_until(lambda: hours_planned() == {6}, within_s=BOUND_S)
    watched.end()
