"""Checks admission times: of jobs, of AdmissionTime blocks and of cycles."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from engine.workflow.checks.values import LONGEST_DURATION_S, number_problems
from engine.workflow.problem import Path, Problem, problem, warning
from timetable.scheme import (
    AdmissionTimeScheme,
    DailyPeriod,
    MonthlyDatePeriod,
    MonthlyLastDatePeriod,
    MonthlyLastWeekdayPeriod,
    MonthlyWeekdayPeriod,
    Period,
    SpecificDatePeriod,
    WeekdayPeriod,
)

_DAY_S = 24 * 3600
_WEEK_S = 7 * _DAY_S
_MONTH_S = 31 * _DAY_S
_LAST_SECOND = 253_402_300_799  # 9999-12-31T23:59:59


class _Bounds(NamedTuple):
    """The field with the begin, its range, and the longest duration; all in seconds."""

    field: str
    attribute: str
    least: int
    most: int
    longest: int


_BOUNDS: Mapping[type, _Bounds] = {
    WeekdayPeriod: _Bounds("secondOfWeek", "second_of_week", 0, _WEEK_S - 1, _WEEK_S),
    DailyPeriod: _Bounds("secondOfDay", "second_of_day", 0, _DAY_S - 1, _DAY_S),
    MonthlyDatePeriod: _Bounds("secondOfMonth", "second_of_month", 0, _MONTH_S - 1, _MONTH_S),
    MonthlyLastDatePeriod: _Bounds(
        "lastSecondOfMonth", "last_second_of_month", -28 * _DAY_S, 0, _MONTH_S
    ),
    MonthlyWeekdayPeriod: _Bounds("secondOfWeeks", "second_of_weeks", 0, 5 * _WEEK_S - 1, _MONTH_S),
    MonthlyLastWeekdayPeriod: _Bounds(
        "secondOfWeeks", "second_of_weeks", -5 * _WEEK_S, -1, _MONTH_S
    ),
    SpecificDatePeriod: _Bounds(
        "secondsSinceLocalEpoch", "seconds_since_local_epoch", 0, _LAST_SECOND, LONGEST_DURATION_S
    ),
}


def scheme_problems(path: Path, scheme: AdmissionTimeScheme) -> Iterator[Problem]:
    """Yield what is wrong with a scheme of admission times."""
    for i, period in enumerate(scheme.periods):
        yield from _period_problems((*path, "periods", i), period)
    for i, restricted in enumerate(scheme.restricted_schemes):
        at: Path = (*path, "restrictedSchemes", i)
        if restricted.restriction is not None:
            months = restricted.restriction.months
            yield from _months_problems((*at, "restriction", "months"), months)
        for k, period in enumerate(restricted.periods):
            yield from _period_problems((*at, "periods", k), period)
    if not scheme.periods and not any(r.periods for r in scheme.restricted_schemes):
        yield warning(path, "never-admitted", "Without a period nothing is ever admitted.")


def _period_problems(path: Path, period: Period) -> Iterator[Problem]:
    bounds = _BOUNDS[type(period)]
    begin = getattr(period, bounds.attribute)
    yield from number_problems((*path, bounds.field), begin, least=bounds.least, most=bounds.most)
    yield from number_problems((*path, "duration"), period.duration, least=1, most=bounds.longest)


def _months_problems(path: Path, months: tuple[int, ...]) -> Iterator[Problem]:
    if not months:
        yield problem(path, "months-missing", "At least one month is needed.")
    for i, month in enumerate(months):
        yield from number_problems((*path, i), month, least=1, most=12)
        if month in months[:i]:
            yield problem((*path, i), "month-repeated", f"The month {month} is given already.")
