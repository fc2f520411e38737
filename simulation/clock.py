"""Simulated time: it passes only from one event to the next.

Moments are integer microseconds since the epoch, in UTC. Knows nothing of what happens.
"""

import heapq
from collections.abc import Callable

SECOND_US = 1_000_000

Action = Callable[[], None]


class Clock:
    """The present moment and what is to happen later, in the order of its moments."""

    def __init__(self, start_us: int = 0) -> None:
        self.now_us = start_us
        self._queue: list[tuple[int, int, Action]] = []
        self._count = 0

    def at(self, moment_us: int, action: Action) -> None:
        """Let `action` happen at a moment; one that is past already happens next."""
        self._count += 1
        heapq.heappush(self._queue, (max(moment_us, self.now_us), self._count, action))

    def next_us(self) -> int | None:
        """Return the moment of the next event, None if there is none."""
        return self._queue[0][0] if self._queue else None

    def go_to(self, moment_us: int) -> None:
        """Let time pass up to a moment, with everything that is to happen until then."""
        while self._queue and self._queue[0][0] <= moment_us:
            self.now_us, _, action = heapq.heappop(self._queue)
            action()
        self.now_us = max(self.now_us, moment_us)

    def seconds(self) -> float:
        """Return the moment in seconds, for those who count in them."""
        return self.now_us / SECOND_US
