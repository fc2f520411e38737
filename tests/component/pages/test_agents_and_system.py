"""Agents, cluster, audit log, dashboard."""

import datetime as dt
import re

from django.test import Client

from agents.models import Agent, AgentCluster, AgentClusterMember
from cluster.models import Node, ServiceRun
from cluster.service import RunState
from cockpit.models import AuditEntry
from controller.models import Link
from engine.order import model as m
from history.models import OrderRunState
from tests.component.api import history_rows
from tests.component.pages.reading import HTMX, text_of
from tests.component.pages.scene import HOSTILE, PATH, Scene


def test_a_new_agent_gets_a_token_that_is_shown_once(owner: Client, scene: Scene) -> None:
    given = {"id": "agent-9", "title": "nine", "process_limit": "4"}
    response = owner.post("/resources/agents/-/add/", given, headers=HTMX)
    token = response.context["token"]
    assert token in response.content.decode()
    assert f"STELLWERK_JOIN_TOKEN={token}" in text_of(response)
    assert response["Cache-Control"] == "no-store"
    agent = Agent.objects.get(id="agent-9")
    assert (agent.title, agent.process_limit) == ("nine", 4)
    assert token not in owner.get("/resources/agents/").content.decode()
    entry = AuditEntry.objects.get()
    assert token not in f"{entry.before}{entry.after}"


def test_agents_with_unusable_names_or_limits_are_refused(owner: Client, scene: Scene) -> None:
    AgentCluster.objects.create(name="farm")
    for given in (
        {"id": ""}, {"id": "a b"}, {"id": "agent-1"}, {"id": "x" * 101},
        {"id": "farm"}, {"id": "clusters"},
        {"id": "ok", "process_limit": "many"}, {"id": "ok", "process_limit": "0"},
    ):  # fmt: skip
        assert owner.post("/resources/agents/-/add/", given).status_code == 422, given
    assert Agent.objects.count() == 1


def test_an_agent_is_switched_off_and_on(owner: Client, scene: Scene) -> None:
    owner.post("/resources/agents/agent-1/-/disable/")
    assert not Agent.objects.get(id="agent-1").enabled
    assert "disabled" in text_of(owner.get("/resources/agents/"))
    owner.post("/resources/agents/agent-1/-/disable/")
    owner.post("/resources/agents/agent-1/-/enable/")
    assert Agent.objects.get(id="agent-1").enabled
    assert list(AuditEntry.objects.values_list("verb", flat=True)) == ["enable", "disable"]


def test_an_agent_has_a_page_with_what_runs_there_and_with_whom_it_works(
    owner: Client, scene: Scene
) -> None:
    Agent.objects.create(id="agent-2", enabled=False)
    farm = AgentCluster.objects.create(name="farm")
    for agent, priority in (("agent-1", 2), ("agent-2", 1)):
        AgentClusterMember.objects.create(cluster=farm, agent_id=agent, priority=priority)
    Link.objects.update(host="m7", version="0.9", processes=12, ahead_us=-600_000_000)
    held, running = m.Held("agent-1", "attached"), m.Processing("r:9", 1)
    scene.controller.order("#runs", PATH, state=running, held=held)
    run = history_rows.order_run(
        "#runs", state="Processing", group="running", agent="agent-1",
        started_at=history_rows.MOMENT, job_no=754, job_day=history_rows.DAY,
    )  # fmt: skip
    history_rows.job_run(run, 754)
    page = owner.get("/resources/agents/agent-1/")
    text = text_of(page)
    for part in (
        "coupled", "1 of 12", "m7", "0.9", "10 m 00 s behind", "Cluster farm", "agent-2",
        "#runs demo/report 08:12:34",
    ):  # fmt: skip
        assert part in text, part
    for link in ('href="/resources/agents/agent-2/"', "/resources/agents/agent-1/-/disable/"):
        assert link in page.content.decode(), link
    assert "clock 10 m 00 s behind" in text_of(owner.get("/resources/agents/"))
    assert owner.get("/resources/agents/nobody/").status_code == 404


def test_a_silent_agent_tells_since_when_and_one_never_heard_that(
    owner: Client, scene: Scene
) -> None:
    Link.objects.update(state="silent")
    assert "unreachable heard last" in text_of(owner.get("/resources/agents/agent-1/"))
    Link.objects.update(state="fresh", seen_at=None)
    scene.controller.order("#goes", PATH, held=m.Held("agent-1", "attaching"))
    history_rows.order_run("#goes", agent="agent-1")
    assert "agent has not joined yet" in text_of(owner.get("/resources/agents/agent-1/"))
    assert "it has not joined yet" in text_of(owner.get("/resources/agents/agent-1/"))


