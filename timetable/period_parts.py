"""What a period means on a business day, in seconds from the midnight at which its date begins.

Knows no zone: where local times are missing or exist twice, `timetable.starts` decides.
"""

from functools import lru_cache

import msgspec

from timetable.errors import TimesUnreadable
from timetable.local import DAY, HOUR, MINUTE
from timetable.schedule import Period


class Part(msgspec.Struct, frozen=True):
    """A stretch of a period.

    `begin` and `end` count from midnight of the plan day and may lie beyond the next one. A single
    start has no `end` and no `repeat`.
    """

    begin: int
    end: int = 0
    repeat: int = 0

    @property
    def count(self) -> int:
        """The number of starts on a day without a change of the clock."""
        return -(-(self.end - self.begin) // self.repeat) if self.repeat else 1


@lru_cache(maxsize=4_096)
def seconds(clock: str) -> int:
    """Return the seconds of `08:15` or `08:15:00`.

    Raises:
        TimesUnreadable: the text is no such time.
    """
    fields = clock.split(":")
    if not 2 <= len(fields) <= 3 or not all(f.isascii() and f.isdigit() for f in fields):
        raise TimesUnreadable(f'"{clock}" is no time; one looks like 08:15:00.')
    hours, minutes, rest = (int(f) for f in (*fields, "0")[:3])
    if hours * HOUR + minutes * MINUTE + rest > DAY or minutes > 59 or rest > 59:
        raise TimesUnreadable(f'"{clock}" is no time; one looks like 08:15:00.')
    return hours * HOUR + minutes * MINUTE + rest


@lru_cache(maxsize=16_384)
def parts_of(period: Period, period_begin: int) -> tuple[Part, ...]:
    """Return the parts of a period in order of time: one, or two where the day's begin cuts it.

    A start before the begin of the business day is on the next date. A cyclic period is cut there,
    and each part begins with its first slot `begin + k * repeat`. One that ends on the next date
    is not cut at its other end.

    Args:
        period: single or cyclic.
        period_begin: when a business day begins, in seconds after midnight.

    Raises:
        TimesUnreadable: neither a single start nor a repeat, or one that is no time.
    """
    if period.single_start is not None:
        start = seconds(period.single_start)
        return (Part(start if start >= period_begin else start + DAY),)
    repeat = seconds(period.repeat) if period.repeat is not None else 0
    if repeat < 1:
        raise TimesUnreadable("A period needs a single start, or a repeat of a second or more.")
    begin = 0 if period.begin is None else seconds(period.begin)
    end = DAY if period.end is None else seconds(period.end)
    end += DAY if end <= begin else 0
    if begin >= period_begin:
        return (Part(begin, end, repeat),)
    slot = begin - (begin - period_begin) // repeat * repeat
    parts = (Part(slot, end, repeat), Part(begin + DAY, min(end, period_begin) + DAY, repeat))
    return tuple(part for part in parts if part.begin < part.end)
