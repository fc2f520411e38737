"""Which verbs a list offers for an order, by what the history shows of it. Pure.

A hint for people: the engine decides when the verb is used.
"""

from typing import Protocol

VERBS = ("resume", "continue", "suspend", "cancel", "priority")

_FAILED = frozenset({"Failed", "FailedWhileFresh"})
_CANNOT_PAUSE = _FAILED | {"FailedInFork", "Broken"}
_WAITS_FOR_TIME = frozenset({"DelayingRetry"})


class Shown(Protocol):
    """The columns that decide."""

    @property
    def live(self) -> bool: ...
    @property
    def state(self) -> str: ...
    @property
    def suspended(self) -> bool: ...
    @property
    def scheduled_at(self) -> object: ...


def verbs_of(run: Shown) -> list[str]:
    """Return the verbs that fit the state, in the order of the buttons."""
    if not run.live:
        return []
    found = {"cancel", "priority"}
    if run.suspended or run.state in _FAILED:
        found.add("resume")
    if not run.suspended and run.state not in _CANNOT_PAUSE:
        found.add("suspend")
    if not run.suspended and _waits_for_time(run):
        found.add("continue")
    return [verb for verb in VERBS if verb in found]


def _waits_for_time(run: Shown) -> bool:
    return run.state in _WAITS_FOR_TIME or (run.state == "Fresh" and run.scheduled_at is not None)
