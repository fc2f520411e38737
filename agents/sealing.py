"""Sealing a value to agents by name, with the keys that they have shown when they joined."""

from collections.abc import Collection, Iterable, Sequence

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
    agents = list(dict.fromkeys(agent for members in _members(names) for agent in members))
    keys = _keys(agents)
    _refuse([agent for agent in agents if agent not in keys])
    return seal_value(value, {agent: keys[agent] for agent in agents})


def readers_of(places: Collection[str] | None) -> dict[str, bytes]:
    """Return the public keys of the agents that jobs at these agents and clusters may run at.

    Of a cluster those that have joined; without places all agents that have.

    Raises:
        AgentWithoutKey: of a place no agent has joined.
    """
    if places is None:
        return _keys(None)
    by_place = dict(zip(places, _members(places), strict=True))
    keys = _keys([agent for members in by_place.values() for agent in members])
    _refuse([place for place, members in by_place.items() if not keys.keys() & members])
    return keys


def _keys(agents: Collection[str] | None) -> dict[str, bytes]:
    rows = Agent.objects.filter(public_key__isnull=False)
    if agents is not None:
        rows = rows.filter(id__in=agents)
    return {agent: bytes(key) for agent, key in rows.values_list("id", "public_key") if key}


def _refuse(missing: Sequence[str]) -> None:
    if missing:
        joined = ", ".join(missing)
        raise AgentWithoutKey(f"These agents have not joined, so nothing can be sealed: {joined}.")


def _members(names: Iterable[str]) -> list[list[str]]:
    known = clusters()
    return [[agent for agent, _ in known[name]] if name in known else [name] for name in names]
