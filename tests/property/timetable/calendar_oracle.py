"""A slow second opinion about days: it asks each rule about each day, as a person would.

It reads documents as plain JSON values and shares nothing with the timetable.
"""

import calendar
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any, TypeAlias

from dateutil.easter import easter  # type: ignore[import-untyped]

Document: TypeAlias = Mapping[str, Any]
ONE = timedelta(days=1)
KINDS = ("weekdays", "monthdays", "ultimos", "repetitions", "easter")


def span(first: date, last: date) -> Iterator[date]:
    day = first
    while day <= last:
        yield day
        day += ONE


def day(text: str) -> date:
    return date.fromisoformat(text)


def within(rule: Document, at: date) -> bool:
    return not (
        ("from" in rule and at < day(rule["from"])) or ("to" in rule and at > day(rule["to"]))
    )


def length(at: date) -> int:
    return calendar.monthrange(at.year, at.month)[1]


def is_weekday(number: int, at: date) -> bool:
    return at.isoweekday() % 7 == number % 7


def is_nth(weekly: Document, at: date, *, from_end: bool) -> bool:
    number = length(at) - at.day + 1 if from_end else at.day
    return is_weekday(weekly["day"], at) and (number - 1) // 7 + 1 == weekly["weekOfMonth"]


def fits(kind: str, rule: Document, at: date) -> bool:
    """Tell whether a rule of a calendar means this day."""
    if not within(rule, at):
        return False
    if kind == "weekdays":
        return any(is_weekday(number, at) for number in rule["days"])
    if kind == "easter":
        years = (at.year - 1, at.year, at.year + 1)
        return any(at == easter(y) + timedelta(days=n) for y in years for n in rule["days"])
    if kind == "repetitions":
        return repeats(rule, at)
    number = length(at) - at.day + 1 if kind == "ultimos" else at.day
    nth = any(is_nth(w, at, from_end=kind == "ultimos") for w in rule.get("weeklyDays", ()))
    return nth or number in rule.get("days", ())


def repeats(rule: Document, at: date) -> bool:
    anchor, step = day(rule["from"]), rule.get("step", 1)
    if rule["repetition"] in ("DAILY", "WEEKLY"):
        days = step * (7 if rule["repetition"] == "WEEKLY" else 1)
        return (at - anchor).days >= 0 and (at - anchor).days % days == 0
    return is_due(rule, at) and at == clipped(anchor.day, at)


def is_due(rule: Document, at: date) -> bool:
    """Walk from the anchor, month by month or year by year."""
    anchor, step = day(rule["from"]), rule.get("step", 1)
    year, month = anchor.year, anchor.month
    while (year, month) < (at.year, at.month):
        if rule["repetition"] == "YEARLY":
            year += step
        else:
            month += step
            year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    return (year, month) == (at.year, at.month)


def clipped(number: int, at: date) -> date:
    return at.replace(day=min(number, length(at)))


def any_fits(rules: Document, at: date) -> bool:
    listed = at.isoformat() in rules.get("dates", ()) or any(
        at.isoformat() in holidays["dates"] for holidays in rules.get("holidays", ())
    )
    return (
        listed
        or any(fits(kind, rule, at) for kind in KINDS for rule in rules.get(kind, ()))
        or any(
            at.month in months["months"] and within(months, at) and any_fits(nested(months), at)
            for months in rules.get("months", ())
        )
    )


def nested(months: Document) -> Document:
    return {kind: months[kind] for kind in KINDS if kind in months}


class Days:
    """Days of calendars by name."""

    def __init__(self, calendars: Mapping[str, Document]) -> None:
        self.calendars = calendars
        self.known: dict[tuple[int, date], bool] = {}

    def is_in(self, document: Document, at: date) -> bool:
        key = (id(document), at)
        if key not in self.known:
            self.known[key] = self._is_in(document, at)
        return self.known[key]

    def _is_in(self, document: Document, at: date) -> bool:
        excludes = document.get("excludes", {})
        return (
            within(document, at)
            and any_fits(document["includes"], at)
            and not any_fits(excludes, at)
            and not self.is_named(excludes, at)
        )

    def is_named(self, rules: Document, at: date) -> bool:
        names = rules.get("nonWorkingDayCalendars", ())
        return any(self.is_in(self.calendars[name], at) for name in names)

    def restricted(
        self, document: Document, restriction: Document, first: date, last: date
    ) -> list[date]:
        """Return what a restriction leaves, by listing all days since the first anchor."""
        includes, excludes = restriction.get("includes", {}), restriction.get("excludes", {})
        begin = min([first.replace(day=1) - 7 * ONE, *anchors(includes), *anchors(excludes)])
        end = last.replace(day=length(last))
        base = [
            d
            for d in span(begin, end)
            if self.is_in(document, d) and not self.is_named(excludes, d)
        ]
        counted = Counted(base)
        return [
            d
            for d in base
            if first <= d <= last
            and (counted.any_fits(includes, d) or not governs(includes, d))
            and not counted.any_fits(excludes, d)
        ]


def anchors(rules: Document) -> list[date]:
    rules_of_days = [r for r in rules.get("repetitions", ()) if r["repetition"] == "DAILY"]
    return [day(rule["from"]) for rule in rules_of_days]


def governs(rules: Document, at: date) -> bool:
    """Tell whether some rule says anything about this day."""
    if rules.get("dates") or rules.get("holidays"):
        return True
    plain = any(within(rule, at) for kind in KINDS for rule in rules.get(kind, ()))
    return plain or any(
        within(months, at) and governs(nested(months), at) for months in rules.get("months", ())
    )


class Counted:
    """Rules that count in a list of days."""

    def __init__(self, base: list[date]) -> None:
        self.base = base

    def any_fits(self, rules: Document, at: date) -> bool:
        """Tell whether a rule means this day of the list."""
        listed = {k: v for k, v in rules.items() if k in ("dates", "holidays")}
        return (
            any_fits(listed, at)
            or any(self.fits(kind, rule, at) for kind in KINDS for rule in rules.get(kind, ()))
            or any(
                at.month in months["months"]
                and within(months, at)
                and self.any_fits(nested(months), at)
                for months in rules.get("months", ())
            )
        )

    def fits(self, kind: str, rule: Document, at: date) -> bool:
        if not within(rule, at):
            return False
        if kind == "repetitions":
            return self.repeats(rule, at)
        if kind not in ("monthdays", "ultimos"):
            return fits(kind, rule, at)
        of_month = [d for d in self.base if (d.year, d.month) == (at.year, at.month)]
        if kind == "ultimos":
            of_month.reverse()
        nth = any(is_nth(w, at, from_end=kind == "ultimos") for w in rule.get("weeklyDays", ()))
        return nth or of_month.index(at) + 1 in rule.get("days", ())

    def repeats(self, rule: Document, at: date) -> bool:
        anchor, step = day(rule["from"]), rule.get("step", 1)
        since = [d for d in self.base if d >= anchor]
        if rule["repetition"] == "DAILY":
            return at in since[::step]
        if rule["repetition"] == "WEEKLY":
            block = (at - anchor).days // 7
            return block % step == 0 and at == min(
                d for d in since if (d - anchor).days // 7 == block
            )
        later = [d for d in self.base if clipped(anchor.day, at) <= d and d.month == at.month]
        return is_due(rule, at) and at == min((d for d in later if d.year == at.year), default=None)
