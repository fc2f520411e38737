"""The daily plan over the API: lists, verbs in their states, previews, settings, submissions."""

import datetime as dt
from typing import Any

import pytest
from django.db import transaction

from cockpit.models import AuditEntry
from controller.models import Command
from dailyplan.models import PlannedOrder
from dailyplan.once import plan_once
from dailyplan.state import PlanState
from tests.component.api.client import Api, order_path
from tests.component.api.controller_stub import ControllerStub

NOW = dt.datetime.now(dt.UTC)
TOMORROW = (NOW + dt.timedelta(days=1)).date()
EVERY_DAY = {
    "type": "WORKINGDAYSCALENDAR",
    "includes": {"weekdays": [{"days": [0, 1, 2, 3, 4, 5, 6]}]},
}
CYCLE = {"begin": "06:00", "end": "08:00", "repeat": "00:30"}


def schedule(*periods: dict[str, Any], **more: Any) -> dict[str, Any]:
    entry = {"calendarName": "days", "periods": list(periods or ({"singleStart": "06:00"},))}
    return {
        "workflowNames": ["report"], "planOrderAutomatically": True, "calendars": [entry], **more,
    }  # fmt: skip


class Plan:
    """A site with schedules, and its planner."""

    def __init__(self, stub: ControllerStub) -> None:
        self.stub = stub
        stub.deploy("demo/report")
        self.release("calendar", "demo/days", EVERY_DAY)
        self.release("schedule", "demo/morning", schedule())

    def release(self, kind: str, path: str, document: dict[str, Any]) -> None:
        import json

        version = str(hash(json.dumps(document)))
        self.stub._item(kind, path, version, json.dumps(document).encode())

    def once(self) -> None:
        for command in Command.objects.filter(answer__isnull=True).order_by("made_at"):
            self.stub.carry_out(command.id)
        plan_once(dt.datetime.now(dt.UTC), transaction.atomic)


@pytest.fixture
def plan(controller: ControllerStub) -> Plan:
    found = Plan(controller)
    found.once()
    return found


def orders(api: Api, **query: Any) -> list[dict[str, Any]]:
    reply = api.get("/plan/orders/", **{"date": TOMORROW.isoformat(), **query})
    assert reply.status == 200, reply.body
    found: list[dict[str, Any]] = reply["orders"]
    return found


def verb(api: Api, name: str, **body: Any) -> Any:
    return api.post(f"/plan/orders/-/{name}/", body)


def test_a_day_is_listed_with_what_each_order_is_given(administrator: Api, plan: Plan) -> None:
    (order,) = orders(administrator)
    assert (order["state"], order["schedule"]) == ("planned", "demo/morning")
    assert (order["workflow"], order["name"]) == ("demo/report", "morning")
    assert order["start"] == f"{TOMORROW}T06:00:00Z"
    assert order["id"].startswith(f"#{TOMORROW}#P")
    assert (
        administrator.get(order_path(order["id"]).replace("/orders/", "/plan/orders/"))["order"]
        == order
    )


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"state": "planned"}, 1), ({"state": "submitted"}, 0), ({"workflow": "report"}, 1),
        ({"workflow": "demo/report"}, 1), ({"workflow": "other"}, 0), ({"folder": "demo"}, 1),
        ({"folder": "dem"}, 0), ({"schedule": "morning"}, 1), ({"text": "orn"}, 1),
        ({"text": "_"}, 0), ({"tag": "x"}, 0), ({"late": "true"}, 0),
    ],
)  # fmt: skip
def test_filters_narrow_the_list(
    administrator: Api, plan: Plan, query: dict[str, str], found: int
) -> None:
    assert len(orders(administrator, **query)) == found


def test_a_cyclic_period_is_one_line_and_is_unfolded_when_looked_at(
    administrator: Api, plan: Plan
) -> None:
    plan.release("schedule", "demo/cycle", schedule(CYCLE))
    plan.once()
    (order,) = orders(administrator, schedule="cycle")
    assert order["cycle"]["orders"] == 4
    path = order_path(order["id"]).replace("/orders/", "/plan/orders/")
    starts = administrator.get(path)["starts"]
    assert [s["start"][11:16] for s in starts] == ["06:00", "06:30", "07:00", "07:30"]


