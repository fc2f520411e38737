"""Folders, trash, tags, search, replacing, validation and previews over the API."""

from typing import Any

import pytest

from cockpit.models import AuditEntry
from inventory.models import Deployment, Item, Version
from tests.component.api.client import Api
from tests.component.api.controller_stub import WORKFLOW, ControllerStub
from tests.component.inventory.controller_stub import take_over

TAPE = "/inventory/lock/resources/tape/"
LOAD = "/inventory/workflow/night/load/"
LOCKED = {
    "instructions": [
        {
            "TYPE": "Lock",
            "demands": [{"lockName": "tape"}],
            "lockedWorkflow": {"instructions": []},
        }
    ]
}


def ref(kind: str, path: str) -> dict[str, str]:
    return {"type": kind, "path": path}


@pytest.fixture
def night(administrator: Api) -> Api:
    """Somebody who may, with a lock and a workflow that uses it."""
    administrator.put(TAPE, {"document": {"limit": 1, "title": "Tape drives"}})
    administrator.put(LOAD, {"document": LOCKED})
    return administrator


def test_a_renaming_is_seen_then_done_with_an_audit_row_for_each_draft(night: Api) -> None:
    to = {"to": "resources/drum"}
    seen = night.post(f"{TAPE}-/rename/", {**to, "dry_run": True})
    assert (seen.status, seen["moves"]) == (
        200,
        [{"type": "lock", "path": "resources/tape", "to": "resources/drum"}],
    )
    assert seen["edits"][0]["path"] == "night/load"
    assert AuditEntry.objects.filter(verb="rename").count() == 0

    assert night.post(f"{TAPE}-/rename/", to)["path"] == "resources/drum"
    rows = list(AuditEntry.objects.order_by("pk").values_list("verb", "kind"))[2:]
    assert rows == [("rename", "lock"), ("edit", "workflow")]
    used_by = night.get("/inventory/lock/resources/drum/-/references/")["used_by"]
    assert [use["path"] for use in used_by] == ["night/load"]


def test_a_renaming_may_leave_other_drafts_alone(night: Api) -> None:
    body = {"to": "resources/drum", "update_references": False}
    assert night.post(f"{TAPE}-/rename/", body).status == 200
    assert '"tape"' in night.get(LOAD)["source"]
    found = night.get("/inventory/", condition="dangling")
    assert [each["path"] for each in found["objects"]] == ["night/load"]


def test_a_deployed_object_is_renamed_in_one_request(night: Api, controller: Any) -> None:
    path = "/inventory/jobresource/resources/db/"
    night.put(path, {"document": {"arguments": {"a": "1"}}})
    night.post("/deployments/", {"objects": [ref("jobresource", "resources/db")]})
    take_over(Deployment.objects.latest("pk").command)
    refused = night.post(f"{path}-/rename/", {"to": "resources/dwh"})
    assert (refused.status, refused["code"]) == (409, "still-deployed")
    done = night.post(
        f"{path}-/rename/", {"to": "resources/dwh", "deploy": True}, Idempotency_Key="k"
    )
    assert done.status in (201, 202)
    assert {(o["path"], o.get("version") is None) for o in done["objects"]} == {
        ("resources/dwh", False),
        ("resources/db", True),
    }
    again = night.post(
        f"{path}-/rename/", {"to": "resources/dwh", "deploy": True}, Idempotency_Key="k"
    )
    assert again["id"] == done["id"]
    wrong = {"to": "x", "deploy": True, "update_references": False}
    assert night.post(f"{path}-/rename/", wrong).status == 422


def test_a_folder_is_made_copied_moved_and_removed(night: Api) -> None:
    assert night.post("/inventory/-/folder/", {"folder": "empty"}).status == 200
    assert night.post("/inventory/-/remove/", {"folder": "empty"}).status == 200
    body = {"folder": "night", "to": "day", "suffix": "-2"}
    seen = night.post("/inventory/-/copy/", {**body, "dry_run": True})
    assert seen["moves"] == [{"type": "workflow", "path": "night/load", "to": "day/load-2"}]
    assert night.post("/inventory/-/copy/", body)["changes"][0]["path"] == "day/load-2"
    taken = night.post("/inventory/-/copy/", {"folder": "night", "to": "x"})
    assert (taken.status, taken["code"]) == (409, "name-taken")
    moved = night.post("/inventory/-/move/", {"folder": "day", "to": "later"})
    assert moved["changes"] == [{"verb": "move", "type": "folder", "path": "day", "to": "later"}]
    assert night.get("/inventory/workflow/later/load-2/").status == 200


