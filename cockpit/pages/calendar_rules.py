"""Rules of calendars as forms, and back: what fields show, and what they say. Pure.

A form is a mapping of field names to lists of texts, as browsers send it. Values are JSON's.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple, TypeAlias

from cockpit.api.problem import FieldProblem

Given: TypeAlias = Mapping[str, Sequence[str]]
Shown: TypeAlias = dict[str, list[str]]

MOST_DATES = 5_000
EASTER_DAYS = (
    (-48, "Rose Monday"), (-47, "Shrove Tuesday"), (-46, "Ash Wednesday"), (-3, "Maundy Thursday"),
    (-2, "Good Friday"), (-1, "Holy Saturday"), (0, "Easter Sunday"), (1, "Easter Monday"),
    (39, "Ascension Day"), (49, "Whit Sunday"), (50, "Whit Monday"), (60, "Corpus Christi"),
)  # fmt: skip
REPETITIONS = (
    ("DAILY", "days"), ("WEEKLY", "weeks"), ("MONTHLY", "months"), ("YEARLY", "years"),
)  # fmt: skip


class RuleKind(NamedTuple):
    """A kind of rule in words. `keys` are the fields that its form is about, none for a value."""

    name: str
    title: str
    icon: str
    help: str
    keys: tuple[str, ...] = ()
    nests: bool = False
    in_excludes_only: bool = False


_WINDOW = ("from", "to")
_ENDS = (("from", "from"), ("to", "to_day"))
"""Fields of a window with their names in forms, where `to` says where a rule goes."""

KINDS: Mapping[str, RuleKind] = {
    kind.name: kind
    for kind in (
        RuleKind("weekdays", "Weekdays", "calendar-days", "The same days of each week.",
                 ("days", *_WINDOW), nests=True),
        RuleKind("monthdays", "Days of the month", "calendar-days",
                 "Such as the 1st, the 15th or the second Tuesday of each month.",
                 ("days", "weeklyDays", *_WINDOW), nests=True),
        RuleKind("ultimos", "Days from the month's end", "calendar-days",
                 "Such as the last day, the third last or the last Friday of each month.",
                 ("days", "weeklyDays", *_WINDOW), nests=True),
        RuleKind("repetitions", "Every nth day, week, month or year", "repeat",
                 "Counted from a first day.", ("repetition", "step", *_WINDOW), nests=True),
        RuleKind("dates", "Single dates", "calendar-clock", "Dates as listed."),
        RuleKind("holidays", "Public holidays", "flag",
                 "Of a country or region; the dates are frozen when the calendar is released.",
                 ("nationalCalendar", "dates")),
        RuleKind("easter", "Days around Easter", "sun", "Such as Good Friday or Whit Monday.",
                 ("days", *_WINDOW)),
        RuleKind("nonWorkingDayCalendars", "Another calendar's days", "calendar-days",
                 "The days of a calendar of non-working days.", in_excludes_only=True),
        RuleKind("months", "Only in some months", "calendar-days", "Months for rules within.",
                 ("months", *_WINDOW)),
    )
}  # fmt: skip
"""In the order in which they are offered."""

_Problems: TypeAlias = list[FieldProblem]


def read_rule(kind: str, given: Given) -> tuple[Any, _Problems]:
    """Return the value that a form gives, with everything that is wrong at its fields."""
    problems: _Problems = []
    value = _READERS[kind](given, problems)
    return value, problems


def shown_rule(kind: str, value: Any) -> Shown:
    """Return what the fields of a form show of a value; the inverse of `read_rule`."""
    if kind == "dates":
        return {"dates": ["\n".join(map(str, value))]}
    if kind == "nonWorkingDayCalendars":
        return {"calendar": [str(value)]}
    found = _SHOWERS[kind](value)
    return found | {field: [str(value[name])] for name, field in _ENDS if value.get(name)}


def months_of(given: Given) -> list[int]:
    """Return the months that are ticked."""
    return _numbers(given, "months", 1, 12)


def first(given: Given, name: str) -> str:
    """Return the text of a field, empty where it is not sent."""
    values = given.get(name) or [""]
    return values[0].strip()


def _weekdays(given: Given, problems: _Problems) -> dict[str, Any]:
    days = _numbers(given, "days", 0, 6)
    if not days:
        problems.append(FieldProblem("days", "Choose at least one day."))
    return {"days": days, **_window(given, problems)}


def _month_days(given: Given, problems: _Problems) -> dict[str, Any]:
    days, weekly = _numbers(given, "monthdays", 1, 31), _weekly(given)
    if not days and not weekly:
        problems.append(FieldProblem("monthdays", "Choose days of the month, or nth weekdays."))
    found: dict[str, Any] = {"days": days} if days else {}
    if weekly:
        found["weeklyDays"] = weekly
    return found | _window(given, problems)


def _weekly(given: Given) -> list[dict[str, int]]:
    pairs = sorted({pair for pair in given.get("weekly", ()) if _WEEKLY.fullmatch(pair)})
    return [{"day": int(pair[2]), "weekOfMonth": int(pair[0])} for pair in pairs]


_WEEKLY = re.compile(r"[1-5]-[0-6]")


def _repetition(given: Given, problems: _Problems) -> dict[str, Any]:
    kind = first(given, "repetition")
    if kind not in dict(REPETITIONS):
        problems.append(FieldProblem("repetition", "Choose days, weeks, months or years."))
    found: dict[str, Any] = {"repetition": kind}
    text = first(given, "step") or "1"
    if not text.isdecimal() or not 1 <= int(text[:9]) <= 100_000:
        problems.append(FieldProblem("step", "It must be a number from 1 to 100000."))
    elif int(text) != 1:
        found["step"] = int(text)
    window = _window(given, problems)
    if not first(given, "from"):
        problems.append(FieldProblem("from", "A repetition needs the day from which it counts."))
    return found | window


def _dates(given: Given, problems: _Problems) -> list[str]:
    return _dates_in(first(given, "dates"), "dates", problems, needed=True)


def _holidays(given: Given, problems: _Problems) -> dict[str, Any]:
    country, region = first(given, "country"), first(given, "region")
    label = f"{country}-{region}" if country and region else country or first(given, "label")
    dates = _dates_in(first(given, "dates"), "dates", problems, needed=not label)
    found: dict[str, Any] = {"nationalCalendar": label} if label else {}
    return found | ({"dates": dates} if dates else {})


def _easter(given: Given, problems: _Problems) -> dict[str, Any]:
    texts = [*given.get("easter", ()), *re.split(r"[\s,;]+", first(given, "other"))]
    days: set[int] = set()
    for text in filter(None, texts):
        if re.fullmatch(r"[+-]?\d{1,3}", text) and -200 <= int(text) <= 200:
            days.add(int(text))
        else:
            sentence = f"{text[:20]} is no number of days from -200 to 200."
            problems.append(FieldProblem("other", sentence))
    if not days and not problems:
        problems.append(FieldProblem("easter", "Choose at least one day."))
    return {"days": sorted(days), **_window(given, problems)}


def _other_calendar(given: Given, problems: _Problems) -> str:
    name = first(given, "calendar")
    if not name:
        problems.append(FieldProblem("calendar", "Choose a calendar."))
    return name


def _months(given: Given, problems: _Problems) -> dict[str, Any]:
    months = months_of(given)
    if not months:
        problems.append(FieldProblem("months", "Choose at least one month."))
    return {"months": months, **_window(given, problems)}


_READERS: Mapping[str, Callable[[Given, _Problems], Any]] = {
    "weekdays": _weekdays,
    "monthdays": _month_days,
    "ultimos": _month_days,
    "repetitions": _repetition,
    "dates": _dates,
    "holidays": _holidays,
    "easter": _easter,
    "nonWorkingDayCalendars": _other_calendar,
    "months": _months,
}


def _shown_month_days(value: Mapping[str, Any]) -> Shown:
    weekly = [f"{w['weekOfMonth']}-{w['day'] % 7}" for w in value.get("weeklyDays", ())]
    return {"monthdays": list(map(str, value.get("days", ()))), "weekly": weekly}


def _shown_holidays(value: Mapping[str, Any]) -> Shown:
    label = str(value.get("nationalCalendar") or "")
    country, _, region = label.partition("-")
    is_code = re.fullmatch(r"[A-Z]{2,4}(-\S.*)?", label) is not None and label == label.strip()
    dates = ["\n".join(map(str, value.get("dates", ())))]
    if is_code or not label:
        return {"country": [country], "region": [region], "dates": dates}
    return {"label": [label], "dates": dates}


def _shown_easter(value: Mapping[str, Any]) -> Shown:
    named = {day for day, _ in EASTER_DAYS}
    days = value.get("days", ())
    other = " ".join(str(day) for day in days if day not in named)
    return {"easter": [str(day) for day in days if day in named], "other": [other]}


_SHOWERS: Mapping[str, Callable[[Mapping[str, Any]], Shown]] = {
    "weekdays": lambda value: {"days": [str(day % 7) for day in value.get("days", ())]},
    "monthdays": _shown_month_days,
    "ultimos": _shown_month_days,
    "repetitions": lambda value: {
        "repetition": [str(value["repetition"])], "step": [str(value.get("step", 1))]
    },
    "holidays": _shown_holidays,
    "easter": _shown_easter,
    "months": lambda value: {"months": list(map(str, value.get("months", ())))},
}  # fmt: skip


def _numbers(given: Given, name: str, low: int, high: int) -> list[int]:
    texts = [text for text in given.get(name, ()) if text.isdecimal() and len(text) < 4]
    return sorted({int(text) for text in texts if low <= int(text) <= high})


def _window(given: Given, problems: _Problems) -> dict[str, str]:
    """Return `from` and `to` as far as they are given."""
    return window_of(first(given, "from"), first(given, "to_day"), problems)


def window_of(begin: str, end: str, problems: _Problems) -> dict[str, str]:
    """Return the two days of a window as a document has them; no text is no limit."""
    found: dict[str, str] = {}
    for name, text in zip(_WINDOW, (begin, end), strict=True):
        if text and _is_date(text):
            found[name] = text
        elif text:
            sentence = f"{text[:40]} is no date; one looks like 2026-03-02."
            problems.append(FieldProblem(name, sentence))
    if len(found) == 2 and found["from"] > found["to"]:
        problems.append(FieldProblem("to", "The end is before the begin."))
    return found


def _dates_in(text: str, place: str, problems: _Problems, *, needed: bool) -> list[str]:
    texts = [part for part in re.split(r"[\s,;]+", text) if part]
    wrong = [part for part in texts if not _is_date(part)]
    for part in wrong[:5]:
        sentence = f"{part[:40]} is no date; one looks like 2026-03-02."
        problems.append(FieldProblem(place, sentence))
    if len(texts) > MOST_DATES:
        problems.append(FieldProblem(place, f"At most {MOST_DATES:,} dates are taken."))
    if needed and not texts:
        problems.append(FieldProblem(place, "Name at least one date."))
    return sorted(set(texts) - set(wrong))


def _is_date(text: str) -> bool:
    try:
        return re.fullmatch(r"\d{4}-\d\d-\d\d", text) is not None and bool(date.fromisoformat(text))
    except ValueError:
        return False
