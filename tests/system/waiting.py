"""Waiting for a condition with a deadline; nothing is ever asserted by sleeping."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class TooLate(AssertionError):
    """A condition did not come true in time."""


def wait_until(
    condition: Callable[[], T | None],
    *,
    within_s: float = 20.0,
    why: Callable[[], str] | str = "the condition did not come true",
    pause_s: float = 0.02,
) -> T:
    """Return what the condition returns as soon as that is true.

    Raises:
        TooLate: it did not come true within the time; says why.
    """
    end = time.monotonic() + within_s
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > end:
            reason = why if isinstance(why, str) else why()
            raise TooLate(f"after {within_s:g} s: {reason}")
        time.sleep(pause_s)
