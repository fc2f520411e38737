"""Secret variables that schedules and verbs on planned orders give, sealed everywhere."""

import datetime as dt
import hashlib
import json
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.test import Client
from msgspec.structs import replace

from agents.models import Agent
from agents.sealed import Opener
from cockpit.models import AuditEntry
from controller.models import Command
from dailyplan import sealing
from dailyplan.given import ids_of
from dailyplan.models import Parameterisation, PlannedOrder, PlannedSchedule
from dailyplan.new_orders import given_by_id, given_to_send
from dailyplan.once import plan_once
from dailyplan.state import PlanState
from engine.order.requests import AddOrders, Request
from engine.order.secret import HIDDEN, is_sealed
from tests.component.api.client import Api, order_path
from tests.component.api.controller_stub import WORKFLOW, ControllerStub
from tests.plan_site import every_day

SECRET = "s3cret/Value-97"
OTHER = "0ther/Value-98"
TOMORROW = (dt.datetime.now(dt.UTC) + dt.timedelta(days=1)).date()
DECLARED = {
    **WORKFLOW,
    "orderPreparation": {
        "parameters": {"pw": {"secret": True, "facet": "[^ ]+", "default": "JobResource:db:pw"}},
        "allowUndeclared": True,
    },
}


class Secrets:
    """A released schedule that gives a value to a secret variable, with its planner."""

    def __init__(self, stub: ControllerStub) -> None:
        self.stub = stub
        self.deploy(DECLARED)
        self.release("calendar", "demo/days", every_day())
        self.give(pw=SECRET, day="x")

    def deploy(self, document: dict[str, Any]) -> None:
        self.stub.deploy("demo/secret", document, f"{hash(json.dumps(document)):x}")

    def give(self, **variables: str) -> None:
        entry = {"calendarName": "days", "periods": [{"singleStart": "06:00"}]}
        self.release("schedule", "demo/morning", {
            "workflowNames": ["secret"], "planOrderAutomatically": True, "calendars": [entry],
            "orderParameterisations": [{"orderName": "morning", "variables": variables}],
        })  # fmt: skip

    def release(self, kind: str, path: str, document: dict[str, Any]) -> None:
        raw = json.dumps(document)
        self.stub._item(kind, path, f"{hash(raw):x}", raw.encode())

    def once(self) -> Any:
        for command in Command.objects.filter(answer__isnull=True).order_by("made_at"):
            self.stub.carry_out(command.id)
        return plan_once(dt.datetime.now(dt.UTC), transaction.atomic)

    def row(self) -> PlannedOrder:
        return PlannedOrder.objects.get(day=TOMORROW)

    def variables(self) -> dict[str, Any]:
        number = self.row().parameterisation
        return given_by_id([number])[number].variables

    def sent(self) -> list[dict[str, Any]]:
        """The arguments of all orders that the controller was asked to add."""
        bodies = Command.objects.order_by("made_at").values_list("body", flat=True)
        requests = [msgspec.msgpack.decode(bytes(body), type=Request) for body in bodies]
        return [o.arguments for r in requests if isinstance(r, AddOrders) for o in r.orders]


def join(agent: str = "agent-1") -> Opener:
    key = X25519PrivateKey.generate()
    public = key.public_key().public_bytes_raw()
    Agent.objects.update_or_create(id=agent, defaults={"public_key": public})
    return Opener(agent, key.private_bytes_raw())


@pytest.fixture
def opener(controller: ControllerStub) -> Opener:
    sealing.forget_workflows()
    return join()


@pytest.fixture
def plan(opener: Opener, controller: ControllerStub) -> Secrets:
    found = Secrets(controller)
    found.once()
    return found


