"""The dialogs of a workflow: suspend, skip, stop, transfer; and plans."""

import pytest
from django.test import Client

from cockpit.models import AuditEntry
from controller.models import Command
from engine.facts import Control
from engine.order import model as m
from engine.position import to_text
from tests.component.api.controller_stub import JOB, ControllerStub
from tests.component.api.history_rows import order_run
from tests.component.pages.reading import HTMX, text_of

PATH = "demo/controlled"
ONE = {"TYPE": "Execute.Named", "jobName": "work", "label": "one"}
TWO = {"instructions": [ONE, {**ONE, "label": "two"}], "jobs": {"work": JOB}}
HERE = f"/workflows/{PATH}/"


@pytest.fixture
def stub(controller: ControllerStub) -> ControllerStub:
    controller.deploy(PATH, TWO)
    return controller


def control(stub: ControllerStub) -> Control:
    return stub.world.control(PATH)


def test_a_workflow_is_suspended_and_resumed_and_shows_it_at_a_glance(
    owner: Client, stub: ControllerStub
) -> None:
    assert owner.post(f"{HERE}-/suspend/", {"comment": "an incident"}).status_code == 303
    assert control(stub).suspended
    for address in (HERE, "/workflows/"):
        assert "suspended" in text_of(owner.get(address)), address
    assert f"{HERE}-/resume/" in owner.get(HERE).content.decode()
    owner.post(f"{HERE}-/resume/")
    assert not control(stub).suspended
    entry = AuditEntry.objects.order_by("pk").first()
    assert entry is not None
    assert (entry.verb, entry.kind, entry.comment) == ("suspend", "workflow", "an incident")


def test_labels_are_skipped_by_what_is_ticked(owner: Client, stub: ControllerStub) -> None:
    dialog = owner.get(f"{HERE}-/labels/?toggle=two", headers=HTMX).content.decode()
    assert 'value="two" checked' in dialog
    assert 'value="one" checked' not in dialog
    owner.post(f"{HERE}-/labels/", {"labels": ["two"]})
    assert control(stub).skipped == ("two",)
    assert "skips two" in text_of(owner.get(HERE))
    owner.post(f"{HERE}-/labels/", {"labels": ["one"]})
    assert control(stub).skipped == ("one",)
    owner.post(f"{HERE}-/labels/", {})
    assert control(stub).skipped == ()


def test_stops_are_set_where_the_field_names_them(owner: Client, stub: ControllerStub) -> None:
    dialog = owner.get(f"{HERE}-/stops/?toggle=1", headers=HTMX).content.decode()
    assert 'data-pick="pick-stops"' in dialog
    assert ">1</textarea>" in dialog
    owner.post(f"{HERE}-/stops/", {"stops": "1"})
    assert [to_text(at) for at in control(stub).stops] == ["1"]
    assert "stops before two" in text_of(owner.get(HERE))
    panel = text_of(owner.get(f"{HERE}?at=1", headers=HTMX))
    assert "orders stop before it" in panel
    assert "Do not stop" in panel
    owner.post(f"{HERE}-/stops/", {"stops": ""})
    assert control(stub).stops == ()


def test_a_place_that_is_not_there_is_refused_with_a_sentence(
    owner: Client, stub: ControllerStub
) -> None:
    response = owner.post(f"{HERE}-/stops/", {"stops": "9"})
    assert response.status_code == 409
    assert "has no position or label &#x27;9&#x27;" in response.content.decode()
    assert ">9</textarea>" in response.content.decode()


def test_what_is_so_already_asks_nobody(owner: Client, stub: ControllerStub) -> None:
    assert owner.post(f"{HERE}-/labels/", {}).status_code == 303
    assert not Command.objects.exists()


def test_a_transfer_tells_which_orders_cannot_go_on_and_why(
    owner: Client, stub: ControllerStub
) -> None:
    stub.order("#fits", PATH, position=(0,))
    stub.order("#lost", PATH, position=(1,))
    stub.deploy(PATH, {**TWO, "instructions": [ONE]}, "v2")
    assert "2 orders on older versions" in text_of(owner.get(HERE))
    dialog = text_of(owner.get(f"{HERE}-/transfer/", headers=HTMX))
    assert "Not all of them can be transferred, so none would be" in dialog
    assert dialog.index("#lost") < dialog.index("#fits")
    assert "no instruction at 1" in dialog
    refused = owner.post(f"{HERE}-/transfer/")
    assert refused["Location"].startswith("/operations/")
    assert "0 accepted, 2 refused" in text_of(owner.get(refused["Location"]))
    stub.put(m.Order(id="#lost", workflow=PATH, version="v2"))
    assert owner.post(f"{HERE}-/transfer/").status_code == 303
    assert stub.world.orders["#fits"].version == "v2"


