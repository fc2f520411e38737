"""Times in the fields of the workflow editor: clock times, durations, and parts of a begin. Pure.

Documents count seconds from the begin of a day, a week or a month; people say `Monday 22:00`.
"""

import datetime as dt
import re
from collections.abc import Callable, Mapping

from timetable.local import DAY, HOUR, MINUTE, WEEK
from timetable.phrases import NTH, NTH_LAST, WEEKDAYS, clock

_CLOCK = re.compile(r"(\d{1,2}):(\d\d)(?::(\d\d))?")
_LENGTH = re.compile(r"(\d+)\s*(s|min|h|d|)")
_UNITS = {"d": DAY, "h": HOUR, "min": MINUTE, "s": 1, "": 1}
_EPOCH = dt.date(1970, 1, 1)


class TimeUnreadable(Exception):
    """A text that is no such time; the sentence says what is wanted."""


def seconds_of_clock(text: str) -> int:
    """Return the seconds since midnight of `22:00` or `22:00:30`.

    Raises:
        TimeUnreadable: it is no time of a day.
    """
    found = _CLOCK.fullmatch(text.strip())
    hours, minutes, seconds = (int(part or 0) for part in found.groups()) if found else (99, 0, 0)
    if hours > 23 or minutes > 59 or seconds > 59:
        raise TimeUnreadable("A time of day is needed, as in 22:00.")
    return hours * HOUR + minutes * MINUTE + seconds


def seconds_of_length(text: str) -> int:
    """Return the seconds of `90 s`, `15 min`, `4 h`, `1 d`, `01:30` or a plain number.

    Raises:
        TimeUnreadable: it is no length of time.
    """
    found, as_clock = _LENGTH.fullmatch(text.strip()), _CLOCK.fullmatch(text.strip())
    if as_clock:
        hours, minutes, seconds = (int(part or 0) for part in as_clock.groups())
        return hours * HOUR + minutes * MINUTE + seconds
    if not found:
        raise TimeUnreadable("A length of time is needed, as in 90 s, 15 min, 4 h or 1 d.")
    return int(found[1]) * _UNITS[found[2]]


def length_text(seconds: int) -> str:
    """Return a length in the largest unit that it is a whole number of."""
    unit = next(u for u, size in _UNITS.items() if seconds % size == 0 and (seconds or u == "s"))
    return f"{seconds // _UNITS[unit]} {unit}"


def part_text(part: str, seconds: int) -> str:
    """Return what a field for a part of a begin shows."""
    match part:
        case "time":
            return clock(seconds % DAY)
        case "weekday":
            return WEEKDAYS[seconds % WEEK // DAY]
        case "nth":
            return NTH[min(seconds // WEEK, 4)]
        case "last-nth":
            return NTH_LAST[min(-(seconds // WEEK) - 1, 4)]
        case "monthday":
            return str(seconds // DAY + 1)
        case "before-end":
            return str(-(seconds // DAY) - 1)
        case _:
            return (_EPOCH + dt.timedelta(days=seconds // DAY)).isoformat()


def with_part(part: str, text: str, seconds: int) -> int:
    """Return a begin with another part, read from its field.

    Raises:
        TimeUnreadable: the text is no such part.
    """
    if part == "time":
        return seconds // DAY * DAY + seconds_of_clock(text)
    if part in ("nth", "last-nth"):
        names = NTH if part == "nth" else NTH_LAST
        week = _index(names, text)
        return (week if part == "nth" else -week - 1) * WEEK + seconds % WEEK
    if part == "weekday":
        return seconds // WEEK * WEEK + _index(WEEKDAYS, text) * DAY + seconds % DAY
    return _DAYS[part](text) * DAY + seconds % DAY


def _index(names: tuple[str, ...], text: str) -> int:
    if text not in names:
        raise TimeUnreadable(f"One of {', '.join(names)} is needed.")
    return names.index(text)


def _monthday(text: str) -> int:
    if not text.strip().isdecimal() or not 1 <= int(text) <= 31:
        raise TimeUnreadable("A day of the month is needed, from 1 to 31.")
    return int(text) - 1


def _before_end(text: str) -> int:
    if not text.strip().isdecimal() or int(text) > 27:
        raise TimeUnreadable("How many days before the last one is needed, from 0 to 27.")
    return -int(text) - 1


def _date(text: str) -> int:
    try:
        return (dt.date.fromisoformat(text.strip()) - _EPOCH).days
    except ValueError:
        raise TimeUnreadable("A date is needed, as in 2026-12-24.") from None


_DAYS: Mapping[str, Callable[[str], int]] = {
    "monthday": _monthday,
    "before-end": _before_end,
    "date": _date,
}
