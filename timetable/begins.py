"""At which local times periods begin. Knows the calendar, but no zone and no duration."""

from collections.abc import Callable, Iterable, Iterator
from typing import assert_never

from timetable.local import DAY, WEEK, day_of, month_local_s, month_of
from timetable.scheme import (
    DailyPeriod,
    MonthlyDatePeriod,
    MonthlyLastDatePeriod,
    MonthlyLastWeekdayPeriod,
    MonthlyWeekdayPeriod,
    Period,
    SpecificDatePeriod,
    WeekdayPeriod,
)

FIRST_MONDAY = 4 * DAY  # 1970-01-05


def local_begins(period: Period, low_s: int, high_s: int) -> Iterable[int]:
    """Return the begins in local seconds, `low_s` inclusive, `high_s` exclusive, ascending."""
    match period:
        case DailyPeriod():
            return _every(DAY, period.second_of_day, low_s, high_s)
        case WeekdayPeriod():
            return _every(WEEK, FIRST_MONDAY + period.second_of_week, low_s, high_s)
        case SpecificDatePeriod(seconds_since_local_epoch=begin):
            return (begin,) if low_s <= begin < high_s else ()
        case MonthlyDatePeriod():
            return _monthly(lambda m: _on_date(m, period.second_of_month), low_s, high_s)
        case MonthlyLastDatePeriod(last_second_of_month=before):
            return _monthly(lambda m: month_local_s(m + 1) + before, low_s, high_s)
        case MonthlyWeekdayPeriod():
            return _monthly(lambda m: _on_weekday(m, period.second_of_weeks), low_s, high_s)
        case MonthlyLastWeekdayPeriod():
            return _monthly(lambda m: _on_last_weekday(m, period.second_of_weeks), low_s, high_s)
        case _:
            assert_never(period)


def _every(step: int, origin: int, low_s: int, high_s: int) -> range:
    return range(low_s + (origin - low_s) % step, high_s, step)


def _monthly(begin: Callable[[int], int | None], low_s: int, high_s: int) -> Iterator[int]:
    """Yield the begins of all months concerned; one at the end of a month lies in the next."""
    for month in range(month_of(low_s) - 1, month_of(high_s) + 1):
        found = begin(month)
        if found is not None and low_s <= found < high_s:
            yield found


def _on_date(month: int, second: int) -> int:
    """A day that the month lacks becomes its last day."""
    day, time = divmod(second, DAY)
    return month_local_s(month) + min(day, _length(month) - 1) * DAY + time


def _on_weekday(month: int, second: int) -> int | None:
    week, weekday, time = _weeks(second)
    first = month_local_s(month)
    day = (weekday - day_of(first).weekday()) % 7 + 7 * week
    return first + day * DAY + time if 0 <= day < _length(month) else None


def _on_last_weekday(month: int, second: int) -> int | None:
    week, weekday, time = _weeks(second)
    last = month_local_s(month + 1) - DAY
    back = (day_of(last).weekday() - weekday) % 7 - 7 * (week + 1)
    return last - back * DAY + time if 0 <= back < _length(month) else None


def _weeks(second: int) -> tuple[int, int, int]:
    week, rest = divmod(second, WEEK)
    return week, *divmod(rest, DAY)


def _length(month: int) -> int:
    return (month_local_s(month + 1) - month_local_s(month)) // DAY
