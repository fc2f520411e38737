"""Calendars and restrictions in plain English: `every Monday to Friday, not on 24 listed days`.

The sentence says what the document says, for pages that show both, and for explanations of a day.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import assert_never

from timetable.calendar import (
    Calendar,
    Easter,
    Frequencies,
    Holidays,
    MonthDays,
    Months,
    Repetition,
    RepetitionKind,
    Restriction,
    Weekdays,
    Windowed,
)
from timetable.phrases import MONTHS, NTH, NTH_LAST, WEEKDAYS, listed, many, ordinal
from timetable.rules import Path, Rule

_MOST_DATES = 5
"""More dates than these are not listed."""

_EASTER = {
    -48: "Rose Monday",
    -47: "Shrove Tuesday",
    -46: "Ash Wednesday",
    -7: "Palm Sunday",
    -3: "Maundy Thursday",
    -2: "Good Friday",
    -1: "Holy Saturday",
    0: "Easter Sunday",
    1: "Easter Monday",
    39: "Ascension Day",
    49: "Whit Sunday",
    50: "Whit Monday",
    60: "Corpus Christi",
}

_UNITS = {
    RepetitionKind.DAILY: "day",
    RepetitionKind.WEEKLY: "week",
    RepetitionKind.MONTHLY: "month",
    RepetitionKind.YEARLY: "year",
}


def calendar_sentence(calendar: Calendar) -> str:
    """Return which days a calendar has, as in `every Monday to Friday, from 2026-01-01`."""
    included = listed(rules_words(calendar.includes)) or "no day"
    return included + _but(calendar.excludes) + _window(calendar)


def restriction_sentence(restriction: Restriction) -> str:
    """Return what a restriction leaves, as in `only the 4th day of each month's list`."""
    only = listed(_counted_words(restriction.includes))
    said = [f"only {only}" if only else "", _but(restriction.excludes, counted=True)]
    return "".join(said).removeprefix(", ") or "all days"


def rules_words(rules: Frequencies) -> list[str]:
    """Return the words of each rule; single dates are told together."""
    dates = [_dates(rules.dates)] if rules.dates else []
    return [*dates, *(words for path, words in _each(rules) if path[0] != "dates")]


def rule_words(rules: Frequencies, path: Path) -> str:
    """Return the words of the rule at a path within `includes` or `excludes`."""
    return dict(_each(rules))[path]


def counted_rule_words(rules: Frequencies, path: Path) -> str:
    """Return the words of a restriction's rule, which counts in a calendar's days."""
    return dict(_each_counted(rules))[path]


def _each(rules: Frequencies) -> Iterator[tuple[Path, str]]:
    for i, day in enumerate(rules.dates):
        yield ("dates", i), f"on {day}"
    for i, holidays in enumerate(rules.holidays):
        yield ("holidays", i), _holidays(holidays)
    for name in ("weekdays", "monthdays", "ultimos", "repetitions", "easter"):
        for i, rule in enumerate(getattr(rules, name)):
            yield (name, i), f"{_rule(rule, from_end=name == 'ultimos')}{_within(rule)}"
    for i, months in enumerate(rules.months):
        yield from ((("months", i, *path), words) for path, words in _in_months(months))


def _rule(rule: Rule, *, from_end: bool) -> str:
    match rule:
        case Weekdays():
            return _weekdays(rule)
        case MonthDays():
            return f"on {_month_days(rule, from_end=from_end)} of each month"
        case Repetition():
            return _often(rule) + _anchor(rule)
        case Easter():
            return f"on {_easter(rule)}"
        case _:
            assert_never(rule)


def _in_months(months: Months) -> Iterator[tuple[Path, str]]:
    names = listed([MONTHS[(month - 1) % 12] for month in sorted(set(months.months))])
    inner = Frequencies(
        weekdays=months.weekdays,
        monthdays=months.monthdays,
        ultimos=months.ultimos,
        repetitions=months.repetitions,
    )
    for path, words in _each(inner):
        if " of each month" in words:
            said = words.replace(" of each month", f" of {names}")
        else:
            said = f"{words} in {names}"
        yield path, said + _within(months)


def _dates(dates: Sequence[date]) -> str:
    ordered = sorted(set(dates))
    if not ordered:
        return "on no listed day"
    if len(ordered) > _MOST_DATES:
        return f"on {many(len(ordered), 'listed day')}"
    return f"on {listed([day.isoformat() for day in ordered])}"


def _holidays(holidays: Holidays) -> str:
    if holidays.national_calendar:
        return f"on public holidays of {holidays.national_calendar}"
    return _dates(holidays.dates)


def _weekdays(rule: Weekdays) -> str:
    days = sorted({(day - 1) % 7 for day in rule.days})
    if len(days) == 7:
        return "every day"
    return f"every {_named(days)}" if days else "on no weekday"


def _named(days: Sequence[int]) -> str:
    """Return `Monday to Friday` for days in a row, else their names; 0 is Monday."""
    names = [WEEKDAYS[day] for day in days]
    in_a_row = list(days) == list(range(days[0], days[-1] + 1))
    return f"{names[0]} to {names[-1]}" if in_a_row and len(days) > 2 else listed(names)


def _month_days(rule: MonthDays, *, from_end: bool) -> str:
    said = []
    if rule.days:
        days = sorted(set(rule.days))
        said.append(f"the {_from_end(days)} day" if from_end else f"the {_nth_days(days)}")
    for weekly in rule.weekly_days:
        nth = (NTH_LAST if from_end else NTH)[min(weekly.week_of_month, 5) - 1]
        said.append(f"the {nth} {WEEKDAYS[(weekly.day - 1) % 7]}")
    return listed(said) or "no day"


def _nth_days(days: Sequence[int]) -> str:
    """Return `1st to 12th and 14th`."""
    runs: list[list[int]] = []
    for day in days:
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return listed([part for run in runs for part in _run(run)])


def _run(days: Sequence[int]) -> list[str]:
    names = [ordinal(day) for day in days]
    return [f"{names[0]} to {names[-1]}"] if len(days) > 2 else names


def _from_end(days: Sequence[int]) -> str:
    """Return `last and 2nd last`."""
    return listed(["last" if day == 1 else f"{ordinal(day)} last" for day in days])


def _often(rule: Repetition) -> str:
    unit = _UNITS[rule.repetition]
    return f"every {unit}" if rule.step == 1 else f"every {ordinal(rule.step)} {unit}"


def _anchor(rule: Repetition) -> str:
    begin = rule.from_day
    if begin is None or rule.repetition is RepetitionKind.DAILY:
        return ""
    if rule.repetition is RepetitionKind.WEEKLY:
        return f" on {WEEKDAYS[begin.weekday()]}"
    clipped = " or the last day before it" if begin.day > 28 else ""
    if rule.repetition is RepetitionKind.YEARLY:
        clipped = " or the 28th" if (begin.month, begin.day) == (2, 29) else ""
        return f" on {begin.day} {MONTHS[begin.month - 1]}{clipped}"
    return f" on the {ordinal(begin.day)}{clipped}"


def _easter(rule: Easter) -> str:
    return listed([_EASTER.get(day) or _around_easter(day) for day in sorted(set(rule.days))])


def _around_easter(day: int) -> str:
    return f"{many(abs(day), 'day')} {'after' if day > 0 else 'before'} Easter Sunday"


def _within(rule: Windowed) -> str:
    """Return ` from 2026-01-01`, or nothing."""
    begin, end = rule.from_day, rule.to_day
    if begin and end:
        return f" from {begin} to {end}"
    return f" from {begin}" if begin else f" until {end}" if end else ""


def _window(calendar: Calendar) -> str:
    said = _within(calendar)
    return f",{said}" if said else ""


def _but(rules: Frequencies, *, counted: bool = False) -> str:
    said = _counted_words(rules) if counted else rules_words(rules)
    others = [f"on days of {name}" for name in rules.non_working_day_calendars]
    negated = [*map(_negated, said), *others]
    return f", not {listed(negated, 'or')}" if negated else ""


def _negated(words: str) -> str:
    """Return `on Saturday and Sunday` for `every Saturday and Sunday`."""
    if words == "every day" or words.startswith("every day in "):
        return words.replace("every day", "on any day", 1)
    for weekday in WEEKDAYS:
        if words.startswith(f"every {weekday}"):
            return words.replace("every ", "on ", 1)
    return words if words.startswith("on ") else f"on {words}"


def _counted_words(rules: Frequencies) -> list[str]:
    dates = [_dates(rules.dates)] if rules.dates else []
    return [*dates, *(words for path, words in _each_counted(rules) if path[0] != "dates")]


def _each_counted(rules: Frequencies) -> Iterator[tuple[Path, str]]:
    """Yield the words of rules that count in the days of a calendar."""
    for path, words in _each(rules):
        rule = _at(rules, path)
        if isinstance(rule, MonthDays) and rule.days:
            yield path, _counted_days(rule, words, from_end=path[-2] == "ultimos")
        elif isinstance(rule, Repetition):
            plain = _often(rule) + _anchor(rule)
            yield path, words.replace(plain, _counted_repetition(rule), 1)
        else:
            yield path, words


def _at(rules: Frequencies, path: Path) -> object:
    found: object = rules
    for part in path:
        if isinstance(found, tuple) and isinstance(part, int):
            found = found[part]
        else:
            found = getattr(found, str(part))
    return found


def _counted_days(rule: MonthDays, words: str, *, from_end: bool) -> str:
    days = sorted(set(rule.days))
    plain = f"the {_from_end(days)} day" if from_end else f"the {_nth_days(days)}"
    counted = f"{plain.removesuffix(' day')} of these days"
    return words.removeprefix("on ").replace(plain, counted, 1)


def _counted_repetition(rule: Repetition) -> str:
    often, begin = _often(rule), rule.from_day
    match rule.repetition:
        case RepetitionKind.DAILY:
            return "each of these days" if rule.step == 1 else f"{often[:-4]} of these days"
        case RepetitionKind.WEEKLY:
            weekday = f" that begins on {WEEKDAYS[begin.weekday()]}" if begin else ""
            return f"the first of these days of {often}{weekday}"
        case RepetitionKind.MONTHLY:
            on = f"the {ordinal(begin.day)}" if begin else "the first"
        case RepetitionKind.YEARLY:
            on = f"{begin.day} {MONTHS[begin.month - 1]}" if begin else "the first"
        case _:
            assert_never(rule.repetition)
    return f"the first of these days on or after {on} of {often}"
