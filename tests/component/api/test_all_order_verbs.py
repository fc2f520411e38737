"""The verbs that people need beside cancel, suspend and resume; many orders by a filter."""

from typing import Any

import pytest

from cockpit.api import slices
from cockpit.models import AuditEntry
from controller.models import Command, OrderRow
from engine.order import model as m
from tests.component.api.client import Api, order_path
from tests.component.api.controller_stub import WORKFLOW, ControllerStub
from tests.component.api.history_rows import order_run

PROMPT = {"TYPE": "Prompt", "question": "'Go on?'"}
PARAMETERS = {"parameters": {"day": {"type": "String"}}, "allowUndeclared": False}


@pytest.fixture(autouse=True)
def deployed(controller: ControllerStub) -> None:
    controller.deploy("demo/report", {**WORKFLOW, "orderPreparation": PARAMETERS})
    controller.deploy("demo/ask", {**WORKFLOW, "instructions": [PROMPT, *WORKFLOW["instructions"]]})


@pytest.fixture
def fresh(controller: ControllerStub) -> m.Order:
    later = controller.now_us + 10**12
    return controller.order("one", state=m.Fresh(), scheduled_us=later, arguments={"day": "x"})


def test_a_prompt_is_confirmed(administrator: Api, controller: ControllerStub) -> None:
    controller.order("one", "demo/ask", state=m.Prompting("Go on?"))

    assert "confirm" in administrator.get(order_path("one"))["may"]
    told = administrator.post(order_path("one", "confirm/"), {"comment": "checked"})

    assert (told.status, told["state"]) == (200, "Ready")
    again = administrator.post(order_path("one", "confirm/"))
    assert (again.status, again["code"], again["state"]) == (409, "not-applicable", "Ready")


def test_a_start_is_changed_while_the_order_has_not_started(
    administrator: Api, controller: ControllerStub, fresh: m.Order
) -> None:
    body = {"scheduled_for": "2030-01-31T08:00:00+01:00"}
    assert administrator.post(order_path("one", "start-time/"), body).status == 200
    assert administrator.get(order_path("one"))["scheduled_for"] == "2030-01-31T07:00:00Z"

    controller.order("two")
    reply = administrator.post(order_path("two", "start-time/"), body)
    assert (reply.status, reply["code"], reply["state"]) == (409, "not-applicable", "Ready")


def test_arguments_are_changed_while_the_order_has_not_started(
    administrator: Api, controller: ControllerStub, fresh: m.Order
) -> None:
    path = order_path("one", "parameters/")
    assert administrator.post(path, {"arguments": {"day": "y"}}).status == 200
    assert controller.world.order("one").arguments == {"day": "y"}

    refused = administrator.post(path, {"arguments": {"colour": "red"}, "remove": ["day"]})
    assert (refused.status, refused["code"]) == (422, "invalid")
    assert set(refused.fields) == {"arguments.day", "arguments.colour"}


def test_an_order_that_remained_is_removed(administrator: Api, controller: ControllerStub) -> None:
    controller.order("one", state=m.Finished(), remain=True)

    assert administrator.get(order_path("one"))["may"] == ["remove"]
    assert administrator.post(order_path("one", "remove/")).status == 200
    assert not OrderRow.objects.exists()
    assert administrator.post(order_path("one", "remove/")).status == 404


@pytest.mark.parametrize(
    ("verb", "body", "fields"),
    [
        ("start-time", {}, ["scheduled_for"]),
        ("start-time", {"scheduled_for": "2030-01-31T08:00:00"}, ["scheduled_for"]),
        ("start-time", {"scheduled_for": "9999-12-31T23:59:59-14:00"}, ["scheduled_for"]),
        ("start-time", {"scheduled_for": "0001-01-01T00:00:00+14:00"}, ["scheduled_for"]),
        ("parameters", {}, ["arguments"]),
        ("parameters", {"arguments": {"a": 1}, "remove": ["a"]}, ["remove"]),
        ("parameters", {"arguments": {"n": 2**70}, "remove": [5]}, ["remove[0]"]),
        ("confirm", {"answer": "yes"}, ["answer"]),
        ("remove", {"force": True}, ["force"]),
    ],
)
def test_a_body_that_does_not_fit_the_verb_is_refused(
    administrator: Api, verb: str, body: dict[str, Any], fields: list[str]
) -> None:
    reply = administrator.post(order_path("one", f"{verb}/"), body)
    assert (reply.status, reply.fields) == (422, fields)
    reply = administrator.post(f"/orders/-/{verb}/", {**body, "ids": ["one"]})
    assert (reply.status, reply.fields) == (422, fields)


@pytest.mark.parametrize("verb", ["confirm", "start-time", "parameters", "remove"])
def test_who_may_only_look_commands_nothing(
    viewer: Api, controller: ControllerStub, verb: str
) -> None:
    controller.order("one")
    assert viewer.post(order_path("one", f"{verb}/"), {}).status == 403
    assert viewer.post(f"/orders/-/{verb}/", {"ids": ["one"]}).status == 403
    assert viewer.get(order_path("one"))["may"] == []


