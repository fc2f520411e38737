"""Outages of the planner: what was planned runs late, what was not is told and not run."""

from datetime import date, timedelta
from typing import Any

import pytest

from dailyplan.models import PlannedOrder, Submission
from dailyplan.state import PlanState
from dailyplan.unplanned import UNPLANNED
from tests.plan_site import Site

AHEAD = timedelta(days=7)


def days(**having: Any) -> list[date]:
    return list(PlannedOrder.objects.filter(**having).order_by("day").values_list("day", flat=True))


def told() -> list[date | None]:
    rows = Submission.objects.filter(verb=UNPLANNED)
    return list(rows.order_by("day").values_list("day", flat=True))


def test_days_planned_before_an_outage_run_late_and_those_after_are_told(planned: Site) -> None:
    last, now = planned.now.date() + AHEAD, planned.now + timedelta(days=18)
    planned.plan(now)
    passed = [last + timedelta(days=n) for n in range(1, (now.date() - last).days)]
    assert len(passed) == 10
    assert told() == passed
    assert not PlannedOrder.objects.filter(day__in=passed).exists()
    # All that was planned is handed over, and today counts wholly.
    late = [day for day in days(state=PlanState.SUBMITTED) if day <= last]
    assert late[-1] == last
    assert now.date() in days(state=PlanState.SUBMITTED)
    line = Submission.objects.filter(verb=UNPLANNED).first()
    assert line is not None
    assert "1 order of 1 schedule" in line.comment
    assert (line.asked, line.account) == (0, "daily plan")


def test_it_is_told_once(planned: Site) -> None:
    later = planned.now + timedelta(days=18)
    first = planned.plan(later)
    again = planned.plan(later + timedelta(minutes=1))
    assert (first["not_planned"], again["not_planned"]) == (10, 0)
    planned.settle()
    assert len(told()) == 10


def test_an_outage_within_the_planned_days_misses_nothing(planned: Site) -> None:
    planned.plan(planned.now + AHEAD)
    assert told() == []
    planned.plan(planned.now + timedelta(days=1))
    assert told() == []


def test_it_would_be_noticed_if_nothing_told_of_such_days(
    planned: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Negative control: without the telling the days are gone in silence."""
    monkeypatch.setattr("dailyplan.once.unplanned_days", lambda *_given: [])
    planned.plan(planned.now + timedelta(days=18))
    assert told() == []
