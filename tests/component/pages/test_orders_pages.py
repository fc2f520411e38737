"""The list of orders with its filters, and one order with its tabs."""

from urllib.parse import quote

import pytest
from django.test import Client

from cockpit.pages.addresses import order_at
from tests.component.api import history_rows
from tests.component.pages.reading import HTMX, text_of
from tests.component.pages.scene import PATH, Scene


def test_the_list_shows_orders_newest_first_with_their_states(owner: Client, scene: Scene) -> None:
    content = owner.get("/orders/").content.decode()
    places = [
        content.index(quote(o.order_id, safe="")) for o in (scene.done, scene.failed, scene.running)
    ]
    assert places == sorted(places)
    assert 'data-verbs="resume cancel priority"' in content
    assert 'data-verbs="suspend cancel priority"' in content
    assert "12\u202f345" in content


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?q=state:failed", ["failed"]),
        ("?state=failed,finished", ["failed", "done"]),
        ("?q=wf:demo/*", ["running", "failed", "done"]),
        ("?q=wf:else/*", []),
        ("?q=agent:agent-1+live:yes", ["running", "failed"]),
        ("?q=T3-done", ["done"]),
        ("?q=live:no", ["done"]),
    ],
)
def test_filters_in_the_address_narrow_the_list(
    owner: Client, scene: Scene, query: str, found: list[str]
) -> None:
    content = owner.get(f"/orders/{query}").content.decode()
    shown = {
        name
        for name in ("running", "failed", "done")
        if order_at(getattr(scene, name).order_id) in content
    }
    assert shown == set(found)


def test_a_filter_that_cannot_be_read_says_why_and_shows_nothing(
    owner: Client, scene: Scene
) -> None:
    response = owner.get("/orders/?q=colour:red+state:lost+from:someday")
    assert response.status_code == 422
    text = text_of(response)
    assert "There is no key colour:" in text
    assert "There is no state lost" in text
    assert "is no moment" in text
    assert "T3-done" not in text


def test_three_kinds_of_empty_lists_have_three_texts(
    owner: Client, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    nothing_yet = text_of(owner.get("/orders/"))
    no_match = text_of(owner.get("/orders/?q=state:failed"))
    assert "No orders yet" in nothing_yet
    assert "No order matches" in no_match
    monkeypatch.setattr("cockpit.pages.orders.may", lambda *_: False)
    assert "Nothing you may see" in text_of(owner.get("/orders/"))


def test_pages_of_the_list_lead_on_and_back(owner: Client, scene: Scene) -> None:
    for n in range(101):
        history_rows.order_run(f"#many#{n:03}")
    first = owner.get("/orders/?q=wf:demo/*")
    assert "older" in text_of(first)
    assert "newer" not in text_of(first)
    address = first.context["older"]
    second = owner.get(f"/orders/{address}")
    assert order_at(scene.running.order_id) in second.content.decode()
    assert second.context["newer"]
    assert owner.get("/orders/?cursor=nonsense").status_code == 400


def test_the_live_table_gets_rows_that_match_and_no_others(owner: Client, scene: Scene) -> None:
    ids = "\n".join([scene.running.order_id, scene.failed.order_id, "nobody", "a,b"])
    rows = owner.get("/orders/-/rows/", {"ids": ids, "q": "state:running"}).json()["rows"]
    assert [row["id"] for row in rows] == [scene.running.order_id]
    assert rows[0]["html"].startswith("<tr data-id=")
    child = history_rows.order_run(f"{scene.running.order_id}|eu", parent=scene.running.order_id)
    assert owner.get("/orders/-/rows/", {"ids": child.order_id}).json()["rows"] == []


def test_an_order_comes_as_page_and_as_drawer_from_the_same_address(
    owner: Client, scene: Scene
) -> None:
    address = order_at(scene.failed.order_id)
    page, drawer = owner.get(address), owner.get(address, headers=HTMX)
    assert "<html" in page.content.decode()
    assert "<html" not in drawer.content.decode()
    assert drawer["Vary"] == "HX-Request, Cookie"
    for answer in (page, drawer):
        assert "It broke" in text_of(answer)
        assert "Resume" in text_of(answer)
        assert "/orders/-/suspend/" not in answer.content.decode()
        assert "Suspend Not now: it has failed" in text_of(answer)


def test_an_order_that_ended_long_ago_still_has_its_page(owner: Client, scene: Scene) -> None:
    text = text_of(owner.get(order_at(scene.done.order_id)))
    assert "Finished" in text
    assert "Cancel" not in text


def test_an_order_that_the_history_does_not_know_yet_has_its_page(
    owner: Client, scene: Scene
) -> None:
    scene.controller.order("#young", PATH)
    for tab in ("", "path", "variables", "log", "history", "audit"):
        response = owner.get(order_at("#young", tab))
        assert response.status_code == 200, tab


def test_the_log_tab_shows_the_failed_step_and_offers_the_others(
    owner: Client, scene: Scene
) -> None:
    content = owner.get(order_at(scene.failed.order_id, "log")).content.decode()
    assert f'data-url="/history/jobs/{scene.job_no}/log/lines/"' in content
    assert 'data-topic="log:' in content


def test_tokens_tell_where_the_order_and_its_children_stand(owner: Client, scene: Scene) -> None:
    order_id = scene.running.order_id
    history_rows.order_run(f"{order_id}|eu", parent=order_id, position="0/fork+eu/0")
    answer = owner.get(order_at(order_id) + "tokens/").json()
    found = {(t["position"], t["state"], t["count"]) for t in answer["tokens"]}
    assert found == {("0", "running", 1), ("0/fork+eu/0", "ready", 1)}


def test_the_picture_tells_where_the_order_and_its_children_have_been(
    owner: Client, scene: Scene
) -> None:
    run = scene.running
    for no, (name, position) in enumerate([("Ready", "0"), ("Ready", "0/then/0"), ("Forked", "1")]):
        history_rows.state(run, 10 + no, name, position)
    child = history_rows.order_run(f"{run.order_id}|eu", parent=run.order_id, live=False)
    for no, name in enumerate(["Sleeping", "Finished"]):
        history_rows.state(child, 20 + no, name, f"1/fork+eu/{no}")
    found = owner.get(order_at(run.order_id) + "tokens/").json()["highlights"]
    assert {"0": "finished", "0/then/0": "finished", "1/fork+eu/0": "finished"}.items() <= (
        found.items()
    )
    assert "1" not in found  # its fork goes on


def test_an_order_that_ended_has_no_token(owner: Client, scene: Scene) -> None:
    assert owner.get(order_at(scene.done.order_id) + "tokens/").json()["tokens"] == []


def test_places_are_called_by_their_labels(owner: Client, scene: Scene) -> None:
    history_rows.order_run("#ready", position="0", label=None)
    history_rows.order_run("#elsewhere", position="9/then/0", label=None)
    row = owner.get("/orders/-/rows/", {"ids": "#ready\n#elsewhere"}).json()["rows"]
    shown = {each["id"]: each["html"] for each in row}
    assert ">start<" in shown["#ready"].replace("start ", "start")
    assert "9/then/0" in shown["#elsewhere"]
