"""Who holds and who waits, told from the events alone: a second opinion on the rules of locks."""

from collections.abc import Mapping

from engine.order import events as e
from engine.order.object_events import ObjectEvent

Demands = Mapping[str, int | None]


def room(limit: int, held: Mapping[str, int | None], count: int | None) -> bool:
    """Tell whether a share is free beside those held."""
    if None in held.values():
        return False
    if count is None:
        return not held and limit > 0
    return sum(n or 0 for n in held.values()) + count <= limit


class Ledger:
    """Follows the events and notes everything that must not happen."""

    def __init__(self, limits: dict[str, int]) -> None:
        self.limits = limits
        self.holds: dict[str, dict[str, int | None]] = {}
        self.waits: dict[str, dict[str, int | None]] = {}
        self.arrived: dict[str, int] = {}
        self.priority: dict[str, int] = {}
        self.wrong: list[str] = []
        self._no = 0

    def follow(self, order_id: str, event: e.OrderEvent | ObjectEvent) -> None:
        """Take in the next event."""
        self._no += 1
        match event:
            case e.OrderAdded(order=order):
                self.priority[order_id] = order.priority
            case e.OrderPriorityChanged(priority=priority):
                self.priority[order_id] = priority
            case e.OrderLocksQueued(demands=demands):
                self.waits[order_id], self.arrived[order_id] = dict(demands), self._no
            case e.OrderLocksAcquired(demands=demands):
                self._acquired(order_id, dict(demands))
            case e.OrderLocksReleased():
                del self.holds[order_id]
            case e.OrderStateReset() | e.OrderCancelled():
                self.waits.pop(order_id, None)
            case _:
                return

    def _acquired(self, order_id: str, demands: dict[str, int | None]) -> None:
        waited = self.waits.pop(order_id, None)
        rank = self.rank(order_id) if waited else (-self.priority[order_id], self._no)
        for path, count in demands.items():
            if not room(self.limits[path], self.held(path), count):
                self.wrong.append(f"{order_id} got {path} over its limit")
            first = self.waiting(path)[:1]
            if first and len(self.waits[first[0]]) == 1 and self.rank(first[0]) < rank:
                self.wrong.append(f"{order_id} overtook {first[0]} at {path}")
        self.holds[order_id] = demands

    def rank(self, order_id: str) -> tuple[int, int]:
        """Return the place of a waiting order."""
        return -self.priority[order_id], self.arrived[order_id]

    def held(self, path: str) -> dict[str, int | None]:
        """Return who holds a lock."""
        return {i: shares[path] for i, shares in self.holds.items() if path in shares}

    def waiting(self, path: str) -> list[str]:
        """Return who waits for a lock, in order."""
        return sorted((i for i, d in self.waits.items() if path in d), key=self.rank)

    def in_vain(self) -> list[str]:
        """Return who waits although it could have all it wants."""
        return [i for i in self.waits if self._could_enter(i)]

    def _could_enter(self, order_id: str) -> bool:
        demands = self.waits[order_id]
        return all(self._free(path, order_id) for path in demands)

    def _free(self, path: str, order_id: str) -> bool:
        limit, held = self.limits[path], self.held(path)
        if not room(limit, held, self.waits[order_id][path]):
            return False
        queue = self.waiting(path)
        ahead = queue[: queue.index(order_id)]
        return all(len(self.waits[i]) > 1 and room(limit, held, self.waits[i][path]) for i in ahead)
