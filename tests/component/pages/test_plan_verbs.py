"""The dialogs of the daily plan: preview before anything happens, refusals, results, audit rows."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client

from cockpit.models import AuditEntry
from cockpit.pages.plan_dialogs import PLAN_DIALOGS
from controller.models import Command, Fact
from dailyplan.models import PlannedOrder, Submission
from dailyplan.new_orders import given_by_id
from dailyplan.plan_settings import kept
from dailyplan.state import PlanState
from tests.component.api.controller_stub import ControllerStub
from tests.component.pages.planned import Planned, schedule
from tests.component.pages.reading import HTMX, text_of


@pytest.fixture
def plan(controller: ControllerStub) -> Planned:
    return Planned(controller)


def ask(client: Client, verb: str, **given: Any) -> Any:
    return client.post(f"/plan/-/{verb}/", given)


def states() -> dict[int, int]:
    return dict(PlannedOrder.objects.values_list("origin", "state"))


@pytest.mark.parametrize("verb", [*PLAN_DIALOGS, "generate"])
def test_every_dialog_is_a_page_too_and_only_for_operators(
    owner: Client, colleague: Client, stranger: Client, plan: Planned, verb: str
) -> None:
    before = states()
    address, given = f"/plan/-/{verb}/", {"ids": plan.id(), "date": str(plan.day)}
    assert "<html" in owner.get(address, given).content.decode()
    assert "<html" not in owner.get(address, given, headers=HTMX).content.decode()
    assert colleague.get(address, given).status_code == 403
    assert colleague.post(address, given).status_code == 403
    assert stranger.post(address, given).status_code == 302
    assert states() == before
    assert not AuditEntry.objects.exists()


def test_a_verb_that_there_is_not_has_no_page(owner: Client, plan: Planned) -> None:
    assert owner.get("/plan/-/explode/").status_code == 404


def test_submitting_hands_over_and_leaves_an_audit_row(owner: Client, plan: Planned) -> None:
    seen = text_of(owner.get("/plan/-/submit/", {"ids": plan.id()}))
    assert "It is submitted." in seen
    assert not Submission.objects.exists()
    response = ask(owner, "submit", ids=plan.id(), comment="early today")
    assert response.status_code == 303
    assert plan.row().state == PlanState.SUBMITTED
    entry = AuditEntry.objects.get()
    assert (entry.verb, entry.comment) == ("plan-submit", "early today")
    assert entry.objects_named == [plan.id()]


def test_an_order_moves_by_a_quarter_of_an_hour(owner: Client, plan: Planned) -> None:
    begin = plan.row().start_at
    ask(owner, "start", ids=plan.id(), start="+15m")
    assert plan.row().start_at == begin + dt.timedelta(minutes=15)
    assert "start changed" in text_of(owner.get(plan.at))


def test_while_typing_both_zones_are_told_and_nothing_is_changed(
    owner: Client, plan: Planned
) -> None:
    row, before = plan.row(), plan.row().start_at
    given = {"ids": plan.id(), "start": "+01:30:00", "again": "1"}
    response = owner.post("/plan/-/start/", given, headers=HTMX)
    after = before + dt.timedelta(minutes=90)
    assert f"{after:%H:%M:%S} Etc/UTC" in text_of(response)
    assert f'datetime="{after:%Y-%m-%dT%H:%M}' in response.content.decode()
    assert plan.row() == row


def test_a_gap_of_the_clocks_is_said_before_and_refused(owner: Client, plan: Planned) -> None:
    from dailyplan.models import PlanSettings

    PlanSettings.objects.update_or_create(pk=1, defaults={"body": {"time_zone": "Europe/Berlin"}})
    given = {"ids": plan.id(), "start": "2027-03-28T02:30", "again": "1"}
    text = text_of(owner.post("/plan/-/start/", given, headers=HTMX))
    assert "The clocks of Europe/Berlin skip 2027-03-28 02:30" in text
    response = ask(owner, "start", ids=plan.id(), start="2027-03-28T02:30")
    assert response.status_code == 422
    given["start"] = "2026-10-25T02:30"
    text = text_of(owner.post("/plan/-/start/", given, headers=HTMX))
    assert "comes twice" in text


def test_what_is_no_start_is_said_at_the_field(owner: Client, plan: Planned) -> None:
    response = ask(owner, "start", ids=plan.id(), start="soon")
    assert response.status_code == 422
    assert "'soon' is no moment" in text_of(response)
    assert 'aria-invalid="true"' in response.content.decode()


def test_removing_and_restoring(owner: Client, plan: Planned) -> None:
    ask(owner, "remove", ids=plan.id())
    assert plan.row().state == PlanState.REMOVED
    plan.once()
    assert plan.row().state == PlanState.REMOVED
    ask(owner, "restore", ids=plan.id())
    assert plan.row().state == PlanState.PLANNED


def test_a_submission_is_deleted_for_a_whole_day(owner: Client, plan: Planned) -> None:
    given = {"all": "1", "days": str(plan.day), "state": "planned", "seen_count": "2"}
    assert ask(owner, "submit", **given).status_code == 303
    assert set(PlannedOrder.objects.filter(day=plan.day).values_list("state", flat=True)) == {1}
    seen = owner.get("/plan/-/cancel/", {**given, "state": "submitted"})
    assert "Take 2 orders back" in text_of(seen)
    assert ask(owner, "cancel", **{**given, "state": "submitted"}).status_code == 303
    plan.once()
    assert plan.row("cycle").state == PlanState.PLANNED
    page = text_of(owner.get("/plan/submissions/", {"date": str(plan.day)}))
    assert "submit" in page
    assert "cancel" in page


def test_days_marked_in_a_month_are_taken_together(owner: Client, plan: Planned) -> None:
    days = [str(plan.day), str(plan.day + dt.timedelta(days=1))]
    given = {"all": "1", "days": days, "state": "planned"}
    assert "Remove 4 orders" in text_of(owner.get("/plan/-/remove/", given))
    ask(owner, "remove", **given, seen_count="4")
    removed = PlannedOrder.objects.filter(state=PlanState.REMOVED)
    assert {str(day) for day in removed.values_list("day", flat=True)} == set(days)


def test_a_filter_that_selects_something_else_meanwhile_is_not_used(
    owner: Client, plan: Planned
) -> None:
    given = {"all": "1", "days": str(plan.day), "q": "schedule:morning", "seen_count": "5"}
    response = ask(owner, "remove", **given)
    assert response.status_code == 422
    assert "Meanwhile the filter selects 1 order." in text_of(response)
    assert plan.row().state == PlanState.PLANNED


def test_many_orders_are_concerned_only_once_their_number_is_typed(
    owner: Client, plan: Planned
) -> None:
    minutes = [{"singleStart": f"{n // 60:02}:{n % 60:02}:30"} for n in range(60)]
    plan.release("schedule", "demo/many", schedule(*minutes))
    plan.once()
    given = {"all": "1", "days": str(plan.day), "q": "schedule:many", "seen_count": "60"}
    assert "type 60 to confirm" in text_of(ask(owner, "remove", **given))
    assert ask(owner, "remove", **given, count="60").status_code == 303


def test_variables_tags_and_priority_are_given(owner: Client, plan: Planned) -> None:
    ask(owner, "parameters", ids=plan.id(), more="region = eu\ncount = 3", tags="night, eu")
    ask(owner, "priority", ids=plan.id(), priority="10")
    row = plan.row()
    given = given_by_id([row.parameterisation])[row.parameterisation]
    assert given.variables == {"region": "eu", "count": 3}
    assert (given.tags, given.priority) == (("night", "eu"), 10)
    nothing = ask(owner, "parameters", ids=plan.id(), tags="night eu")
    assert "Nothing is to be changed." in text_of(nothing)
    wrong = ask(owner, "priority", ids=plan.id(), priority="high")
    assert "It must be a whole number" in text_of(wrong)


def test_many_orders_are_given_the_same(owner: Client, plan: Planned) -> None:
    both = {"ids": [plan.id(), plan.id("cycle")]}
    for verb in PLAN_DIALOGS:
        assert "2 orders" in text_of(owner.get(f"/plan/-/{verb}/", both)), verb
    ask(owner, "priority", **both, priority="4")
    ask(owner, "parameters", **both, more="region = eu")
    ask(owner, "parameters", **both, more="count = 1", remove="region")
    numbers = [plan.row(name).parameterisation for name in ("morning", "cycle")]
    for given in given_by_id(numbers).values():
        assert (given.priority, given.variables) == (4, {"count": 1})


def test_copies_lie_on_another_day_at_the_same_time(owner: Client, plan: Planned) -> None:
    to = plan.day + dt.timedelta(days=30)
    ask(owner, "copy", ids=plan.id(), to=str(to))
    copied = plan.row(day=to)
    assert (copied.start_at.hour, copied.flags) == (6, 8)
    assert ask(owner, "copy", ids=plan.id(), to="someday").status_code == 422


def test_let_run_submits_at_once_with_the_present_as_start(owner: Client, plan: Planned) -> None:
    ask(owner, "let-run", ids=plan.id())
    row = plan.row()
    assert row.state == PlanState.SUBMITTED
    assert abs(row.start_at - dt.datetime.now(dt.UTC)) < dt.timedelta(minutes=1)


def test_a_refusal_is_told_in_the_dialog_and_mixed_results_as_a_warning(
    owner: Client, plan: Planned
) -> None:
    plan.change(state=PlanState.STARTED)
    response = ask(owner, "remove", ids=plan.id())
    assert response.status_code == 409
    assert "It is started: only planned orders are removed." in text_of(response)
    both = {"ids": [plan.id(), plan.id("cycle")], "stay": "1"}
    told = owner.post("/plan/-/remove/", both, headers=HTMX)
    assert "Removed: 1 order. Refused: 1 order. It is started" in told["HX-Trigger"]
    assert plan.row("cycle").state == PlanState.REMOVED


def test_ids_that_nobody_planned_are_no_choice(owner: Client, plan: Planned) -> None:
    response = ask(owner, "remove", ids="#nobody")
    assert response.status_code == 422
    assert "Choose at least one planned order." in text_of(response)


def test_a_day_is_created_by_hand_after_a_preview(owner: Client, plan: Planned) -> None:
    far = plan.day + dt.timedelta(days=60)
    given = {"date": str(far), "schedules": "demo/morning"}
    seen = text_of(owner.post("/plan/-/generate/", {**given, "again": "1"}, headers=HTMX))
    assert "1 schedules 1 rows added" in seen
    assert not PlannedOrder.objects.filter(day=far).exists()
    response = ask(owner, "generate", **given, comment="the audit")
    assert response["Location"] == f"/plan/{far}/"
    assert PlannedOrder.objects.filter(day=far).count() == 1
    assert AuditEntry.objects.get(verb="plan-generate").comment == "the audit"
    wrong = ask(owner, "generate", date=str(far), until=str(plan.day))
    assert "It must not be before the first day." in text_of(wrong)


def test_a_plan_is_closed_and_opened_from_its_day(owner: Client, plan: Planned) -> None:
    assert "Close the plan" in text_of(owner.get(plan.at))
    owner.post("/plan/-/close/", {"plan": f"DailyPlan|{plan.day}", "next": plan.at})
    assert Fact.objects.filter(kind="plan").exists()
    assert "Open the plan" in text_of(owner.get(plan.at))


def test_settings_tell_what_a_change_does_before_it_is_made(owner: Client, plan: Planned) -> None:
    page, edit_no = owner.get("/settings/"), kept().edit_no
    form = {
        "time_zone": "Europe/Berlin", "period_begin": "18:00", "days_ahead_plan": "14",
        "days_ahead_submit": "3", "late_tolerance_s": "60", "cycle_ahead_s": "90",
        "age_of_plans_to_be_closed_automatically": "1", "keep_days": "30",
        "edit_no": str(edit_no),
    }  # fmt: skip
    assert 'value="120"' in page.content.decode()
    seen = text_of(owner.post("/settings/", {**form, "again": "1"}, headers=HTMX))
    assert "7 more days are planned within seconds." in seen
    assert "Plan days begin at 18:00 Europe/Berlin" in seen
    assert kept().edit_no == edit_no
    assert owner.post("/settings/", form).status_code == 303
    config = kept().config
    assert (config.days_ahead_plan, config.cycle_ahead_s) == (14, 5_400)
    assert AuditEntry.objects.get().verb == "change-settings"
    assert owner.post("/settings/", form).status_code == 409


def test_settings_that_make_no_sense_are_said_at_their_fields(owner: Client, plan: Planned) -> None:
    form = {
        "time_zone": "Mars/Base", "period_begin": "25:00", "days_ahead_plan": "1",
        "days_ahead_submit": "3", "late_tolerance_s": "60", "cycle_ahead_s": "120",
        "age_of_plans_to_be_closed_automatically": "1", "keep_days": "30", "edit_no": "0",
    }  # fmt: skip
    response = owner.post("/settings/", form)
    text = text_of(response)
    assert response.status_code == 422
    for sentence in ("no time zone Mars/Base", "time of day such as", "not be more than"):
        assert sentence in text
    assert "whole number of days" in text_of(owner.post("/settings/", {**form, "keep_days": "x"}))


def test_only_administrators_change_settings(colleague: Client, plan: Planned) -> None:
    page = colleague.get("/settings/")
    assert page.status_code == 200
    assert "Save" not in text_of(page)
    assert colleague.post("/settings/", {"edit_no": "0"}).status_code == 403
    assert not Command.objects.filter(account="vic").exists()
