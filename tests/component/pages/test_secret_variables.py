"""Secret variables on pages: fields that tell nothing, and signs in place of values."""

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from django.test import Client

from agents.models import Agent
from agents.sealed import Opener
from engine.order import model as m
from engine.order.secret import HIDDEN
from tests.component.api import history_rows
from tests.component.api.controller_stub import WORKFLOW, ControllerStub
from tests.component.pages.reading import HTMX, text_of

SECRET = "s3cret/Value-97"
DECLARED = {
    **WORKFLOW,
    "orderPreparation": {
        "parameters": {"pw": {"secret": True, "facet": "[^ ]+"}, "day": {"default": "'x'"}},
    },
}


@pytest.fixture
def opener(controller: ControllerStub) -> Opener:
    controller.deploy("demo/secret", DECLARED)
    key = X25519PrivateKey.generate()
    Agent.objects.create(id="agent-1", public_key=key.public_key().public_bytes_raw())
    return Opener("agent-1", key.private_bytes_raw())


def test_a_new_order_gets_its_secret_from_a_field_that_shows_nothing(
    owner: Client, controller: ControllerStub, opener: Opener
) -> None:
    form = owner.get("/orders/-/add/?workflow=demo/secret", headers=HTMX).content.decode()
    assert 'name="arg.pw" type="password" autocomplete="new-password"' in form
    given = {"workflow": "demo/secret", "id": "#1", "arg.pw": SECRET}
    assert owner.post("/orders/-/add/", given).status_code == 303
    assert opener.open(controller.world.orders["#1"].arguments["pw"])[0] == SECRET


def test_a_form_that_comes_back_does_not_tell_what_was_typed(
    owner: Client, controller: ControllerStub, opener: Opener
) -> None:
    given = {"workflow": "demo/secret", "arg.pw": SECRET, "priority": "high"}
    back = owner.post("/orders/-/add/", given)
    assert back.status_code == 422
    assert SECRET not in back.content.decode()
    wrong = owner.post("/orders/-/add/", {"workflow": "demo/secret", "arg.pw": f"{SECRET} x"})
    assert "It does not match" in text_of(wrong)
    assert SECRET not in wrong.content.decode()


@pytest.mark.parametrize("tab", ["", "variables/", "history/", "audit/"])
def test_the_pages_of_an_order_show_signs_in_its_place(
    owner: Client, controller: ControllerStub, opener: Opener, tab: str
) -> None:
    history_rows.make_room()
    owner.post("/orders/-/add/", {"workflow": "demo/secret", "id": "#1", "arg.pw": SECRET})
    response = owner.get(f"/orders/%231/{tab}")
    assert response.status_code == 200
    page = response.content.decode()
    assert SECRET not in page
    assert "enc://" not in page
    if tab == "variables/":
        assert f'<dt class="mono">pw</dt><dd class="mono">{HIDDEN}</dd>' in page


def test_a_sealed_value_is_changed_or_left_and_never_shown(
    owner: Client, controller: ControllerStub, opener: Opener
) -> None:
    before = opener.seal("old")
    controller.order(
        "#1", "demo/secret", state=m.Fresh(), scheduled_us=2**52, arguments={"pw": before}
    )
    form = owner.get("/orders/-/parameters/?ids=%231", headers=HTMX).content.decode()
    assert f'placeholder="{HIDDEN}"' in form
    assert "enc://" not in form
    left = {"ids": "#1", "var.pw": "", "var.day": "y"}
    assert owner.post("/orders/-/parameters/", left).status_code == 303
    assert controller.world.orders["#1"].arguments == {"pw": before, "day": "y"}
    changed = {"ids": "#1", "var.pw": SECRET, "var.day": "y"}
    again = owner.post("/orders/-/parameters/", {**changed, "again": "1"})
    assert SECRET not in again.content.decode()
    assert owner.post("/orders/-/parameters/", changed).status_code == 303
    assert opener.open(controller.world.orders["#1"].arguments["pw"])[0] == SECRET


def test_a_resume_may_give_another_one(
    owner: Client, controller: ControllerStub, opener: Opener
) -> None:
    controller.order(
        "#1", "demo/secret", state=m.Failed(), arguments={"pw": opener.seal("old"), "day": "x"}
    )
    form = owner.get("/orders/-/resume/?ids=%231", headers=HTMX).content.decode()
    assert "enc://" not in form
    given = {"ids": "#1", "var.pw": SECRET, "var.day": "x"}
    assert owner.post("/orders/-/resume/", given).status_code == 303
    assert opener.open(controller.world.orders["#1"].arguments["pw"])[0] == SECRET
    wrong = owner.post("/orders/-/resume/", {**given, "var.pw": HIDDEN})
    assert wrong.status_code in (409, 422)
