"""Sealing for agents by name, from the command line to the agent that opens it."""

import io
from io import StringIO

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from django.core.management import CommandError, call_command

from agents import trust
from agents.join import answer, issue_token
from agents.models import AgentCluster, AgentClusterMember
from agents.sealed import Opener
from agents.sealing import AgentWithoutKey, sealed_for

pytestmark = pytest.mark.django_db


def joined(agent: str) -> Opener:
    """Return what opens values for an agent that has just joined."""
    token = issue_token(agent)
    key = X25519PrivateKey.generate()
    letter = trust.join_letter(agent, "queue", key, token)
    assert answer(letter, b"site") is not None
    return Opener(agent, key.private_bytes_raw())


def test_an_agent_opens_with_the_key_that_it_joined_with() -> None:
    a, b = joined("agent-a"), joined("agent-b")
    sealed = sealed_for(["agent-a"], "secret")
    assert a.open(sealed)[0] == "secret"
    with pytest.raises(Exception, match="not for agent-b"):
        b.open(sealed)


def test_a_cluster_stands_for_its_agents() -> None:
    openers = [joined("agent-a"), joined("agent-b")]
    cluster = AgentCluster.objects.create(name="all")
    for opener in openers:
        AgentClusterMember.objects.create(cluster=cluster, agent_id=opener.agent)
    sealed = sealed_for(["all", "agent-a"], "secret")
    assert [opener.open(sealed)[0] for opener in openers] == ["secret", "secret"]


def test_an_agent_that_has_not_joined_is_named() -> None:
    issue_token("agent-c")
    with pytest.raises(AgentWithoutKey, match="agent-c, nobody"):
        sealed_for(["agent-c", "nobody"], "secret")


def test_the_command_takes_the_value_from_standard_input(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    opener, out = joined("agent-a"), StringIO()
    monkeypatch.setattr("sys.stdin", io.StringIO("two\nlines\n"))
    call_command("encrypt", "--agent", "agent-a", stdout=out)
    assert opener.open(out.getvalue().strip())[0] == "two\nlines"
    monkeypatch.setattr("sys.stdin", io.StringIO("x"))
    with pytest.raises(CommandError, match="nobody"):
        call_command("encrypt", "--agent", "nobody", stdout=out)
