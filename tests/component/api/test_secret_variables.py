"""Secret variables through the API: sealed before anything is written, hidden wherever told."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from django.db import connection

from agents.models import Agent
from agents.sealed import Opener
from cockpit.api.journal import entry_seen
from cockpit.api.orders import sealing
from cockpit.models import AuditEntry
from controller.journal import Entry
from controller.models import Command
from engine.order import events as e
from engine.order import model as m
from engine.order import requests as rq
from engine.order.secret import HIDDEN
from tests.component.api import history_rows
from tests.component.api.client import Api, order_path
from tests.component.api.controller_stub import WORKFLOW, ControllerStub

SECRET = "s3cret/Value-97"
DECLARED = {
    **WORKFLOW,
    "orderPreparation": {
        "parameters": {
            "pw": {"secret": True, "facet": "[^ ]+", "default": "JobResource:db:pw"},
            "day": {"default": "'x'"},
        },
        "allowUndeclared": True,
    },
}


@pytest.fixture
def opener(controller: ControllerStub) -> Opener:
    """What opens values for the agent of the workflow's job."""
    controller.deploy("demo/secret", DECLARED)
    key = X25519PrivateKey.generate()
    Agent.objects.create(id="agent-1", public_key=key.public_key().public_bytes_raw())
    return Opener("agent-1", key.private_bytes_raw())


