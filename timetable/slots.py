"""At which moments of a window a repetition starts a cycle, as far as the clock decides it.

Periodic slots lie on the wall clock: local times 1970-01-01T00:00 + k * period + offset, each as
the first moment that shows it; one that does not exist is shifted forward by the length of the gap,
and if another slot lies there, both are one. Ticks count elapsed time from the begin of the window.
Continuous has no slots.
"""

from typing import assert_never

from timetable.admission import Window
from timetable.local import DAY, SECOND_US, instant, offset_us
from timetable.scheme import Continuous, Periodic, Repeat, Ticking

_AROUND_US = (DAY + 7_200) * SECOND_US
"""No change of a local clock was longer; slots shifted by one come from so far."""


def latest(
    repeat: Repeat, zone: str, window: Window, *, after_us: int | None, until_us: int
) -> int | None:
    """Return the last slot up to `until_us` inclusive that is later than `after_us`, if any."""
    low = window.begin_us if after_us is None else max(window.begin_us, after_us + 1)
    high = min(window.end_us, until_us + 1)
    match repeat:
        case Periodic():
            return _latest_periodic(repeat, zone, low, high)
        case Ticking():
            tick = _tick_before(repeat, window.begin_us, high)
            return tick if tick is not None and tick >= low else None
        case Continuous():
            return None
        case _:
            assert_never(repeat)


def following(repeat: Repeat, zone: str, window: Window, *, after_us: int) -> int | None:
    """Return the first slot of the window later than `after_us`, if any."""
    low = max(window.begin_us, after_us + 1)
    match repeat:
        case Periodic():
            return _next_periodic(repeat, zone, low, window.end_us)
        case Ticking():
            return _next_tick(repeat, window, low)
        case Continuous():
            return None
        case _:
            assert_never(repeat)


def _tick_before(ticking: Ticking, begin_us: int, high: int) -> int | None:
    step = ticking.interval * SECOND_US
    if step < 1 or high <= begin_us:
        return None
    return high - 1 - (high - 1 - begin_us) % step


def _next_tick(ticking: Ticking, window: Window, low: int) -> int | None:
    step = ticking.interval * SECOND_US
    if step < 1:
        return None
    tick = low + (window.begin_us - low) % step
    return tick if tick < window.end_us else None


def _latest_periodic(periodic: Periodic, zone: str, low: int, high: int) -> int | None:
    """Search backward in growing steps: mostly the slot is near, and windows may be long."""
    step = 2 * periodic.period * SECOND_US
    while low < high and step > 0:
        begin = max(low, high - step)
        if found := periodic_slots(periodic, zone, begin, high):
            return found[-1]
        high, step = begin, 4 * step
    return None


def _next_periodic(periodic: Periodic, zone: str, low: int, high: int) -> int | None:
    step = 2 * periodic.period * SECOND_US
    while low < high and step > 0:
        end = min(high, low + step)
        if found := periodic_slots(periodic, zone, low, end):
            return found[0]
        low, step = end, 4 * step
    return None


def periodic_slots(periodic: Periodic, zone: str, low: int, high: int) -> list[int]:
    """Return the slots from `low` inclusive to `high` exclusive, ascending."""
    if periodic.period < 1 or not periodic.offsets:
        return []
    offsets = [offset_us(zone, at_us) for at_us in (low - _AROUND_US, low, high)]
    first = (low + min(offsets)) // SECOND_US - max(periodic.offsets)
    last = (high + max(offsets)) // SECOND_US - min(periodic.offsets)
    found = {
        instant(zone, k * periodic.period + offset)
        for k in range(first // periodic.period, last // periodic.period + 1)
        for offset in periodic.offsets
    }
    return sorted(slot for slot in found if low <= slot < high)
