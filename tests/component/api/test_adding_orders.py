"""`POST /orders/`: what is taken, what is refused with all its problems, and what is kept."""

import re
from typing import Any

import msgspec
import pytest
from django.db import OperationalError

from cockpit.models import AuditEntry
from controller.models import Command
from engine.order.requests import AddOrders
from tests.component.api.client import Api
from tests.component.api.controller_stub import WORKFLOW, ControllerStub

WITH_PARAMETERS = {
    **WORKFLOW,
    "orderPreparation": {
        "parameters": {"day": {"type": "String"}, "size": {"type": "Number"}},
        "allowUndeclared": False,
    },
}


@pytest.fixture(autouse=True)
def deployed(controller: ControllerStub) -> None:
    controller.deploy("demo/report")


def asked() -> AddOrders:
    return msgspec.msgpack.decode(bytes(Command.objects.get().body), type=AddOrders)


def test_an_order_is_added_under_an_id_of_its_day_and_name(administrator: Api) -> None:
    reply = administrator.post("/orders/", {"workflow": "demo/report", "plan": "2026-01-31"})

    assert reply.status == 201
    assert re.fullmatch(r"#2026-01-31#T\d{15}-report", reply["id"])
    assert (reply["ok"], reply["state"]) == (True, "Fresh")


def test_everything_that_is_given_reaches_the_controller(administrator: Api) -> None:
    given = {
        "workflow": "demo/report",
        "id": "#a/b c#",
        "arguments": {"day": "x\0y", "n": 2**63 - 1, "list": [1, {"a": None}]},
        "scheduled_for": "2026-01-31T08:00:00.000001+01:00",
        "priority": -5,
        "start_position": [0],
        "stop_positions": ["start"],
        "tags": ["eu", "daily"],
    }

    assert administrator.post("/orders/", given).status == 201

    (order,) = asked().orders
    assert (order.id, order.arguments) == ("#a/b c#", given["arguments"])
    assert order.scheduled_us == 1_769_842_800_000_001
    assert (order.start_position, order.stop_positions) == ("0", ("start",))
    assert (order.priority, order.tags) == (-5, ("eu", "daily"))


def test_many_orders_are_answered_each_for_itself(administrator: Api) -> None:
    one = {"workflow": "demo/report", "id": "one"}

    reply = administrator.post("/orders/", {"orders": [one, one, {"workflow": "none", "id": "x"}]})

    assert (reply.status, reply["ok"], reply["accepted"], reply["refused"]) == (200, False, 1, 2)
    codes = [order["code"] for order in reply["orders"]]
    assert codes == ["accepted", "order-exists", "workflow-unknown"]
    assert administrator.post("/orders/", [{"workflow": "demo/report"}]).status == 201


def test_a_known_id_is_refused_with_the_state_of_its_order(administrator: Api) -> None:
    administrator.post("/orders/", {"workflow": "demo/report", "id": "one"})
    reply = administrator.post("/orders/", {"workflow": "demo/report", "id": "one"})

    assert (reply.status, reply["code"], reply["state"]) == (409, "order-exists", "Fresh")
    assert reply.headers["Content-Type"] == "application/problem+json"


