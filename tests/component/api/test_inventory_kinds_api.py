"""Objects of all kinds over the API: checked, released, and who names whom."""

from typing import Any

import pytest

from cockpit.api.inventory.examples import DRAFT_EXAMPLES
from tests.component.api.client import Api
from tests.component.api.controller_stub import JOB, ControllerStub

KINDS = ["workflow", "lock", "noticeboard", "jobresource", "includescript", "jobtemplate"]
LOCKED = {
    "instructions": [
        {
            "TYPE": "Lock",
            "demands": [{"lockName": "loads", "count": 1}],
            "lockedWorkflow": {
                "instructions": [{"TYPE": "Execute.Named", "jobName": "work", "label": "start"}]
            },
        }
    ],
    "jobs": {"work": {**JOB, "jobResourceNames": ["env"]}},
}


def put(api: Api, kind: str, path: str, document: Any = None) -> Any:
    reply = api.put(
        f"/inventory/{kind}/{path}/",
        {"document": document} if document else DRAFT_EXAMPLES[kind],
    )
    assert reply.status == 201, reply.body
    return reply


@pytest.mark.parametrize("kind", KINDS)
def test_the_example_of_every_kind_is_valid_and_deployed(
    administrator: Api, controller: ControllerStub, kind: str
) -> None:
    assert put(administrator, kind, "demo/thing")["problems"] == []

    made = administrator.post("/deployments/", {"objects": [{"type": kind, "path": "demo/thing"}]})

    life = "released" if kind in ("includescript", "jobtemplate") else "deployed"
    assert (made.status, made["state"]) == (201, "done")
    assert [(o["type"], o["life"]) for o in made["objects"]] == [(kind, life)]


@pytest.mark.parametrize("kind", KINDS)
def test_a_document_that_is_wrong_says_where(viewer: Api, kind: str) -> None:
    body = {"document": {"colour": "red"}}
    told = viewer.post(f"/inventory/{kind}/demo/x/-/validate/", body)
    assert (told.status, told["valid"]) == (200, False)
    assert "colour" in [problem["place"] for problem in told["problems"]]


def test_checking_knows_what_is_in_the_inventory(administrator: Api, viewer: Api) -> None:
    path = "/inventory/workflow/demo/report/-/validate/"
    alone = viewer.post(path, {"document": LOCKED})
    assert (alone["valid"], len(alone["problems"])) == (False, 2)

    put(administrator, "lock", "demo/loads")
    put(administrator, "jobresource", "demo/env")
    assert viewer.post(path, {"document": LOCKED}).body == {"valid": True, "problems": []}


def test_references_tell_who_names_whom(administrator: Api, viewer: Api) -> None:
    put(administrator, "lock", "demo/loads")
    put(administrator, "workflow", "demo/report", LOCKED)

    of_lock = viewer.get("/inventory/lock/demo/loads/-/references/").body
    assert of_lock["uses"] == []
    (user,) = of_lock["used_by"]
    assert (user["type"], user["path"], user["role"]) == ("workflow", "demo/report", "locks")
    assert user["positions"] == ["0"]

    uses = viewer.get("/inventory/workflow/demo/report/-/references/")["uses"]
    assert {(u["type"], u["name"], u["path"]) for u in uses} == {
        ("lock", "loads", "demo/loads"),
        ("jobresource", "env", None),
        ("agent", "agent-1", None),
    }
    assert viewer.get("/inventory/lock/demo/none/-/references/").status == 404
