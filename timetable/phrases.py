"""Pieces of English that sentences about times are made of."""

from collections.abc import Sequence

from timetable.local import DAY, HOUR, MINUTE

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip

NTH = ("first", "second", "third", "fourth", "fifth")
NTH_LAST = ("last", "last but one", "third last", "fourth last", "fifth last")


def clock(second: int, *, end: bool = False) -> str:
    """Return `08:15`, with seconds where there are some; midnight is `24:00` as an end."""
    if end and second == 0:
        return "24:00"
    hours, rest = divmod(second, HOUR)
    minutes, seconds = divmod(rest, MINUTE)
    return f"{hours:02}:{minutes:02}" + (f":{seconds:02}" if seconds else "")


def every(seconds: int) -> str:
    """Return `every hour`, `every 20 minutes`."""
    return f"every {span(seconds).removeprefix('1 ')}"


def span(seconds: int) -> str:
    """Return `90 minutes`, `1 day`: in the largest unit of which it is a whole number."""
    for unit, length in (("day", DAY), ("hour", HOUR), ("minute", MINUTE)):
        if seconds and seconds % length == 0:
            return many(seconds // length, unit)
    return many(seconds, "second")


def many(count: int, unit: str) -> str:
    """Return `1 day`, `1,000 days`."""
    return f"{count} {unit}" if count == 1 else f"{count:,} {unit}s"


def times(count: int) -> str:
    """Return `once`, `twice`, `3 times`."""
    return {1: "once", 2: "twice"}.get(count, f"{count:,} times")


def listed(words: Sequence[str], last: str = "and") -> str:
    """Return `one`, `one and two`, `one, two and three`."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def ordinal(number: int) -> str:
    """Return `1st`, `2nd`, `11th`, `23rd`."""
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{'th' if 10 <= number % 100 <= 20 else ending}"
