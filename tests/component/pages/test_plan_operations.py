"""Verbs on many planned orders from pages: the way to the operation, its progress, stopping it."""

import pytest
from django.db import transaction
from django.test import Client

from cockpit import plan_operations as operations
from cockpit.models import PlanOperation
from cockpit.pages import plan_acting
from dailyplan.models import PlannedOrder
from dailyplan.state import PlanState
from tests.component.api.controller_stub import ControllerStub
from tests.component.pages.planned import Planned
from tests.component.pages.reading import text_of

EVERY = 'data-every="1"'


@pytest.fixture
def plan(controller: ControllerStub, monkeypatch: pytest.MonkeyPatch) -> Planned:
    """Two rows tomorrow, one is a slice; a page does none of an operation itself."""
    monkeypatch.setattr(operations, "ROWS_A_SLICE", 1)
    monkeypatch.setattr(plan_acting, "PLAN_SLICE", 1)
    monkeypatch.setattr(plan_acting, "WAIT_S", -1.0)
    return Planned(controller)


def removed(client: Client, plan: Planned) -> PlanOperation:
    """Ask to remove both rows, and return the operation."""
    form = {"ids": [plan.id(), plan.id("cycle")], "comment": "no more", "next": plan.at}
    reply = client.post("/plan/-/remove/", form)
    assert (reply.status_code, reply["Location"].startswith("/operations/")) == (303, True)
    return PlanOperation.objects.get()


def go_on(operation: PlanOperation, slices: int) -> None:
    left = iter([False] * slices + [True])
    operations.go_on(operation.pk, transaction.atomic, until=lambda: next(left))


def test_the_page_of_an_operation_tells_how_far_it_is_and_its_end(
    owner: Client, plan: Planned
) -> None:
    operation = removed(owner, plan)
    address = f"/operations/{operation.pk}/?back={plan.at}"
    reply = owner.get(address)
    assert "Remove 0 of 2 orders" in text_of(reply)
    assert EVERY in reply.content.decode(), "it is asked again by itself"
    go_on(operation, 1)
    assert "Remove 1 of 2 orders" in text_of(owner.get(address))
    go_on(operation, 2)
    reply = owner.get(address)
    assert "Remove done for 2 orders" in text_of(reply)
    assert "2 accepted, 0 refused" in text_of(reply)
    assert EVERY not in reply.content.decode()
    assert f'href="{plan.at}"' in reply.content.decode()
    assert PlannedOrder.objects.filter(day=plan.day, state=PlanState.REMOVED).count() == 2


def test_the_plan_tells_of_the_operation_while_it_goes_on(owner: Client, plan: Planned) -> None:
    operation = removed(owner, plan)
    for address in (plan.at, f"{plan.at}head/"):
        reply = owner.get(address)
        assert "Remove 0 of 2 orders" in text_of(reply)
        assert f"/operations/{operation.pk}/" in reply.content.decode()
    go_on(operation, 3)
    assert "Remove done for 2 orders" in text_of(owner.get(f"{plan.at}head/"))


def test_an_operation_is_stopped_on_its_page(owner: Client, plan: Planned) -> None:
    operation = removed(owner, plan)
    go_on(operation, 1)
    reply = owner.post(f"/plan/operations/{operation.pk}/stop/", {"back": plan.at})
    assert reply.status_code == 303
    go_on(operation, 2)
    text = text_of(owner.get(f"/operations/{operation.pk}/"))
    assert "Remove stopped after 1 of 2 orders" in text
    assert PlannedOrder.objects.filter(day=plan.day, state=PlanState.REMOVED).count() == 1


def test_nobody_sees_or_stops_the_operation_of_somebody_else(
    owner: Client, colleague: Client, plan: Planned
) -> None:
    operation = removed(owner, plan)
    assert colleague.get(f"/operations/{operation.pk}/").status_code == 404
    assert colleague.post(f"/plan/operations/{operation.pk}/stop/").status_code in (403, 404)
    operation.refresh_from_db()
    assert operation.stopped_at is None
    assert "Remove" not in text_of(colleague.get(f"{plan.at}head/"))


def test_counts_of_the_head_follow_what_happens(owner: Client, plan: Planned) -> None:
    assert "planned 5" in text_of(owner.get(f"{plan.at}head/"))
    plan.change(state=int(PlanState.STARTED))
    assert "planned 4" in text_of(owner.get(f"{plan.at}head/"))
