"""All directories that an agent watches: a thread each, and one queue of what they find."""

import queue
from collections.abc import Callable, Iterable, Mapping, Sequence

from agents.worker.watching.finding import Finding, Wanted
from agents.worker.watching.watch import Watch

ROOM = 20
AT_ONCE = 4
WAITS_S = 0.5


class Eye:
    """Starts and ends the watches. `wake` tells the agent's loop that there are findings."""

    def __init__(self, wake: Callable[[], None], *, roots: Sequence[str] = ()) -> None:
        self._wake, self._roots = wake, roots
        self._watches: dict[str, Watch] = {}
        self._queue: queue.Queue[Finding] = queue.Queue(ROOM)

    def watch(self, wanted: Mapping[str, Wanted], /) -> None:
        """Watch these directories from now on, by the names of their sources, and no others."""
        for source, watch in list(self._watches.items()):
            found = wanted.get(source)
            if found is None or found.generation != watch.wanted.generation:
                self._watches.pop(source).stop()
        for source, found in wanted.items():
            if source not in self._watches:
                self._watches[source] = Watch(found, self._found, roots=self._roots).start()

    def findings(self) -> Iterable[Finding]:
        """Return some of what was found since the last call."""
        some: list[Finding] = []
        while len(some) < AT_ONCE and not self._queue.empty():
            some.append(self._queue.get_nowait())
        if not self._queue.empty():
            self._wake()
        return some

    def close(self) -> None:
        """End all watches."""
        self.watch({})

    def _found(self, finding: Finding) -> bool:
        """Put a finding into the queue; tells whether there was room within a moment."""
        try:
            self._queue.put(finding, timeout=WAITS_S)
        except queue.Full:
            return False
        self._wake()
        return True