def test_a_switch_on_the_page_of_an_agent_leads_back_to_it(owner: Client, scene: Scene) -> None:
    here = "/resources/agents/agent-1/"
    done = owner.post(f"{here}-/disable/", {"next": here})
    assert done["Location"] == here
    assert "No other starts until it is enabled" in text_of(owner.get(here))
    away = owner.post(f"{here}-/enable/", {"next": "//elsewhere/"})
    assert away["Location"] == "/resources/agents/"


def test_title_and_limit_of_an_agent_are_changed_on_its_page(owner: Client, scene: Scene) -> None:
    here = "/resources/agents/agent-1/"
    form = owner.get(f"{here}-/change/", headers=HTMX).content.decode()
    assert "Change agent agent-1" in form
    assert 'name="id"' not in form
    assert owner.post(f"{here}-/change/", {"process_limit": "0"}).status_code == 422
    done = owner.post(f"{here}-/change/", {"title": "one", "process_limit": "3", "comment": "slow"})
    assert done["Location"] == here
    assert "of 3" in text_of(owner.get(here))
    owner.post(f"{here}-/change/", {"title": "one", "process_limit": "3"})
    entry = AuditEntry.objects.get()
    assert (entry.verb, entry.comment) == ("change", "slow")
    assert entry.after == '{"title":"one","process_limit":3}'
    owner.post(f"{here}-/change/", {"title": "one", "process_limit": ""})
    assert Agent.objects.get(id="agent-1").process_limit is None


def test_the_cluster_tells_who_leads_and_who_is_silent(owner: Client, scene: Scene) -> None:
    Node.objects.create(role="cockpit", node="cockpit-2", incarnation="def")
    Node.objects.filter(node="cockpit-2").update(changed_at="2026-01-01T00:00:00Z")
    text = text_of(owner.get("/cluster/"))
    for part in ("cockpit-1/abc", "active", "cockpit-2", "lost", "journal", "purged 2"):
        assert part in text, part


def test_a_service_that_runs_seldom_is_not_hidden_by_those_that_run_often(owner: Client) -> None:
    began = dt.datetime.now(dt.UTC) - dt.timedelta(hours=2)
    _ran("cleanup", began, runs=0, dropped=0)
    _ran("daily plan", began, problem="It broke.")
    for minute in range(60):
        _ran("daily plan", began + dt.timedelta(minutes=minute + 1), not_planned=minute)
    text = text_of(owner.get("/cluster/"))
    assert re.search(r"cleanup .* nothing to do", text)
    assert "It broke." in text
    assert "not planned 59" in text
    assert "not planned 58" not in text


def _ran(service: str, at: dt.datetime, *, problem: str = "", **counts: int) -> None:
    state = RunState.FAILED if problem else RunState.FINISHED
    ServiceRun.objects.create(
        service=service, planned_at=at, started_at=at, ended_at=at, term=1, holder="cockpit-1/abc",
        state=state, problem=problem, counts=counts,
    )  # fmt: skip


def test_the_audit_log_is_for_administrators(
    owner: Client, colleague: Client, scene: Scene
) -> None:
    owner.post("/orders/-/suspend/", {"ids": scene.running.order_id, "comment": HOSTILE})
    assert HOSTILE in text_of(owner.get("/audit/"))
    assert "T1-running" in text_of(owner.get("/audit/?verb=suspend&account=ada"))
    assert "No entry matches" in text_of(owner.get("/audit/?verb=other"))
    seen = text_of(colleague.get("/audit/"))
    assert "The audit log is for administrators." in seen
    assert "suspend" not in seen


def test_the_dashboard_puts_first_what_needs_a_human(owner: Client, scene: Scene) -> None:
    text = text_of(owner.get("/"))
    assert text.index("Needs a human") < text.index("In flight")
    assert "It broke" in text
    assert "cockpit-1" in text
    assert "agent-1" in text
    assert "prompting" not in text


def test_an_empty_installation_has_a_dashboard(owner: Client) -> None:
    text = text_of(owner.get("/"))
    assert "No order has been added yet." in text
    assert "No agent is registered." in text


def test_the_dashboard_tells_since_when_an_order_needs_somebody_not_when_it_started(
    owner: Client, scene: Scene
) -> None:
    run = history_rows.order_run(
        "halted", state="Stopped", group="failed", started_at=history_rows.MOMENT
    )
    halted_at = history_rows.MOMENT + dt.timedelta(minutes=30)
    for no, (name, minutes) in enumerate([("Ready", 0), ("Stopped", 30), ("Stopped", 45)]):
        row = history_rows.state(run, 100 + no, name)
        OrderRunState.objects.filter(no=row.no).update(
            at=history_rows.MOMENT + dt.timedelta(minutes=minutes)
        )
    content = owner.get("/").content.decode()
    line = next(part for part in content.split("<tr>") if ">halted<" in part)
    assert halted_at.strftime("%H:%M:%S") in line, line
