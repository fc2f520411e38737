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
            "level": {"type": "String", "default": "'low'", "list": ["low", "high"]},
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
    assert "<option>high</option>" in chosen.content.decode()
    assert "More variables" not in text


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