def test_pages_lead_through_all_orders(administrator: Api, plan: Plan) -> None:
    plan.release(
        "schedule", "demo/many", schedule(*({"singleStart": f"{n:02}:15"} for n in range(24)))
    )
    plan.once()
    seen: list[str] = []
    cursor = ""
    while True:
        reply = administrator.get(
            "/plan/orders/", date=TOMORROW.isoformat(), limit=7, cursor=cursor
        )
        seen += [o["id"] for o in reply["orders"]]
        cursor = reply["cursor"]
        if not cursor:
            break
    assert len(seen) == len(set(seen)) == 25


def test_a_dry_run_says_what_would_happen_and_changes_nothing(
    administrator: Api, plan: Plan
) -> None:
    before = list(PlannedOrder.objects.values_list())
    reply = verb(administrator, "submit", filter={"date": str(TOMORROW)}, dry_run=True)
    assert (reply["accepted"], reply["dry_run"]) == (1, True)
    assert list(PlannedOrder.objects.values_list()) == before
    assert not Command.objects.exclude(key__startswith="plan/close").exists()


def test_submitted_orders_are_with_the_controller_and_come_back_when_cancelled(
    administrator: Api, plan: Plan
) -> None:
    (order,) = orders(administrator)
    assert verb(administrator, "submit", ids=[order["id"]])["accepted"] == 1
    plan.once()
    assert order["id"] in plan.stub.world.orders
    assert orders(administrator)[0]["state"] == "submitted"
    assert verb(administrator, "submit", ids=[order["id"]])["codes"] == {"not-applicable": 1}
    assert verb(administrator, "remove", ids=[order["id"]])["refused"] == 1
    assert verb(administrator, "cancel", ids=[order["id"]])["accepted"] == 1
    assert verb(administrator, "modify", ids=[order["id"]], priority=1)["codes"] == {
        "being-taken-back": 1
    }
    (submission, _) = administrator.get("/plan/submissions/")["submissions"][:2]
    assert (submission["verb"], submission["asked"]) == ("cancel", 1)


def test_removed_orders_stay_removed_until_they_are_restored(
    administrator: Api, plan: Plan
) -> None:
    (order,) = orders(administrator)
    verb(administrator, "remove", ids=[order["id"]])
    plan.release("schedule", "demo/morning", schedule(title="changed"))
    plan.once()
    assert orders(administrator) == []
    assert orders(administrator, state="removed")[0]["id"] == order["id"]
    verb(administrator, "restore", ids=[order["id"]])
    assert orders(administrator)[0]["state"] == "planned"


def test_what_people_changed_is_kept_when_the_schedule_changes(
    administrator: Api, plan: Plan
) -> None:
    (order,) = orders(administrator)
    given = {"variables": {"day": 1}, "priority": 7, "shift_s": 3600}
    assert verb(administrator, "modify", ids=[order["id"]], **given)["accepted"] == 1
    plan.release("schedule", "demo/morning", schedule(title="changed"))
    plan.once()
    (changed,) = orders(administrator)
    assert changed["start"] == f"{TOMORROW}T07:00:00Z"
    assert (changed["variables"], changed["priority"]) == ({"day": 1}, 7)
    assert changed["changed"] == ["start", "parameters"]
    assert changed["id"] == order["id"]


def test_copies_are_orders_of_their_own(administrator: Api, plan: Plan) -> None:
    (order,) = orders(administrator)
    later = TOMORROW + dt.timedelta(days=40)
    assert verb(administrator, "copy", ids=[order["id"]], to=str(later))["accepted"] == 1
    (copied,) = orders(administrator, date=later.isoformat())
    assert copied["start"] == f"{later}T06:00:00Z"
    assert copied["changed"] == ["copied"]


def test_let_run_starts_a_planned_order_now(administrator: Api, plan: Plan) -> None:
    (order,) = orders(administrator)
    verb(administrator, "let-run", ids=[order["id"]])
    plan.once()
    start = plan.stub.world.orders[order["id"]].scheduled_us
    assert start
    assert abs(start / 1e6 - dt.datetime.now(dt.UTC).timestamp()) < 60


