"""The dialogs that act on orders: preview, refusal, result, audit row, in one request each."""

import json
from typing import Any

import pytest
from django.test import Client

from cockpit.models import AuditEntry
from cockpit.pages.verb_dialogs import DIALOGS
from cockpit.pages.verb_results import title_of
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
    assert "It is suspended when its job ends." in text
    assert "it has failed" in text
    assert "1 refused: not-applicable" in text
    assert not Command.objects.exists()


@pytest.mark.parametrize("verb", list(DIALOGS))
def test_each_verb_has_a_dialog_for_several_orders_with_one_default_button(
    owner: Client, scene: Scene, verb: str
) -> None:
    ids = [scene.running.order_id, scene.failed.order_id]
    for response in (
        owner.get(f"/orders/-/{verb}/", {"ids": ids}, headers=HTMX),
        owner.post(f"/orders/-/{verb}/", {"ids": ids, "again": "1"}, headers=HTMX),
    ):
        assert response.status_code == 200
        assert title_of(verb, 2) in text_of(response)
        # What Enter presses is the first button that submits; htmx reads within <noscript> too.
        assert response.content.decode().count('type="submit"') == 1
    whole = owner.get(f"/orders/-/{verb}/", {"ids": ids}).content.decode()
    assert ("<noscript><button" in whole) == bool(DIALOGS[verb].kill or DIALOGS[verb].deep)


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
    told = f"{scene.running.order_id} will be suspended; it is running now."
    assert told in json.loads(response["HX-Trigger"])["toast"]["text"]


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
    given = {"ids": scene.failed.order_id, "position": "0", "var.who": "eu",
             "more": "region = 7"}  # fmt: skip
    assert owner.post("/orders/-/resume/", given).status_code == 303
    order = scene.controller.world.orders[scene.failed.order_id]
    assert order.arguments["who"] == "eu"
    assert order.results[-1].values == {"region": 7}


def test_variables_that_are_no_values_are_told_all_at_once(owner: Client, scene: Scene) -> None:
    scene.controller.order("#typed", PATH, state=m.Failed(), arguments={"rows": 7, "on": True})
    given = {"ids": "#typed", "var.rows": "many", "var.on": "perhaps", "more": "nonsense"}
    response = owner.post("/orders/-/resume/", given)
    assert response.status_code == 422
    assert "It must be a number" in text_of(response)
    assert "It must be true or false" in text_of(response)
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


def test_every_verb_is_listed_and_one_that_cannot_be_used_says_why(
    owner: Client, scene: Scene
) -> None:
    text = text_of(owner.get(f"/orders/{scene.running.order_id.replace('#', '%23')}/"))
    for said in ("Resume Not now: it is neither suspended nor failed nor stopped",
                 "Confirm Not now: it does not ask anything",
                 "Change start Not now: it has started",
                 "Remove Not now: it has not ended"):  # fmt: skip
        assert said in text, said


def test_the_start_is_changed_in_the_zone_that_is_named(owner: Client, scene: Scene) -> None:
    scene.controller.order("#later", PATH, state=m.Fresh(), scheduled_us=10**16)
    given = {"ids": "#later", "scheduled": "2030-01-31 08:00", "zone": "Asia/Tokyo"}
    assert owner.post("/orders/-/start-time/", given).status_code == 303
    order = scene.controller.world.orders["#later"]
    assert order.scheduled_us == 1_896_044_400_000_000
    wrong = owner.post("/orders/-/start-time/", {**given, "zone": "Mars/Base"})
    assert wrong.status_code == 422
    assert 'id="verb-zone-problem"' in wrong.content.decode()
    assert 'value="Mars/Base"' in wrong.content.decode()
    far = owner.post("/orders/-/start-time/", {**given, "scheduled": "9999-12-31 23:59"})
    assert far.status_code == 422
    assert 'id="verb-scheduled-problem"' in far.content.decode()


