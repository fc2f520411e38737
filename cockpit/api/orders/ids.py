"""Ids of orders that were given none: `#2026-01-31#T780000000000123-name`."""

import secrets
import threading
import time

_PROCESS = secrets.randbelow(1_000)
_lock = threading.Lock()
_last = 0


def made_id(day: str, name: str) -> str:
    """Return an id that no order has: of the day, of digits that rise, and of a name.

    The digits are microseconds without their first four, and a number of this process, so that
    several cockpit members do not make the same ones.
    """
    return f"#{day}#T{_next()}{_PROCESS:03}-{name}"


def _next() -> str:
    global _last  # noqa: PLW0603  # one row of numbers per process
    with _lock:
        _last = max(_last + 1, time.time_ns() // 1_000)
        return str(_last)[4:]
