"""What happened at a change of state, in a few words: outcomes, reasons, notices and locks. Pure.

Events tell boards by their paths and know nothing of their kinds; keys of daily plans are told
by how they are written.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from engine.order import events as e
from engine.order.notice_key import DAILY_PLAN, in_words
from engine.steps import control, job, notices, pause
from history.texts import short

SKIPPED = "skipped"
"""Outcome of an instruction that was passed by."""

TRANSFERRED = "transferred"
"""Outcome of a state that begins with another version, and with its position for the same place."""

_PASSED_BY = frozenset(
    {control.SKIPPED, job.NOT_ADMITTED, pause.NOT_ADMITTED, notices.NOT_ANNOUNCED}
)
SECOND_US = 1_000_000
_DIGITS = 12
"""Of a version, as many as pages show of it."""
_NAMED = 20
"""Notices or locks that a note names; a list shows no more of it anyway."""


def note_of(event: e.OrderEvent) -> str | None:
    """Return what a list shows beside the state that begins with an event; None: nothing."""
    outcome = getattr(event, "outcome", None)
    if outcome is not None and outcome.message:
        return short(outcome.message)
    told = _TOLD.get(type(event))
    if told is not None:
        return short(told(event))
    return short(getattr(event, "reason", None) or getattr(event, "problem", None))


def outcome_of(event: e.OrderEvent) -> str | None:
    """Return how what stood before an event came to an end, where it was no success.

    A kind of outcome, or `skipped`; `transferred` where only the version is another one.
    """
    if type(event) is e.OrderTransferred:
        return TRANSFERRED
    if type(event) is e.OrderMoved:
        return SKIPPED if event.reason in _PASSED_BY else None
    outcome = getattr(event, "outcome", None)
    return None if outcome is None or outcome.ok else str(outcome.kind)


def _posted(event: e.OrderNoticesPosted) -> str:
    return f"posted {_notices((one.board, one.key) for one in event.notices)}"


def _expected(event: e.OrderNoticesExpected) -> str:
    return f"expects {_notices(event.expected)}"


def _read(_event: e.OrderNoticesRead) -> str:
    return "has read what it expected"


def _started(event: e.OrderConsumptionStarted) -> str:
    told = _notices((board, key) for board, key, _ in event.notices)
    return f"consumes {told}" if told else "consumes nothing"


def _held_long(event: e.OrderNoticeHeldLong) -> str:
    what = f"{_named(event.key)} of board {event.board}"
    return f"holds {what} for longer than {event.longest_us / SECOND_US:.6g} s"


def _consumed(event: e.OrderNoticesConsumed) -> str:
    return "has consumed its notices" if event.ok else "has left its block without consuming"


def _queued(event: e.OrderLocksQueued) -> str:
    return f"waits for {_locks(event.demands)}"


def _acquired(event: e.OrderLocksAcquired) -> str:
    return f"holds {_locks(event.demands)}"


def _in_version(event: e.OrderTransferred) -> str:
    return f"is in version {event.version[:_DIGITS]} now"


def _released(_event: e.OrderLocksReleased) -> str:
    return "has given its locks back"


def _notices(found: Iterable[tuple[str, str]]) -> str:
    return _listed([f"{_named(key)} of board {board}" for board, key in found])


def _named(key: str) -> str:
    if not key.startswith(DAILY_PLAN):
        return in_words(key, None)
    plan, _, own = key.partition("/")
    return in_words(own, plan)


def _locks(demands: tuple[tuple[str, int | None], ...]) -> str:
    shares = (f"{'all' if count is None else count} of lock {path}" for path, count in demands)
    return _listed(list(shares))


def _listed(words: list[str]) -> str:
    more = len(words) - _NAMED
    return ", ".join(words[:_NAMED]) + (f" and {more} more" if more > 0 else "")


_TOLD: Mapping[type, Callable[[Any], str]] = {
    e.OrderNoticesPosted: _posted,
    e.OrderNoticesExpected: _expected,
    e.OrderNoticesRead: _read,
    e.OrderConsumptionStarted: _started,
    e.OrderNoticeHeldLong: _held_long,
    e.OrderNoticesConsumed: _consumed,
    e.OrderLocksQueued: _queued,
    e.OrderLocksAcquired: _acquired,
    e.OrderLocksReleased: _released,
    e.OrderTransferred: _in_version,
}
