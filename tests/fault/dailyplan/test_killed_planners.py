"""Two planners at once, killed at random moments, beside releases: no order missed or doubled."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from psycopg.conninfo import conninfo_to_dict

from cockpit.embedded import Urls
from controller.models import Command
from dailyplan.models import PlannedOrder, PlannedSchedule, SubmittedStart
from dailyplan.origin import microseconds
from dailyplan.state import PlanState
from tests.plan_site import C, Site, every_day, schedule
from tests.system.waiting import wait_until

ROOT = Path(__file__).parents[3]
SCHEDULES = 40
CYCLE = {"begin": "00:00", "end": "24:00", "repeat": "00:30"}

Start = Callable[[], "subprocess.Popen[bytes]"]


@pytest.fixture
def start(dsn: str, parts: Urls, tmp_path: Path) -> Iterator[Start]:
    name = conninfo_to_dict(dsn)["dbname"]
    environment = {
        **os.environ,
        **parts.environment(),
        "DATABASE_URL": parts.database_url.replace("/stellwerk?", f"/{name}?"),
        "DJANGO_SETTINGS_MODULE": "cockpit.settings",
        "STELLWERK_CONTROLLER_ID": C,
        "STELLWERK_HOME": str(tmp_path),
        "PYTHONPATH": str(ROOT),
    }
    started: list[subprocess.Popen[bytes]] = []

    def start() -> "subprocess.Popen[bytes]":
        words = [sys.executable, "-m", "tests.fault.dailyplan.planner", "0"]
        process = subprocess.Popen(words, env=environment, cwd=ROOT, stdout=subprocess.PIPE)
        started.append(process)
        assert process.stdout
        with process.stdout as told:
            assert told.readline() == b"ready\n"
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()


def release_all(site: Site, version: int) -> None:
    for n in range(SCHEDULES):
        period = CYCLE if n % 4 == 0 else {"singleStart": f"{(n + version) % 24:02}:{n:02}"}
        site.release("schedule", f"flows/s{n}", schedule(period))


@pytest.mark.timeout(300)
def test_two_planners_killed_at_random_moments_miss_and_double_nothing(
    site: Site, start: Start
) -> None:
    chance = random.Random(7)  # noqa: S311  # which moment, not which secret
    site.release("calendar", "days", every_day())
    site.release("workflow", "report", {"instructions": []})
    running = [start(), start()]
    for version in range(5):
        release_all(site, version)
        for n in range(2):
            time.sleep(chance.uniform(0.02, 0.5))  # any moment; nothing is waited for
            running[n].send_signal(signal.SIGKILL)
            running[n].wait()
            answer_and_follow(site)
            running[n] = start()
    wait_until(lambda: at_rest(site), within_s=120)
    for process in running:
        process.kill()
        process.wait()
    answer_and_follow(site)
    assert_planned_as_released(site, version=4)


def answer_and_follow(site: Site) -> None:
    site.now = datetime.now(UTC)
    site.answer()
    site.follow()


def at_rest(site: Site) -> bool:
    answer_and_follow(site)
    sound = PlannedSchedule.objects.filter(problem="").count() == SCHEDULES
    waiting = PlannedOrder.objects.filter(submit=True, state=PlanState.PLANNED, day__lte=_last())
    return (
        sound
        and not Command.objects.filter(answer__isnull=True).exists()
        and not waiting.exists()
        and PlannedOrder.objects.filter(state=PlanState.SUBMITTED).exists()
        and _as_released(site, 4)
    )


def _last() -> datetime:
    return datetime.now(UTC) + timedelta(days=3)


def _as_released(site: Site, version: int) -> bool:
    try:
        assert_planned_as_released(site, version=version)
    except AssertionError:
        return False
    return True


def assert_planned_as_released(site: Site, *, version: int) -> None:
    now = datetime.now(UTC)
    rows = PlannedOrder.objects.filter(repeat_s__isnull=True, start_at__gt=now)
    times = Counter((row.day, row.start_at) for row in rows)
    assert [key for key, n in times.items() if n > 1] == []
    minutes = {(row.start_at.hour, row.start_at.minute) for row in rows}
    assert minutes == {((n + version) % 24, n) for n in range(SCHEDULES) if n % 4}
    fresh = set(site.orders)
    assert len(site.added) >= len(fresh)
    submitted = rows.filter(state=PlanState.SUBMITTED).values_list("day", "origin")
    starts = SubmittedStart.objects.filter(state=PlanState.SUBMITTED)
    told = {f"#{day}#P{origin}" for day, origin in submitted}
    told |= {f"#{s.day}#C{s.origin}-{microseconds(s.start_at) // 1_000_000}" for s in starts}
    ahead = {i for i, o in site.orders.items() if o.scheduled_us > microseconds(now)}
    assert {i.rpartition("-")[0] for i in ahead} <= told
    assert len(told) >= len(ahead)
