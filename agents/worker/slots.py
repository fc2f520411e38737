"""Which job may start next: process limits of jobs and of the agent, and who waits for them."""

import heapq
from collections.abc import Iterator

JobKey = tuple[str, str, str]


class Slots:
    """Counts processes per job and together; orders wait by priority, then by arrival."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.running = 0
        self._per_job: dict[JobKey, int] = {}
        self._waiting: dict[JobKey, list[tuple[int, int, str]]] = {}
        self._bounds: dict[JobKey, int] = {}
        self._entries: dict[str, tuple[JobKey, int, int]] = {}
        self._arrivals = 0
        self._called = ""

    def free(self, job: JobKey, parallelism: int) -> bool:
        """Tell whether a process of the job may start now."""
        return self.running < self.limit and self._per_job.get(job, 0) < parallelism

    def overtakes(self, order_id: str, priority: int) -> bool:
        """Tell whether an order would go before one that waits and may start."""
        if order_id == self._called:  # those behind it must not send it back for ever
            return False
        return any(heap[0][0] <= -priority for _, heap in self._open())

    def occupy(self, job: JobKey) -> None:
        """Count a process that starts."""
        self.running += 1
        self._per_job[job] = self._per_job.get(job, 0) + 1

    def vacate(self, job: JobKey) -> None:
        """Count a process that has ended."""
        self.running -= 1
        left = self._per_job[job] - 1
        if left:
            self._per_job[job] = left
        else:
            del self._per_job[job]

    def wait(self, order_id: str, job: JobKey, *, parallelism: int, priority: int) -> None:
        """Queue an order; one that waits already keeps its place unless its priority changed."""
        known = self._entries.get(order_id)
        if known and known[0] == job and known[1] == -priority:
            return
        arrival = known[2] if known and known[0] == job else self._arrivals
        self._arrivals += 1
        self._entries[order_id] = (job, -priority, arrival)
        self._bounds[job] = parallelism
        heapq.heappush(self._waiting.setdefault(job, []), (-priority, arrival, order_id))

    def leave(self, order_id: str) -> None:
        """Forget that an order waits."""
        self._entries.pop(order_id, None)

    def next(self) -> Iterator[str]:
        """Yield the orders that may start now, first come first among equal priorities.

        The caller starts each one, which occupies its place, before it asks for the next.
        """
        while self.running < self.limit:
            best = min(((heap[0], job) for job, heap in self._open()), default=None)
            if best is None:
                return
            heapq.heappop(self._waiting[best[1]])
            order_id = best[0][2]
            self._entries.pop(order_id, None)
            self._called = order_id
            yield order_id
            self._called = ""

    def _open(self) -> Iterator[tuple[JobKey, list[tuple[int, int, str]]]]:
        for job, heap in list(self._waiting.items()):
            while heap and self._entries.get(heap[0][2]) != (job, heap[0][0], heap[0][1]):
                heapq.heappop(heap)
            if not heap:
                del self._waiting[job]
            elif self._per_job.get(job, 0) < self._bounds[job]:
                yield job, heap
