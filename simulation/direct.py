"""A carrier that loses nothing and takes no time: both streams, taken and acknowledged at once.

The place where a carrier that loses, doubles and reorders comes in its stead.
"""

from agents.protocol import ITEMS_AT_ONCE
from simulation.agent import SimAgent, decoded
from simulation.controller import SimController

GONE_KEPT_US = 7 * 86_400_000_000


class DirectLink:
    """The two streams between the controller and one agent."""

    def __init__(self, controller: SimController, agent: SimAgent) -> None:
        self._controller, self._agent = controller, agent

    def carry(self) -> bool:
        """Hand over what waits on either side; tells whether anything did."""
        if not self._controller.leads or self._agent.hold is None:
            return False
        return self._down() | self._up()

    def _down(self) -> bool:
        agent, controller = self._agent, self._controller
        rows = controller.store.outbox(agent.name, agent.taken, ITEMS_AT_ONCE)
        if not rows:
            return False
        agent.take(decoded(rows), rows[-1][0])
        controller.acknowledged(agent.name, rows[-1][0])
        return True

    def _up(self) -> bool:
        agent, controller = self._agent, self._controller
        link = controller.links.get(agent.name)
        taken = link.taken_n if link and link.run == agent.run else 0
        rows = agent.journal.events(taken, ITEMS_AT_ONCE)
        if not rows:
            return False
        controller.reported(agent.name, agent.run, rows)
        agent.journal.release(rows[-1][0], gone_before_us=agent.clock.now_us - GONE_KEPT_US)
        return True
