"""The form of a new order: typed variables, moments, and all problems at once."""

from typing import Any

import pytest
from django.test import Client

from controller.models import Command, OrderRow
from tests.component.api.controller_stub import WORKFLOW, ControllerStub
from tests.component.pages.reading import HTMX, text_of

TYPED = {
    **WORKFLOW,
    "orderPreparation": {
        "parameters": {
            "region": {"type": "String"},
            "rows": {"type": "Number", "default": "100"},
            "dry": {"type": "Boolean", "default": "false"},
            "level": {"type": "String", "default": "'low'", "list": ["'low'", "high"]},
        },
        "allowUndeclared": False,
    },
}


@pytest.fixture
def typed(controller: ControllerStub) -> ControllerStub:
    controller.deploy("demo/typed", TYPED)
    return controller


def post(owner: Client, **given: Any) -> Any:
    return owner.post("/orders/-/add/", {"workflow": "demo/typed", **given})


def test_the_form_asks_for_the_variables_of_the_chosen_workflow(
    owner: Client, typed: ControllerStub
) -> None:
    plain = text_of(owner.get("/orders/-/add/", headers=HTMX))
    assert "region" not in plain
    chosen = owner.get("/orders/-/add/?workflow=demo/typed", headers=HTMX)
    text = text_of(chosen)
    assert "region String, required" in text
    assert "Empty takes 100." in text
    assert "<option>low</option><option>high</option>" in chosen.content.decode()
    assert "More variables" not in text
    # What Enter presses is the first button that submits; htmx reads within <noscript> too.
    assert chosen.content.decode().count('type="submit"') == 1


def test_an_order_is_added_with_typed_variables(owner: Client, typed: ControllerStub) -> None:
    response = post(
        owner, id="#mine", **{"arg.region": "eu", "arg.rows": "12.5", "arg.dry": "true"}
    )
    assert (response.status_code, response["Location"]) == (303, "/orders/%23mine/")
    assert typed.world.orders["#mine"].arguments == {"region": "eu", "rows": 12.5, "dry": True}
    assert OrderRow.objects.filter(order_id="#mine").exists()


def test_a_dialog_is_left_for_the_page_of_the_order(owner: Client, typed: ControllerStub) -> None:
    response = owner.post(
        "/orders/-/add/", {"workflow": "demo/typed", "id": "#x", "arg.region": "eu"}, headers=HTMX
    )
    assert response["HX-Redirect"] == "/orders/%23x/"


def test_all_problems_come_at_once_with_their_fields(owner: Client, typed: ControllerStub) -> None:
    response = post(
        owner,
        id="a|b",
        scheduled="someday",
        priority="high",
        **{"arg.rows": "many", "arg.level": "top"},
    )
    assert response.status_code == 422
    text = text_of(response)
    for part in ("arguments.rows", "It must be a number", "arguments.region", "It is required",
                 "arguments.level", "scheduled", "is no moment", "priority"):  # fmt: skip
        assert part in text, part
    assert not Command.objects.exists()
    assert 'value="someday"' in response.content.decode()


def test_an_id_with_a_bar_is_refused(owner: Client, typed: ControllerStub) -> None:
    response = post(owner, id="a|b", **{"arg.region": "eu"})
    assert response.status_code == 422
    assert "must not contain |" in text_of(response)


def test_a_known_id_is_refused_by_the_controller(owner: Client, typed: ControllerStub) -> None:
    post(owner, id="#twice", **{"arg.region": "eu"})
    response = post(owner, id="#twice", **{"arg.region": "eu"})
    assert response.status_code == 409
    assert "There is an order #twice already." in text_of(response)


def test_a_start_in_the_future_is_scheduled(owner: Client, typed: ControllerStub) -> None:
    post(owner, id="#later", scheduled="+15m", **{"arg.region": "eu"})
    at_us = typed.world.orders["#later"].scheduled_us
    assert at_us is not None
    assert 14 * 60e6 < at_us - typed.now_us < 16 * 60e6


def test_a_workflow_that_is_not_deployed_is_named(owner: Client, typed: ControllerStub) -> None:
    response = owner.post("/orders/-/add/", {"workflow": "no/such"})
    assert response.status_code == 422
    assert "No workflow no/such is deployed." in text_of(response)
    assert owner.post("/orders/-/add/", {"workflow": "a\0b"}).status_code == 422


def test_problems_stand_at_their_fields_and_what_was_typed_stays(
    owner: Client, typed: ControllerStub
) -> None:
    typed_in = {"zone": "Mars/Base", "plan": "nonsense|", "priority": "high", "name": "mine",
                "start_position": "9", "arg.rows": "many"}  # fmt: skip
    content = post(owner, **typed_in).content.decode()
    for field in ("add-zone", "add-plan", "add-priority", "arg-2"):
        assert f'id="{field}-problem"' in content, field
    for value in ("Mars/Base", "nonsense|", "high", "mine", "9", "many"):
        assert f'value="{value}"' in content, value


def test_a_place_that_is_not_there_is_told_at_its_field(
    owner: Client, typed: ControllerStub
) -> None:
    given = {"start_position": "9", "stop_positions": "0\n7/then/0", "arg.region": "eu"}
    response = post(owner, **given)
    assert response.status_code == 422
    content = response.content.decode()
    assert 'id="pick-start_position-problem"' in content
    assert 'id="pick-stop_positions-problem"' in content
    assert '<details class="field" open>' in content
    assert not Command.objects.exists()


def test_an_order_begins_and_ends_where_it_is_told_and_stays(
    owner: Client, controller: ControllerStub
) -> None:
    steps = [{"TYPE": "Execute.Named", "jobName": "work", "label": f"s{n}"} for n in range(3)]
    controller.deploy("demo/steps", {**WORKFLOW, "instructions": steps})
    given = {
        "workflow": "demo/steps", "id": "#part", "start_position": "1", "stop_positions": "2",
        "plan": "2026-02-01", "priority": "7", "tags": "a, b", "remain": "1",
        "force_admission": "1", "scheduled": "2030-01-31 08:00", "zone": "Asia/Tokyo",
    }  # fmt: skip
    assert owner.post("/orders/-/add/", given).status_code == 303
    order = controller.world.orders["#part"]
    assert (order.position, order.stop_positions) == ((1,), ((2,),))
    assert (order.plan, order.order_date) == ("DailyPlan|2026-02-01", "2026-02-01")
    assert (order.priority, order.tags) == (7, ("a", "b"))
    assert (order.remain, order.force_admission) == (True, True)
    assert order.scheduled_us == 1_896_044_400_000_000


def test_the_form_offers_places_and_blocks_of_the_workflow(
    owner: Client, controller: ControllerStub
) -> None:
    inner = {"instructions": WORKFLOW["instructions"]}
    forked = {"TYPE": "Fork", "label": "both", "branches": [{"id": "eu", "workflow": inner}]}
    controller.deploy("demo/forked", {**WORKFLOW, "instructions": [forked]})
    content = owner.get("/orders/-/add/?workflow=demo/forked", headers=HTMX).content.decode()
    assert '<option value="0/fork+eu">' in content
    assert "An order cannot begin inside of a fork" in content
    assert 'data-pick="pick-stop_positions"' in content
