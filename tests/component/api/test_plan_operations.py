"""Verbs on many planned orders: kept whole, each slice done once, followed and stopped."""

import contextlib
import datetime as dt
import json
import threading
from typing import Any

import pytest
from django.db import OperationalError, connections, transaction

from cockpit import plan_operations as operations
from cockpit.models import AuditEntry, PlanOperation, PlanOperationSlice
from controller.models import Command
from dailyplan.models import PlannedOrder
from dailyplan.once import plan_once
from dailyplan.state import PlanState
from tests.component.api.client import Api
from tests.component.api.controller_stub import ControllerStub
from tests.plan_site import every_day

TOMORROW = (dt.datetime.now(dt.UTC) + dt.timedelta(days=1)).date()
ORDERS = 10
SLICE = 3


class Killed(Exception):
    """The process has died here."""


@pytest.fixture
def day(
    transactional_db: None, controller: ControllerStub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten planned orders tomorrow; three are a slice."""
    monkeypatch.setattr(operations, "ROWS_A_SLICE", SLICE)
    controller.deploy("demo/report")
    release(controller, "calendar", "demo/days", every_day())
    periods = [{"singleStart": f"{n:02}:15"} for n in range(ORDERS)]
    release(controller, "schedule", "demo/many", {
        "workflowNames": ["report"], "planOrderAutomatically": True,
        "calendars": [{"calendarName": "days", "periods": periods}],
    })  # fmt: skip
    plan_once(dt.datetime.now(dt.UTC), transaction.atomic)
    assert rows().count() == ORDERS


def release(stub: ControllerStub, kind: str, path: str, document: dict[str, Any]) -> None:
    raw = json.dumps(document)
    stub._item(kind, path, f"{hash(raw):x}", raw.encode())


def rows(**having: Any) -> Any:
    return PlannedOrder.objects.filter(day=TOMORROW, **having)


def verb(api: Api, name: str, **more: Any) -> Any:
    headers = {"Idempotency_Key": more.pop("key")} if "key" in more else {}
    body = {"filter": {"date": str(TOMORROW)}, **more}
    return api.post(f"/plan/orders/-/{name}/", body, **headers)


def never() -> bool:
    return False


def begun(api: Api, monkeypatch: pytest.MonkeyPatch, name: str = "remove", **more: Any) -> Any:
    """Return the 202 of a verb of which the request itself does nothing."""
    with monkeypatch.context() as patched:
        patched.setattr("cockpit.api.plan.verbs.WAIT_S", -1)
        reply = verb(api, name, **more)
    assert reply.status == 202, reply.body
    return reply


def only() -> PlanOperation:
    return PlanOperation.objects.get()


def test_many_orders_are_one_operation_of_slices(administrator: Api, day: None) -> None:
    reply = verb(administrator, "remove")
    assert (reply.status, reply["accepted"], reply["refused"]) == (200, ORDERS, 0)
    assert rows(state=PlanState.REMOVED).count() == ORDERS
    assert PlanOperationSlice.objects.count() == 4
    assert AuditEntry.objects.filter(verb="plan-remove").count() == 4
    seen = administrator.get(reply["operation"].removeprefix("/api/v1"))
    assert (seen["state"], seen["requests"], seen["answered"]) == ("answered", 4, 4)
    assert (seen["accepted"], len(seen["answers"])) == (ORDERS, ORDERS)


def test_few_orders_are_done_at_once(administrator: Api, day: None) -> None:
    ids = [o["id"] for o in administrator.get("/plan/orders/", date=str(TOMORROW))["orders"]]
    reply = administrator.post("/plan/orders/-/remove/", {"ids": ids[:SLICE]})
    assert (reply.status, reply["accepted"], reply["operation"]) == (200, SLICE, None)
    assert not PlanOperation.objects.exists()


def test_what_takes_long_is_answered_with_an_operation_that_goes_on(
    administrator: Api, day: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    reply = begun(administrator, monkeypatch)
    place = reply["operation"].removeprefix("/api/v1")
    assert rows(state=PlanState.REMOVED).count() == 0
    assert administrator.get(place)["state"] == "waiting"
    (operation,) = operations.open_operations(older_than=dt.datetime.now(dt.UTC))
    left = iter((False, True))
    operations.go_on(operation, transaction.atomic, until=lambda: next(left))
    seen = administrator.get(place)
    assert (seen["state"], seen["answered"], seen["accepted"]) == ("waiting", 1, SLICE)
    operations.go_on(operation, transaction.atomic, until=never)
    assert administrator.get(place)["state"] == "answered"
    assert rows(state=PlanState.REMOVED).count() == ORDERS
    assert operations.open_operations(older_than=dt.datetime.now(dt.UTC)) == []


def test_a_repeated_key_leads_to_the_same_operation(
    administrator: Api, day: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = begun(administrator, monkeypatch, key="k")
    again = begun(administrator, monkeypatch, key="k")
    assert first["operation"] == again["operation"]
    operations.go_on(only().pk, transaction.atomic, until=never)
    # Now the filter selects nothing any more, and the answer is still that of the operation.
    assert verb(administrator, "remove", key="k")["accepted"] == ORDERS
    assert PlanOperation.objects.count() == 1
    assert verb(administrator, "restore", key="k").status == 422


@pytest.mark.parametrize("at", ["before the slice", "within the slice", "before the commit"])
def test_an_operation_goes_on_where_its_process_has_died(
    administrator: Api, day: None, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    begun(administrator, monkeypatch, "copy", to=str(TOMORROW + dt.timedelta(days=40)))
    calls = iter(range(100))

    def dies(done: Any) -> Any:
        def act(*given: Any, **more: Any) -> Any:
            second = next(calls) == 1
            if second and at == "before the slice":
                raise Killed
            found = done(*given, **more)
            if second and at == "within the slice":
                raise Killed
            return found

        return act

    with monkeypatch.context() as patched:
        if at == "before the commit":
            patched.setattr(operations, "_do", dies_after(operations._do))
        else:
            patched.setattr(operations, "act", dies(operations.act))
        with pytest.raises(Killed):
            operations.go_on(only().pk, transaction.atomic, until=never)
    operations.go_on(only().pk, transaction.atomic, until=never)
    copies = PlannedOrder.objects.filter(day=TOMORROW + dt.timedelta(days=40), flags=8)
    assert copies.count() == ORDERS
    assert AuditEntry.objects.filter(verb="plan-copy").count() == 4


def dies_after(do: Any) -> Any:
    calls = iter(range(100))

    def done(piece: Any) -> None:
        do(piece)
        if next(calls) == 1:
            raise Killed

    return done


def test_without_one_transaction_a_slice_would_be_done_twice(
    administrator: Api, day: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Negative control of the killing: it finds an answer that is not kept with its deed."""
    begun(administrator, monkeypatch, "copy", to=str(TOMORROW + dt.timedelta(days=40)))
    operation = only().pk
    with monkeypatch.context() as patched:
        patched.setattr(PlanOperationSlice.objects, "filter", killing)
        with pytest.raises(Killed):
            operations.go_on(operation, contextlib.nullcontext, until=never)
    operations.go_on(only().pk, transaction.atomic, until=never)
    copies = PlannedOrder.objects.filter(day=TOMORROW + dt.timedelta(days=40), flags=8)
    assert copies.count() > ORDERS


def killing(**_having: Any) -> Any:
    raise Killed


def test_two_who_work_at_once_do_each_slice_once(
    administrator: Api, day: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun(administrator, monkeypatch, "copy", to=str(TOMORROW + dt.timedelta(days=40)))
    operation, done = only().pk, list[int]()

    def work() -> None:
        try:
            done.append(operations.go_on(operation, transaction.atomic, until=never))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sum(done) == 4
    copies = PlannedOrder.objects.filter(day=TOMORROW + dt.timedelta(days=40), flags=8)
    assert copies.count() == ORDERS


def test_a_stopped_operation_leaves_the_rest_as_it_is(
    administrator: Api, day: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    reply = begun(administrator, monkeypatch)
    place = reply["operation"].removeprefix("/api/v1")
    left = iter((False, True))
    operations.go_on(only().pk, transaction.atomic, until=lambda: next(left))
    assert administrator.post(f"{place}stop/")["state"] == "stopped"
    operations.go_on(only().pk, transaction.atomic, until=never)
    assert rows(state=PlanState.REMOVED).count() == SLICE
    seen = administrator.get(place)
    assert (seen["state"], seen["accepted"], seen["answered"]) == ("stopped", SLICE, 1)
    again = administrator.post(f"{place}stop/")
    assert (again.status, again["code"]) == (409, "not-applicable")


def test_a_viewer_stops_nothing(
    administrator: Api, viewer: Api, day: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = begun(administrator, monkeypatch)["operation"].removeprefix("/api/v1")
    assert viewer.post(f"{place}stop/").status == 403
    assert only().stopped_at is None


def test_a_slice_that_cannot_be_done_fails_alone(
    administrator: Api, day: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun(administrator, monkeypatch)
    act, calls = operations.act, iter(range(100))

    def sometimes(*given: Any, **more: Any) -> Any:
        if next(calls) == 1:
            PlannedOrder.objects.update(state=5)
            raise ValueError("a sentence about it")
        return act(*given, **more)

    monkeypatch.setattr(operations, "act", sometimes)
    operations.go_on(only().pk, transaction.atomic, until=never)
    answers = operations.answers_of(only().pk)
    assert operations.codes_of(answers) == {"accepted": ORDERS - SLICE, "failed": SLICE}
    assert "a sentence about it" in next(a.sentence for a in answers if not a.ok)
    assert rows(state=PlanState.REMOVED).count() == ORDERS - SLICE
    assert not rows(state=5).exists(), "what the slice had written is undone"


def test_a_database_that_is_away_is_no_answer(
    administrator: Api, day: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun(administrator, monkeypatch)
    with monkeypatch.context() as patched:
        patched.setattr(operations, "act", away)
        with pytest.raises(OperationalError):
            operations.go_on(only().pk, transaction.atomic, until=never)
    operations.go_on(only().pk, transaction.atomic, until=never)
    assert operations.codes_of(operations.answers_of(only().pk)) == {"accepted": ORDERS}


def away(*_given: Any, **_more: Any) -> Any:
    raise OperationalError("the server is away")


def test_operations_of_last_week_are_forgotten(administrator: Api, day: None) -> None:
    verb(administrator, "remove")
    now = dt.datetime.now(dt.UTC)
    assert operations.forget(before=now - dt.timedelta(days=7)) == 0
    assert operations.forget(before=now + dt.timedelta(seconds=1)) == 5
    assert not PlanOperation.objects.exists()


def test_submitting_many_asks_the_controller_once_for_each(
    administrator: Api, day: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun(administrator, monkeypatch, "submit")
    operations.go_on(only().pk, transaction.atomic, until=never)
    operations.go_on(only().pk, transaction.atomic, until=never)
    keys = Command.objects.filter(key__startswith="plan/").exclude(key__startswith="plan/close")
    assert keys.count() == 4
    assert rows(state=PlanState.SUBMITTED).count() == ORDERS
