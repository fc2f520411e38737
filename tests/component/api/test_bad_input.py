"""Whatever is sent, the API answers with a problem and never with a failure of its own."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agents.models import Agent, AgentCluster
from tests.component.api.client import Api
from tests.component.api.controller_stub import ControllerStub

LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20)
    | st.sampled_from(["\0", "demo/report", "one", "2026-01-31", "a|b", "x" * 300, "-" * 50])
)
JSON = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)
FIELDS = st.sampled_from(
    [
        "id",
        "ids",
        "filter",
        "orders",
        "workflow",
        "name",
        "arguments",
        "scheduled_for",
        "plan",
        "priority",
        "start_position",
        "stop_positions",
        "block_position",
        "tags",
        "comment",
        "ticket",
        "kill",
        "deep",
        "reset",
        "position",
        "label",
        "variables",
        "force",
        "dry_run",
        "source",
        "document",
        "edit_no",
        "to",
        "objects",
        "folder",
        "type",
        "path",
        "title",
        "process_limit",
        "password",
        "scopes",
        "days",
        "labels",
        "positions",
        "key",
        "end_of_life",
        "remove",
        "force_admission",
        "remain",
        "members",
        "value",
        "also",
    ]
)
BODIES = st.dictionaries(FIELDS, JSON, max_size=8) | JSON
WRITES = [
    ("POST", "/orders/"),
    ("POST", "/orders/one/cancel/"),
    ("POST", "/orders/one/resume/"),
    ("POST", "/orders/one/priority/"),
    ("POST", "/orders/-/suspend/"),
    ("POST", "/orders/-/resume/"),
    ("PUT", "/inventory/workflow/demo/report/"),
    ("DELETE", "/inventory/workflow/demo/report/"),
    ("POST", "/inventory/workflow/demo/report/-/validate/"),
    ("POST", "/inventory/workflow/demo/report/-/rename/"),
    ("POST", "/deployments/"),
    ("POST", "/deployments/-/revoke/"),
    ("POST", "/agents/"),
    ("PATCH", "/agents/agent-1/"),
    ("POST", "/agents/agent-1/disable/"),
    ("POST", "/token/"),
    ("POST", "/orders/one/confirm/"),
    ("POST", "/orders/one/start-time/"),
    ("POST", "/orders/one/parameters/"),
    ("POST", "/orders/one/remove/"),
    ("POST", "/orders/-/parameters/"),
    ("POST", "/orders/-/start-time/"),
    ("POST", "/workflows/demo/report/suspend/"),
    ("POST", "/workflows/demo/report/skip/"),
    ("POST", "/workflows/demo/report/stop/"),
    ("POST", "/workflows/demo/report/transfer/"),
    ("POST", "/boards/demo/loaded/notices/"),
    ("DELETE", "/boards/demo/loaded/notices/"),
    ("POST", "/plan/2026-01-31/close/"),
    ("PUT", "/inventory/lock/demo/loads/"),
    ("PUT", "/inventory/noticeboard/demo/loaded/"),
    ("POST", "/inventory/jobtemplate/demo/t/-/validate/"),
    ("POST", "/agents/clusters/"),
    ("PATCH", "/agents/clusters/loaders/"),
    ("DELETE", "/agents/clusters/loaders/"),
    ("POST", "/agents/agent-1/encrypt/"),
]
LISTS = [
    "/orders/", "/history/orders/", "/history/jobs/", "/inventory/", "/deployments/", "/audit/",
    "/workflows/", "/orders/one/events/", "/inventory/workflow/demo/report/-/diff/", "/plan/",
    "/boards/", "/boards/demo/loaded/notices/", "/locks/", "/locks/demo/loads/",
]  # fmt: skip
PARAMETERS = st.sampled_from(
    [
        "state",
        "group",
        "workflow",
        "folder",
        "agent",
        "tag",
        "text",
        "ids",
        "parent",
        "date",
        "children",
        "live",
        "since",
        "until",
        "cursor",
        "limit",
        "after",
        "type",
        "valid",
        "from",
        "to",
        "account",
        "verb",
        "kind",
        "object",
        "ticket",
        "result",
        "version",
        "job",
        "order",
        "plan",
        "reason",
        "before",
        "key",
        "closed",
        "ok",
    ]
)
QUIETLY = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture(autouse=True)
def something_there(controller: ControllerStub, administrator: Api) -> None:
    controller.deploy("demo/report")
    controller.order("one")
    controller.put_object("lock", "demo/loads", {"limit": 2})
    keys = {"postOrderToNoticeId": "'k'", "expectOrderToNoticeId": "'k'"}
    controller.put_object("noticeboard", "demo/loaded", keys)
    Agent.objects.create(id="agent-1")
    AgentCluster.objects.create(name="loaders")


def answered(reply: Any) -> None:
    assert reply.status < 500, reply.body
    if reply.status >= 400:
        assert reply.headers["Content-Type"] == "application/problem+json"
        assert reply["detail"]
        assert reply["code"]


@QUIETLY
@given(st.sampled_from(WRITES), BODIES)
def test_any_json_is_answered(administrator: Api, write: tuple[str, str], body: Any) -> None:
    answered(administrator.ask(write[0], write[1], body))


@QUIETLY
@given(st.sampled_from(WRITES), st.binary(max_size=60))
def test_any_bytes_are_answered(administrator: Api, write: tuple[str, str], body: bytes) -> None:
    answered(administrator.ask(write[0], write[1], body))


@QUIETLY
@given(
    st.sampled_from(LISTS),
    st.dictionaries(PARAMETERS, LEAVES.map(str), max_size=4),
)
def test_any_parameters_are_answered(administrator: Api, path: str, query: dict[str, str]) -> None:
    answered(administrator.ask("GET", path, query=query))


@QUIETLY
@given(st.text(max_size=40), st.sampled_from(["GET", "POST", "PUT", "DELETE", "PATCH"]))
def test_any_address_is_answered(administrator: Api, path: str, method: str) -> None:
    from urllib.parse import quote

    answered(administrator.ask(method, f"/{quote(path.encode(errors='replace'))}/", {}))
    answered(administrator.ask(method, f"/orders/{quote(path.encode(errors='replace'))}/", {}))
