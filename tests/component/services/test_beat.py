"""The beat: who is woken, what is sent, and that no start happens twice or by a deposed member."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest
import redis
from django.db import transaction
from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask

from cluster.failures import LeadershipLost
from cluster.lease import Token
from cluster.service import latest_occurrence
from cockpit.services import beat, entries
from cockpit.services.beat import Scheduler, beat_app
from cockpit.services.entries import WAKE, make_entries

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


class Cleaning:
    """A service of the product."""

    name = "cleanup"
    interval_s = 3600.0

    def run_once(self, token: Token, planned_at: datetime) -> dict[str, int]:
        return {}


class Woken(list[tuple[str, datetime]]):
    """Takes down who was woken for when."""

    def __call__(self, name: str, planned_at: datetime) -> bool:
        self.append((name, planned_at))
        return True


@pytest.fixture
def woken() -> Woken:
    return Woken()


@pytest.fixture
def scheduler(token: Token, woken: Woken, broker_url: str) -> Iterator[Scheduler]:
    made = Scheduler(beat_app(broker_url), token, woken)
    yield made
    made.close()


def users_entry(**more: Any) -> PeriodicTask:
    """Return an entry of a user that is due now."""
    if "crontab" not in more:
        more["interval"] = IntervalSchedule.objects.create(every=1, period="hours")
    given = {"queue": "reports", "args": '["a"]', "last_run_at": LONG_AGO, **more}
    return PeriodicTask.objects.create(name="report", task="app.report", **given)


def tick_all(scheduler: Scheduler) -> None:
    """Tick until nothing is due any more."""
    for _ in range(10):
        if scheduler.tick() > 0:
            return
    raise AssertionError("the beat never comes to rest")


def sent(broker: "redis.Redis", queue: str = "reports") -> list[dict[str, Any]]:
    return [json.loads(letter) for letter in broker.lrange(queue, 0, -1)]


def test_an_entry_of_ours_wakes_its_service_for_a_moment_of_the_grid(
    scheduler: Scheduler, token: Token, woken: Woken, broker: "redis.Redis"
) -> None:
    make_entries([Cleaning()], token)
    PeriodicTask.objects.update(last_run_at=LONG_AGO)
    now = datetime.now(UTC)
    scheduler.read_again(0)
    tick_all(scheduler)
    ours = PeriodicTask.objects.get(name="stellwerk.cleanup")
    assert woken == [("cleanup", latest_occurrence(now, 3600))]
    assert ours.last_run_at == woken[0][1]
    assert broker.keys() == []


def test_making_entries_again_leaves_what_a_person_has_changed(token: Token) -> None:
    make_entries([Cleaning()], token)
    PeriodicTask.objects.filter(task=WAKE).update(enabled=False)
    make_entries([Cleaning()], token)
    assert list(PeriodicTask.objects.values_list("name", "enabled")) == [
        ("stellwerk.cleanup", False)
    ]


def test_an_entry_of_a_user_goes_to_its_queue_once(
    scheduler: Scheduler, broker: "redis.Redis"
) -> None:
    entry = users_entry()
    scheduler.read_again(0)
    tick_all(scheduler)
    tick_all(scheduler)
    (letter,) = sent(broker)
    assert letter["headers"]["task"] == "app.report"
    assert letter["content-type"] == "application/json"
    entry.refresh_from_db()
    assert entry.total_run_count == 1
    assert entry.last_run_at > LONG_AGO


@pytest.mark.parametrize(("zone", "count"), [("Asia/Kathmandu", 1), ("UTC", 0)])
def test_a_crontab_counts_in_its_own_zone(
    scheduler: Scheduler, broker: "redis.Redis", zone: str, count: int
) -> None:
    # Kathmandu is 5:45 ahead, so the same hour and minute never is the same moment in UTC.
    there = datetime.now(ZoneInfo("Asia/Kathmandu")) - timedelta(minutes=1)
    crontab = CrontabSchedule.objects.create(
        minute=str(there.minute), hour=str(there.hour), timezone=zone
    )
    users_entry(crontab=crontab, last_run_at=datetime.now(UTC) - timedelta(minutes=3))
    scheduler.read_again(0)
    tick_all(scheduler)
    assert len(sent(broker)) == count


def two_schedulers_find_one_due(token: Token, broker_url: str) -> None:
    users_entry()
    both = [Scheduler(beat_app(broker_url), token, Woken()) for _ in range(2)]
    for one in both:
        one.tick()
        one.close()


def test_two_schedulers_send_a_start_once(
    token: Token, broker: "redis.Redis", broker_url: str
) -> None:
    two_schedulers_find_one_due(token, broker_url)
    assert len(sent(broker)) == 1


def test_without_the_claim_two_schedulers_send_it_twice(
    token: Token, broker: "redis.Redis", broker_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(entries.Entry, "move_to", lambda *_: True)
    two_schedulers_find_one_due(token, broker_url)
    assert len(sent(broker)) == 2


def depose(conn: psycopg.Connection) -> None:
    conn.execute("UPDATE cluster_lease SET term = 4, holder = 'cockpit-2/bb'")


def test_a_deposed_beat_starts_nothing(
    scheduler: Scheduler, conn: psycopg.Connection, broker: "redis.Redis"
) -> None:
    entry = users_entry()
    scheduler.read_again(0)
    depose(conn)
    with pytest.raises(LeadershipLost):
        scheduler.tick()
    entry.refresh_from_db()
    assert (sent(broker), entry.total_run_count) == ([], 0)


def test_without_the_fence_a_deposed_beat_goes_on(
    scheduler: Scheduler,
    conn: psycopg.Connection,
    broker: "redis.Redis",
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    @contextmanager
    def unfenced(token: Token) -> Iterator[None]:
        with transaction.atomic():
            yield

    monkeypatch.setattr(entries, "fenced_atomic", unfenced)
    users_entry()
    scheduler.read_again(0)
    depose(conn)
    scheduler.tick()
    assert len(sent(broker)) == 1


def test_a_start_waits_for_the_broker_and_services_are_woken_without_it(
    token: Token, woken: Woken, broker: "redis.Redis", broker_url: str
) -> None:
    entry = users_entry()
    make_entries([Cleaning()], token)
    PeriodicTask.objects.filter(task=WAKE).update(last_run_at=LONG_AGO)
    cut_off = Scheduler(beat_app("redis+socket:///nowhere.sock"), token, woken)
    for _ in range(4):
        cut_off.tick()
    entry.refresh_from_db()
    assert (entry.total_run_count, entry.last_run_at) == (0, LONG_AGO)
    assert cut_off.pause_s == beat.BROKER_PAUSE_S
    assert [name for name, _ in woken] == ["cleanup"]
    back = Scheduler(beat_app(broker_url), token, woken)
    tick_all(back)
    back.close()
    assert len(sent(broker)) == 1


def test_a_change_by_a_person_is_seen(scheduler: Scheduler, broker: "redis.Redis") -> None:
    entry = users_entry(enabled=False)
    tick_all(scheduler)
    assert sent(broker) == []
    entry.enabled, entry.last_run_at = True, LONG_AGO
    entry.save()
    scheduler.tick()
    tick_all(scheduler)
    assert len(sent(broker)) == 1
