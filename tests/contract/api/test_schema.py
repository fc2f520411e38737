"""The committed schema is the API's, and answers are what it says."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # has no types

from cockpit.api.schema import whole_schema
from engine.order import model as m
from engine.order.events import OrderSuspended
from tests.component.api.client import Api
from tests.component.api.conftest import (  # noqa: F401  # fixtures are found by name
    administrator,
    controller,
    nothing_in_mind,
)
from tests.component.api.controller_stub import ControllerStub
from tests.component.api.history_rows import job_run, log, order_run, state
from tests.component.api.journal_rows import happened

COMMITTED = Path(__file__).resolve().parents[3] / "docs/reference/openapi.json"
REMAKE = "manage.py spectacular --format openapi-json --file docs/reference/openapi.json"


def test_the_committed_schema_is_that_of_the_code() -> None:
    made = json.loads(json.dumps(whole_schema()))
    assert made == json.loads(COMMITTED.read_text()), f"Make it anew: {REMAKE}"


def test_every_address_is_described() -> None:
    for path, methods in whole_schema()["paths"].items():
        for method, operation in methods.items():
            assert operation["summary"], f"{method} {path}"
            told = [r for status, r in operation["responses"].items() if status < "300"]
            assert told, f"{method} {path}"


def test_operations_have_names_of_their_own() -> None:
    paths = whole_schema()["paths"].values()
    names = [operation["operationId"] for methods in paths for operation in methods.values()]
    assert len(names) == len(set(names))


def test_every_example_is_a_body_that_its_method_takes() -> None:
    schema = json.loads(json.dumps(whole_schema()))
    examples = 0
    for path, methods in schema["paths"].items():
        for operation in methods.values():
            for content in operation.get("requestBody", {}).get("content", {}).values():
                whole = {**content["schema"], "components": schema["components"]}
                for name, example in content.get("examples", {}).items():
                    examples += 1
                    problems = list(Draft202012Validator(whole).iter_errors(example["value"]))
                    assert not problems, f"{path} {name}: {problems[0].message}"
    assert examples > 20


def validator(path: str, method: str, status: int) -> Any:
    schema = json.loads(json.dumps(whole_schema()))
    content = schema["paths"][path][method]["responses"][str(status)]["content"]
    (media,) = content.values()
    return Draft202012Validator({**media["schema"], "components": schema["components"]})


@pytest.fixture
def site(administrator: Api, controller: ControllerStub) -> Api:  # noqa: F811
    """A site with a little of everything."""
    controller.deploy("demo/report")
    controller.put_object("lock", "demo/loads", {"limit": 2})
    keys = {"postOrderToNoticeId": "'k'", "expectOrderToNoticeId": "'k'"}
    controller.put_object("noticeboard", "demo/loaded", keys)
    controller.order("now", state=m.Failed(), outcome=m.Outcome("failed", 1, "no"))
    run = order_run("old", state="Finished", group="finished", live=False)
    state(run, 1, "Fresh")
    log(job_run(run, 3), b"line\n")
    administrator.put("/inventory/workflow/demo/bad/", {"source": "{"})
    administrator.post("/agents/", {"id": "agent-9"})
    administrator.post("/boards/demo/loaded/notices/", {"key": "k"})
    cluster = {"name": "loaders", "members": [{"agent": "agent-9"}]}
    administrator.post("/agents/clusters/", cluster)
    administrator.post("/plan/2026-01-31/close/")
    happened(1, "now", OrderSuspended())
    return administrator


@pytest.mark.parametrize(
    ("method", "template", "path", "body", "status"),
    [
        ("get", "orders/", "orders/?live=false", None, 200),
        ("get", "orders/{order_id}/", "orders/now/", None, 200),
        ("get", "orders/{order_id}/", "orders/old/", None, 200),
        ("get", "orders/{order_id}/", "orders/none/", None, 404),
        ("get", "orders/{order_id}/events/", "orders/old/events/", None, 200),
        ("get", "orders/{order_id}/steps/", "orders/old/steps/", None, 200),
        ("post", "orders/", "orders/", {"workflow": "demo/report"}, 201),
        ("post", "orders/", "orders/", {"workflow": 5}, 422),
        ("post", "orders/{order_id}/{verb}/", "orders/now/cancel/", {"dry_run": True}, 200),
        ("post", "orders/{order_id}/{verb}/", "orders/now/continue/", {}, 409),
        ("post", "orders/-/{verb}/", "orders/-/cancel/", {"ids": ["now"], "dry_run": True}, 200),
        ("get", "orders/{order_id}/events/", "orders/now/events/", None, 200),
        ("get", "orders/{order_id}/positions/", "orders/now/positions/", None, 200),
        ("post", "orders/-/{verb}/", "orders/-/cancel/", {"ids": ["now"]}, 200),
        ("post", "workflows/{path}/{verb}/", "workflows/demo/report/suspend/", {}, 200),
        ("post", "workflows/{path}/{verb}/", "workflows/demo/report/skip/", {}, 422),
        ("post", "workflows/{path}/transfer/", "workflows/demo/report/transfer/", {}, 200),
        ("get", "boards/", "boards/", None, 200),
        ("get", "boards/{path}/", "boards/demo/loaded/", None, 200),
        ("get", "boards/{path}/notices/", "boards/demo/loaded/notices/", None, 200),
        ("post", "boards/{path}/notices/", "boards/demo/loaded/notices/", {"key": "j"}, 201),
        ("get", "locks/", "locks/", None, 200),
        ("get", "locks/{path}/", "locks/demo/loads/", None, 200),
        ("get", "plan/", "plan/", None, 200),
        ("post", "plan/{plan}/{verb}/", "plan/2026-01-31/open/", {}, 200),
        ("get", "agents/clusters/", "agents/clusters/", None, 200),
        ("get", "agents/clusters/{name}/", "agents/clusters/loaders/", None, 200),
        (
            "get",
            "inventory/{kind}/{path}/-/references/",
            "inventory/workflow/demo/bad/-/references/",
            None,
            200,
        ),
        ("get", "history/orders/", "history/orders/", None, 200),
        ("get", "history/jobs/", "history/jobs/", None, 200),
        ("get", "history/jobs/{no}/", "history/jobs/3/", None, 200),
        ("get", "history/jobs/{no}/log/", "history/jobs/3/log/", None, 200),
        ("get", "workflows/", "workflows/", None, 200),
        ("get", "workflows/{path}/", "workflows/demo/report/", None, 200),
        ("get", "inventory/", "inventory/", None, 200),
        ("get", "inventory/{kind}/{path}/", "inventory/workflow/demo/bad/", None, 200),
        ("get", "deployments/", "deployments/", None, 200),
        ("get", "agents/", "agents/", None, 200),
        ("get", "agents/{agent_id}/", "agents/agent-9/", None, 200),
        ("get", "cluster/", "cluster/", None, 200),
        ("get", "audit/", "audit/", None, 200),
    ],
)
def test_answers_are_as_the_schema_says(
    site: Api, method: str, template: str, path: str, body: Any, status: int
) -> None:
    reply = site.ask(method.upper(), f"/{path}", body)
    assert reply.status == status, reply.body
    found = validator(f"/api/v1/{template}", method, status)
    assert [error.message for error in found.iter_errors(reply.body)] == []


def test_an_answer_that_is_not_as_the_schema_says_would_be_found() -> None:
    found = validator("/api/v1/agents/", "get", 200)
    assert list(found.iter_errors({"agents": [{"id": 5}]}))
