"""The dialogs that act on orders: preview, refusal, result, audit row, in one request each."""

from typing import Any

import pytest
from django.test import Client

from cockpit.models import AuditEntry
from controller.models import Command, OrderRow
from engine.order import model as m
from tests.component.api import history_rows
from tests.component.pages.reading import HTMX, text_of
from tests.component.pages.scene import PATH, Scene


def group_of(order_id: str) -> str:
    return OrderRow.objects.get(order_id=order_id).group


def test_the_dialog_tells_the_effect_on_each_order_before_anything_happens(
    owner: Client, scene: Scene
) -> None:
    ids = [scene.running.order_id, scene.failed.order_id]
    text = text_of(owner.get("/orders/-/suspend/", {"ids": ids}, headers=HTMX))
    assert "Suspend 2 orders" in text
    assert "takes effect" in text
    assert "it has failed" in text
    assert not Command.objects.exists()


def test_cancelling_a_failed_order_lets_it_leave_and_leaves_an_audit_row(
    owner: Client, scene: Scene
) -> None:
    given = {"ids": [scene.failed.order_id], "comment": "no longer wanted"}
    response = owner.post("/orders/-/cancel/", given)
    assert response.status_code == 303
    entry = AuditEntry.objects.get()
    assert (entry.account, entry.verb, entry.comment) == ("ada", "cancel", "no longer wanted")
    assert entry.objects_named == [scene.failed.order_id]
    assert entry.command is not None


def test_over_a_list_the_dialog_closes_and_a_toast_tells_the_result(
    owner: Client, scene: Scene
) -> None:
    given = {"ids": [scene.running.order_id], "stay": "1"}
    response = owner.post("/orders/-/suspend/", given, headers=HTMX)
    assert response.status_code == 200
    assert response.content == b""
    assert "took it" in response["HX-Trigger"]


def test_a_refusal_is_told_in_the_dialog_with_sentence_and_state(
    owner: Client, scene: Scene
) -> None:
    given = {"ids": [scene.failed.order_id]}
    response = owner.post("/orders/-/suspend/", given, headers=HTMX)
    assert response.status_code == 409
    assert "is Failed: it has failed" in text_of(response)


def test_mixed_results_lead_to_a_page_with_one_answer_per_order(
    owner: Client, scene: Scene
) -> None:
    ids = [scene.running.order_id, scene.failed.order_id]
    response = owner.post("/orders/-/suspend/", {"ids": ids})
    assert response.status_code == 303
    text = text_of(owner.get(response["Location"]))
    assert "1 accepted, 1 refused" in text


def test_ending_jobs_of_several_orders_asks_for_their_number(owner: Client, scene: Scene) -> None:
    scene.controller.order("#other", PATH, state=m.Processing("r:2", 1))
    given: dict[str, Any] = {"ids": [scene.running.order_id, "#other"], "kill": "1"}
    response = owner.post("/orders/-/cancel/", given)
    assert response.status_code == 422
    assert "type 2 to confirm" in text_of(response)
    assert not Command.objects.exists()
    assert owner.post("/orders/-/cancel/", {**given, "count": "2"}).status_code == 303


def test_resume_offers_places_and_variables_and_changes_only_what_was_changed(
    owner: Client, scene: Scene
) -> None:
    dialog = owner.get("/orders/-/resume/", {"ids": scene.failed.order_id}, headers=HTMX)
    assert '<option value="0"' in dialog.content.decode()
    assert "var.who" in dialog.content.decode()
    given = {"ids": scene.failed.order_id, "position": "0", "var.who": '"eu"', "was.who": '"us"',
             "more": "region = 7"}  # fmt: skip
    assert owner.post("/orders/-/resume/", given).status_code == 303
    order = scene.controller.world.orders[scene.failed.order_id]
    assert order.arguments["who"] == "eu"
    assert order.results[-1].values == {"region": 7}


def test_variables_that_are_no_values_are_told_all_at_once(owner: Client, scene: Scene) -> None:
    given = {"ids": scene.failed.order_id, "var.who": "eu", "was.who": '"us"', "more": "nonsense"}
    response = owner.post("/orders/-/resume/", given)
    assert response.status_code == 422
    assert "who is no JSON value" in text_of(response)
    assert "Line 1 is no variable" in text_of(response)


@pytest.mark.parametrize("priority", ["", "high", "1.5", str(2**40)])
def test_a_priority_that_is_no_number_is_refused(
    owner: Client, scene: Scene, priority: str
) -> None:
    given = {"ids": scene.running.order_id, "priority": priority}
    response = owner.post("/orders/-/priority/", given)
    assert response.status_code == 422
    assert "whole number" in text_of(response)


def test_all_orders_of_a_filter_can_be_chosen(owner: Client, scene: Scene) -> None:
    response = owner.get("/orders/-/cancel/", {"all": "1", "q": "state:failed"})
    assert "Cancel 1 order" in text_of(response)
    assert scene.failed.order_id in text_of(response)
    assert scene.running.order_id not in text_of(response)


def test_a_dialog_without_orders_says_so(owner: Client, scene: Scene) -> None:
    assert "No order is chosen" in text_of(owner.get("/orders/-/cancel/"))
    assert owner.post("/orders/-/cancel/").status_code == 422


def test_while_no_controller_answers_the_page_waits_and_says_so(
    owner: Client, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cockpit.api.answers.WAIT_S", 0.01)
    scene.controller.silent = True
    response = owner.post("/orders/-/suspend/", {"ids": scene.running.order_id})
    place = response["Location"]
    assert place.startswith("/operations/")
    assert "has not answered yet" in text_of(owner.get(place))
    scene.controller.carry_out(Command.objects.get().id)
    assert "1 accepted, 0 refused" in text_of(owner.get(place))


def test_somebody_elses_operation_is_not_shown(
    owner: Client, colleague: Client, scene: Scene
) -> None:
    owner.post("/orders/-/suspend/", {"ids": scene.running.order_id})
    place = f"/operations/{Command.objects.get().id}/"
    assert owner.get(place).status_code == 200
    assert colleague.get(place).status_code == 404


def test_the_way_back_cannot_lead_to_another_site(owner: Client, scene: Scene) -> None:
    given = {"ids": scene.running.order_id, "next": "//evil.example/"}
    assert owner.post("/orders/-/suspend/", given)["Location"].startswith("/orders/")


def test_a_list_of_several_pages_offers_all_that_match(owner: Client, scene: Scene) -> None:
    assert "all that match" not in text_of(owner.get("/orders/"))
    for n in range(101):
        history_rows.order_run(f"#many#{n:03}")
    listed = owner.get("/orders/?q=wf:demo/*")
    assert "all that match" in text_of(listed)
    assert '<input type="hidden" form="orders-chosen" name="q" value="wf:demo/*">' in (
        listed.content.decode()
    )
    dialog = owner.get("/orders/-/suspend/", {"all": "1", "q": "#many"})
    assert "Suspend 101 orders" in text_of(dialog)
    assert "and 51 more" in text_of(dialog)
