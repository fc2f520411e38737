"""The state of a cycle, and the short text in which it travels within an order's position."""

import msgspec

from timetable.errors import CycleTextUnreadable
from timetable.local import SECOND_US


class Track(msgspec.Struct, frozen=True, array_like=True):
    """What one scheme remembers of the window in which it started a cycle last."""

    scheme: int
    begin_us: int
    """Begin of the window."""

    used_us: int
    """The slot used last; for Continuous the moment from which the next cycle may start."""

    count: int
    """Cycles started in the window."""


class CycleState(msgspec.Struct, frozen=True, array_like=True):
    """The next cycle and what is needed to find the one after it."""

    scheme: int
    """Index of the scheme that is due."""

    next_us: int
    """The cycle starts at this moment, or as soon as possible after it."""

    slot_us: int
    """The time for which it is started: earlier than `next_us` if made up for."""

    begin_us: int
    end_us: int
    """The window, cut to the order's day; no cycle starts at or after its end."""

    count: int
    """The how manieth cycle of this scheme in this window, from 1."""

    day_begin_us: int
    day_end_us: int
    """The order's day."""

    only_one_period: bool = False
    tracks: tuple[Track, ...] = ()
    """Of the schemes that have started a cycle."""


def to_text(state: CycleState) -> str:
    """Return a short text of digits, `,` `;` `.` and `-`: times in seconds from the day's begin."""
    base = state.day_begin_us
    ahead = (state.next_us, state.slot_us, state.begin_us, state.end_us, state.day_end_us)
    head = (
        _seconds(base),
        str(state.scheme),
        str(state.count),
        str(int(state.only_one_period)),
        *(_seconds(at_us - base) for at_us in ahead),
    )
    tracks = (
        (str(t.scheme), str(t.count), _seconds(t.begin_us - base), _seconds(t.used_us - base))
        for t in state.tracks
    )
    return ";".join(",".join(part) for part in (head, *tracks))


def from_text(text: str) -> CycleState:
    """Return the state written by `to_text`.

    Raises:
        CycleTextUnreadable: the text is no state of a cycle.
    """
    try:
        head, *tracks = (part.split(",") for part in text.split(";"))
        day_begin, scheme, count, only, *ahead = head
        base = _microseconds(day_begin)
        next_us, slot_us, begin_us, end_us, day_end_us = (base + _microseconds(a) for a in ahead)
        return CycleState(
            scheme=int(scheme),
            next_us=next_us,
            slot_us=slot_us,
            begin_us=begin_us,
            end_us=end_us,
            count=int(count),
            day_begin_us=base,
            day_end_us=day_end_us,
            only_one_period=bool(int(only)),
            tracks=tuple(_track(base, *track) for track in tracks),
        )
    except (ValueError, TypeError) as e:
        raise CycleTextUnreadable(f"{text!r} is no state of a cycle") from e


def _track(base: int, scheme: str, count: str, begin: str, used: str) -> Track:
    return Track(int(scheme), base + _microseconds(begin), base + _microseconds(used), int(count))


def _seconds(at_us: int) -> str:
    """Return `3600` or `3600.25`: most times are whole seconds."""
    seconds, rest = divmod(at_us, SECOND_US)
    return f"{seconds}.{rest:06}".rstrip("0") if rest else str(seconds)


def _microseconds(text: str) -> int:
    seconds, _, rest = text.partition(".")
    return int(seconds) * SECOND_US + int(rest.ljust(6, "0"))