def everything_stored() -> str:
    """Return all rows of all tables as texts."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        tables = [name for (name,) in cursor.fetchall()]
        found = []
        for name in tables:
            cursor.execute(f'SELECT t::text FROM "{name}" t')  # noqa: S608  # names of tables
            found += [text for (text,) in cursor.fetchall()]
    return "\n".join(found)


def assert_stored_nowhere(*values: str) -> None:
    stored = everything_stored()
    assert "agent-1" in stored
    for value in values:
        assert value not in stored
        assert value.encode().hex() not in stored


def added(administrator: Api, order_id: str = "#1", **arguments: Any) -> Any:
    given = {"workflow": "demo/secret", "id": order_id, "arguments": {"pw": SECRET, **arguments}}
    return administrator.post("/orders/", given, Idempotency_Key=f"key-{order_id}")


def test_a_secret_argument_is_stored_sealed_and_told_nowhere(
    administrator: Api, controller: ControllerStub, opener: Opener
) -> None:
    assert added(administrator, day="x").status == 201
    order = controller.world.orders["#1"]
    assert opener.open(order.arguments["pw"])[0] == SECRET
    assert_stored_nowhere(SECRET)
    seen = administrator.get(order_path("#1")).body
    assert seen["arguments"] == seen["variables"] == {"pw": HIDDEN, "day": "x"}
    (entry,) = administrator.get("/audit/").body["entries"]
    assert entry["after"]["arguments"] == {"pw": HIDDEN, "day": "x"}
    assert "enc://" not in str(seen) + str(entry)


def test_without_sealing_the_controller_would_refuse_it(
    administrator: Api,
    controller: ControllerStub,
    opener: Opener,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(
        "cockpit.api.orders.collection.sealed_orders", lambda _account, orders, **_: (orders, [])
    )
    reply = added(administrator)
    assert (reply.status, reply.fields) == (422, ["arguments.pw"])
    assert "must be sealed" in str(reply.body)
    assert SECRET not in str(reply.body)
    with pytest.raises(AssertionError):
        assert_stored_nowhere(SECRET)  # the look itself would find it


def test_of_many_orders_each_is_sealed_by_its_own_workflow(
    administrator: Api, controller: ControllerStub, opener: Opener
) -> None:
    controller.deploy("demo/open")
    orders = [
        {"workflow": "demo/secret", "id": "#1", "arguments": {"pw": SECRET}},
        {"workflow": "demo/open", "id": "#2", "arguments": {"pw": "told"}},
        {"workflow": "secret", "id": "#3", "arguments": {"pw": SECRET}},
    ]
    assert administrator.post("/orders/", orders).body["accepted"] == 3
    found = controller.world.orders
    assert opener.open(found["#1"].arguments["pw"])[0] == SECRET
    assert found["#2"].arguments == {"pw": "told"}
    assert opener.open(found["#3"].arguments["pw"])[0] == SECRET
    assert_stored_nowhere(SECRET)


@pytest.mark.parametrize("value", ["has blank", 5, None, HIDDEN])
def test_a_value_that_does_not_fit_is_refused_without_being_quoted(
    administrator: Api, controller: ControllerStub, opener: Opener, value: object
) -> None:
    one = {"workflow": "demo/secret", "arguments": {"pw": value}}
    assert administrator.post("/orders/", one).fields == ["arguments.pw"]
    reply = administrator.post("/orders/", [one, one])
    assert reply.fields == ["orders[0].arguments.pw", "orders[1].arguments.pw"]
    assert "has blank" not in str(reply.body)
    assert not Command.objects.exists()


def test_where_nobody_could_open_it_the_order_is_refused(
    administrator: Api, controller: ControllerStub
) -> None:
    controller.deploy("demo/secret", DECLARED)
    reply = added(administrator)
    assert (reply.status, reply.fields) == (422, ["arguments.pw"])
    assert "have not joined" in str(reply.body)
    controller.deploy("demo/secret", {**DECLARED, "instructions": [], "jobs": {}}, "v2")
    assert "No job" in str(added(administrator).body)
    assert not Command.objects.exists()


def test_changed_arguments_are_sealed_also_of_many_orders_and_in_previews(
    administrator: Api, controller: ControllerStub, opener: Opener
) -> None:
    for order_id in ("#1", "#2"):
        controller.order(order_id, "demo/secret", state=m.Fresh(), scheduled_us=2**52)
    controller.deploy("demo/open")
    controller.order("#3", "demo/open", state=m.Fresh(), scheduled_us=2**52)
    change = {"arguments": {"pw": SECRET, "day": "y"}}
    preview = administrator.post(order_path("#1", "parameters/"), {**change, "dry_run": True})
    assert preview.body["ok"] is True
    assert SECRET not in str(preview.body)
    assert administrator.post(order_path("#1", "parameters/"), change).status == 200
    bulk = administrator.post("/orders/-/parameters/", {**change, "ids": ["#2", "#3"]})
    assert bulk.body["accepted"] == 2
    for order_id in ("#1", "#2", "#3"):
        found = controller.world.orders[order_id].arguments
        assert (opener.open(found["pw"])[0], found["day"]) == (SECRET, "y")
        shown = administrator.get(order_path(order_id)).body["arguments"]
        assert shown == {"pw": HIDDEN, "day": "y"}
    assert_stored_nowhere(SECRET)
    wrong = administrator.post(order_path("#1", "parameters/"), {"arguments": {"pw": HIDDEN}})
    assert (wrong.status, wrong.fields) == (422, ["arguments.pw"])


def test_variables_given_at_a_resume_are_sealed(
    administrator: Api, controller: ControllerStub, opener: Opener
) -> None:
    controller.order("#1", "demo/secret", state=m.Failed())
    reply = administrator.post(order_path("#1", "resume/"), {"variables": {"pw": SECRET, "z": 1}})
    assert reply.status == 200
    (result,) = controller.world.orders["#1"].results
    assert (opener.open(result.values["pw"])[0], result.values["z"]) == (SECRET, 1)
    assert_stored_nowhere(SECRET)


def test_the_history_tells_of_it_as_little(
    administrator: Api, controller: ControllerStub, opener: Opener
) -> None:
    history_rows.make_room()
    values = msgspec.msgpack.encode({"pw": opener.seal(SECRET), "day": "x"})
    history_rows.order_run(
        "#1", workflow="demo/secret", live=False, state="Finished", arguments=values
    )
    seen = administrator.get(order_path("#1")).body
    assert (seen["live"], seen["variables"]) == (False, {"pw": HIDDEN, "day": "x"})


def test_entries_of_the_journal_are_told_without_it(opener: Opener) -> None:
    sealed = opener.seal(SECRET)
    order = m.Order(id="#1", workflow="demo/secret", version="v1", arguments={"pw": sealed})
    outcome = m.Outcome("succeeded", 0, None, {"pw": sealed, "n": 1})
    result = m.Result((0,), None, "work", outcome.values)
    for event in (e.OrderAdded(order), e.OrderProcessed("r-1", outcome, result, 1)):
        facts = entry_seen(Entry(1, 1, "#1", event)).facts
        assert HIDDEN in str(facts)
        assert "enc://" not in str(facts)


def test_an_earlier_plain_value_under_the_name_is_hidden_as_well(
    viewer: Api, controller: ControllerStub, opener: Opener
) -> None:
    result = m.Result((0,), None, "work", {"pw": "plain", "n": 1})
    controller.order("#1", "demo/secret", arguments={"pw": "plain"}, results=(result,))
    seen = viewer.get(order_path("#1")).body
    assert "plain" not in str(seen)
    assert seen["variables"]["pw"] == HIDDEN


def test_a_value_is_sealed_to_the_agents_of_the_jobs_and_no_others(
    administrator: Api, controller: ControllerStub, opener: Opener
) -> None:
    other = X25519PrivateKey.generate()
    Agent.objects.create(id="agent-2", public_key=other.public_key().public_bytes_raw())
    added(administrator)
    text = controller.world.orders["#1"].arguments["pw"]
    assert text.startswith("enc://agent-1:")
    assert "agent-2" not in text


def test_what_is_sealed_already_is_taken_as_it_is(
    administrator: Api, controller: ControllerStub, opener: Opener
) -> None:
    sealed = opener.seal(SECRET)
    assert added(administrator, pw=sealed).status == 201
    assert controller.world.orders["#1"].arguments["pw"] == sealed


def test_the_audit_log_hides_what_is_sealed(administrator: Api, opener: Opener) -> None:
    added(administrator)
    assert "enc://" not in (AuditEntry.objects.get().after or "")


def test_a_repeated_request_is_known_by_its_key_whatever_the_seal(
    administrator: Api, controller: ControllerStub, opener: Opener
) -> None:
    assert added(administrator).body == added(administrator).body
    assert Command.objects.count() == 1
    (order,) = msgspec.msgpack.decode(bytes(Command.objects.get().body), type=rq.AddOrders).orders
    assert opener.open(order.arguments["pw"])[0] == SECRET


def test_orders_without_arguments_ask_for_no_workflow(
    administrator: Api,
    opener: Opener,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    called: list[Callable[..., object]] = []
    monkeypatch.setattr(sealing, "_current", called.append)
    reply = administrator.post("/orders/", {"workflow": "demo/secret", "id": "#1"})
    assert (reply.status, called) == (201, [])
