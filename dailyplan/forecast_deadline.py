"""Deadlines of planned orders, as schedules set them. Pure.

`03:00:00` is the first moment after the planned start at which the plan's clock shows it,
`+01:30:00` is so long after the planned start.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from dailyplan.released import ReleasedSchedule

SECOND_US = 1_000_000
_EPOCH = datetime.fromtimestamp(0, UTC)


def deadline_us(text: str, start_us: int, zone: str) -> int:
    """Return the deadline of an order that is to start at a moment.

    A time that does not exist on its day, as clocks are put forward, is moved by the gap; of one
    that exists twice the first is meant.
    """
    seconds = _seconds(text.removeprefix("+"))
    if text.startswith("+"):
        return start_us + seconds * SECOND_US
    start = (_EPOCH + timedelta(microseconds=start_us)).astimezone(ZoneInfo(zone))
    midnight = start.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None, fold=0)
    for days in (0, 1, 2):
        wall = midnight + timedelta(days=days, seconds=seconds)
        at = wall.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
        found = (at - _EPOCH) // timedelta(microseconds=1)
        if found > start_us:
            return found
    return start_us


def deadlines_of(schedules: Iterable[ReleasedSchedule]) -> dict[tuple[str, str], str]:
    """Return the deadlines that schedules set, by schedule and order name."""
    return {
        (one.name, given.order_name or one.name): given.deadline
        for one in schedules
        if one.schedule is not None
        for given in one.schedule.order_parameterisations
        if given.deadline
    }


def _seconds(text: str) -> int:
    hours, minutes, seconds = (*map(int, text.split(":")), 0)[:3]
    return hours * 3_600 + minutes * 60 + seconds
