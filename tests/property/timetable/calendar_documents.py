"""Random calendars, restrictions and schedules as plain JSON values.

Strategies are kept: making them takes longer than drawing from them.
"""

from datetime import date, timedelta
from functools import cache
from typing import Any

from hypothesis import strategies as st

from tests.property.timetable.documents import CHANGES

Documents = st.SearchStrategy[dict[str, Any]]

KINDS = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
PERIOD_BEGINS = ("00:00:00", "06:00:00", "02:30:00", "18:00")
EVERY_DAY = {"weekdays": [{"days": [0, 1, 2, 3, 4, 5, 6]}]}


@cache
def dates_near(near: date, days: int = 70) -> st.SearchStrategy[str]:
    return st.integers(-days, days).map(lambda n: (near + timedelta(days=n)).isoformat())


@cache
def windows(near: date) -> Documents:
    """Mostly none."""
    limit = dates_near(near, 40)
    both = st.tuples(limit, limit).map(sorted).map(lambda w: {"from": w[0], "to": w[1]})
    return st.one_of(
        st.just({}),
        st.just({}),
        limit.map(lambda d: {"from": d}),
        limit.map(lambda d: {"to": d}),
        both,
    )


@cache
def with_window(near: date, rules: Documents) -> Documents:
    return st.builds(lambda rule, window: {**rule, **window}, rules, windows(near))


@cache
def some(values: st.SearchStrategy[Any], most: int = 3) -> st.SearchStrategy[list[Any]]:
    return st.lists(values, min_size=1, max_size=most)


@cache
def weekdays() -> Documents:
    return some(st.integers(0, 7), 5).map(lambda days: {"days": days})


@cache
def month_days() -> Documents:
    days = some(st.one_of(st.integers(1, 31), st.sampled_from([1, 2, 29, 30, 31])))
    weekly = st.fixed_dictionaries({"day": st.integers(0, 7), "weekOfMonth": st.integers(1, 5)})
    return st.one_of(
        days.map(lambda found: {"days": found}),
        some(weekly).map(lambda found: {"weeklyDays": found}),
        st.fixed_dictionaries({"days": days, "weeklyDays": some(weekly)}),
    )


@cache
def holidays(near: date) -> Documents:
    return some(dates_near(near, 20), 4).map(lambda days: {"dates": days})


@cache
def easters() -> Documents:
    return some(st.sampled_from([-47, -2, 0, 1, 39, 50])).map(lambda days: {"days": days})


@cache
@st.composite
def repetitions(draw: st.DrawFn, near: date) -> dict[str, Any]:
    kind = draw(st.sampled_from(KINDS))
    anchor: date = near + timedelta(days=draw(st.integers(-100, 40)))
    if kind in ("MONTHLY", "YEARLY") and draw(st.booleans()):
        # Days that some months lack.
        anchor = draw(st.sampled_from([date(near.year - 1, 12, 31), date(2008, 2, 29)]))
    rule: dict[str, Any] = {"repetition": kind, "from": anchor.isoformat()}
    if draw(st.booleans()):
        rule["step"] = draw(st.integers(1, 5))
    if draw(st.integers(0, 5)) == 0:
        rule["to"] = (near + timedelta(days=draw(st.integers(-5, 30)))).isoformat()
    return rule


@cache
@st.composite
def frequencies(
    draw: st.DrawFn, near: date, *, most: int = 3, counted: bool = False
) -> dict[str, Any]:
    """One to `most` kinds of rules."""
    kinds: dict[str, Any] = {
        "dates": some(dates_near(near, 20), 6),
        "holidays": some(holidays(near), 2),
        "weekdays": some(with_window(near, weekdays()), 2),
        "monthdays": some(with_window(near, month_days()), 2),
        "ultimos": some(with_window(near, month_days()), 2),
        "repetitions": some(repetitions(near), 2),
        "easter": some(with_window(near, easters()), 1),
        "months": some(months(near, counted=counted), 2),
    }
    chosen = draw(st.lists(st.sampled_from(list(kinds)), min_size=1, max_size=most, unique=True))
    return {kind: draw(kinds[kind]) for kind in chosen}


