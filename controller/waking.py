"""Who has to be looked at because of what has happened, in slices, as long as a turn has time.

What is left over is looked at in the next turns: it stays in the world's wakes and in the rows.
"""

from collections import deque
from collections.abc import Callable

from controller.loading import Loading
from engine.order.events import OrderEvent
from engine.steps.wake import LOOKED_AT_ONCE, awakened
from engine.world import Step, World

LOOKED_IN_A_SLICE = 100


class Waking:
    """Finds waiting orders in slices. `take` records an event; `in_time` ends the looking.

    `found` are the orders of the last slice.
    """

    def __init__(
        self,
        world: World,
        loading: Loading,
        take: Callable[[str, OrderEvent], None],
        in_time: Callable[[], bool],
    ) -> None:
        self._world, self._loading = world, loading
        self._take, self._in_time = take, in_time
        self._left = LOOKED_AT_ONCE
        self._looked: deque[Step] = deque()
        self.found: list[str] = []

    def singly(self) -> None:
        """Look at one order only."""
        self._left = 1

    def add_to(self, waiting: deque[str]) -> bool:
        """Add those to be looked at now; tells whether there are any.

        Call it once all of the slice before were looked at: its scans go on then.
        """
        while self._looked:
            self._take(*self._looked.popleft())
        if not self._world.wakes or not self._may_look():
            return False
        limit = min(self._left, LOOKED_IN_A_SLICE)
        found, steps = self._loading.until(lambda: awakened(self._world, limit))
        self._left -= len(found)
        self.found = found
        waiting.extend(found)
        self._looked.extend(steps)
        return bool(waiting or self._looked)

    def _may_look(self) -> bool:
        """Tell whether there is time; a first slice always goes, or a busy turn would stop all."""
        return self._left in (1, LOOKED_AT_ONCE) or (self._left > 0 and self._in_time())
