"""Drafts and deployments over the API: kept, checked, refused, audited."""

from typing import Any

import pytest
from django.conf import LazySettings

from cockpit.models import AuditEntry
from controller.models import Command
from inventory.models import Deployment, Item
from tests.component.api.client import Api
from tests.component.api.controller_stub import WORKFLOW, ControllerStub

REPORT = "/inventory/workflow/demo/report/"
BAD = {"instructions": [{"TYPE": "Execute.Named", "jobName": "none"}]}


def put(api: Api, path: str = REPORT, **changes: Any) -> Any:
    return api.put(path, {"document": WORKFLOW, **changes})


def test_a_draft_is_kept_changed_and_trashed_with_audit_rows(administrator: Api) -> None:
    made = put(administrator, comment="first", ticket="T-1")
    assert (made.status, made["valid"], made["edit_no"]) == (201, True, 1)
    changed = administrator.put(REPORT, {"source": '{"instructions": []}', "edit_no": 1})
    assert (changed.status, changed["edit_no"], changed["source"]) == (
        200,
        2,
        '{"instructions": []}',
    )
    assert administrator.delete(REPORT).status == 204
    assert administrator.get(REPORT).status == 404
    assert administrator.post(f"{REPORT}-/restore/").status == 200

    entries = list(AuditEntry.objects.order_by("pk"))
    assert [e.verb for e in entries] == ["edit", "edit", "trash", "restore"]
    assert (entries[0].before, entries[0].ticket) == (None, "T-1")
    assert '"edit_no":1' in (entries[1].before or "")
    assert '"edit_no":2' in (entries[1].after or "")
    assert {e.result for e in entries} == {"done"}


def test_the_same_text_again_is_no_change(administrator: Api) -> None:
    put(administrator)
    assert put(administrator).status == 200
    assert AuditEntry.objects.count() == 1


def test_an_invalid_draft_is_kept_with_its_problems(administrator: Api) -> None:
    reply = administrator.put(REPORT, {"document": BAD})
    assert (reply.status, reply["valid"]) == (201, False)
    assert reply["problems"][0]["place"] == "instructions[0].jobName"


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("/inventory/cake/a/", {"source": "x"}, 422, "draft-refused"),
        ("/inventory/workflow/a b/", {"source": "x"}, 422, "draft-refused"),
        ("/inventory/workflow/a/", {"source": "a\0b"}, 422, "draft-refused"),
        ("/inventory/workflow/a/", {"source": "x", "edit_no": 3}, 409, "edited-meanwhile"),
        ("/inventory/workflow/a/", {}, 422, "invalid"),
        ("/inventory/workflow/a/", {"source": "x", "document": {}}, 422, "invalid"),
        ("/inventory/workflow/a/", {"source": 5, "colour": 1}, 422, "invalid"),
        ("/inventory/workflow/other/report/", {"source": "x"}, 409, "name-taken"),
    ],
)
def test_a_draft_that_cannot_be_kept_is_refused(
    administrator: Api, path: str, body: dict[str, Any], status: int, code: str
) -> None:
    put(administrator)
    reply = administrator.put(path, body)
    assert (reply.status, reply["code"]) == (status, code)
    assert Item.objects.count() == 1
    assert AuditEntry.objects.count() == 1


def test_a_script_of_five_megabytes_is_kept(administrator: Api) -> None:
    script = "echo \n" * 900_000
    executable = {"TYPE": "ShellScriptExecutable", "script": script}
    job = {"agentName": "agent-1", "executable": executable}
    reply = administrator.put(REPORT, {"document": {**WORKFLOW, "jobs": {"work": job}}})
    assert reply.status == 201
    assert administrator.put(REPORT, b'"' + b"x" * 35_000_000 + b'"').status == 413


def test_a_document_is_checked_without_being_kept(administrator: Api, viewer: Api) -> None:
    reply = viewer.post(f"{REPORT}-/validate/", {"document": BAD})
    assert (reply.status, reply["valid"]) == (200, False)
    assert not Item.objects.exists()
    assert viewer.post(f"{REPORT}-/validate/").status == 404
    put(administrator)
    assert viewer.post(f"{REPORT}-/validate/")["valid"] is True
    assert viewer.post("/inventory/cake/x/-/validate/", {"source": ""}).fields == ["type"]