@cache
@st.composite
def months(draw: st.DrawFn, near: date, *, counted: bool) -> dict[str, Any]:
    around = [(near.month + n - 1) % 12 + 1 for n in (-1, 0, 1)]
    kinds: dict[str, st.SearchStrategy[Any]] = {
        "weekdays": some(with_window(near, weekdays()), 2),
        "monthdays": some(with_window(near, month_days()), 2),
        "ultimos": some(with_window(near, month_days()), 2),
    }
    if not counted:
        kinds["repetitions"] = some(repetitions(near), 2)
    chosen = draw(st.lists(st.sampled_from(list(kinds)), min_size=1, max_size=2, unique=True))
    rule = {kind: draw(kinds[kind]) for kind in chosen}
    return {"months": draw(some(st.sampled_from(around), 3)), **rule, **draw(windows(near))}


@cache
@st.composite
def calendars(draw: st.DrawFn, near: date, names: tuple[str, ...] = ()) -> dict[str, Any]:
    kind = "WORKINGDAYSCALENDAR" if names else "NONWORKINGDAYSCALENDAR"
    includes = draw(st.one_of(st.just(EVERY_DAY), frequencies(near)))
    document = {"type": kind, "includes": includes, **draw(windows(near))}
    if draw(st.booleans()):
        document["excludes"] = draw(frequencies(near, most=2))
        if names:
            document["excludes"]["nonWorkingDayCalendars"] = draw(some(st.sampled_from(names), 2))
    return document


@cache
@st.composite
def restrictions(draw: st.DrawFn, near: date, names: tuple[str, ...]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if draw(st.integers(0, 3)):
        found["includes"] = draw(frequencies(near, most=2, counted=True))
    if draw(st.booleans()):
        found["excludes"] = draw(st.one_of(st.just({}), frequencies(near, most=2, counted=True)))
        found["excludes"]["nonWorkingDayCalendars"] = draw(some(st.sampled_from(names), 2))
    return found


@cache
def clocks(*, midnight: bool = True) -> st.SearchStrategy[str]:
    """Mostly at night, when clocks are changed."""
    night = st.integers(0, 16).map(lambda n: n * 15)
    odd = st.integers(0, 1_439)
    late = st.sampled_from([1_380, 1_425, 1_439, *([1_440] if midnight else [])])
    return st.one_of(night, night, odd, late).map(lambda m: f"{m // 60:02}:{m % 60:02}")


@cache
@st.composite
def periods(draw: st.DrawFn) -> dict[str, Any]:
    when = draw(
        st.sampled_from([None, "SUPPRESS", "IGNORE", "NEXTNONWORKINGDAY", "PREVIOUSNONWORKINGDAY"])
    )
    period: dict[str, Any] = {} if when is None else {"whenHoliday": when}
    if draw(st.booleans()):
        return {**period, "singleStart": draw(clocks())}
    for name in ("begin", "end"):
        if draw(st.booleans()):
            period[name] = draw(clocks(midnight=name == "end"))
    repeat = draw(st.sampled_from([7, 10, 15, 20, 30, 45, 60, 90, 120, 300]))
    return {**period, "repeat": f"{repeat // 60:02}:{repeat % 60:02}:00"}


@cache
@st.composite
def entries(draw: st.DrawFn, near: date, zone: str, names: tuple[str, ...]) -> dict[str, Any]:
    entry: dict[str, Any] = {"calendarName": "days", "timeZone": zone}
    if draw(st.integers(0, 3)) == 0:
        entry.update(draw(restrictions(near, names)))
    gap = draw(st.sampled_from([None, "shift_forward", "at_transition", "skip"]))
    overlap = draw(st.sampled_from([None, "first", "second", "both"]))
    entry.update({"gapPolicy": gap} if gap else {})
    entry.update({"overlapPolicy": overlap} if overlap else {})
    return {**entry, "periods": draw(some(periods(), 2))}


@cache
@st.composite
def schedules(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, Any], str, date]:
    """Return a schedule, its calendars, a begin of the business day, and a day to begin with."""
    zone, near = draw(st.sampled_from(CHANGES))
    names = ("free", "holidays")
    known = {name: draw(calendars(near)) for name in names}
    known["days"] = draw(
        st.one_of(
            st.just({"type": "WORKINGDAYSCALENDAR", "includes": EVERY_DAY}),
            calendars(near, names),
        )
    )
    schedule: dict[str, Any] = {"calendars": draw(some(entries(near, zone, names), 2))}
    if draw(st.booleans()):
        chosen = draw(some(st.sampled_from(names), 2))
        schedule["nonWorkingDayCalendars"] = [{"calendarName": name} for name in chosen]
    return schedule, known, draw(st.sampled_from(PERIOD_BEGINS)), near - timedelta(days=2)