def test_all_problems_are_told_at_once_with_their_places(administrator: Api) -> None:
    bad = {
        "workflow": 5,
        "id": "a\0b",
        "tags": ["ok", 7, ""],
        "priority": 2**40,
        "scheduled_for": "2026-01-31T08:00:00",
        "colour": "red",
    }

    reply = administrator.post("/orders/", {"orders": [{"workflow": "demo/report"}, bad, {}]})

    assert (reply.status, reply["code"]) == (422, "invalid")
    assert set(reply.fields) == {
        *(f"orders[1].{name}" for name in ("workflow", "id", "priority", "scheduled_for")),
        *("orders[1].tags[1]", "orders[1].tags[2]", "orders[1].colour", "orders[2].workflow"),
    }
    assert not Command.objects.exists()
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"id": "a|b"}, "id"),
        ({"name": "a|b"}, "name"),
        ({"scheduled_for": "9999-12-31T23:59:59-14:00"}, "scheduled_for"),
        ({"scheduled_for": "0001-01-01T00:00:00+14:00", "plan": "2026-01-31"}, "scheduled_for"),
        ({"plan": "2026-02-30"}, "plan"),
        ({"plan": "tomorrow"}, "plan"),
        ({"start_position": [0, 1]}, "start_position"),
        ({"stop_positions": ["a", "b\0"]}, "stop_positions[1]"),
        ({"arguments": {"n": 2**64}}, "arguments.n"),
        ({"arguments": {"deep": eval("[" * 150 + "]" * 150)}}, "arguments.deep"),  # noqa: S307
        ({"arguments": ["no", "object"]}, "arguments"),
        ({"tags": ["x"] * 51}, "tags"),
        ({"comment": "x" * 2_001}, "comment"),
        ({"workflow": ""}, "workflow"),
        ({"workflow": "a\0b"}, "workflow"),
        ({"workflow": None}, "workflow"),
    ],
)
def test_a_bad_field_is_named(administrator: Api, given: dict[str, Any], field: str) -> None:
    reply = administrator.post("/orders/", {"workflow": "demo/report", **given})
    assert (reply.status, reply.fields) == (422, [field])


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 422),
        (b"{", 400),
        (b"nonsense", 400),
        (b"\xff\xfe", 400),
        (b'{"workflow": "\xed\xa0\x80"}', 400),
        (b'{"workflow": "\\ud800x"}', 422),
        (b'{"workflow": NaN}', 422),
        (b'{"workflow": "a", "priority": 1e999}', 422),
        (b"[" * 100_000, 422),
        (b"[]", 422),
        (b'{"orders": []}', 422),
        (b'{"orders": 5}', 422),
        (b"null", 422),
        (b'"text"', 422),
        (b"5", 422),
        (b'{"workflow": "a", "comment": "' + b"x" * 5_000_000 + b'"}', 413),
    ],
)
def test_a_body_that_is_no_order_is_refused(administrator: Api, body: bytes, status: int) -> None:
    reply = administrator.post("/orders/", body)
    assert (reply.status, reply.headers["Content-Type"]) == (status, "application/problem+json")
    assert reply["detail"]
    assert not Command.objects.exists()


def test_problems_that_only_the_controller_finds_are_told_by_field(
    administrator: Api, controller: ControllerStub
) -> None:
    controller.deploy("demo/strict", WITH_PARAMETERS)

    reply = administrator.post(
        "/orders/", {"workflow": "demo/strict", "arguments": {"size": "big", "colour": "red"}}
    )

    assert (reply.status, reply["code"]) == (422, "invalid")
    assert set(reply.fields) == {"arguments.day", "arguments.size", "arguments.colour"}


def test_a_workflow_that_is_not_deployed_is_named(administrator: Api) -> None:
    reply = administrator.post("/orders/", {"workflow": "demo/none"})
    assert (reply.status, reply["code"], reply.fields) == (422, "workflow-unknown", ["workflow"])


def test_the_audit_log_says_who_why_and_with_what(administrator: Api) -> None:
    administrator.post(
        "/orders/",
        {"workflow": "demo/report", "id": "one", "comment": "again", "ticket": "T-1"},
        X_Request_ID="my-request",
    )

    entry = AuditEntry.objects.get()
    assert (entry.account, entry.verb, entry.kind) == ("ada", "add", "order")
    assert (entry.objects_named, entry.comment, entry.ticket) == (["one"], "again", "T-1")
    assert entry.request_id == "my-request"
    assert entry.through.startswith("token stw_")
    assert entry.command == Command.objects.get().id
    assert '"workflow":"demo/report"' in (entry.after or "")


def test_a_repeated_key_gives_the_first_answer_and_adds_nothing(administrator: Api) -> None:
    body = {"workflow": "demo/report"}
    first = administrator.post("/orders/", body, Idempotency_Key="k")
    again = administrator.post("/orders/", body, Idempotency_Key="k")

    assert (first.status, again.status) == (201, 201)
    assert first.body == again.body
    assert Command.objects.count() == 1
    assert AuditEntry.objects.count() == 1
    # Without the key the same request is another order.
    assert administrator.post("/orders/", body)["id"] != first["id"]


