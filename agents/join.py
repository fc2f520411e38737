"""Tokens for new agents, and the controller's half of joining.

A token is shown once; only the key made of it is stored. It is used up by the first authentic
letter under the link's key, so that an answer which got lost can be asked for again.
"""

import secrets
from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from django.db.models import Q

from agents import trust
from agents.models import Agent, AgentCluster, AgentClusterMember


def issue_token(agent_id: str) -> str:
    """Return a new one-time token for an agent, registering the agent if it is unknown."""
    token = secrets.token_urlsafe(24)
    Agent.objects.update_or_create(id=agent_id, defaults={"token_key": trust.token_key(token)})
    return token


def answer(letter: trust.Join, site: bytes) -> trust.Joined | None:
    """Return the answer to a letter of an agent, None where its token is not the issued one."""
    found = (
        Agent.objects.filter(id=letter.agent, token_key__isnull=False)
        .values_list("token_key", "public_key", "join_answer")
        .first()
    )
    token, known, given = found or (None, None, None)
    if token is None:
        return None
    if known is not None and bytes(known) == letter.public and given is not None:
        # Asked again because the answer was late: another key would make the first one worthless.
        again = trust.decode(bytes(given))
        return again if isinstance(again, trust.Joined) else None
    made = trust.answer_join(letter, X25519PrivateKey.generate(), site, bytes(token))
    if made is None:
        return None
    joined, key = made
    changed = Agent.objects.filter(id=letter.agent, token_key=bytes(token)).update(
        link_key=key,
        public_key=letter.public,
        join_answer=trust.encode(joined),
        joined_at=datetime.now(UTC),
    )
    return joined if changed else None


def used_up(agent_id: str) -> None:
    """Note that the agent has shown the link's key: its token is worth nothing from now on."""
    Agent.objects.filter(id=agent_id, token_key__isnull=False).update(
        token_key=None, join_answer=None
    )


def process_limits() -> dict[str, int]:
    """Return how many processes agents may run at once, where somebody has said so.

    A disabled agent may start none: what runs there ends, and its result is taken in.
    """
    rows = Agent.objects.filter(Q(process_limit__isnull=False) | Q(enabled=False))
    limits = {agent.id: agent.process_limit if agent.enabled else 0 for agent in rows}
    return {agent: limit for agent, limit in limits.items() if limit is not None}


def link_keys() -> dict[str, bytes]:
    """Return the keys of the links to all agents that have joined."""
    rows = Agent.objects.filter(link_key__isnull=False).values_list("id", "link_key")
    return {agent: bytes(key) for agent, key in rows if key is not None}


def clusters() -> dict[str, list[tuple[str, int]]]:
    """Return the clusters: of each the ids of its enabled agents with their priority."""
    found: dict[str, list[tuple[str, int]]] = {
        name: [] for name in AgentCluster.objects.values_list("pk", flat=True)
    }
    members = AgentClusterMember.objects.filter(agent__enabled=True)
    for name, agent, priority in members.values_list("cluster_id", "agent_id", "priority"):
        found[name].append((agent, priority))
    return found
