"""Schedules in a few words, short enough for the head of a frame.

What cannot be said in few words is said by `timetable.words`, which knows the whole sentences.
"""

from cockpit.diagram.saying import duration_text
from timetable.scheme import (
    AdmissionTimeScheme,
    Continuous,
    CycleSchedule,
    DailyPeriod,
    Period,
    Periodic,
    Repeat,
    Scheme,
    Ticking,
    WeekdayPeriod,
)
from timetable.words import admission

_DAY = 86_400
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def cycle_text(schedule: CycleSchedule) -> str:
    """Return `every 15 min 08:00-18:00`, and how many further schemes there are."""
    if not schedule.schemes:
        return ""
    return _and_more(_scheme(schedule.schemes[0]), len(schedule.schemes) - 1)


def admission_text(scheme: AdmissionTimeScheme) -> str:
    """Return `Mon 22:00-06:00` or `08:00-18:00`, and how many further periods there are."""
    periods = [*scheme.periods, *(p for inner in scheme.restricted_schemes for p in inner.periods)]
    if not periods:
        return "never"
    if _are_weekdays(periods):
        return f"{_days(periods)} {_span(periods[0])}"
    return _and_more(_period(periods[0]), len(periods) - 1)


def _scheme(scheme: Scheme) -> str:
    when = scheme.admission_time_scheme
    return f"{_repeat(scheme.repeat)} {admission_text(when)}" if when else _repeat(scheme.repeat)


def _repeat(repeat: Repeat) -> str:
    match repeat:
        case Periodic(period=period, offsets=offsets):
            at = "" if offsets == (0,) else f" at {', '.join(map(_offset, offsets[:3]))}"
            return f"every {duration_text(period)}{at}"
        case Ticking(interval=interval):
            return f"every {duration_text(interval)}"
        case Continuous(pause=pause, limit=limit):
            times = f", {limit} \N{MULTIPLICATION SIGN}" if limit else ""
            return (f"pause {duration_text(pause)}" if pause else "without pause") + times


def _offset(seconds: int) -> str:
    return f"+{duration_text(seconds)}" if seconds else "0"


def _period(period: Period) -> str:
    match period:
        case DailyPeriod():
            return _span(period)
        case WeekdayPeriod(second_of_week=begin):
            return f"{_DAYS[begin // _DAY % 7]} {_span(period)}"
        case _:
            return admission(AdmissionTimeScheme((period,)))


def _are_weekdays(periods: list[Period]) -> bool:
    """Tell whether these are the same hours on several days of the week."""
    return len(periods) > 1 and all(
        isinstance(p, WeekdayPeriod) and _span(p) == _span(periods[0]) for p in periods
    )


def _days(periods: list[Period]) -> str:
    found = sorted({p.second_of_week // _DAY % 7 for p in periods if isinstance(p, WeekdayPeriod)})
    if found == list(range(found[0], found[-1] + 1)) and len(found) > 2:
        return f"{_DAYS[found[0]]}\N{EN DASH}{_DAYS[found[-1]]}"
    return ",".join(_DAYS[day] for day in found)


def _span(period: Period) -> str:
    begin = period.second_of_day if isinstance(period, DailyPeriod) else _second_of_week(period)
    if isinstance(period, DailyPeriod) and period.duration >= _DAY and not begin:
        return "all day"
    if period.duration >= _DAY:
        return f"from {_clock(begin)} for {duration_text(period.duration)}"
    return f"{_clock(begin)}\N{EN DASH}{_clock(begin + period.duration)}"


def _second_of_week(period: Period) -> int:
    return period.second_of_week if isinstance(period, WeekdayPeriod) else 0


def _clock(second: int) -> str:
    return f"{second % _DAY // 3600:02}:{second % 3600 // 60:02}"


def _and_more(text: str, more: int) -> str:
    return f"{text} +{more}" if more > 0 else text
