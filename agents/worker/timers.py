"""Moments at which orders are looked at again: one per order, the next one found at once.

Knows no clock and no orders, only their ids.
"""

import heapq


class Timers:
    """One moment per id; a later `set` replaces an earlier one."""

    def __init__(self) -> None:
        self._at: dict[str, tuple[int, int]] = {}
        self._heap: list[tuple[int, int, str]] = []
        self._arrivals = 0

    def set(self, order_id: str, at_us: int) -> None:
        """Look at the order at this moment."""
        known = self._at.get(order_id)
        if known and known[0] == at_us:
            return
        self._arrivals += 1
        self._at[order_id] = (at_us, self._arrivals)
        heapq.heappush(self._heap, (at_us, self._arrivals, order_id))

    def drop(self, order_id: str) -> None:
        """Forget the order's moment."""
        self._at.pop(order_id, None)

    def due(self, now_us: int) -> list[str]:
        """Return the ids whose moment has come, in the order in which they came, and forget them.

        They come by moment, then by arrival.
        """
        found = []
        while (next_us := self.next_us()) is not None and next_us <= now_us:
            order_id = heapq.heappop(self._heap)[2]
            del self._at[order_id]
            found.append(order_id)
        return found

    def next_us(self) -> int | None:
        """Return the next moment, None if there is none."""
        while self._heap:
            at_us, arrival, order_id = self._heap[0]
            if self._at.get(order_id) == (at_us, arrival):
                return at_us
            heapq.heappop(self._heap)
        return None
