"""Whatever changes rows of the plan announces it once they are there; pages rely on it."""

from collections.abc import Iterator

import psycopg
import pytest
from django.db import transaction

from dailyplan import verbs as v
from dailyplan.intents import PLAN_ROWS
from dailyplan.models import PlannedOrder
from dailyplan.plan_settings import kept
from dailyplan.state import PlanState
from tests.plan_site import Site, every_day, schedule

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def heard(dsn: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(dsn, autocommit=True) as conn:
        conn.execute(f"LISTEN {PLAN_ROWS}")
        yield conn


def told(conn: psycopg.Connection) -> list[str]:
    return [note.payload for note in conn.notifies(timeout=2, stop_after=1)]


def test_planning_verbs_and_the_journal_announce_their_changes(
    site: Site, heard: psycopg.Connection
) -> None:
    site.release("calendar", "demo/days", every_day())
    site.release("schedule", "demo/morning", schedule())
    site.plan()
    assert told(heard) == [""]
    row = PlannedOrder.objects.filter(state=PlanState.PLANNED).first()
    assert row is not None
    asked = v.Asked(account="ada", now=site.now, config=kept().config)
    with transaction.atomic():
        v.act(v.Submit(), [(row.day, row.origin)], asked)
    assert told(heard) == [""]
    site.answer()
    list(heard.notifies(timeout=0))
    site.start(site.added[0])
    site.follow()
    assert site.added[0][1:11] in told(heard)[0]


def test_a_dry_run_announces_nothing(site: Site, heard: psycopg.Connection) -> None:
    site.release("calendar", "demo/days", every_day())
    site.release("schedule", "demo/morning", schedule())
    site.plan()
    told(heard)
    row = PlannedOrder.objects.filter(state=PlanState.PLANNED).first()
    assert row is not None
    asked = v.Asked(account="ada", now=site.now, config=kept().config, dry_run=True)
    with transaction.atomic():
        v.act(v.Submit(), [(row.day, row.origin)], asked)
    assert list(heard.notifies(timeout=0)) == []
