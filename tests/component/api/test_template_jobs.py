"""The jobs of a template over the API: seen, updated, and what is refused."""

import pytest

from cockpit.models import AuditEntry
from inventory import edit
from inventory.models import Item
from tests.component.api.client import Api
from tests.component.inventory.test_templating import FLOW, TEMPLATE

AT = "/inventory/jobtemplate/shared/hello/-/jobs/"


@pytest.fixture
def night(administrator: Api) -> Api:
    edit.put_draft("jobtemplate", "shared/hello", TEMPLATE, account="ada")
    for path in ("night/one", "night/two"):
        edit.put_draft("workflow", path, FLOW, account="ada")
    return administrator


def test_jobs_are_listed_with_their_state(night: Api) -> None:
    assert night.get(AT)["jobs"][:2] == [
        {"path": "night/one", "edit_no": 1, "job": "first", "state": "out_of_sync", "missing": []},
        {"path": "night/one", "edit_no": 1, "job": "second", "state": "out_of_sync",
         "missing": ["region"]},
    ]  # fmt: skip
    night.post(AT, {"dry_run": False})
    assert {job["state"] for job in night.get(AT)["jobs"]} == {"in_sync"}


def test_without_dry_run_false_nothing_is_kept(night: Api) -> None:
    seen = night.post(AT, {"objects": [{"path": "night/two"}]})
    assert (seen.status, seen["edit_no"]) == (200, 1)
    assert [each["path"] for each in seen["objects"]] == ["night/two"]
    assert "echo one" in seen["objects"][0]["diff"]
    assert Item.objects.get(path="night/two").source == FLOW


def test_an_update_is_done_once_for_each_key_with_an_audit_row_for_each_draft(night: Api) -> None:
    body = {"dry_run": False, "edit_no": 1, "comment": "new host"}
    done = night.post(AT, body, Idempotency_Key="k")
    assert done["changes"] == [
        {"verb": "update-jobs", "type": "workflow", "path": path, "to": path}
        for path in ("night/one", "night/two")
    ]
    assert night.post(AT, body, Idempotency_Key="k")["changes"] == done["changes"]
    assert night.post(AT, body)["changes"] == []
    rows = AuditEntry.objects.filter(verb="update-jobs").values_list("objects_named", "comment")
    assert list(rows.order_by("pk")) == [(["night/one"], "new host"), (["night/two"], "new host")]


def test_conflicts_name_the_drafts_and_nothing_is_kept(night: Api) -> None:
    edit.put_draft("workflow", "night/one", f"{FLOW}title: Other\n", account="ben")
    objects = [{"path": path, "edit_no": 1} for path in ("night/one", "night/two", "nobody")]
    refused = night.post(AT, {"objects": objects, "dry_run": False})
    assert (refused.status, refused["code"]) == (409, "update-refused")
    assert refused.fields == ["workflow night/one: path", "workflow nobody: path"]
    assert Item.objects.get(path="night/two").source == FLOW
    stale = night.post(AT, {"dry_run": False, "edit_no": 7})
    assert (stale.status, stale["code"]) == (409, "edited-meanwhile")


def test_what_is_not_there_or_not_allowed_is_refused(night: Api, viewer: Api) -> None:
    assert night.get("/inventory/jobtemplate/nobody/-/jobs/").status == 404
    assert viewer.get(AT).status == 200
    assert viewer.post(AT, {}).status == 403
    assert night.post(AT, {"objects": [{"path": 5}]}).status == 422
    edit.put_draft("jobtemplate", "shared/hello", "timeout: soon\n", account="ada")
    assert night.post(AT, {}).status == 422


def test_checking_a_text_tells_of_templates_too(night: Api) -> None:
    found = night.post("/inventory/workflow/night/one/-/validate/", {"source": FLOW})
    assert found["valid"] is True
    assert {p["code"] for p in found["problems"]} == {
        "template-changed", "template-argument-missing",
    }  # fmt: skip
