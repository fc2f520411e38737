"""Which days each rule of a calendar means, whatever the other rules say.

A rule has a *path* in its document, as in `("months", 0, "weekdays", 1)`, so that answers can name
it. Knows no calendar and no other calendars; named ones are `timetable.calendars`'s.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple, TypeAlias

from timetable.calendar import (
    Easter,
    Frequencies,
    MonthDays,
    Months,
    Repetition,
    RepetitionKind,
    Weekdays,
    WeeklyDay,
    Windowed,
)
from timetable.day_bits import (
    MonthSpan,
    Span,
    date_of,
    day_number,
    every,
    month_of,
    months_of,
    of_days,
    of_weekdays,
    weekday_of,
    window,
)
from timetable.easter import easter_sunday
from timetable.errors import TimesUnreadable

Path: TypeAlias = tuple[str | int, ...]
Rule: TypeAlias = Weekdays | MonthDays | Repetition | Easter


class Found(NamedTuple):
    """The days that a rule means, and the window in which it says anything."""

    path: Path
    bits: int
    window: int


Count: TypeAlias = Callable[[Repetition | MonthDays, Span, bool], int]
"""Counts for `monthdays`, `ultimos` (True) and `repetitions`; a restriction counts otherwise."""


def found_days(rules: Frequencies, span: Span, count: Count | None = None) -> Iterator[Found]:
    """Yield the days of each rule, in the order of the document; named calendars are not looked up.

    Args:
        rules: `includes` or `excludes`.
        span: the days asked for.
        count: None counts days of the calendar year.
    """
    counted = count or counted_days
    for i, day in enumerate(rules.dates):
        yield Found(("dates", i), of_days((day_number(day),), span), span.all)
    for i, holidays in enumerate(rules.holidays):
        days = of_days(map(day_number, holidays.dates), span)
        yield Found(("holidays", i), days, span.all)
    for path, rule in _plain(rules):
        yield _found(path, rule, span, counted)
    for i, easter in enumerate(rules.easter):
        yield _found(("easter", i), easter, span, counted)
    for i, months in enumerate(rules.months):
        yield from _found_in_months(("months", i), months, span, counted)


def counted_days(rule: Repetition | MonthDays, span: Span, from_end: bool) -> int:  # noqa: FBT001
    """Return days of the month, or those that a repetition means."""
    if isinstance(rule, MonthDays):
        return _monthly(rule, span, from_end=from_end)
    return _repeated(rule, span)


def nth_weekdays(weekly: Iterable[WeeklyDay], span: Span, *, from_end: bool) -> int:
    """Return the nth weekdays of each month; a fifth one that a month lacks is none."""
    bits = 0
    for day in weekly:
        found = (_nth(m, day, from_end=from_end) for m in months_of(span))
        bits |= of_days((d for d in found if d is not None), span)
    return bits


def anchor_of(rule: Repetition) -> int:
    """Return the day from which a repetition counts.

    Raises:
        TimesUnreadable: it has none.
    """
    if rule.from_day is None:
        raise TimesUnreadable("A repetition needs its begin: the field from.")
    return day_number(rule.from_day)


def is_due(rule: Repetition, month: MonthSpan) -> bool:
    """Tell whether a monthly or yearly repetition counts in this month."""
    months = month.number - month_of(anchor_of(rule))
    step = rule.step * (12 if rule.repetition is RepetitionKind.YEARLY else 1)
    return months >= 0 and months % step == 0


def clipped(day_of_month: int, month: MonthSpan) -> int:
    """Return this day of a month; a day that the month lacks is its last one."""
    return month.first + min(day_of_month, month.length) - 1


def own_window(rule: Windowed, span: Span) -> int:
    """Return the days of a rule's `from` and `to`."""
    low = None if rule.from_day is None else day_number(rule.from_day)
    high = None if rule.to_day is None else day_number(rule.to_day)
    return window(span, low, high)


def _plain(rules: Frequencies | Months) -> Iterator[tuple[Path, Rule]]:
    """Yield the rules that may also stand within months."""
    for name in ("weekdays", "monthdays", "ultimos", "repetitions"):
        for i, rule in enumerate(getattr(rules, name)):
            yield (name, i), rule


def _found(path: Path, rule: Rule, span: Span, count: Count) -> Found:
    days = own_window(rule, span)
    if not days:
        return Found(path, 0, 0)
    match rule:
        case Weekdays():
            bits = of_weekdays(rule.days, span)
        case Easter():
            bits = _around_easter(rule, span)
        case _:
            bits = count(rule, span, path[-2] == "ultimos")
    return Found(path, bits & days, days)


def _found_in_months(path: Path, months: Months, span: Span, count: Count) -> Iterator[Found]:
    outer = own_window(months, span)
    chosen = set(months.months)
    allowed = 0
    for month in months_of(span):
        if month.number % 12 + 1 in chosen:
            allowed |= window(span, month.first, month.first + month.length - 1)
    for inner, rule in _plain(months):
        found = _found((*path, *inner), rule, span, count)
        yield Found(found.path, found.bits & outer & allowed, found.window & outer)


def _monthly(rule: MonthDays, span: Span, *, from_end: bool) -> int:
    bits = nth_weekdays(rule.weekly_days, span, from_end=from_end)
    days = set(rule.days)
    for month in months_of(span) if days else ():
        beyond = month.first + month.length if from_end else month.first - 1
        sign = -1 if from_end else 1
        bits |= of_days((beyond + sign * day for day in days if day <= month.length), span)
    return bits


def _nth(month: MonthSpan, weekly: WeeklyDay, *, from_end: bool) -> int | None:
    weeks = 7 * (weekly.week_of_month - 1)
    if from_end:
        last = month.first + month.length - 1
        day = last - (weekday_of(last) - weekly.day) % 7 - weeks
    else:
        day = month.first + (weekly.day - weekday_of(month.first)) % 7 + weeks
    return day if month.first <= day < month.first + month.length else None


def _repeated(rule: Repetition, span: Span) -> int:
    anchor = anchor_of(rule)
    match rule.repetition:
        case RepetitionKind.DAILY:
            return every(rule.step, anchor, span)
        case RepetitionKind.WEEKLY:
            return every(rule.step * 7, anchor, span)
        case _:
            day = date_of(anchor).day
            return of_days((clipped(day, m) for m in months_of(span) if is_due(rule, m)), span)


def _around_easter(rule: Easter, span: Span) -> int:
    first, last = date_of(span.first).year, date_of(span.last).year
    sundays = (day_number(easter_sunday(y)) for y in range(max(first - 1, 1), min(last + 2, 9_999)))
    return of_days((sunday + day for sunday in sundays for day in rule.days), span)