def test_a_transfer_leaves_those_that_cannot_go_where_that_is_ticked(
    owner: Client, stub: ControllerStub
) -> None:
    stub.order("#fits", PATH, position=(0,))
    stub.order("#lost", PATH, position=(1,))
    stub.deploy(PATH, {**TWO, "instructions": [{**ONE, "label": "new"}, ONE]}, "v2")
    given = {"only_possible": "1", "again": "1"}
    dialog = text_of(owner.post(f"{HERE}-/transfer/", given, headers=HTMX))
    assert "Left in an older version: 1." in dialog
    assert "goes on at 1 instead of 0, found by label one, at once" in dialog
    assert not Command.objects.exists()
    answered = owner.post(f"{HERE}-/transfer/", {"only_possible": "1"})
    assert "1 accepted, 1 refused" in text_of(owner.get(answered["Location"]))
    assert {i: o.version for i, o in stub.world.orders.items()} == {"#fits": "v2", "#lost": "v1"}


def test_each_dialog_tells_what_it_means_for_the_orders(
    owner: Client, stub: ControllerStub
) -> None:
    stub.order("#first", PATH, position=(0,))
    stub.order("#second", PATH, position=(1,))
    text = text_of(owner.get(f"{HERE}-/suspend/", headers=HTMX))
    assert "It stands still where it is." in text
    text = text_of(owner.get(f"{HERE}-/labels/?toggle=two", headers=HTMX))
    assert "It passes label two by when it comes to it." in text
    assert "It passes label two by." in text
    given = {"stops": "0", "again": "1"}
    text = text_of(owner.post(f"{HERE}-/stops/", given, headers=HTMX))
    assert "It is suspended before 0." in text
    assert "It does not come to 0 any more." in text
    assert not Command.objects.exists()


def test_who_may_only_look_sees_marks_and_no_dialog(
    owner: Client, colleague: Client, stub: ControllerStub
) -> None:
    owner.post(f"{HERE}-/labels/", {"labels": ["two"]})
    page = colleague.get(HERE)
    assert "skips two" in text_of(page)
    assert "/-/labels/" not in page.content.decode()
    for verb in ("suspend", "resume", "labels", "stops", "transfer"):
        assert colleague.post(f"{HERE}-/{verb}/").status_code == 403
    assert control(stub).skipped == ("two",)


def test_a_plan_is_closed_and_opened_where_an_order_names_it(
    owner: Client, stub: ControllerStub
) -> None:
    stub.order("#planned", PATH, plan="DailyPlan|2026-01-31", order_date="2026-01-31")
    page = owner.get("/orders/%23planned/").content.decode()
    assert "/plan/-/close/?plan=DailyPlan%7C2026-01-31" in page
    given = {"plan": "DailyPlan|2026-01-31", "next": "/orders/%23planned/"}
    assert owner.post("/plan/-/close/", given)["Location"] == "/orders/%23planned/"
    assert "closed" in text_of(owner.get("/orders/%23planned/"))
    added = {"workflow": PATH, "id": "#late", "plan": "2026-01-31"}
    refused = owner.post("/orders/-/add/", added)
    assert refused.status_code == 409
    assert "is closed" in text_of(refused)
    owner.post("/plan/-/open/", given)
    assert owner.post("/orders/-/add/", added).status_code == 303


def test_closing_a_plan_tells_what_it_means_for_its_orders(
    owner: Client, stub: ControllerStub
) -> None:
    plan = {"plan": "DailyPlan|2026-01-31"}
    stub.order("#planned", PATH, **plan, order_date="2026-01-31")
    order_run("#planned", workflow=PATH, order_date="2026-01-31", live=True)
    dialog = text_of(owner.get("/plan/-/close/", plan, headers=HTMX))
    assert "#planned" in dialog
    assert "It goes on: only new orders and notices are kept out." in dialog
    assert "no order under way" in text_of(owner.get("/plan/-/close/", {"plan": "Other|x"}))


def test_a_plan_without_a_name_is_refused_at_its_field(owner: Client, stub: ControllerStub) -> None:
    response = owner.post("/plan/-/close/", {"plan": "nonsense"})
    assert response.status_code == 409
    assert "It is written as DailyPlan|" in text_of(response)