def test_parameters_are_changed_by_their_types_and_emptied_ones_go(
    owner: Client, scene: Scene
) -> None:
    arguments = {"who": "eu", "rows": 7, "gone": "x"}
    scene.controller.order("#fresh", PATH, state=m.Fresh(), arguments=arguments)
    wrong = owner.post("/orders/-/parameters/", {"ids": "#fresh", "var.rows": "many"})
    assert wrong.status_code == 422
    assert "It must be a number" in text_of(wrong)
    assert 'value="many"' in wrong.content.decode()
    given = {"ids": "#fresh", "var.who": "us", "var.rows": "8", "var.gone": "", "more": "new = [1]"}
    assert owner.post("/orders/-/parameters/", given).status_code == 303
    changed = scene.controller.world.orders["#fresh"].arguments
    assert changed == {"who": "us", "rows": 8, "new": [1]}


def test_an_order_that_remained_is_removed(owner: Client, scene: Scene) -> None:
    scene.controller.order("#stays", PATH, state=m.Finished(), remain=True)
    history_rows.order_run("#stays", state="Finished", group="finished", live=False)
    assert "/orders/-/remove/" in owner.get("/orders/%23stays/").content.decode()
    assert owner.post("/orders/-/remove/", {"ids": "#stays"}).status_code == 303
    assert not OrderRow.objects.filter(order_id="#stays").exists()


def test_the_effect_follows_the_options(owner: Client, scene: Scene) -> None:
    given = {"ids": scene.running.order_id, "again": "1"}
    plain = text_of(owner.post("/orders/-/cancel/", given, headers=HTMX))
    assert "It is cancelled when its job ends." in plain
    killed = text_of(owner.post("/orders/-/cancel/", {**given, "kill": "1"}, headers=HTMX))
    assert "It is cancelled when its job has been ended." in killed
    assert not Command.objects.exists()


def test_a_filter_that_selects_others_meanwhile_is_shown_once_more(
    owner: Client, scene: Scene
) -> None:
    given = {"all": "1", "q": "state:failed", "seen_count": "2"}
    response = owner.post("/orders/-/cancel/", given)
    assert response.status_code == 422
    assert "Meanwhile the filter selects 1 order." in text_of(response)
    assert not Command.objects.exists()
    assert owner.post("/orders/-/cancel/", {**given, "seen_count": "1"}).status_code == 303


def test_unreachable_places_are_greyed_in_the_resume_dialog_with_a_reason(
    owner: Client, scene: Scene
) -> None:
    locked = {
        "instructions": [
            {"TYPE": "Execute.Named", "jobName": "work", "label": "start"},
            {"TYPE": "Lock", "demands": [{"lockName": "dwh"}], "lockedWorkflow": {
                "instructions": [{"TYPE": "Execute.Named", "jobName": "work", "label": "in"}]}},
        ],
        "jobs": {"work": {"agentName": "agent-1",
                          "executable": {"TYPE": "ShellScriptExecutable", "script": "true"}}},
    }  # fmt: skip
    scene.controller.deploy("demo/inner", locked)
    scene.controller.order("#out", "demo/inner", state=m.Failed())
    dialog = owner.get("/orders/-/resume/", {"ids": "#out"}, headers=HTMX).content.decode()
    assert '<option value="1/lock/0" disabled>' in dialog
    assert 'data-refused="An order cannot be moved into a lock."' in dialog
    refused = owner.post("/orders/-/resume/", {"ids": "#out", "position": "1/lock/0"})
    assert refused.status_code == 409
    assert "cannot be moved into a lock" in text_of(refused)


def test_children_are_listed_each_with_its_own_verbs(owner: Client, scene: Scene) -> None:
    child = f"{scene.running.order_id}|left"
    scene.controller.order(child, PATH, state=m.Failed(), parent=scene.running.order_id)
    history_rows.order_run(
        child, parent=scene.running.order_id, state="Failed", group="failed",
        run=scene.running.run + 1,
    )  # fmt: skip
    page = owner.get(f"/orders/{scene.running.order_id.replace('#', '%23')}/").content.decode()
    assert 'aria-label="Resume |left"' in page
    assert 'aria-label="Cancel |left"' in page
    assert 'aria-label="Suspend |left"' not in page