def test_the_trash_is_listed_emptied_and_given_back(night: Api) -> None:
    trashed = night.post("/inventory/-/trash/", {"folder": "night"})
    assert {change["to"] for change in trashed["changes"]} == {None}
    assert [each["path"] for each in night.get("/inventory/-/trash/")["objects"]] == ["night/load"]
    assert night.post("/inventory/-/restore/", {"folder": "night"}).status == 200
    objects = {"objects": [ref("workflow", "night/load")]}
    assert night.post("/inventory/-/trash/", objects).status == 200
    assert night.post("/inventory/-/delete/", objects).status == 200
    assert night.get("/inventory/-/trash/")["objects"] == []
    assert night.post("/inventory/-/restore/", objects).status == 404
    assert night.post("/inventory/-/trash/", {}).status == 422
    both = {**objects, "folder": "night"}
    assert night.post("/inventory/-/trash/", both).fields == ["objects"]


def test_tags_are_put_on_listed_and_searched(night: Api) -> None:
    body = {"objects": [ref("lock", "resources/tape")], "add": ["eu", "money"]}
    assert night.post("/inventory/-/tag/", body).status == 200
    assert night.patch("/inventory/-/tags/money/", {"group": "Departments"}).status == 200
    assert night.get("/inventory/-/tags/")["tags"] == [
        {"name": "eu", "group": "", "objects": 1},
        {"name": "money", "group": "Departments", "objects": 1},
    ]
    found = night.get("/inventory/", tag="eu")["objects"]
    assert [(each["path"], each["tags"]) for each in found] == [("resources/tape", ["eu", "money"])]
    assert night.delete("/inventory/-/tags/eu/").status == 200
    assert night.delete("/inventory/-/tags/eu/")["code"] == "tag-refused"
    assert AuditEntry.objects.filter(kind="tag").count() == 2


def test_a_search_tells_the_lines(night: Api) -> None:
    hits = night.get("/inventory/-/search/", text="locknAME")["hits"]
    assert [hit["object"]["path"] for hit in hits] == ["night/load"]
    assert "lockName" in hits[0]["lines"][0]["text"]
    used = night.get("/inventory/", uses="lock:resources/tape")["objects"]
    assert [each["path"] for each in used] == ["night/load"]
    assert night.get("/inventory/", uses="tape").fields == ["uses"]
    assert night.get("/inventory/", condition="red").status == 422


def test_replacing_keeps_nothing_until_it_is_asked_to(night: Api) -> None:
    body = {"text": "tape", "replacement": "drum"}
    seen = night.post("/inventory/-/replace/", body)
    assert [(o["path"], o["count"], o["valid"]) for o in seen["objects"]] == [
        ("night/load", 1, True)
    ]
    assert '"tape"' in night.get(LOAD)["source"]
    stale = {**body, "objects": [{**ref("workflow", "night/load"), "edit_no": 7}]}
    assert night.post("/inventory/-/replace/", {**stale, "dry_run": False}).status == 409
    done = night.post("/inventory/-/replace/", {**body, "folder": "night", "dry_run": False})
    assert [c["verb"] for c in done["changes"]] == ["replace"]
    assert '"drum"' in night.get(LOAD)["source"]
    bad = night.post("/inventory/-/replace/", {**body, "text": "(", "regex": True})
    assert (bad.status, bad["code"]) == (422, "pattern-refused")


def test_everything_is_validated(night: Api) -> None:
    night.put("/inventory/workflow/night/bad/", {"document": {"colour": 1}})
    done = night.post("/inventory/-/validate/", {"folder": "night"})
    assert (done["objects"], done["valid"]) == (2, False)
    assert {problem["path"] for problem in done["problems"]} == {"night/bad"}


