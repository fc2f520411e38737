"""The service that goes on with verbs on many planned orders, in a thread of its own."""

import datetime as dt
import threading
from collections.abc import Iterator

import psycopg
import pytest
from django.conf import LazySettings
from django.db import close_old_connections, transaction

from cluster.failures import LeadershipLost
from cluster.lease import Token
from cockpit import plan_operations as operations
from cockpit.access.account import Actor
from cockpit.access.policy import Account
from cockpit.audit import Reason
from cockpit.models import AuditEntry, PlanOperation
from cockpit.services import plan_operations as services
from cockpit.services.ground import Ground
from cockpit.services.plan_operations import DoPlanOperations
from dailyplan import verbs as v
from dailyplan.models import PlannedOrder
from dailyplan.state import PlanState
from tests.plan_site import C, Site, every_day, schedule
from tests.system.waiting import wait_until

STARTS = tuple({"singleStart": f"{n:02}:15"} for n in range(9))


@pytest.fixture
def operation(
    conn: psycopg.Connection, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> PlanOperation:
    """An operation of three slices of which its process has done nothing."""
    settings.STELLWERK_CONTROLLER_ID = C
    monkeypatch.setattr(operations, "ROWS_A_SLICE", 3)
    site = Site(conn)
    site.release("workflow", "demo/report", {})
    site.release("calendar", "demo/days", every_day())
    site.release("schedule", "demo/many", schedule(*STARTS))
    site.plan()
    rows = PlannedOrder.objects.filter(state=PlanState.PLANNED).order_by("day", "origin")[:9]
    targets = [operations.Target(f"#{row.origin}", row.day, row.origin) for row in rows]
    actor = Actor(Account("ada"), "session", "r1")
    ask = operations.Ask(
        name="remove", verb=v.Remove(), told={}, actor=actor, reason=Reason("no more", "T-1")
    )
    with transaction.atomic():
        found = operations.begin(ask, targets, now=dt.datetime.now(dt.UTC))
    return PlanOperation.objects.get(pk=found)


@pytest.fixture
def stop() -> Iterator[threading.Event]:
    found = threading.Event()
    yield found
    found.set()


def serving(dsn: str, token: Token, stop: threading.Event) -> threading.Thread:
    ground = Ground(dsn=dsn, broker_url="", controller=C, token=token)
    service = DoPlanOperations(ground, stop)
    thread = threading.Thread(target=service.run_once, args=(token, dt.datetime.now(dt.UTC)))
    thread.start()
    return thread


def removed() -> int:
    close_old_connections()
    return PlannedOrder.objects.filter(state=PlanState.REMOVED).count()


def has_ended() -> bool:
    return PlanOperation.objects.filter(ended_at__isnull=False).exists()


def test_what_is_handed_over_is_done_at_once_in_the_name_of_who_asked(
    operation: PlanOperation, dsn: str, token: Token, stop: threading.Event
) -> None:
    thread = serving(dsn, token, stop)

    def done() -> bool:
        operations.hand_over()
        return has_ended()

    wait_until(done)
    assert removed() == 9
    entries = AuditEntry.objects.filter(verb="plan-remove")
    assert {(e.account, e.comment, e.ticket, e.request_id) for e in entries} == {
        ("ada", "no more", "T-1", "r1")
    }
    assert entries.count() == 3
    stop.set()
    thread.join(10)


def test_what_a_dead_process_has_left_is_found(
    operation: PlanOperation,
    dsn: str,
    token: Token,
    stop: threading.Event,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nobody announces it; so long as its process may be at work it is left alone."""
    monkeypatch.setattr(services, "LOOK_S", 0.2)
    now = dt.datetime.now(dt.UTC)
    assert operations.open_operations(older_than=now - services.LEFT_ALONE) == []
    PlanOperation.objects.update(made_at=now - 2 * services.LEFT_ALONE)
    thread = serving(dsn, token, stop)
    wait_until(has_ended)
    assert removed() == 9
    stop.set()
    thread.join(10)


def test_a_term_that_is_over_does_nothing(
    operation: PlanOperation, conn: psycopg.Connection, dsn: str, token: Token
) -> None:
    PlanOperation.objects.update(made_at=operation.made_at - 2 * services.LEFT_ALONE)
    conn.execute("UPDATE cluster_lease SET term = 4, holder = 'cockpit-2/bb'")
    ground = Ground(dsn=dsn, broker_url="", controller=C, token=token)
    service = DoPlanOperations(ground, threading.Event())
    with pytest.raises(LeadershipLost):
        service.run_once(token, dt.datetime.now(dt.UTC))
    assert removed() == 0
