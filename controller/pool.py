"""Which agent of a cluster gets the next job: by priority, then by load, then by turns."""

from collections.abc import Mapping

import msgspec

from controller.changes import LinkState


class Member(msgspec.Struct, frozen=True):
    """An agent of a cluster; those of the highest priority that are there share the work."""

    agent: str
    priority: int = 0


class Pool:
    """The clusters as they are now, over the links that say who is there.

    The choice is part of an event, so that nobody ever has to make it again.
    """

    def __init__(self, links: dict[str, LinkState]) -> None:
        self.clusters: Mapping[str, tuple[Member, ...]] = {}
        self._links = links
        self._picks = 0
        self._picked: dict[str, int] = {}

    def members(self, name: str) -> tuple[str, ...] | None:
        """Return the agents of a cluster, None where the name is no cluster's."""
        found = self.clusters.get(name)
        return None if found is None else tuple(member.agent for member in found)

    def pick(self, name: str) -> str | None:
        """Return the agent for the next job, None while none of the cluster is there."""
        there = [member for member in self.clusters.get(name, ()) if self._is_there(member.agent)]
        if not there:
            return None
        best = max(member.priority for member in there)
        agents = [member.agent for member in there if member.priority == best]
        agent = min(agents, key=lambda a: (self._links[a].held, self._picked.get(a, 0)))
        self._picks += 1
        self._picked[agent] = self._picks
        return agent

    def _is_there(self, agent: str) -> bool:
        link = self._links.get(agent)
        return link is not None and link.state == "coupled" and link.alive
