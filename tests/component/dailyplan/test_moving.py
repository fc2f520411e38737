"""A changed start: the order keeps its plan day and id, or moves to the plan of its new day."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db import transaction

from dailyplan import verbs as v
from dailyplan.models import PlannedOrder
from dailyplan.origin import place_of
from dailyplan.plan_settings import kept
from dailyplan.state import Flag, PlanState
from tests.plan_site import Site, schedule

FAR = date(2026, 3, 8)
CYCLE = {"begin": "22:00", "end": "23:00", "repeat": "00:30"}


def rows(day: date, **having: Any) -> list[PlannedOrder]:
    return list(PlannedOrder.objects.filter(day=day, **having).order_by("start_at"))


def change(site: Site, day: date = FAR, **what: Any) -> list[v.Effect]:
    asked = v.Asked(account="ada", now=site.now, config=kept().config)
    keys = [(row.day, row.origin) for row in rows(day)]
    with transaction.atomic():
        return v.act(v.Change(**what), keys, asked)


def test_an_order_that_starts_on_another_day_keeps_its_plan_day_and_id(planned: Site) -> None:
    (before,) = rows(FAR)
    change(planned, shift_days=1)
    (after,) = rows(FAR)
    assert (after.origin, after.start_at.date()) == (before.origin, FAR + timedelta(days=1))
    assert after.flags == Flag.START
    # It is handed over with its day, and belongs to that day's plan and notices.
    planned.plan(datetime(2026, 3, 6, 12, tzinfo=UTC))
    planned.answer()
    (order,) = [o for o in planned.orders.values() if place_of(o.id).origin == before.origin]  # type: ignore[union-attr]
    assert (order.plan, order.order_date) == ("DailyPlan|2026-03-08", "2026-03-08")
    assert order.scheduled_us == int(after.start_at.timestamp()) * 1_000_000


def test_it_moves_to_the_plan_of_its_new_day_where_that_is_asked_for(planned: Site) -> None:
    (effect,) = change(planned, shift_days=1, stick_to_day=False)
    assert (effect.ok, effect.state) == (True, "removed")
    assert "moves to the plan" in effect.sentence
    (left,) = rows(FAR)
    assert left.state == PlanState.REMOVED
    own, moved = sorted(rows(FAR + timedelta(days=1)), key=lambda row: row.flags)
    assert own.start_at == moved.start_at
    assert moved.flags == Flag.START | Flag.COPIED
    assert (moved.state, moved.submit) == (PlanState.PLANNED, True)


def test_planning_again_neither_brings_it_back_nor_doubles_it(planned: Site) -> None:
    change(planned, shift_days=1, stick_to_day=False)
    planned.release("schedule", "demo/morning", schedule({"singleStart": "07:00"}))
    planned.settle()
    assert [row.state for row in rows(FAR, state=PlanState.REMOVED)] == [PlanState.REMOVED]
    starts = [f"{row.start_at:%H:%M}" for row in rows(FAR + timedelta(days=1))]
    assert starts == ["06:00", "07:00"]


def test_it_stays_where_it_starts_on_its_own_day_all_the_same(planned: Site) -> None:
    (before,) = rows(FAR)
    change(planned, shift_s=3_600, stick_to_day=False)
    (after,) = rows(FAR)
    assert (after.origin, after.state) == (before.origin, PlanState.PLANNED)
    assert after.start_at - before.start_at == timedelta(hours=1)


def test_a_cyclic_period_moves_with_all_its_starts(planned: Site) -> None:
    planned.release("schedule", "demo/morning", schedule(CYCLE))
    planned.settle()
    change(planned, shift_days=1, stick_to_day=False)
    (left,) = rows(FAR)
    assert left.state == PlanState.REMOVED
    own, moved = sorted(rows(FAR + timedelta(days=1)), key=lambda row: row.flags)
    assert (moved.start_at, moved.end_at) == (own.start_at, own.end_at)
    assert (moved.repeat_s, moved.count, moved.next_at) == (own.repeat_s, own.count, own.next_at)


def test_an_order_at_the_controller_moves_to_no_other_plan(planned: Site) -> None:
    near = date(2026, 3, 3)
    assert rows(near)[0].state == PlanState.SUBMITTED
    (effect,) = change(planned, near, shift_days=1, stick_to_day=False)
    assert not effect.ok
    assert "take it back" in effect.sentence
    assert len(rows(near + timedelta(days=1))) == 1


def test_one_that_is_restored_may_move_once_more(planned: Site) -> None:
    change(planned, shift_days=1, stick_to_day=False)
    PlannedOrder.objects.filter(day=FAR).update(state=PlanState.PLANNED)
    planned.now += timedelta(seconds=1)
    change(planned, shift_days=1, stick_to_day=False)
    assert len(rows(FAR + timedelta(days=1))) == 3
