"""How quick something is on a machine that others use too."""

import threading
import time
from collections.abc import Callable, Iterator

import pytest

PATIENCE_S = 20.0
SAMPLE_S = 0.01
PAUSE_S = 0.2


def quickest_s(ask: Callable[[], object], enough_s: float) -> float:
    """Return the seconds of the quickest try; ends with the first that is quick enough.

    Others on the machine must not decide: seconds are those of a machine with nothing else to do,
    by how long that much computing takes just before.
    """
    best_s, end = float("inf"), time.monotonic() + PATIENCE_S
    while best_s > enough_s and time.monotonic() < end:
        best_s = min(best_s, _wall_s(ask) / _slowness(enough_s))
    return best_s


class Others:
    """Watches what others on the machine leave of it, from the begin to the end of a test."""

    def __init__(self) -> None:
        self._seen = [_slowness(SAMPLE_S)]
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def start(self) -> None:
        """Begin to watch."""
        self._thread.start()

    def end(self) -> None:
        """Watch no more."""
        self._over.set()
        self._thread.join()

    def stretched(self, limit_s: float) -> float:
        """Return a limit in seconds as long as the machine has made it: never a shorter one."""
        seen = list(self._seen)
        return limit_s * sum(seen) / len(seen)

    def _watch(self) -> None:
        while not self._over.wait(PAUSE_S):
            self._seen.append(_slowness(SAMPLE_S))


@pytest.fixture
def others() -> Iterator[Others]:
    """What others leave of the machine during a test that measures a promise in seconds."""
    found = Others()
    found.start()
    yield found
    found.end()


def _slowness(seconds: float) -> float:
    """Return how many times longer than alone some seconds of computing take now, at least 1."""
    return max(1.0, _wall_s(lambda: _compute(seconds)) / seconds)


def _wall_s(ask: Callable[[], object]) -> float:
    began = time.perf_counter()
    ask()
    return time.perf_counter() - began


def _compute(seconds: float) -> None:
    """Spend seconds of this thread's CPU."""
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        pass
