"""The next moments at which the clock leads an order on.

Only a short span lies in memory; the rest stays in the rows, however many orders wait.
"""

import heapq
from collections.abc import Callable, Iterable

from engine.order import model as m
from engine.order.group import due_us
from engine.order.model import Order

SPAN_US = 60_000_000
AT_ONCE = 1_000
ROWS_AT_ONCE = 20_000


class Due:
    """A window of due orders over a low-water mark, refilled from the store."""

    def __init__(
        self, read: Callable[[int, int, int], list[tuple[int, str]]], *, horizon_us: int
    ) -> None:
        self._read = read
        self._horizon_us = horizon_us
        self._heap: list[tuple[int, str]] = []
        self._upto_us = -1
        self._more = False

    def moment(self, order: Order, now_us: int) -> int | None:
        """Return when to look at the order again: when it is due, or may go to its agent."""
        due = due_us(order)
        if due is None or not isinstance(order.state, m.Fresh):
            return due
        early = due - self._horizon_us
        return early if now_us < early else due

    def put(self, moments: Iterable[tuple[int | None, str]]) -> None:
        """Note moments that a turn has just written."""
        for at_us, order_id in moments:
            if at_us is not None and at_us <= self._upto_us:
                heapq.heappush(self._heap, (at_us, order_id))

    def again(self, due: Iterable[str], now_us: int) -> None:
        """Note what a turn has taken and had no time for."""
        for order_id in due:
            heapq.heappush(self._heap, (now_us, order_id))

    def is_far(self, at_us: int | None) -> bool:
        """Tell whether a moment lies behind the window: what waits for it needs no memory."""
        return at_us is not None and at_us > self._upto_us

    def take(self, now_us: int) -> list[str]:
        """Return orders that are due; reads on when the window is used up."""
        used_up = not (self._more and self._heap)
        if used_up and now_us > self._upto_us - SPAN_US // 2:
            self._refill(now_us)
        found: list[str] = []
        while self._heap and self._heap[0][0] <= now_us and len(found) < AT_ONCE:
            found.append(heapq.heappop(self._heap)[1])
        return found

    def _refill(self, now_us: int) -> None:
        upto = now_us + SPAN_US
        rows = self._read(self._upto_us, upto, ROWS_AT_ONCE)
        for row in rows:
            heapq.heappush(self._heap, (row[0], row[1]))
        # A full page means there is more below `upto`: go on with its last moment, once the page is
        # used up. What a turn has written until then is not read again.
        self._more = len(rows) == ROWS_AT_ONCE
        self._upto_us = rows[-1][0] - 1 if self._more else upto

    def wait_us(self, now_us: int) -> int | None:
        """Return how long nothing in the window is due, None if it is empty."""
        return max(0, self._heap[0][0] - now_us) if self._heap else None