def test_drafts_are_listed_and_moved(administrator: Api, viewer: Api) -> None:
    put(administrator)
    put(administrator, "/inventory/workflow/other/load/")
    moved = administrator.post(f"{REPORT}-/rename/", {"to": "new/report"})
    assert (moved.status, moved["path"]) == (200, "new/report")
    copied = administrator.post("/inventory/workflow/new/report/-/copy/", {"to": "new/copy"})
    assert copied.status == 201

    def paths(**query: Any) -> list[str]:
        return [item["path"] for item in viewer.get("/inventory/", **query)["objects"]]

    assert paths() == ["new/copy", "new/report", "other/load"]
    assert paths(folder="new") == ["new/copy", "new/report"]
    assert paths(text="REP") == ["new/report"]
    assert paths(valid="false") == []
    assert paths(limit=1, cursor="new/copy") == ["new/report"]
    assert AuditEntry.objects.filter(objects_named__contains=["demo/report"]).count() == 2


def test_who_may_only_look_writes_nothing(viewer: Api, administrator: Api) -> None:
    put(administrator)
    for reply in (
        viewer.put(REPORT, {"document": BAD}),
        viewer.delete(REPORT),
        viewer.post(f"{REPORT}-/rename/", {"to": "x"}),
        viewer.post("/deployments/", {"objects": [{"type": "workflow", "path": "demo/report"}]}),
        viewer.post("/agents/", {"id": "agent-9"}),
        viewer.get("/audit/"),
    ):
        assert (reply.status, reply["code"]) == (403, "forbidden")
    assert viewer.get(REPORT).status == 200


def test_drafts_are_deployed_all_or_none(
    administrator: Api, controller: ControllerStub, settings: LazySettings
) -> None:
    put(administrator)
    administrator.put("/inventory/workflow/demo/bad/", {"document": BAD})
    both = [{"type": "workflow", "path": p} for p in ("demo/report", "demo/bad")]

    refused = administrator.post("/deployments/", {"objects": both})
    assert (refused.status, refused["code"]) == (422, "deployment-refused")
    assert refused.fields == ["workflow demo/bad: instructions[0].jobName"]
    assert not Command.objects.exists()

    made = administrator.post("/deployments/", {"objects": both[:1], "comment": "go"})
    assert (made.status, made["state"], made["comment"]) == (201, "done", "go")
    assert AuditEntry.objects.get(kind="deployment").objects_named == ["workflow:demo/report"]
    assert administrator.get(f"/deployments/{made['id']}/")["objects"] == made["objects"]
    assert [d["id"] for d in administrator.get("/deployments/")["deployments"]] == [made["id"]]
    assert made["commit"] == ""
    Deployment.objects.update(commit="0123456789abcdef")  # as a Git folder's deployment has one
    assert administrator.get(f"/deployments/{made['id']}/")["commit"] == "0123456789abcdef"
    assert administrator.get("/deployments/999/").status == 404


def test_a_folder_is_deployed_with_its_valid_drafts(
    administrator: Api, controller: ControllerStub
) -> None:
    put(administrator)
    administrator.put("/inventory/workflow/demo/bad/", {"document": BAD})
    made = administrator.post("/deployments/", {"folder": "demo"})
    assert [o["path"] for o in made["objects"]] == ["demo/report"]
    assert administrator.post("/deployments/", {"folder": "none"}).fields == ["objects"]


def test_a_repeated_key_deploys_once(administrator: Api, controller: ControllerStub) -> None:
    put(administrator)
    body = {"folder": "demo"}
    first = administrator.post("/deployments/", body, Idempotency_Key="k")
    again = administrator.post("/deployments/", body, Idempotency_Key="k")
    assert first.body == again.body
    assert Deployment.objects.count() == 1


def test_a_deployment_without_an_answer_is_looked_up_later(
    administrator: Api, controller: ControllerStub
) -> None:
    put(administrator)
    controller.silent = True
    reply = administrator.post("/deployments/", {"folder": "demo"})
    assert (reply.status, reply["state"]) == (202, "requested")
    controller.carry_out(Command.objects.get().id)
    assert administrator.get(f"/deployments/{reply['id']}/")["state"] == "done"


def test_versions_are_listed_and_compared(administrator: Api, controller: ControllerStub) -> None:
    put(administrator)
    administrator.post("/deployments/", {"folder": "demo"})
    put(administrator, document={**WORKFLOW, "title": "Other"})
    administrator.post("/deployments/", {"folder": "demo"})

    new, old = administrator.get(f"{REPORT}-/versions/")["versions"]
    query = {"from": old["version"][:8], "to": new["version"]}
    diff = administrator.get(f"{REPORT}-/diff/", **query)
    assert '+  "title": "Other"' in diff["diff"]
    assert administrator.get(f"{REPORT}-/diff/").fields == ["from", "to"]
    assert administrator.get(f"{REPORT}-/diff/", **{"from": "zz", "to": "zz"}).status == 404
    assert administrator.get("/inventory/workflow/none/-/versions/").status == 404
