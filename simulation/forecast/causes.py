"""Who ended the waits of others: who gave back a lock, posted a notice, freed a process.

Follows events beside the world; decides nothing.
"""

from agents.worker.slots import JobKey
from engine.order import events as e
from engine.world import World
from simulation.forecast.found import Kind, Posting
from simulation.forecast.resting import Rest

Came = tuple[tuple[str, int], ...]
"""Orders that had to come, each with the moment at which it did."""


class Causes:
    """What the present waits of orders may end by, as far as it has happened."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.postings: list[Posting] = []
        self._posted: dict[tuple[str, str], tuple[str, int]] = {}
        self._given_back: dict[str, str] = {}
        self._held: dict[str, frozenset[str]] = {}
        self._freed: dict[str | JobKey, str] = {}
        self._limits: dict[str, tuple[str, JobKey | None]] = {}
        self._unadmitted: set[str] = set()
        self._children: dict[str, list[tuple[str, int]]] = {}
        self._found: dict[str, str] = {}

    # -- what happens -----------------------------------------------------------------------

    def freed(self, order_id: str, agent: str, job: JobKey) -> None:
        """Take note of the order whose job has just ended."""
        self._freed[agent] = self._freed[job] = order_id

    def limited(self, order_id: str, agent: str, job: JobKey | None) -> None:
        """Take note that no process is free for an order: of the job, or None: of the agent."""
        self._limits[order_id] = (agent, job)
        self._unadmitted.discard(order_id)

    def not_admitted(self, order_id: str) -> None:
        """Take note that the job at which an order stands may not start now."""
        self._unadmitted.add(order_id)

    def posted(self, order_id: str, event: e.OrderNoticesPosted, now_us: int) -> None:
        """Take note of notices."""
        for one in event.notices:
            self._posted[one.board, one.key] = (order_id, now_us)
            self.postings.append(Posting(one.board, one.key, order_id, now_us))

    def locked(self, order_id: str, event: e.OrderLocksAcquired) -> None:
        """Take note that an order has got its locks, from who gave them back last."""
        back = [self._given_back[p] for p, _ in event.demands if p in self._given_back]
        self._note(order_id, back[-1] if back else "")

    def started(self, order_id: str) -> None:
        """Take note that an order's job has started, in the place of another one."""
        limit = self._limits.pop(order_id, None)
        self._unadmitted.discard(order_id)
        if limit is not None:
            self._note(order_id, self._freed.get(limit[1] or limit[0], ""))

    def forked(self, order_id: str) -> None:
        """Take note that an order waits for children, of whom none has ended."""
        self._children.pop(order_id, None)

    def joined(self, order_id: str, child: str, now_us: int) -> None:
        """Take note that a child has ended."""
        self._children.setdefault(order_id, []).append((child, now_us))
        self._note(order_id, child)

    def holds(self, order_id: str) -> None:
        """Take note of the locks that an order holds after an event, and of those given back."""
        order, before = self._world.orders.get(order_id), self._held.get(order_id)
        if before is None and (order is None or not order.locks):
            return
        locks = order.locks if order is not None else ()
        now = frozenset(path for hold in locks for path, _ in hold.demands)
        for path in (before or frozenset()) - now:
            self._given_back[path] = order_id
        self._held[order_id] = now

    def _note(self, order_id: str, by: str) -> None:
        if by and by != order_id:
            self._found[order_id] = by

    # -- what follows from it ---------------------------------------------------------------

    def settled(self) -> None:
        """Forget who ended waits at the moment that is over."""
        self._found.clear()

    def of(self, order_id: str, rest: Rest, since_us: int) -> tuple[str, Came]:
        """Return who has ended what an order did, and everybody who had to come for it."""
        if rest.kind == "notice":
            came = [self._posted[at] for at in rest.expected if at in self._posted]
            later = sorted((one for one in came if one[1] >= since_us), key=lambda one: one[1])
            return (later[-1][0] if later else ""), tuple(later)
        if rest.kind == "fork":
            return self._found.get(order_id, ""), tuple(self._children.get(order_id, ()))
        return (self._found.get(order_id, "") if rest.kind in ("lock", "process") else ""), ()

    def hint(self, order_id: str, agent: str) -> tuple[Kind, str]:
        """Return why an order stands before its job at an agent."""
        if order_id in self._unadmitted:
            return "admission", ""
        name, job = self._limits.get(order_id, (agent, None))
        return "process", name if job is None else f"{name} for {job[2]}"
