"""Agents, tokens, the audit log, the cluster, health and the API's own description."""

import datetime as dt
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import ProgrammingError, connection, transaction
from django.test import Client

from agents.models import Agent
from cluster.models import Lease
from cockpit.access import tokens
from cockpit.models import AccessToken, AuditEntry
from tests.component.api.client import Api
from tests.component.api.controller_stub import ControllerStub


def test_an_agent_is_registered_and_its_token_shown_once(administrator: Api) -> None:
    body = {"id": "agent-9", "title": "Nine", "process_limit": 4}
    made = administrator.post("/agents/", body, Idempotency_Key="k")
    again = administrator.post("/agents/", body, Idempotency_Key="k")

    assert (made.status, made["agent"]["title"], made["agent"]["link"]) == (201, "Nine", "never")
    assert len(made["token"]) > 20
    assert (again.status, again["token"], again["agent"]) == (201, None, made["agent"])
    assert administrator.post("/agents/", body)["code"] == "agent-exists"
    assert AuditEntry.objects.count() == 1
    assert made["token"] not in str(AuditEntry.objects.values().get())


def test_an_agent_is_changed_and_switched_with_before_and_after(administrator: Api) -> None:
    Agent.objects.create(id="agent-9", title="Old")
    changed = administrator.patch("/agents/agent-9/", {"title": "New", "process_limit": None})
    assert (changed.status, changed["title"]) == (200, "New")
    assert administrator.post("/agents/agent-9/disable/", {"comment": "moves"})["enabled"] is False
    assert administrator.post("/agents/agent-9/enable/")["enabled"] is True
    assert administrator.post("/agents/agent-9/token/")["token"]

    first = AuditEntry.objects.order_by("pk")[0]
    assert ('"title":"Old"' in (first.before or ""), '"title":"New"' in (first.after or "")) == (
        True,
        True,
    )
    verbs = list(AuditEntry.objects.order_by("pk").values_list("verb", flat=True))
    assert verbs == ["change", "disable", "enable", "issue-token"]
    assert [a["id"] for a in administrator.get("/agents/")["agents"]] == ["agent-9"]


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/agents/", {"id": "a b"}, 422),
        ("POST", "/agents/", {"id": "agent-2\n"}, 422),
        ("POST", "/agents/", {"id": "agent-2", "title": "two\n"}, 422),
        ("POST", "/agents/", {"id": "clusters"}, 422),
        ("POST", "/agents/", {"id": "a\0"}, 422),
        ("POST", "/agents/", {"id": "a", "process_limit": -1}, 422),
        ("POST", "/agents/", {"id": "a", "process_limit": 0}, 422),
        ("PATCH", "/agents/agent-9/", {}, 422),
        ("PATCH", "/agents/agent-9/", {"title": None}, 422),
        ("PATCH", "/agents/none/", {"title": "x"}, 404),
        ("POST", "/agents/none/enable/", {}, 404),
        ("POST", "/agents/none/token/", {}, 404),
        ("GET", "/agents/a%00b/", None, 404),
        ("DELETE", "/agents/", None, 405),
        ("GET", "/nonsense/", None, 404),
        ("GET", "/orders", None, 404),
        ("GET", "/operations/00000000-0000-0000-0000-000000000000/", None, 404),
        ("GET", "/history/jobs/99999999999999999999999/", None, 404),
        ("GET", "/deployments/99999999999999999999999/", None, 404),
    ],
)
def test_a_bad_request_is_refused(
    administrator: Api, method: str, path: str, body: Any, status: int
) -> None:
    Agent.objects.create(id="agent-9")
    reply = administrator.ask(method, path, body)
    assert (reply.status, reply.headers["Content-Type"]) == (status, "application/problem+json")


def test_a_password_gives_a_token_that_works(administrator: Api, stranger: Api) -> None:
    body = {"name": "ada", "password": "ada-password", "label": "ci", "scopes": ["read"], "days": 1}
    made = stranger.post("/token/", body)
    assert made.status == 201

    script = Api(made["token"])
    assert script.get("/orders/").status == 200
    assert script.post("/orders/", {"workflow": "x"})["code"] == "forbidden"
    kept = AccessToken.objects.get(name="ci")
    assert made["token"] not in str(AccessToken.objects.filter(pk=kept.pk).values().get())
    assert AuditEntry.objects.get().verb == "issue"


@pytest.mark.parametrize(
    "body",
    [
        {"name": "ada", "password": "wrong"},
        {"name": "nobody", "password": "x"},
        {"name": "ada\0", "password": "x"},
    ],
)
def test_wrong_credentials_give_no_token(
    administrator: Api, stranger: Api, body: dict[str, str]
) -> None:
    reply = stranger.post("/token/", body)
    assert (reply.status, reply["code"]) == (401, "credentials-refused")


def test_a_token_ends_with_its_time_its_person_and_its_revocation(viewer: Api) -> None:
    user = get_user_model().objects.get(username="vic")
    past = dt.datetime.now(dt.UTC) - dt.timedelta(seconds=1)
    _, over = tokens.issue(user, "over", expires_at=past)
    ended, secret = tokens.issue(user, "ended")
    assert Api(over).get("/orders/").status == 401
    assert Api(secret).get("/orders/").status == 200
    tokens.revoke(ended.pk)
    assert Api(secret).get("/orders/").status == 401
    get_user_model().objects.filter(pk=user.pk).update(is_active=False)
    tokens.forget_trust()
    assert viewer.get("/orders/").status == 401