def test_a_filter_selects_by_reason_and_by_plan(
    administrator: Api, controller: ControllerStub
) -> None:
    for order_id, state, day in (("a", "Prompting", "2026-01-31"), ("b", "Ready", "2026-01-31")):
        controller.order(order_id, "demo/ask", state=getattr(m, state)(*["?"][: state != "Ready"]))
        order_run(order_id, state=state, group="prompting", order_date=day)

    chosen = {"filter": {"reason": ["prompt"], "plan": "DailyPlan|2026-01-31"}}
    told = administrator.post("/orders/-/confirm/", chosen)

    assert [order["id"] for order in told["orders"]] == ["a"]
    bad = {"filter": {"reason": ["boredom"], "plan": "x", "group": ["red"]}}
    reply = administrator.post("/orders/-/confirm/", bad)
    assert set(reply.fields) == {"filter.reason", "filter.plan", "filter.group"}
    assert [o["id"] for o in administrator.get("/orders/", reason="prompt")["orders"]] == ["a"]
    assert administrator.get("/orders/", reason="boredom").fields == ["reason"]


def test_a_filter_of_removals_selects_what_has_ended_and_stayed(
    administrator: Api, controller: ControllerStub
) -> None:
    controller.order("stayed", state=m.Finished(), remain=True)
    controller.order("runs")
    for order_id, live in (("stayed", True), ("gone", False), ("runs", True)):
        order_run(order_id, state="Finished", group="finished", live=live)

    told = administrator.post("/orders/-/remove/", {"filter": {"workflow": "demo/*"}})

    assert [(o["id"], o["ok"]) for o in told["orders"]] == [("stayed", True)]


@pytest.fixture
def small_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slices, "ORDERS_A_SLICE", 2)
    monkeypatch.setattr(slices.sliced, "__defaults__", (2,))


def test_a_big_selection_is_asked_in_durable_slices_under_one_operation(
    administrator: Api, controller: ControllerStub, small_slices: None
) -> None:
    for n in range(5):
        controller.order(f"o{n}", state=m.Failed() if n == 3 else m.Ready())
        order_run(f"o{n}")
    controller.silent = True

    later = administrator.post("/orders/-/suspend/", {"filter": {"text": "o*"}, "comment": "c"})

    assert later.status == 202
    place = later["operation"].removeprefix("/api/v1")
    told = administrator.get(place)
    assert (told["state"], told["requests"], told["answered"]) == ("waiting", 3, 0)
    assert sorted(Command.objects.values_list("lane", flat=True)) == [0, 1, 1]
    assert AuditEntry.objects.count() == 3
    for command in Command.objects.all():
        controller.carry_out(command.id)
    told = administrator.get(place)
    assert (told["state"], told["accepted"], told["refused"]) == ("answered", 4, 1)
    assert told["codes"] == {"accepted": 4, "not-applicable": 1}
    assert [a["id"] for a in told["answers"]] == [f"o{n}" for n in range(5)]
    assert [a["id"] for a in administrator.get(place, ok="false")["answers"]] == ["o3"]
    page = administrator.get(place, limit=2, after=2)
    assert ([a["id"] for a in page["answers"]], page["after"]) == (["o2", "o3"], 4)


def test_a_repeated_key_waits_for_all_slices_of_the_first_request(
    administrator: Api, controller: ControllerStub, small_slices: None
) -> None:
    for n in range(3):
        controller.order(f"o{n}")
    body = {"ids": ["o0", "o1", "o2"]}
    first = administrator.post("/orders/-/suspend/", body, Idempotency_Key="k")
    again = administrator.post("/orders/-/suspend/", body, Idempotency_Key="k")

    assert first["accepted"] == 3
    assert first.body == again.body
    assert Command.objects.count() == 2


def test_more_than_a_verb_may_concern_is_refused(
    administrator: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slices, "MOST_ORDERS", 2)
    for n in range(3):
        order_run(f"o{n}")
    reply = administrator.post("/orders/-/cancel/", {"filter": {}})
    assert (reply.status, reply["code"], reply.fields) == (422, "too-many", ["filter"])
    assert not Command.objects.exists()


def test_a_preview_counts_every_effect(administrator: Api, controller: ControllerStub) -> None:
    for n in range(3):
        controller.order(f"ready{n}")
    held = m.Held("agent-1", "attached")
    controller.order("runs", state=m.Processing("r-1", 1), held=held)
    controller.order("ended", state=m.Finished(), remain=True)
    for row in OrderRow.objects.all():
        order_run(row.order_id)

    told = administrator.post("/orders/-/cancel/", {"filter": {}, "dry_run": True})

    assert (told["matched"], told["looked_at"], told["accepted"], told["refused"]) == (5, 5, 4, 1)
    assert told["counts"] == [
        {"effect": "now", "code": "accepted", "sentence": "It is cancelled at once.", "orders": 3},
        {
            "effect": "later",
            "code": "accepted",
            "sentence": "It is cancelled when its job ends.",
            "orders": 1,
        },
        {"effect": "refused", "code": "not-applicable", "sentence": "", "orders": 1},
    ]
    assert not Command.objects.exists()


@pytest.mark.parametrize(
    ("verb", "body", "sentence"),
    [
        ("confirm", {}, "Order one is Fresh: it does not ask anything."),
        ("priority", {"priority": 7}, "It waits with priority 7 instead of 0."),
        ("continue", {}, "It starts at once."),
        ("parameters", {"arguments": {"day": "y"}}, "It gets other arguments at once."),
        ("remove", {}, "Order one is Fresh: it has not ended."),
    ],
)
def test_every_verb_has_a_preview(
    administrator: Api, fresh: m.Order, verb: str, body: dict[str, Any], sentence: str
) -> None:
    told = administrator.post(order_path("one", f"{verb}/"), {**body, "dry_run": True})
    assert (told.status, told["sentence"]) == (200, sentence)
