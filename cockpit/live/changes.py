"""Which orders have changed, from the journal to hints: held back until the history has the rows.

A page that is told of a change asks the history; told too early it would see the old row. Pure but
for its lock: filled by the reader's thread, emptied by the server's loop.
"""

import threading
from collections import OrderedDict, deque
from collections.abc import Sequence

import msgspec

from controller.journal import Entry
from engine.order.events import OrderAdded, OrderForked

LONGEST_HOLD_S = 2.0
"""A hint is not held back for longer, whatever the history does."""

MOST_IDS = 300
_MOST_RECENT = 20_000
_MOST_WORKFLOWS = 50_000


class Changed(msgspec.Struct, frozen=True):
    """Orders that changed, up to a number of the journal."""

    upto: int
    orders: tuple[str, ...]


class Changes:
    """Changes of orders on their way to pages."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: deque[tuple[int, float, str]] = deque()
        self._recent: deque[tuple[int, str]] = deque(maxlen=_MOST_RECENT)
        self._workflows: OrderedDict[str, str] = OrderedDict()
        self.upto = 0
        self.readable_no = 0

    def take(self, entries: Sequence[Entry], now_s: float) -> None:
        """Note what the entries change."""
        with self._lock:
            for entry in entries:
                self._held.append((entry.no, now_s, entry.order))
                if isinstance(entry.event, OrderForked):
                    self._held.extend((entry.no, now_s, child) for child, _ in entry.event.children)
                elif isinstance(entry.event, OrderAdded):
                    self._know(entry.order, entry.event.order.workflow)

    def readable(self, no: int) -> None:
        """Note up to which number the history has rows."""
        self.readable_no = max(self.readable_no, no)

    def due(self, now_s: float) -> Changed | None:
        """Return what may be told now, None where it is nothing."""
        found: dict[str, None] = {}
        with self._lock:
            while self._held:
                no, at_s, order = self._held[0]
                if no > self.readable_no and now_s - at_s < LONGEST_HOLD_S:
                    break
                self._held.popleft()
                self._recent.append((no, order))
                found[order] = None
                self.upto = max(self.upto, no)
        return Changed(self.upto, tuple(found)) if found else None

    @property
    def waits(self) -> bool:
        """Whether something is held back."""
        return bool(self._held)

    def since(self, no: int) -> Changed | None:
        """Return what was told after a number, None where it is nothing; all ids, or too many."""
        if no >= self.upto:
            return None
        with self._lock:
            oldest = self._recent[0][0] if self._recent else self.upto + 1
            ids = dict.fromkeys(order for at, order in self._recent if at > no)
        # What lies before the oldest change in mind is unknown: then everything may have changed.
        return Changed(self.upto, tuple(ids) if no >= oldest - 1 else ())

    def workflow_of(self, order: str) -> str | None:
        """Return the workflow of an order or of its parent, None where it is not in mind."""
        with self._lock:
            return self._workflows.get(order.partition("|")[0])

    def know(self, workflows: dict[str, str]) -> None:
        """Keep in mind which workflows orders belong to."""
        with self._lock:
            for order, workflow in workflows.items():
                self._know(order, workflow)

    def _know(self, order: str, workflow: str) -> None:
        self._workflows[order] = workflow
        if len(self._workflows) > _MOST_WORKFLOWS:
            self._workflows.popitem(last=False)


def ids_or_all(orders: Sequence[str]) -> list[str] | None:
    """Return the ids of a hint; None, which is "all", where there are too many or none is known."""
    return list(orders) if 0 < len(orders) <= MOST_IDS else None