def test_a_session_needs_the_csrf_token(administrator: Api) -> None:
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    client.force_login(get_user_model().objects.get(username="ada"))
    assert client.get("/api/v1/orders/").status_code == 200
    refused = client.post("/api/v1/orders/", b"{}", content_type="application/json")
    assert refused.status_code == 403
    assert refused["Content-Type"] == "application/problem+json"


def test_the_token_command_makes_lists_and_ends(
    administrator: Api, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("token", "make", "ada", "--name", "ci", "--scope", "operate", "--days", "2")
    secret = capsys.readouterr().out.split('"token":"')[1].split('"')[0]
    assert Api(secret).get("/agents/").status == 200
    call_command("token", "list")
    assert '"name":"ci"' in capsys.readouterr().out
    call_command("token", "end", secret[:10])
    assert Api(secret).get("/agents/").status == 401


def test_the_audit_log_is_listed_with_results_that_came_later(
    administrator: Api, controller: ControllerStub
) -> None:
    controller.deploy("demo/report")
    administrator.post("/orders/", {"workflow": "demo/report", "id": "one", "ticket": "T-1"})
    administrator.post("/orders/one/cancel/")
    administrator.post("/orders/one/continue/")

    entries = administrator.get("/audit/")["entries"]
    assert [(e["verb"], e["result"]) for e in entries] == [
        ("continue", "refused"),
        ("cancel", "accepted"),
        ("add", "accepted"),
    ]
    assert entries[0]["answer"][0]["code"] == "not-applicable"

    def verbs(**query: Any) -> list[str]:
        return [e["verb"] for e in administrator.get("/audit/", **query)["entries"]]

    assert verbs(ticket="T-1") == verbs(verb="add") == ["add"]
    assert verbs(object="one") == ["continue", "cancel", "add"]
    assert verbs(object="on") == verbs(account="vic") == []
    assert verbs(result="refused") == ["continue"]
    page = administrator.get("/audit/", limit=2)
    assert verbs(cursor=page["older"]) == ["add"]


def test_an_entry_of_the_audit_log_cannot_be_changed_or_removed(administrator: Api) -> None:
    Agent.objects.create(id="agent-9")
    administrator.post("/agents/agent-9/disable/")
    rows = AuditEntry.objects.all()
    with pytest.raises(ProgrammingError, match="not changed"), transaction.atomic():
        rows.update(account="nobody")
    with pytest.raises(ProgrammingError, match="not changed"), transaction.atomic():
        rows.update(result="accepted")
    with pytest.raises(ProgrammingError, match="not removed"), transaction.atomic():
        rows.delete()
    # Retention says what it does; without these words it could not.
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL stellwerk.purging = 'on'")
    assert rows.delete()[0] == 1


def test_changes_in_the_admin_come_into_the_audit_log(administrator: Api) -> None:
    user = get_user_model().objects.get(username="ada")
    get_user_model().objects.filter(pk=user.pk).update(is_superuser=True)
    client = Client()
    client.force_login(user)
    client.post("/admin/agents/agent/add/", {"id": "agent-9", "enabled": "on"})
    entry = AuditEntry.objects.get()
    assert (entry.account, entry.through, entry.verb) == ("ada", "admin", "add")
    assert (entry.kind, entry.objects_named) == ("agent", ["agent-9"])
    page = client.post(
        "/admin/agents/agent/",
        {"action": "issue_joining_token", "_selected_action": "agent-9"},
        follow=True,
    )
    assert b"STELLWERK_JOIN_TOKEN=" in page.content
    for place in ("cockpit/auditentry", "cockpit/accesstoken", "agents/agent"):
        assert client.get(f"/admin/{place}/").status_code == 200


def test_the_cluster_is_told(viewer: Api) -> None:
    Lease.objects.create(role="cockpit", term=3, holder="cockpit-1/ab", phase="active")
    told = viewer.get("/cluster/")
    assert (told["leases"][0]["term"], told["links"], told["services"]) == (3, [], [])


@pytest.mark.django_db
def test_probes_are_plain_and_need_no_sign_in() -> None:
    client = Client()
    assert client.get("/health/live").content == b"live\n"
    assert client.get("/health/ready").content == b"ready\n"
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL temp_file_limit = '1MB'")
        full = client.get("/health/ready")
    assert (full.status_code, full.content) == (503, b"the database has no room to write\n")
    assert client.get("/health/leader").status_code == 503
    assert client.post("/health/live").status_code == 405
    client.get("/api/v1/orders/")
    figures = client.get("/metrics").content.decode()
    assert 'stellwerk_http_requests_total{method="GET",status="401"}' in figures
    assert "stellwerk_feed_lag_seconds -1.0" in figures


@pytest.mark.django_db
def test_the_api_describes_itself_under_the_strict_content_policy() -> None:
    client = Client()
    schema = client.get("/api/v1/schema/")
    assert schema["Content-Type"] == "application/vnd.oai.openapi+json"
    page = client.get("/api/v1/docs/")
    assert page.status_code == 200
    assert "unsafe" not in page["Content-Security-Policy"]
    assert b"<style" not in page.content
    assert b"<script>" not in page.content


def test_every_answer_has_a_request_id(viewer: Api) -> None:
    assert len(viewer.get("/orders/").headers["X-Request-ID"]) == 16
    reply = viewer.ask("GET", "/orders/x/", headers={"X-Request-ID": "mine-1"})
    assert (reply.headers["X-Request-ID"], reply["request_id"]) == ("mine-1", "mine-1")
    bad = viewer.ask("GET", "/orders/x/", headers={"X-Request-ID": "<script>"})
    assert bad.headers["X-Request-ID"] != "<script>"
