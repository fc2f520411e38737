"""Times printed with patterns such as `yyyy-MM-dd HH:mm:ss`.

The letters are those of Java's date patterns. Knows no clock: the moment is given.
"""

import datetime as dt
import re
from collections.abc import Callable
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from engine.expression.errors import EvaluationFailed

_PIECE = re.compile(r"'((?:[^']|'')*)'|(([A-Za-z])\3*)|([^A-Za-z']+)|(')")


def formatted(moment_us: int, pattern: str, zone: str) -> str:
    """The moment, in microseconds since the epoch, as the pattern says, in local time of the zone.

    Raises:
        EvaluationFailed: an unknown zone, a letter without meaning, or an open quote.
    """
    local = _local(moment_us, zone)
    return "".join(_printed(piece, local) for piece in _PIECE.finditer(pattern))


def _local(moment_us: int, zone: str) -> dt.datetime:
    epoch = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
    try:
        return (epoch + dt.timedelta(microseconds=moment_us)).astimezone(ZoneInfo(zone))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise EvaluationFailed(f"The time zone {zone!r} is unknown.") from None
    except OverflowError:
        raise EvaluationFailed("The time is out of range.") from None


def _printed(piece: re.Match[str], local: dt.datetime) -> str:
    quoted, run, letter, plain, lone = piece.groups()
    if quoted is not None:
        return quoted.replace("''", "'") or "'"
    if lone is not None:
        raise EvaluationFailed("A quote in the time format is not closed.")
    if plain is not None:
        return str(plain)
    if letter not in _LETTERS:
        raise EvaluationFailed(f"The letter {letter} has no meaning in a time format.")
    return _LETTERS[letter](local, min(len(run), 9))


def _year(local: dt.datetime, width: int) -> str:
    return f"{local.year % 100:02}" if width == 2 else f"{local.year:0{width}}"


def _month(local: dt.datetime, width: int) -> str:
    if width < 3:
        return f"{local.month:0{width}}"
    return _MONTHS[local.month - 1][: 3 if width == 3 else None]


def _weekday(local: dt.datetime, width: int) -> str:
    return _WEEKDAYS[local.weekday()][: 3 if width < 4 else None]


def _offset(local: dt.datetime, width: int) -> str:
    """`+0100`, with three letters `+01:00`, with one letter `+01` if the minutes are zero."""
    text = local.strftime("%z")[:5]
    if width == 3:
        return f"{text[:3]}:{text[3:]}"
    return text[:3] if width == 1 and text.endswith("00") else text


def _iso_offset(local: dt.datetime, width: int) -> str:
    return "Z" if not local.utcoffset() else _offset(local, width)


def _rfc_offset(local: dt.datetime, _width: int) -> str:
    return local.strftime("%z")[:5]


def _zone_name(local: dt.datetime, _width: int) -> str:
    return local.tzname() or ""


def _fraction(local: dt.datetime, width: int) -> str:
    return f"{local.microsecond:06}".ljust(9, "0")[:width]


def _padded(number: Callable[[dt.datetime], int]) -> Callable[[dt.datetime, int], str]:
    return lambda local, width: f"{number(local):0{width}}"


# English whatever the machine's locale is.
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

_LETTERS: Final[dict[str, Callable[[dt.datetime, int], str]]] = {
    "y": _year,
    "u": _year,
    "M": _month,
    "L": _month,
    "d": _padded(lambda local: local.day),
    "D": _padded(lambda local: local.timetuple().tm_yday),
    "E": _weekday,
    "a": lambda local, _width: "AM" if local.hour < 12 else "PM",
    "H": _padded(lambda local: local.hour),
    "k": _padded(lambda local: local.hour or 24),
    "h": _padded(lambda local: local.hour % 12 or 12),
    "K": _padded(lambda local: local.hour % 12),
    "m": _padded(lambda local: local.minute),
    "s": _padded(lambda local: local.second),
    "S": _fraction,
    "z": _zone_name,
    "Z": _rfc_offset,
    "X": _iso_offset,
    "x": _offset,
}
