"""The starts of a cyclic row: a grid of equal steps without those left out. Pure."""

from collections.abc import Sequence
from itertools import islice

SECOND_US = 1_000_000


def starts_of(
    begin_us: int, end_us: int, repeat_s: int, left_out: Sequence[int] = ()
) -> Sequence[int]:
    """Return all starts, ascending; the end is exclusive."""
    grid = range(begin_us, end_us, max(repeat_s, 1) * SECOND_US)
    if not left_out:
        return grid
    out = frozenset(left_out)
    return [at for at in grid if at not in out]


def next_start(
    begin_us: int, end_us: int, repeat_s: int, left_out: Sequence[int], from_us: int
) -> int | None:
    """Return the first start at or after a moment, None behind the last one."""
    step = max(repeat_s, 1) * SECOND_US
    first = begin_us + max(0, -(-(from_us - begin_us) // step)) * step
    out = frozenset(left_out)
    return next((at for at in range(first, end_us, step) if at not in out), None)


def starts_from(
    begin_us: int, end_us: int, repeat_s: int, left_out: Sequence[int], from_us: int, most: int
) -> list[int]:
    """Return up to `most` starts at or after a moment."""
    step = max(repeat_s, 1) * SECOND_US
    first = begin_us + max(0, -(-(from_us - begin_us) // step)) * step
    out = frozenset(left_out)
    return list(islice((at for at in range(first, end_us, step) if at not in out), most))