def test_a_version_is_rolled_back_to(night: Api, controller: ControllerStub) -> None:
    night.put("/inventory/workflow/one/", {"document": WORKFLOW})
    night.post("/deployments/", {"objects": [ref("workflow", "one")]})
    night.put("/inventory/workflow/one/", {"source": "instructions: []"})
    version = Version.objects.get(path="one").version
    back = night.post("/inventory/workflow/one/-/roll-back/", {"version": version[:8]})
    assert (back.status, back["edit_no"]) == (200, 3)
    gone = night.post("/inventory/workflow/one/-/roll-back/", {"version": "abcdef12"})
    assert gone.status == 404


def test_a_deployment_is_seen_before_with_what_it_needs(
    night: Api, controller: ControllerStub
) -> None:
    body = {"objects": [ref("workflow", "night/load")], "update_plan_from": "2026-12-01"}
    alone = night.post("/deployments/-/preview/", body)
    assert (alone["possible"], alone["needed"]) == (False, [ref("lock", "resources/tape")])
    whole = night.post("/deployments/-/preview/", {**body, "with_dependencies": True})
    assert whole["possible"]
    assert [(o["path"], o["difference"], o["added"]) for o in whole["objects"]] == [
        ("resources/tape", "new", True),
        ("night/load", "new", False),
    ]
    assert not Deployment.objects.exists()
    made = night.post("/deployments/", {**body, "with_dependencies": True, "include_late": True})
    assert {o["path"] for o in made["objects"]} == {"resources/tape", "night/load"}
    assert (made["update_plan_from"], made["include_late"]) == ("2026-12-01", True)


def test_a_revocation_warns_of_users(night: Api, controller: ControllerStub) -> None:
    night.post("/deployments/", {"folder": "night", "with_dependencies": True})
    take_over(Deployment.objects.latest("pk").command)
    body = {"objects": [ref("lock", "resources/tape")], "revoke": True}
    seen = night.post("/deployments/-/preview/", body)
    assert seen["possible"]
    assert [each["user"]["path"] for each in seen["concerned"]] == ["night/load"]
    assert seen["problems"][0]["severity"] == "warning"
    gone = night.post("/deployments/-/revoke/", {"folder": "night"})
    assert [o["path"] for o in gone["objects"]] == ["night/load"]


VERBS: list[tuple[str, dict[str, Any]]] = [
    ("/inventory/-/folder/", {"folder": "x"}),
    ("/inventory/-/remove/", {"folder": "x"}),
    ("/inventory/-/move/", {"folder": "night", "to": "x"}),
    ("/inventory/-/copy/", {"folder": "night", "to": "x", "suffix": "-2"}),
    ("/inventory/-/trash/", {"folder": "night"}),
    ("/inventory/-/restore/", {"folder": "night"}),
    ("/inventory/-/delete/", {"objects": [ref("workflow", "night/load")]}),
    ("/inventory/-/tag/", {"objects": [ref("workflow", "night/load")], "add": ["x"]}),
    ("/inventory/-/replace/", {"text": "tape", "replacement": "x", "dry_run": False}),
    (f"{LOAD}-/rename/", {"to": "x/load"}),
    (f"{LOAD}-/roll-back/", {"version": "abcdef"}),
]


@pytest.mark.parametrize(("path", "body"), VERBS)
def test_who_may_only_look_changes_nothing(
    night: Api, viewer: Api, stranger: Api, path: str, body: dict[str, Any]
) -> None:
    before = list(Item.objects.values_list("path", "edit_no", "source"))
    rows = AuditEntry.objects.count()
    assert viewer.post(path, body).status == 403
    assert stranger.post(path, body).status == 401
    assert list(Item.objects.values_list("path", "edit_no", "source")) == before
    assert AuditEntry.objects.count() == rows


@pytest.mark.parametrize(("path", "body"), VERBS[:5])
def test_a_repeated_request_with_its_key_is_done_once(
    night: Api, path: str, body: dict[str, Any]
) -> None:
    first = night.post(path, body, Idempotency_Key="once")
    rows = AuditEntry.objects.count()
    again = night.post(path, body, Idempotency_Key="once")
    assert again.status == first.status
    assert first.status != 200 or again.body == first.body
    assert AuditEntry.objects.count() == rows
