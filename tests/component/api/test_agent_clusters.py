"""Clusters of agents, and values that only agents can read."""

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from agents.models import Agent, AgentCluster
from agents.sealed import Opener
from cockpit.models import AuditEntry
from tests.component.api.client import Api
from tests.component.api.controller_stub import JOB, WORKFLOW, ControllerStub

CLUSTERS = "/agents/clusters/"
LOADERS = f"{CLUSTERS}loaders/"
MEMBERS = [{"agent": "agent-1"}, {"agent": "agent-2", "priority": 5}]


@pytest.fixture(autouse=True)
def agents(db: None) -> None:
    Agent.objects.create(id="agent-1")
    Agent.objects.create(id="agent-2", enabled=False)


def test_a_cluster_is_made_changed_and_deleted(administrator: Api, viewer: Api) -> None:
    made = administrator.post(CLUSTERS, {"name": "loaders", "members": MEMBERS, "comment": "new"})

    assert made.status == 201
    assert made["members"] == [
        {"agent": "agent-2", "priority": 5, "enabled": False},
        {"agent": "agent-1", "priority": 0, "enabled": True},
    ]
    assert viewer.get(LOADERS).body == made.body == viewer.get(CLUSTERS)["clusters"][0]
    changed = administrator.patch(LOADERS, {"title": "Loaders", "members": MEMBERS[:1]})
    assert (changed["title"], len(changed["members"])) == ("Loaders", 1)
    assert len(administrator.patch(LOADERS, {"title": "L"})["members"]) == 1
    assert administrator.delete(LOADERS).status == 204
    assert viewer.get(LOADERS).status == 404
    entries = list(AuditEntry.objects.order_by("pk"))
    assert [e.verb for e in entries] == ["make", "change", "change", "delete"]
    assert '"members":{"agent-2":5,"agent-1":0}' in (entries[0].after or "")
    assert entries[0].comment == "new"


def test_all_problems_of_a_cluster_are_told_at_once(administrator: Api) -> None:
    members = [{"agent": "agent-1"}, {"agent": "none"}, {"agent": "agent-1"}]
    reply = administrator.post(CLUSTERS, {"name": "loaders", "members": members})
    assert (reply.status, reply.fields) == (422, ["members[1].agent", "members[2].agent"])
    assert not AgentCluster.objects.exists()
    assert administrator.post(CLUSTERS, {"name": "a b", "members": 5}).fields == [
        "name",
        "members",
    ]


def test_a_name_means_one_thing(administrator: Api) -> None:
    assert administrator.post(CLUSTERS, {"name": "agent-1"})["code"] == "agent-exists"
    assert administrator.post(CLUSTERS, {"name": "loaders"}).status == 201
    assert administrator.post(CLUSTERS, {"name": "loaders"})["code"] == "cluster-exists"
    assert administrator.post("/agents/", {"id": "loaders"})["code"] == "cluster-exists"
    assert administrator.post("/agents/", {"id": "clusters"}).fields == ["id"]


def test_a_cluster_that_a_workflow_names_stays(
    administrator: Api, controller: ControllerStub
) -> None:
    administrator.post(CLUSTERS, {"name": "loaders"})
    controller.deploy(
        "demo/report", {**WORKFLOW, "jobs": {"work": {**JOB, "agentName": "loaders"}}}
    )

    reply = administrator.delete(LOADERS)

    assert (reply.status, reply["code"]) == (409, "cluster-in-use")
    assert administrator.get(LOADERS)["workflows"] == ["demo/report"]


def test_a_repeated_key_makes_one_cluster(administrator: Api) -> None:
    body = {"name": "loaders"}
    first = administrator.post(CLUSTERS, body, Idempotency_Key="k")
    assert administrator.post(CLUSTERS, body, Idempotency_Key="k").body == first.body


def test_who_may_only_look_changes_no_cluster_and_seals_nothing(viewer: Api) -> None:
    for reply in (
        viewer.post(CLUSTERS, {"name": "x"}),
        viewer.patch(LOADERS, {"title": "x"}),
        viewer.delete(LOADERS),
        viewer.post("/agents/agent-1/encrypt/", {"value": "s"}),
    ):
        assert reply.status == 403


def test_a_value_is_sealed_for_the_agents_that_may_read_it(administrator: Api) -> None:
    private = X25519PrivateKey.generate()
    public = private.public_key().public_bytes_raw()
    Agent.objects.update(public_key=public)

    told = administrator.post("/agents/agent-1/encrypt/", {"value": "s3cr3t", "also": ["agent-2"]})

    assert (told.status, told["agents"]) == (200, ["agent-1", "agent-2"])
    assert told["encrypted"].startswith("enc://")
    for agent in told["agents"]:
        opened, _ = Opener(agent, private.private_bytes_raw()).open(told["encrypted"])
        assert opened == "s3cr3t"
    assert not AuditEntry.objects.exists()


def test_a_value_cannot_be_sealed_for_who_is_not_there(administrator: Api) -> None:
    path = "/agents/agent-1/encrypt/"
    assert administrator.post("/agents/none/encrypt/", {"value": "s"})["code"] == "agent-unknown"
    assert administrator.post(path, {"value": "s", "also": ["none"]}).fields == ["also[0]"]
    assert administrator.post(path, {"value": ""}).fields == ["value"]
    reply = administrator.post(path, {"value": "s"})
    assert (reply.status, reply["code"]) == (409, "agent-not-joined")
