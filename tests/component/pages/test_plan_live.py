"""What the pages of the plan tell of what has come meanwhile, and of days that nobody planned."""

import datetime as dt

import pytest
from django.test import Client

from dailyplan.models import Submission
from dailyplan.unplanned import UNPLANNED
from tests.component.api.controller_stub import ControllerStub
from tests.component.pages.planned import Planned, schedule
from tests.component.pages.reading import text_of


@pytest.fixture
def plan(controller: ControllerStub) -> Planned:
    return Planned(controller)


@pytest.mark.parametrize(
    "query", [{}, {"group": "schedule"}, {"view": "timeline", "hours": "24"}], ids=str
)
def test_rows_that_have_come_meanwhile_are_announced(
    owner: Client, plan: Planned, query: dict[str, str]
) -> None:
    given = {**query, "ids": "\n".join([plan.id(), plan.id("cycle")])}
    assert owner.get(f"{plan.at}rows/", given).json()["arrived"] == []
    plan.release("schedule", "demo/evening", schedule({"singleStart": "07:00"}))
    plan.once()
    assert owner.get(f"{plan.at}rows/", given).json()["arrived"] == [plan.id("evening")]
    narrowed = {**given, "q": "schedule:morning"}
    assert owner.get(f"{plan.at}rows/", narrowed).json()["arrived"] == []


def test_rows_behind_a_full_page_are_not_announced(
    owner: Client, plan: Planned, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They belong to the next page, which tells of them."""
    monkeypatch.setattr("cockpit.pages.plan_list.ROWS", 1)
    (first,) = owner.get(f"{plan.at}rows/", {"ids": ""}).json()["arrived"]
    assert owner.get(f"{plan.at}rows/", {"ids": first}).json()["arrived"] == []


def test_a_day_that_nobody_planned_says_so_and_so_does_today(
    owner: Client, colleague: Client, plan: Planned
) -> None:
    today, now = plan.day - dt.timedelta(days=1), dt.datetime.now(dt.UTC)
    passed = today - dt.timedelta(days=2)
    assert "Not planned:" not in text_of(owner.get(f"/plan/{today}/"))
    Submission.objects.create(
        at=now, account="daily plan", verb=UNPLANNED, day=passed, comment="No planner ran."
    )
    for view in ("list", "timeline"):
        text = text_of(owner.get(f"/plan/{passed}/?view={view}"))
        assert "This day was not planned. No planner ran. Create its plan…" in text
    assert "Create its plan" not in text_of(colleague.get(f"/plan/{passed}/"))
    assert f"Not planned: {passed} ." in text_of(owner.get(f"/plan/{today}/"))
    assert "Not planned:" not in text_of(owner.get(plan.at))
    Submission.objects.update(at=now - dt.timedelta(days=8))
    assert "Not planned:" not in text_of(owner.get(f"/plan/{today}/"))
    assert "not planned" in text_of(owner.get(f"/plan/submissions/?date={passed}"))
