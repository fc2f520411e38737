"""Where the starts of one period on one day lie on the line of all moments.

A row holds the starts of a cyclic period without listing them. This is the one place that applies
the policies for local times that are missing or exist twice.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

import msgspec

from timetable.day_bits import date_of
from timetable.local import DAY, SECOND_US
from timetable.offsets import Change, changes_between, is_date_missing, placed
from timetable.period_parts import Part
from timetable.schedule import GapPolicy, OverlapPolicy


class Policies(msgspec.Struct, frozen=True):
    """What an entry of a schedule says about local times that are missing or exist twice."""

    zone: str
    gap: GapPolicy = GapPolicy.SHIFT_FORWARD
    overlap: OverlapPolicy | None = None


class Row(msgspec.Struct, frozen=True, gc=False):
    """The starts of a period, or of a part of it, on one plan day; never empty.

    They are `begin_us`, then every `repeat_us`, `slots` times, but for those `left_out`: starts in
    the pass of an overlap that does not count, or that another row of the same day has.
    """

    day: date
    """The plan day."""

    entry: int
    """Index in the schedule's `calendars`."""

    period: int
    """Index in the entry's `periods`."""

    begin_us: int
    repeat_us: int = 0
    """0 for a single start."""

    slots: int = 1
    left_out: frozenset[int] = frozenset()

    @property
    def is_cyclic(self) -> bool:
        """Whether the period repeats; it may have one start nevertheless."""
        return self.repeat_us > 0

    @property
    def count(self) -> int:
        """The number of starts."""
        return self.slots - len(self.left_out)

    @property
    def grid(self) -> range:
        """All slots, also those left out."""
        step = self.repeat_us or 1
        return range(self.begin_us, self.begin_us + self.slots * step, step)

    @property
    def last_slot_us(self) -> int:
        """The last slot, even if it is left out."""
        return self.begin_us + (self.slots - 1) * self.repeat_us

    @property
    def last_us(self) -> int:
        """The last start."""
        return next(at for at in reversed(self.grid) if at not in self.left_out)

    @property
    def first_us(self) -> int:
        """The first start."""
        return next(iter(self.starts()))

    def starts(self) -> Sequence[int]:
        """Return all starts, ascending."""
        if not self.left_out:
            return self.grid
        return [at for at in self.grid if at not in self.left_out]

    def on(self, day: int) -> "Row":
        """Return the row of the day 0 as one of another day since the epoch."""
        by_us = day * DAY * SECOND_US
        left_out = frozenset(at + by_us for at in self.left_out) if self.left_out else self.left_out
        return Row(
            date_of(day), self.entry, self.period,
            self.begin_us + by_us, self.repeat_us, self.slots, left_out,
        )  # fmt: skip

    def next_start(self, after_us: int) -> int | None:
        """Return the first start later than a moment, None if there is none."""
        grid = self.grid
        for at in grid[bisect_right(grid, after_us) :]:
            if at not in self.left_out:
                return at
        return None

    def number_of(self, at_us: int) -> int | None:
        """Return the how manieth start this is, from 1, or None if it is none."""
        if at_us not in self.grid or at_us in self.left_out:
            return None
        earlier = sum(out < at_us for out in self.left_out)
        return bisect_left(self.grid, at_us) + 1 - earlier


class Stretch(NamedTuple):
    """Starts, of which nobody has said yet for which day and period they are."""

    begin_us: int
    repeat_us: int = 0
    slots: int = 1
    left_out: frozenset[int] = frozenset()

    def moved(self, by_us: int) -> "Stretch":
        """Return the starts so much later."""
        left_out = frozenset(at + by_us for at in self.left_out)
        return Stretch(self.begin_us + by_us, self.repeat_us, self.slots, left_out)


def steady_stretch(part: Part, midnight_s: int) -> Stretch:
    """Return the starts of a part on a day around which no clock changes.

    Args:
        part: of the period.
        midnight_s: the moment at which the plan day's date begins.
    """
    begin_us = (midnight_s + part.begin) * SECOND_US
    return Stretch(begin_us, part.repeat * SECOND_US, part.count)


def changing_stretches(part: Part, day: int, policies: Policies) -> Iterator[Stretch]:
    """Yield the starts of a part on a day around which the clock may change, mostly one stretch."""
    begin = day * DAY + part.begin
    if is_date_missing(policies.zone, begin // DAY):
        return
    if not part.repeat:
        for at_s in _single(begin, policies):
            yield Stretch(at_s * SECOND_US)
        return
    end = day * DAY + part.end
    begin_s, end_s = _begin(begin, end, part.repeat, policies), _end(end, policies)
    if begin_s is not None and begin_s < end_s:
        yield from _cycle(range(begin_s, end_s, part.repeat), policies)


def _single(local_s: int, policies: Policies) -> tuple[int, ...]:
    found = placed(policies.zone, local_s)
    if found.gap is not None:
        return _after_gap(found.gap, found.first_s, policies.gap)
    match policies.overlap:
        case OverlapPolicy.BOTH:
            return tuple(sorted({found.first_s, found.second_s}))
        case OverlapPolicy.SECOND:
            return (found.second_s,)
        case _:
            return (found.first_s,)


def _after_gap(gap: Change, shifted_s: int, policy: GapPolicy) -> tuple[int, ...]:
    match policy:
        case GapPolicy.SHIFT_FORWARD:
            return (shifted_s,)
        case GapPolicy.AT_TRANSITION:
            return (gap.at_s,)
        case GapPolicy.SKIP:
            return ()


def _begin(local_s: int, end_local_s: int, repeat: int, policies: Policies) -> int | None:
    """Return where stepping begins; `skip` leaves out the slots that do not exist."""
    found = placed(policies.zone, local_s)
    while found.gap is not None and policies.gap is GapPolicy.SKIP:
        local_s += -(-(found.gap.end_local_s - local_s) // repeat) * repeat
        if local_s >= end_local_s:
            return None
        found = placed(policies.zone, local_s)
    if found.gap is not None and policies.gap is GapPolicy.AT_TRANSITION:
        return found.gap.at_s
    return found.second_s if policies.overlap is OverlapPolicy.SECOND else found.first_s


def _end(local_s: int, policies: Policies) -> int:
    found = placed(policies.zone, local_s)
    if found.gap is not None and policies.gap is not GapPolicy.SHIFT_FORWARD:
        return found.gap.at_s
    return found.second_s if policies.overlap is OverlapPolicy.SECOND else found.first_s


def _cycle(grid: range, policies: Policies) -> Iterator[Stretch]:
    """Yield the slots without those in the pass that does not count."""
    left_out: list[int] = []
    if policies.overlap in (OverlapPolicy.FIRST, OverlapPolicy.SECOND):
        for low, high in _other_passes(grid, policies):
            left_out += grid[bisect_left(grid, low) : bisect_left(grid, high)]
    if len(left_out) < len(grid):
        out = frozenset(at * SECOND_US for at in left_out)
        yield Stretch(grid[0] * SECOND_US, grid.step * SECOND_US, len(grid), out)


def _other_passes(grid: range, policies: Policies) -> Iterator[tuple[int, int]]:
    for change in changes_between(policies.zone, grid[0] - DAY, grid[-1] + DAY):
        length = change.before - change.after
        if length > 0 and policies.overlap is OverlapPolicy.FIRST:
            yield change.at_s, change.at_s + length
        elif length > 0:
            yield change.at_s - length, change.at_s