def test_days_are_generated_by_hand_also_of_schedules_that_plan_nothing(
    administrator: Api, plan: Plan
) -> None:
    plan.release("schedule", "demo/hand", {**schedule(), "planOrderAutomatically": False})
    far = (TOMORROW + dt.timedelta(days=100)).isoformat()
    body = {"date": far, "schedules": ["demo/hand"]}
    assert administrator.post("/plan/orders/-/generate/", body)["added"] == 1
    assert administrator.post("/plan/orders/-/generate/", body)["added"] == 0
    plan.once()
    assert len(orders(administrator, date=far)) == 1


def test_the_projection_reaches_days_that_are_not_planned(administrator: Api, plan: Plan) -> None:
    reply = administrator.get("/plan/projection/", **{"from": "2030-01-01", "to": "2030-01-31"})
    assert [d["orders"] for d in reply["days"]] == [1] * 31
    again = administrator.get("/plan/projection/", **{"from": "2030-01-01", "to": "2030-01-31"})
    assert again.body == reply.body


def test_previews_name_the_rule_that_made_a_day(administrator: Api, plan: Plan) -> None:
    mondays = {"type": "WORKINGDAYSCALENDAR", "includes": {"weekdays": [{"days": [1]}]}}
    span = {"from": "2026-03-02", "to": "2026-03-08"}
    reply = administrator.post("/calendars/preview/", {"document": mondays, **span})
    assert reply["days"] == ["2026-03-02"]
    assert reply["reasons"][0]["place"] == "includes.weekdays[0]"
    shown = administrator.post("/schedules/preview/", {"document": schedule(), **span})
    assert shown["count"] == 7
    assert shown["days"][0]["starts"] == ["2026-03-02T06:00:00Z"]
    broken = administrator.post("/schedules/preview/", {"document": {"calendars": 3}, **span})
    assert broken.status == 422


def test_settings_are_checked_and_guarded_by_their_number(administrator: Api, plan: Plan) -> None:
    before = administrator.get("/settings/dailyplan/")
    wrong = {"time_zone": "Mars/Olympus", "days_ahead_plan": -1}
    reply = administrator.patch("/settings/dailyplan/", wrong)
    assert reply.status == 422
    assert {"time_zone", "days_ahead_plan"} <= set(reply.fields)
    given = {"days_ahead_plan": 3, "edit_no": before["edit_no"]}
    assert administrator.patch("/settings/dailyplan/", given).status == 200
    assert administrator.patch("/settings/dailyplan/", given).status == 409
    assert AuditEntry.objects.filter(verb="change-settings").count() == 1


def test_days_tell_their_counts(administrator: Api, plan: Plan) -> None:
    found = administrator.get(f"/plan/{TOMORROW}/")
    assert found["planned"] == {"planned": 1}
    days = administrator.get("/plan/", **{"from": str(TOMORROW), "to": str(TOMORROW)})["plans"]
    assert [d["planned"] for d in days] == [{"planned": 1}]


def test_who_may_only_look_changes_nothing(viewer: Api, plan: Plan) -> None:
    (order,) = orders(viewer)
    assert verb(viewer, "remove", ids=[order["id"]]).status == 403
    assert viewer.post("/plan/orders/-/generate/", {"date": str(TOMORROW)}).status == 403
    assert viewer.patch("/settings/dailyplan/", {}).status == 403
    assert PlannedOrder.objects.get(day=TOMORROW).state == PlanState.PLANNED


@pytest.mark.parametrize(
    "body", [{}, {"ids": [], "filter": {}}, {"ids": ["x"], "shift_s": 1, "now": True}]
)
def test_contradictions_are_refused_with_their_fields(
    administrator: Api, plan: Plan, body: dict[str, Any]
) -> None:
    assert verb(administrator, "modify", **body).status == 422


def test_unknown_orders_are_answered_for_themselves(administrator: Api, plan: Plan) -> None:
    (order,) = orders(administrator)
    reply = verb(administrator, "remove", ids=["#2026-01-01#P1-x", "y", order["id"]])
    assert reply["codes"] == {"order-unknown": 2, "accepted": 1}
