"""Cron expressions, as Debian's cron reads them; the library cronsim does it.

Five fields, or six with the second first; names in any case, 7 is Sunday, `L`, `LW`, `5L`, `2#2`.
If the day of month or of week begins with a star, both must fit, else one of them. If neither
minute nor hour begins with a star (and there are five fields), a time in the gap runs at the first
minute after it, and a time that exists twice the first time only. Otherwise the local clock is
asked as it goes: nothing in the gap, both times in the overlap.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

from cronsim import CronSim, CronSimError

from timetable.errors import CronUnreadable
from timetable.local import SECOND_US, zone_named

MACROS = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MOST_CHARACTERS = 1_000
_OVERLAP_US = 3_600 * SECOND_US


def next_starts(expression: str, zone: str, after_us: int) -> Iterator[int]:
    """Yield the moments at which an expression comes true, later than `after_us`, ascending.

    It ends where cron finds nothing more within fifty years.

    Raises:
        CronUnreadable: the text is no cron expression, or never comes true.
        ZoneUnknown: there is no such zone.
    """
    begun = read_cron(expression, _shown(after_us, zone))
    return _later(begun, lambda at_us: read_cron(expression, _shown(at_us, zone)), after_us)


def _shown(at_us: int, zone: str) -> datetime:
    return (_EPOCH + timedelta(microseconds=at_us)).astimezone(zone_named(zone))


def read_cron(expression: str, after: datetime = _EPOCH) -> CronSim:
    """Return what cronsim makes of an expression or a macro such as `@daily`.

    Raises:
        CronUnreadable: the text is no cron expression, or never comes true.
    """
    text = expression.strip()
    text = MACROS.get(text.lower(), text)
    if not text.isascii() or len(text) > _MOST_CHARACTERS:
        raise CronUnreadable("A cron expression is a short text of ASCII characters.")
    try:
        return CronSim(text, after)
    except CronSimError as e:
        raise CronUnreadable(f'"{text}" is no cron expression: {e}.') from e


def _later(
    found: Iterator[datetime], begun: Callable[[int], Iterator[datetime]], last_us: int
) -> Iterator[int]:
    seen_us = None
    while (moment := next(found, None)) is not None:
        at_us = round((moment - _EPOCH).total_seconds()) * SECOND_US
        # Cron reads a local time in an overlap as the first one, which may be over.
        if at_us > last_us:
            yield at_us
            last_us = at_us
        elif at_us == seen_us:
            # Where clocks go back over midnight, the library stands at that midnight for ever.
            found = begun(at_us + _OVERLAP_US)
        seen_us = at_us
