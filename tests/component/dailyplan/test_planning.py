"""Schedules become rows, and changes of schedules become changes of rows."""

import uuid
from datetime import UTC, date, datetime, timedelta
from unittest.mock import patch

from django.db import transaction
from msgspec import convert

from controller.feed import JournalTorn
from controller.models import DeployedItem
from dailyplan.cleaning import clean_up
from dailyplan.counts import count_days
from dailyplan.effects import Coming, effects
from dailyplan.follow import PlanFollower
from dailyplan.models import Parameterisation, PlannedOrder, PlannedSchedule
from dailyplan.origin import Origins
from dailyplan.plan_settings import DEFAULTS
from dailyplan.released import read_released
from dailyplan.state import PlanState
from inventory.models import Deployment, DeploymentObject
from tests.plan_site import C, Site, every_day, schedule
from timetable.schedule import Schedule

D = date(2026, 3, 2)
DAY = timedelta(days=1)


def ready(site: Site, **more: object) -> None:
    site.release("calendar", "cal/days", every_day())
    site.release("workflow", "demo/report", {"instructions": []})
    site.release("schedule", "demo/morning", schedule(**more))


def planned(state: PlanState | None = None) -> list[str]:
    rows = PlannedOrder.objects.order_by("start_at", "origin")
    if state is not None:
        rows = rows.filter(state=state)
    return [f"{r.day:%m-%d} {r.start_at:%H:%M}" for r in rows]


def test_a_released_schedule_is_planned_from_now_on_and_submitted_for_the_next_days(
    site: Site,
) -> None:
    ready(site)
    site.plan()
    assert planned(PlanState.SUBMITTED) == ["03-03 06:00", "03-04 06:00", "03-05 06:00"]
    assert planned(PlanState.PLANNED) == [f"03-{6 + n:02} 06:00" for n in range(4)]


def test_planning_twice_changes_nothing(site: Site) -> None:
    ready(site)
    site.plan()
    before = list(PlannedOrder.objects.values_list())
    assert not any(site.plan().values())
    assert list(PlannedOrder.objects.values_list()) == before


def test_time_going_on_adds_the_next_day(site: Site) -> None:
    ready(site)
    site.plan()
    done = site.plan(site.now + DAY)
    assert (done["added"], done["submitted"]) == (1, 1)
    assert planned()[-1] == "03-10 06:00"


def test_a_changed_schedule_changes_future_days_and_takes_submitted_orders_back(
    site: Site,
) -> None:
    ready(site)
    site.plan()
    site.settle()
    site.release("schedule", "demo/morning", schedule({"singleStart": "07:30"}))
    site.plan()
    site.settle()
    assert planned() == [f"03-{3 + n:02} 07:30" for n in range(7)]
    assert [o for o in site.orders if "-morning" in o] == sorted(site.orders)
    assert len(site.orders) == 3


def test_a_revoked_schedule_leaves_nothing(site: Site) -> None:
    ready(site)
    site.plan()
    site.settle()
    site.release("schedule", "demo/morning", None)
    site.plan()
    site.settle()
    assert planned() == []
    assert site.orders == {}


def test_a_broken_schedule_stops_no_other(site: Site) -> None:
    ready(site)
    site.release("schedule", "demo/broken", {**schedule(), "calendars": [
        {"calendarName": "nowhere", "periods": [{"singleStart": "06:00"}]}]})  # fmt: skip
    assert site.plan()["broken"] == 1
    assert len(planned()) == 7
    assert "nowhere" in PlannedSchedule.objects.get(name="broken").problem


def test_a_cyclic_period_is_one_row_that_hands_its_starts_over_as_time_goes_on(site: Site) -> None:
    site.release("calendar", "cal/days", every_day())
    site.release("workflow", "demo/report", {"instructions": []})
    cyclic = {"begin": "06:00", "end": "22:00", "repeat": "00:30"}
    site.release("schedule", "demo/cycle", schedule(cyclic))
    site.plan()
    today = PlannedOrder.objects.get(day=D)
    assert (today.count, today.repeat_s) == (32, 1800)
    # From 12:00 to 14:00 of today, and the next one of each of the three days submitted.
    assert len([c for c in added(site) if f"#{D}#" in c]) == 5
    site.plan(site.now + timedelta(hours=1))
    assert len([c for c in added(site) if f"#{D}#" in c]) == 7
    # Nobody ran for three hours: what was missed is handed over all the same.
    site.plan(site.now + timedelta(hours=3))
    assert len([c for c in added(site) if f"#{D}#" in c]) == 13


def added(site: Site) -> list[str]:
    site.answer()
    return site.added


def test_counts_follow_every_change(site: Site) -> None:
    ready(site)
    site.plan()
    site.settle()
    found = {c.day: {s.state: s.rows for s in c.states} for c in count_days(D, D + 30 * DAY)}
    assert found[D + DAY] == {"submitted": 1}
    assert found[D + 6 * DAY] == {"planned": 1}
    site.release("schedule", "demo/morning", None)
    site.plan()
    site.settle()
    assert count_days(D, D + 30 * DAY) == []