def test_a_key_cannot_be_used_for_another_request(administrator: Api) -> None:
    administrator.post("/orders/", {"workflow": "demo/report"}, Idempotency_Key="k")
    reply = administrator.post("/orders/", {"workflow": "demo/other"}, Idempotency_Key="k")

    assert (reply.status, reply["code"]) == (422, "idempotency-key-reused")
    assert Command.objects.count() == 1


def test_a_refused_request_repeated_with_its_key_is_refused_again(administrator: Api) -> None:
    for _ in range(2):
        reply = administrator.post("/orders/", {"workflow": "none"}, Idempotency_Key="k")
        assert (reply.status, reply["code"]) == (422, "workflow-unknown")
    assert Command.objects.count() == 1


@pytest.mark.parametrize("key", ["", "x" * 201, "a\tb"])
def test_a_key_that_is_no_key_is_refused(administrator: Api, key: str) -> None:
    reply = administrator.post("/orders/", {"workflow": "demo/report"}, Idempotency_Key=key)
    assert (reply.status, reply.fields) == (422, ["Idempotency-Key"])


def test_without_an_answer_there_is_an_operation_to_look_up(
    administrator: Api, controller: ControllerStub
) -> None:
    controller.silent = True
    reply = administrator.post("/orders/", {"workflow": "demo/report"})
    assert (reply.status, reply["state"]) == (202, "waiting")

    place = reply["operation"].removeprefix("/api/v1")
    assert administrator.get(place)["state"] == "waiting"

    controller.carry_out(Command.objects.get().id)
    told = administrator.get(place)
    assert (told["state"], told["answers"][0]["code"]) == ("answered", "accepted")


def test_who_may_only_look_adds_nothing(viewer: Api, stranger: Api) -> None:
    assert viewer.post("/orders/", {"workflow": "demo/report"}).status == 403
    assert viewer.get("/orders/").status == 200
    assert stranger.post("/orders/", {"workflow": "demo/report"}).status == 401
    assert stranger.get("/orders/").headers["WWW-Authenticate"] == "Token"
    assert Api("stw_wrong").get("/orders/").status == 401
    assert not Command.objects.exists()


def test_a_database_that_goes_away_during_the_wait_does_not_undo_the_request(
    administrator: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise OperationalError("gone")

    monkeypatch.setattr("controller.commands.wait_for", interrupted)
    reply = administrator.post("/orders/", {"workflow": "demo/report"})
    assert (reply.status, reply["state"]) == (202, "waiting")
    assert str(Command.objects.get().id) in reply["operation"]


def test_a_database_that_is_away_is_a_problem_of_its_own(
    administrator: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object, **__: object) -> None:
        raise OperationalError("away")

    monkeypatch.setattr("controller.commands.ask", away)
    reply = administrator.post("/orders/", {"workflow": "demo/report"})
    assert (reply.status, reply["code"]) == (503, "database-unavailable")
    assert reply.headers["Retry-After"] == "2"
    monkeypatch.setattr("cockpit.access.authentication.token_of", away)
    assert administrator.get("/orders/")["code"] == "database-unavailable"


def test_plan_admission_and_remaining_reach_the_controller(administrator: Api) -> None:
    given = {
        "workflow": "demo/report",
        "plan": "DailyPlan|2026-01-31",
        "force_admission": True,
        "remain": True,
        "block_position": None,
    }
    reply = administrator.post("/orders/", given)

    assert (reply.status, reply["id"][:12]) == (201, "#2026-01-31#")
    (order,) = asked().orders
    assert (order.plan, order.order_date) == ("DailyPlan|2026-01-31", "2026-01-31")
    assert (order.force_admission, order.remain) == (True, True)


def test_places_that_the_workflow_does_not_have_are_named_all_at_once(
    administrator: Api,
) -> None:
    given = {
        "workflow": "demo/report",
        "start_position": "nowhere",
        "stop_positions": ["start", "7"],
        "block_position": "0/then",
    }
    reply = administrator.post("/orders/", given)

    assert (reply.status, reply["code"]) == (422, "position-unknown")
    assert reply.fields == ["start_position", "block_position", "stop_positions[1]"]
    assert not Command.objects.exists()