def assert_stored_only_in_documents(*values: str) -> None:
    """Look through all rows of all tables but the released documents themselves."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for (table,) in cursor.fetchall():
            if table == "controller_deployeditem":
                continue
            cursor.execute(f'SELECT t::text FROM "{table}" t')  # noqa: S608  # names of tables
            for (text,) in cursor.fetchall():
                for value in values:
                    assert value not in text, table
                    assert value.encode().hex() not in text, table


def listed(api: Api) -> dict[str, Any]:
    (order,) = api.get("/plan/orders/", date=TOMORROW.isoformat())["orders"]
    found: dict[str, Any] = order
    return found


def test_what_a_schedule_gives_is_planned_sealed_and_told_nowhere(
    administrator: Api, plan: Secrets, opener: Opener
) -> None:
    values = plan.variables()
    assert opener.open(values["pw"])[0] == SECRET
    assert values["day"] == "x"
    order = listed(administrator)
    assert order["variables"] == {"pw": HIDDEN, "day": "x"}
    one = administrator.get(order_path(order["id"]).replace("/orders/", "/plan/orders/"))
    assert one["order"] == order
    assert_stored_only_in_documents(SECRET)


def test_an_order_is_submitted_with_the_sealed_value(
    administrator: Api, plan: Secrets, opener: Opener
) -> None:
    reply = administrator.post("/plan/orders/-/submit/", {"filter": {"date": str(TOMORROW)}})
    assert reply["accepted"] == 1, reply.body
    plan.once()
    (order,) = plan.stub.world.orders.values()
    assert opener.open(order.arguments["pw"])[0] == SECRET
    assert plan.row().state == PlanState.SUBMITTED
    assert_stored_only_in_documents(SECRET)


def test_without_sealing_the_plan_would_keep_it_in_plain(
    monkeypatch: pytest.MonkeyPatch, opener: Opener, controller: ControllerStub
) -> None:
    """Negative control of the look through all tables, and of what keeps the value out of them."""
    monkeypatch.setattr("dailyplan.given.sealings", lambda _paths: {})
    plan = Secrets(controller)
    plan.once()
    with pytest.raises(AssertionError, match="dailyplan_parameterisation"):
        assert_stored_only_in_documents(SECRET)


def test_planning_again_seals_nothing_again(plan: Secrets, opener: Opener) -> None:
    before, text = plan.row(), plan.variables()["pw"]
    PlannedSchedule.objects.update(digest=b"something else")
    done = plan.once()
    assert (done["schedules"], done["changed"], done["taken_back"]) == (1, 0, 0)
    assert plan.row().parameterisation == before.parameterisation
    assert plan.variables()["pw"] == text


def test_another_value_in_the_schedule_reaches_orders_that_are_submitted(
    administrator: Api, plan: Secrets, opener: Opener
) -> None:
    administrator.post("/plan/orders/-/submit/", {"filter": {"date": str(TOMORROW)}})
    plan.once()
    plan.give(pw=OTHER)
    done = plan.once()
    assert done["taken_back"] == 1
    assert_stored_only_in_documents(SECRET, OTHER)


def test_nobody_can_try_values_against_the_digest(plan: Secrets) -> None:
    """Else who reads the database would find a short value by trying all of them."""
    number = plan.row().parameterisation
    plain = replace(given_by_id([number])[number], variables={"pw": SECRET, "day": "x"})
    body = msgspec.msgpack.Encoder(order="sorted").encode(plain)
    assert ids_of([plain]) == [number], "it is recognised"
    kept = bytes(Parameterisation.objects.get(pk=number).digest)
    assert kept != hashlib.blake2b(body, digest_size=16).digest()


def test_values_are_sealed_anew_when_an_agent_joins_anew(plan: Secrets, opener: Opener) -> None:
    text = plan.variables()["pw"]
    again = join()
    plan.once()
    assert plan.variables()["pw"] != text
    assert again.open(plan.variables()["pw"])[0] == SECRET


def test_values_are_sealed_when_a_variable_becomes_secret(
    controller: ControllerStub, opener: Opener
) -> None:
    found = Secrets(controller)
    found.deploy({**WORKFLOW, "orderPreparation": {"allowUndeclared": True, "parameters": {}}})
    found.once()
    assert found.variables()["pw"] == SECRET
    number = found.row().parameterisation
    found.deploy({**DECLARED, "title": "with a secret"})
    # What was planned before is sealed when it is sent, whoever is faster.
    assert is_sealed(given_to_send([number])[number].variables["pw"])
    found.once()
    assert opener.open(found.variables()["pw"])[0] == SECRET


def test_a_value_that_nobody_can_open_is_withheld_until_somebody_can(
    controller: ControllerStub,
) -> None:
    sealing.forget_workflows()
    plan = Secrets(controller)
    plan.once()
    assert plan.variables()["pw"] == HIDDEN
    assert_stored_only_in_documents(SECRET)
    opener = join()
    plan.once()
    assert opener.open(plan.variables()["pw"])[0] == SECRET


def test_a_value_given_by_hand_is_sealed_before_anything_is_written(
    administrator: Api, plan: Secrets, opener: Opener
) -> None:
    reply = administrator.post(
        "/plan/orders/-/modify/",
        {"filter": {"date": str(TOMORROW)}, "variables": {"pw": OTHER, "day": "y"}},
        Idempotency_Key="once",
    )
    assert reply["accepted"] == 1, reply.body
    assert opener.open(plan.variables()["pw"])[0] == OTHER
    assert listed(administrator)["variables"] == {"pw": HIDDEN, "day": "y"}
    entry = AuditEntry.objects.get(verb="plan-modify")
    assert json.loads(entry.after or "")["variables"] == {"pw": HIDDEN, "day": "y"}
    assert_stored_only_in_documents(SECRET, OTHER)
    plan.once()
    assert opener.open(plan.variables()["pw"])[0] == OTHER


@pytest.mark.parametrize(
    ("value", "said"), [(HIDDEN, "stand for a hidden value"), ("a b", "does not match")]
)
def test_a_wrong_value_of_a_secret_variable_is_refused(
    administrator: Api, plan: Secrets, value: str, said: str
) -> None:
    before = plan.variables()
    reply = administrator.post(
        "/plan/orders/-/modify/", {"filter": {"date": str(TOMORROW)}, "variables": {"pw": value}}
    )
    assert reply.status == 422
    assert said in str(reply.body)
    assert plan.variables() == before


def test_pages_of_the_plan_do_not_tell_it(
    administrator: Api, plan: Secrets, client: Client, opener: Opener
) -> None:
    client.force_login(User.objects.get(username="ada"))
    order_id = listed(administrator)["id"]
    for address in (
        f"/plan/{TOMORROW}/", f"/plan/{TOMORROW}/?view=timeline", f"/plan/{TOMORROW}/?view=month",
        f"/plan/{TOMORROW}/orders/{order_id.replace('#', '%23')}/",
        f"/plan/-/parameters/?ids={order_id.replace('#', '%23')}",
    ):  # fmt: skip
        reply = client.get(address)
        assert reply.status_code == 200, address
        assert SECRET not in reply.content.decode(), address
        assert "enc://" not in reply.content.decode(), address


def test_a_copy_keeps_the_sealed_value(administrator: Api, plan: Secrets, opener: Opener) -> None:
    to = TOMORROW + dt.timedelta(days=30)
    body = {"filter": {"date": str(TOMORROW)}, "to": str(to), "submit": True}
    administrator.post("/plan/orders/-/copy/", body)
    plan.once()
    (arguments,) = plan.sent()
    assert opener.open(arguments["pw"])[0] == SECRET
