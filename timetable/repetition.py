"""When the next cycle of a Cycle instruction starts. The state of a cycle is its only memory.

How to use it: `first` when an order reaches the Cycle, then wait until `next_us`; `starting` when
that time has come, which says whether the cycle may still start; `following` when its body has
ended. None always means: leave the Cycle. A command that starts the next cycle early needs no
`starting`.

The rules:

* The order's day lasts from its date at `day_offset_s` to the next date, local time. The windows of
  all schemes are cut to it, so nothing starts after it, and what is left of a window of the day
  before counts from the begin of the day. No admission times: the whole day.
* Of each window that has not ended, the latest slot that was missed is made up for at once, earlier
  ones are dropped; else its next slot counts. The earliest of all windows is due.
* Continuous starts at once, or with the window, then `pause` after the end of its last cycle, as
  long as that lies in the window; at most `limit` times a window.
* Each scheme remembers its own last slot and count; a cycle of another scheme does not change them.
"""

from collections.abc import Iterator

import msgspec

from timetable.admission import Window, windows
from timetable.cycle_state import CycleState, Track, from_text, to_text
from timetable.local import SECOND_US, day_span
from timetable.scheme import Continuous, CycleSchedule, Repeat, Scheme
from timetable.slots import following as following_slot
from timetable.slots import latest as latest_slot

__all__ = [
    "CycleState",
    "Track",
    "first",
    "following",
    "from_text",
    "is_endless",
    "starting",
    "to_text",
]


class _Search(msgspec.Struct, frozen=True):
    """What stays the same while the next cycle is searched for."""

    schedule: CycleSchedule
    zone: str
    day: Window
    day_offset_s: int
    now_us: int


def first(
    schedule: CycleSchedule,
    zone: str,
    order_date: str,
    now_us: int,
    *,
    only_one_period: bool,
    day_offset_s: int = 0,
) -> CycleState | None:
    """Return the first cycle for an order that reaches the Cycle now, None if none is left.

    An order that comes too late for a slot makes up for the latest one, if its window is open.

    Args:
        schedule: of the Cycle instruction.
        zone: of the workflow.
        order_date: the date in the order's id, as `2026-03-02`.
        now_us: may lie before or after the order's day.
        only_one_period: leave the Cycle with the window in which the first cycle started.
        day_offset_s: the workflow's `dayOffset`.

    Raises:
        DateUnreadable: `order_date` is no date.
        ZoneUnknown: there is no such zone.
    """
    day = Window(*day_span(zone, order_date, day_offset_s))
    search = _Search(schedule, zone, day, day_offset_s, now_us)
    return _earliest(search, (), only_one_period=only_one_period)


def starting(
    schedule: CycleSchedule, state: CycleState, now_us: int, zone: str, *, day_offset_s: int = 0
) -> CycleState | None:
    """Return the state with which a cycle that is due starts now, perhaps late.

    To be asked when `next_us` has come, above all after the controller or agent was away. Slots
    missed meanwhile are not made up for one by one: the cycle counts for the latest. If the window
    is over, the cycle does not start; the state returned then is of a later one, whose `next_us`
    may still have to be waited for. None means that nothing is left.
    """
    repeat = _repeat(schedule, state.scheme)
    if repeat is not None and now_us < state.end_us:
        window = Window(state.begin_us, state.end_us)
        slot = latest_slot(repeat, zone, window, after_us=state.slot_us, until_us=now_us)
        return state if slot is None else msgspec.structs.replace(state, slot_us=slot)
    search = _search(schedule, state, now_us, zone, day_offset_s=day_offset_s)
    if not state.only_one_period or not state.tracks:
        return _earliest(search, state.tracks, only_one_period=state.only_one_period)
    return None


def following(
    schedule: CycleSchedule, state: CycleState, now_us: int, zone: str, *, day_offset_s: int = 0
) -> CycleState | None:
    """Return the next cycle after the one of `state` has ended now, None if none is left.

    The caller must guard against an endless loop: with Continuous, no pause and no limit, a body
    that takes no time is due again at once (`next_us == now_us`). `is_endless` tells; the order is
    to be failed then.
    """
    search = _search(schedule, state, now_us, zone, day_offset_s=day_offset_s)
    repeat = _repeat(schedule, state.scheme)
    used = now_us + repeat.pause * SECOND_US if isinstance(repeat, Continuous) else state.slot_us
    others = (track for track in state.tracks if track.scheme != state.scheme)
    tracks = (*others, Track(state.scheme, state.begin_us, used, state.count))
    if not state.only_one_period:
        return _earliest(search, tracks, only_one_period=False)
    if repeat is None:
        return None
    return _next_in(search, state.scheme, Window(state.begin_us, state.end_us), tracks, only=True)


