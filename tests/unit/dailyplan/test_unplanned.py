"""Days that passed while no planner ran."""

from datetime import UTC, date, datetime, timedelta

import pytest

from dailyplan.jobs import Known
from dailyplan.plan_settings import PlanConfig
from dailyplan.unplanned import unplanned_days

NOW = datetime(2026, 3, 12, 12, tzinfo=UTC)
TODAY = NOW.date()


def known(planned_to: date | None, *, automatic: bool = True) -> Known:
    return Known("n", "p/n", "v", b"d", planned_to, automatic=automatic, no=1)


@pytest.mark.parametrize(
    ("days_ago", "missed"), [(-7, 0), (0, 0), (1, 0), (2, 1), (5, 4), (30, 29), (31, 30), (99, 30)]
)
def test_days_after_the_last_planned_one_and_before_today_were_not_planned(
    days_ago: int, missed: int
) -> None:
    last = TODAY - timedelta(days=days_ago)
    found = unplanned_days({"a": known(last)}, PlanConfig(), NOW)
    assert found == [TODAY - timedelta(days=n) for n in range(missed, 0, -1)]


def test_one_schedule_that_was_planned_further_tells_that_a_planner_ran() -> None:
    schedules = {"a": known(TODAY - timedelta(days=9)), "b": known(TODAY)}
    assert unplanned_days(schedules, PlanConfig(), NOW) == []


def test_nothing_is_missed_where_nothing_was_to_be_planned() -> None:
    old = TODAY - timedelta(days=9)
    schedules = {"a": known(None), "b": known(old, automatic=False)}
    assert unplanned_days(schedules, PlanConfig(), NOW) == []
    assert unplanned_days({}, PlanConfig(), NOW) == []