def test_orders_that_start_and_end_are_seen_with_how_late_they_were(site: Site) -> None:
    ready(site)
    site.plan()
    site.settle()
    first, second, _ = sorted(site.orders)
    site.now = datetime(2026, 3, 3, 6, 5, tzinfo=UTC)
    site.start(first)
    site.now = datetime(2026, 3, 4, 6, 0, 1, tzinfo=UTC)
    site.start(second)
    site.finish(first)
    site.follow()
    rows = PlannedOrder.objects.order_by("day").values_list("state", "late")
    assert list(rows[:3]) == [
        (PlanState.FINISHED, True),
        (PlanState.STARTED, False),
        (PlanState.SUBMITTED, False),
    ]


def test_an_order_that_has_started_is_not_taken_back(site: Site) -> None:
    ready(site)
    site.plan()
    site.settle()
    first = min(site.orders)
    site.now = datetime(2026, 3, 3, 5, 59, tzinfo=UTC)
    site.start(first)
    site.release("schedule", "demo/morning", schedule({"singleStart": "07:30"}))
    site.plan()
    site.settle()
    row = PlannedOrder.objects.get(day=date(2026, 3, 3), start_at__hour=6)
    assert row.state == PlanState.STARTED
    assert row.problem


def test_what_the_controller_refuses_is_planned_again_with_its_sentence(site: Site) -> None:
    ready(site)
    site.refuse = lambda _id: "Plan is closed."
    site.plan()
    site.settle()
    assert planned(PlanState.SUBMITTED) == []
    assert PlannedOrder.objects.filter(problem="Plan is closed.").count() == 3
    assert not site.plan()["submitted"]


def test_a_change_that_moves_no_start_touches_no_order(site: Site) -> None:
    assert _touched(site) == (0, 0, 0)


def test_it_would_touch_all_of_them_if_ids_did_not_follow_from_the_origin(site: Site) -> None:
    numbers = iter(range(1, 10**9))
    with patch.object(Origins, "single", lambda *_: next(numbers)):
        assert _touched(site) == (7, 4, 3)


def _touched(site: Site) -> tuple[int, int, int]:
    """Rows added, deleted and taken back where only the title of a schedule changes."""
    ready(site)
    site.plan()
    site.settle()
    site.release("schedule", "demo/morning", schedule(title="Another title"))
    done = site.plan()
    return done["added"], done["deleted"], done["taken_back"]


def test_deploying_a_missing_workflow_submits_what_was_refused(site: Site) -> None:
    site.release("calendar", "cal/days", every_day())
    site.release("schedule", "demo/morning", schedule())
    site.refuse = lambda _id: "No workflow report is deployed."
    site.plan()
    site.settle()
    assert "not deployed" in PlannedSchedule.objects.get(name="morning").problem
    site.release("workflow", "demo/report", {"instructions": []})
    site.refuse = lambda _id: None
    site.plan()
    site.settle()
    assert len(planned(PlanState.SUBMITTED)) == 3
    assert PlannedOrder.objects.filter(problem__isnull=False).count() == 0


def test_plans_of_old_days_are_closed_once(site: Site) -> None:
    ready(site)
    assert site.plan()["closed"] > 0
    assert site.plan()["closed"] == 0
    assert site.plan(site.now + DAY)["closed"] == 1


def test_a_deployment_may_leave_the_next_days_as_they_are(site: Site) -> None:
    ready(site)
    site.plan()
    site.release("schedule", "demo/morning", schedule({"singleStart": "07:30"}))
    version = DeployedItem.objects.get(kind="schedule", current=True).version
    made = Deployment.objects.create(
        account="ada", made_at=site.now, command=uuid.uuid4(), update_plan_from=D + 5 * DAY
    )
    DeploymentObject.objects.create(
        deployment=made, kind="schedule", path="demo/morning", version=version
    )
    site.plan()
    site.settle()
    assert planned() == [f"03-{3 + n:02} 06:00" for n in range(4)] + [
        f"03-{7 + n:02} 07:30" for n in range(3)
    ]


def test_what_would_change_is_told_before(site: Site) -> None:
    ready(site)
    site.plan()
    later = convert(schedule({"singleStart": "07:30"}), Schedule)
    coming = Coming(schedules={"demo/morning": later})
    found = effects(coming, read_released(), DEFAULTS, first=D, last=D + 7 * DAY, from_at=site.now)
    assert [(d.gained, d.lost) for d in found.days] == [(1, 1)] * 7
    broken = Coming(calendars={"cal/days": None})
    assert effects(
        broken, read_released(), DEFAULTS, first=D, last=D + DAY, from_at=site.now
    ).problems
    assert len(planned()) == 7


def test_a_torn_journal_leaves_rows_as_the_controller_has_its_orders(site: Site) -> None:
    ready(site)
    site.plan()
    site.settle()
    PlanFollower(C).mend(site.conn, JournalTorn(1, 5))
    assert PlannedOrder.objects.filter(state=PlanState.FINISHED).count() == 3


def test_old_days_are_dropped_with_what_nobody_needs_any_more(site: Site) -> None:
    ready(site)
    site.plan()
    site.release("schedule", "demo/morning", None)
    assert clean_up(D + 100 * DAY, 30, transaction.atomic) == 7
    assert not PlannedOrder.objects.exists()
    assert not Parameterisation.objects.exists()
    assert count_days(D, D + 10 * DAY) == []