def is_endless(schedule: CycleSchedule, before: CycleState, after: CycleState) -> bool:
    """Tell whether a cycle is due at the very moment at which the last one was, without a limit.

    Args:
        schedule: of the Cycle instruction.
        before: the state whose cycle has ended.
        after: what `following` returned for it.
    """
    repeat = _repeat(schedule, after.scheme)
    unlimited = isinstance(repeat, Continuous) and repeat.limit is None
    return unlimited and after.scheme == before.scheme and after.next_us == before.next_us


def _repeat(schedule: CycleSchedule, scheme: int) -> Repeat | None:
    """Return None for a scheme that a newer version of the workflow does not have."""
    return schedule.schemes[scheme].repeat if scheme < len(schedule.schemes) else None


def _search(
    schedule: CycleSchedule, state: CycleState, now_us: int, zone: str, *, day_offset_s: int
) -> _Search:
    day = Window(state.day_begin_us, state.day_end_us)
    return _Search(schedule, zone, day, day_offset_s, now_us)


def _earliest(
    search: _Search, tracks: tuple[Track, ...], *, only_one_period: bool
) -> CycleState | None:
    candidates = [
        found
        for index, scheme in enumerate(search.schedule.schemes)
        if (found := _next_of_scheme(search, index, scheme, tracks, only=only_one_period))
    ]
    return min(candidates, key=lambda state: state.slot_us, default=None)


def _next_of_scheme(
    search: _Search, index: int, scheme: Scheme, tracks: tuple[Track, ...], *, only: bool
) -> CycleState | None:
    for window in _windows(search, scheme):
        if found := _next_in(search, index, window, tracks, only=only):
            return found
    return None


def _windows(search: _Search, scheme: Scheme) -> Iterator[Window]:
    """Yield the windows of a scheme, cut to the order's day."""
    day = search.day
    if scheme.admission_time_scheme is None:
        yield day
        return
    admitted = windows(
        scheme.admission_time_scheme,
        search.zone,
        day.begin_us,
        day.end_us,
        day_offset_s=search.day_offset_s,
    )
    for window in admitted:
        yield Window(max(window.begin_us, day.begin_us), min(window.end_us, day.end_us))


def _next_in(
    search: _Search, index: int, window: Window, tracks: tuple[Track, ...], *, only: bool
) -> CycleState | None:
    """Return the next cycle of a scheme in one of its windows, None if that is over."""
    if search.now_us >= window.end_us:
        return None
    track = _track_in(tracks, index, window)
    slot = _slot(search, index, window, track)
    if slot is None:
        return None
    return CycleState(
        scheme=index,
        next_us=max(slot, search.now_us),
        slot_us=slot,
        begin_us=window.begin_us,
        end_us=window.end_us,
        count=(track.count if track else 0) + 1,
        day_begin_us=search.day.begin_us,
        day_end_us=search.day.end_us,
        only_one_period=only,
        tracks=tracks,
    )


def _track_in(tracks: tuple[Track, ...], index: int, window: Window) -> Track | None:
    """Return what the scheme remembers of this window; what it knows of another is of no use."""
    return next((t for t in tracks if t.scheme == index and t.begin_us == window.begin_us), None)


def _slot(search: _Search, index: int, window: Window, track: Track | None) -> int | None:
    repeat = search.schedule.schemes[index].repeat
    if isinstance(repeat, Continuous):
        return _continuous_slot(repeat, window, track, search.now_us)
    used = track.used_us if track else None
    late = latest_slot(repeat, search.zone, window, after_us=used, until_us=search.now_us)
    if late is not None:
        return late
    # A cycle that was started early by a command has used a slot that is still to come.
    after = search.now_us if used is None else max(search.now_us, used)
    return following_slot(repeat, search.zone, window, after_us=after)


def _continuous_slot(
    repeat: Continuous, window: Window, track: Track | None, now_us: int
) -> int | None:
    if track is None:
        slot, count = max(window.begin_us, now_us), 0
    else:
        slot, count = track.used_us, track.count
    limited = repeat.limit is not None and count >= repeat.limit
    return slot if slot < window.end_us and not limited else None
