"""Sealing a value to agents by name, with the keys that they have shown when they joined."""

from collections.abc import Sequence

from agents.join import clusters
from agents.models import Agent
from agents.sealed import seal_value


class AgentWithoutKey(Exception):
    """Agents that are unknown or have not joined yet; the message names them."""


def sealed_for(names: Sequence[str], value: str) -> str:
    """Return the value sealed for these agents, as documents may carry it.

    A cluster means the agents that are in it now; one that comes later cannot open the value.

    Raises:
        AgentWithoutKey: nothing can be sealed for one of them.
    """
    agents = _members(names)
    rows = Agent.objects.filter(id__in=agents, public_key__isnull=False)
    keys = {agent: bytes(key) for agent, key in rows.values_list("id", "public_key") if key}
    missing = [agent for agent in agents if agent not in keys]
    if missing:
        joined = ", ".join(missing)
        raise AgentWithoutKey(f"These agents have not joined, so nothing can be sealed: {joined}.")
    return seal_value(value, {agent: keys[agent] for agent in agents})


def _members(names: Sequence[str]) -> list[str]:
    known = clusters()
    found = (([agent for agent, _ in known[name]] if name in known else [name]) for name in names)
    return list(dict.fromkeys(agent for agents in found for agent in agents))
