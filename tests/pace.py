"""How quick something is on a machine that others use too."""

import time
from collections.abc import Callable

PATIENCE_S = 20.0


def quickest_s(ask: Callable[[], object], enough_s: float) -> float:
    """Return the seconds of the quickest try; ends with the first that is quick enough.

    Others on the machine must not decide: seconds are those of a machine with nothing else to do,
    by how long that much computing takes just before.
    """
    best_s, end = float("inf"), time.monotonic() + PATIENCE_S
    while best_s > enough_s and time.monotonic() < end:
        slowed = _wall_s(lambda: _compute(enough_s)) / enough_s
        best_s = min(best_s, _wall_s(ask) / max(slowed, 1.0))
    return best_s


def _wall_s(ask: Callable[[], object]) -> float:
    began = time.perf_counter()
    ask()
    return time.perf_counter() - began


def _compute(seconds: float) -> None:
    """Spend seconds of this thread's CPU."""
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        pass
