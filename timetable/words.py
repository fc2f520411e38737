"""Admission times and repetitions in plain English, for pages and for saying why an order waits.

A sentence names local times. It says what a document says; the zone is named by whoever shows it.
"""

from collections.abc import Iterable, Sequence
from typing import assert_never

from timetable.local import DAY, HOUR, MINUTE, WEEK, day_of
from timetable.phrases import (
    MONTHS,
    NTH,
    NTH_LAST,
    WEEKDAYS,
    clock,
    every,
    listed,
    many,
    span,
    times,
)
from timetable.scheme import (
    AdmissionTimeScheme,
    Continuous,
    CycleSchedule,
    DailyPeriod,
    MonthlyDatePeriod,
    MonthlyLastDatePeriod,
    MonthlyLastWeekdayPeriod,
    MonthlyWeekdayPeriod,
    Period,
    Periodic,
    Repeat,
    RestrictedScheme,
    Scheme,
    SpecificDatePeriod,
    Ticking,
    WeekdayPeriod,
)

_MARKS = 12
"""More start times than these are not listed."""


def admission(scheme: AdmissionTimeScheme | None) -> str:
    """Return a scheme as in `daily 22:00 to 02:00`; `at any time` for None, `never` if empty."""
    if scheme is None:
        return "at any time"
    parts = [
        *_periods(scheme.periods),
        *(part for r in scheme.restricted_schemes for part in _restricted(r)),
    ]
    return listed(parts) if parts else "never"


def repeat(repeat: Repeat) -> str:
    """Return a repetition as in `every 20 minutes at :00, :20, :40`."""
    match repeat:
        case Periodic():
            return _periodic(repeat)
        case Ticking(interval=interval):
            return f"{every(interval)} from the begin of the period"
        case Continuous(pause=pause, limit=limit):
            often = "" if limit is None else f", at most {times(limit)} a period"
            if pause:
                return f"{span(pause)} after the end of the last cycle{often}"
            return f"again as soon as the last cycle has ended{often}"
        case _:
            assert_never(repeat)


def cycle(schedule: CycleSchedule) -> str:
    """Return a schedule as in `every 10 minutes at … within daily 08:00 to 09:00`."""
    return "; ".join(_scheme(scheme) for scheme in schedule.schemes) or "never"


def _scheme(scheme: Scheme) -> str:
    said = repeat(scheme.repeat)
    if scheme.admission_time_scheme is None:
        return said
    return f"{said} within {admission(scheme.admission_time_scheme)}"


def _restricted(restricted: RestrictedScheme) -> list[str]:
    said = _periods(restricted.periods)
    if restricted.restriction is None or not said:
        return said
    months = [MONTHS[(month - 1) % 12] for month in sorted(set(restricted.restriction.months))]
    return [f"in {listed(months)} {listed(said)}"] if months else []


def _periods(periods: Iterable[Period]) -> list[str]:
    """Say each period, weekdays with equal times together."""
    said: list[str] = []
    weekdays: dict[tuple[int, int], list[int]] = {}
    for period in periods:
        if isinstance(period, WeekdayPeriod):
            day, time = divmod(period.second_of_week % WEEK, DAY)
            weekdays.setdefault((time, period.duration), []).append(day)
        else:
            said.append(_period(period))
    grouped = [f"{_days(days)} {_from_to(*times)}" for times, days in weekdays.items()]
    return [*grouped, *said]


def _period(period: Period) -> str:
    match period:
        case DailyPeriod(second_of_day=second):
            day, time = "daily", second
        case WeekdayPeriod(second_of_week=second):
            day, time = WEEKDAYS[second % WEEK // DAY], second
        case MonthlyDatePeriod(second_of_month=second):
            day, time = f"on day {second // DAY + 1} of each month", second
        case MonthlyLastDatePeriod(last_second_of_month=second):
            day, time = _last_date(second), second
        case MonthlyWeekdayPeriod(second_of_weeks=second):
            nth = NTH[min(second // WEEK, 4)]
            day, time = f"on the {nth} {WEEKDAYS[second % WEEK // DAY]} of each month", second
        case MonthlyLastWeekdayPeriod(second_of_weeks=second):
            nth = NTH_LAST[min(-(second // WEEK) - 1, 4)]
            day, time = f"on the {nth} {WEEKDAYS[second % WEEK // DAY]} of each month", second
        case SpecificDatePeriod(seconds_since_local_epoch=second):
            day, time = f"on {day_of(second).isoformat()}", second
        case _:
            assert_never(period)
    return f"{day} {_from_to(time % DAY, period.duration)}"


def _last_date(second: int) -> str:
    before = -(second // DAY)
    if before == 0:
        return "on the first day after each month"
    if before == 1:
        return "on the last day of each month"
    return f"{many(before - 1, 'day')} before the last day of each month"


def _days(days: Sequence[int]) -> str:
    """Return `Monday to Friday` for days in a row, else their names."""
    ordered = sorted(set(days))
    in_a_row = ordered == list(range(ordered[0], ordered[-1] + 1))
    names = [WEEKDAYS[day] for day in ordered]
    return f"{names[0]} to {names[-1]}" if in_a_row and len(names) > 2 else listed(names)


def _from_to(time: int, duration: int) -> str:
    """Return `22:00 to 02:00`, with the number of days where the end alone would mislead."""
    if duration == DAY and time == 0:
        return "all day"
    if duration >= DAY:
        return f"from {clock(time)} for {span(duration)}"
    return f"{clock(time)} to {clock((time + duration) % DAY, end=True)}"


def _periodic(periodic: Periodic) -> str:
    period = periodic.period
    offsets = sorted({offset % period for offset in periodic.offsets}) if period > 0 else []
    if not offsets:
        return "never"
    step = period // len(offsets)
    even = offsets == list(range(offsets[0], period, step)) and step * len(offsets) == period
    often = every(step if even else period)
    marks = _marks(period, offsets)
    if 0 < len(marks) <= _MARKS:
        return f"{often} at {', '.join(marks)}"
    if even and offsets[0] == 0:
        return often
    return f"{every(period)}, {listed([span(offset) for offset in offsets])} after its begin"


def _marks(period: int, offsets: list[int]) -> list[str]:
    """Return `:20` where each hour has the same slots, `08:20` where each day has, else nothing."""
    for whole, said in ((HOUR, _minute_mark), (DAY, clock)):
        if whole % period == 0:
            return [said(k * period + o) for k in range(whole // period) for o in offsets]
    return []


def _minute_mark(second: int) -> str:
    minutes, seconds = divmod(second, MINUTE)
    return f":{minutes:02}" + (f":{seconds:02}" if seconds else "")
