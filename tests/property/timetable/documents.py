"""Random admission times and cycles, and days around which clocks change."""

from datetime import date

from hypothesis import strategies as st

from timetable.scheme import (
    AdmissionTimeScheme,
    Continuous,
    CycleSchedule,
    DailyPeriod,
    MonthlyDatePeriod,
    MonthlyLastDatePeriod,
    MonthlyLastWeekdayPeriod,
    MonthlyWeekdayPeriod,
    MonthRestriction,
    Period,
    Periodic,
    RestrictedScheme,
    Scheme,
    SpecificDatePeriod,
    Ticking,
    WeekdayPeriod,
)

DAY, WEEK = 86_400, 604_800

CHANGES = [
    ("Europe/Berlin", date(2026, 3, 29)),
    ("Europe/Berlin", date(2026, 10, 25)),
    ("America/New_York", date(2026, 3, 8)),
    ("America/New_York", date(2026, 11, 1)),
    ("Australia/Lord_Howe", date(2026, 4, 5)),
    ("Australia/Lord_Howe", date(2026, 10, 4)),
    ("Asia/Kathmandu", date(2026, 2, 28)),
    ("Pacific/Apia", date(2011, 12, 30)),
    ("Etc/UTC", date(2027, 12, 31)),
]
"""Zones, each with a day on which its clock changes, or the last one of a month or year."""

places = st.tuples(
    st.sampled_from(CHANGES),
    st.one_of(st.sampled_from([0, -1, -2]), st.integers(-32, 2)),
)
"""A change and how many days before it to begin looking, mostly few."""

_durations = st.one_of(
    st.integers(1, 24).map(lambda halves: halves * 1_800),
    st.integers(1, 240).map(lambda quarters: quarters * 900),
    st.sampled_from([DAY, DAY, 2 * DAY, 5 * DAY, 9 * DAY]),
    st.sampled_from([60, DAY - 60, DAY + 60, 30 * DAY]),
)


def _minutes(low: int, high: int) -> st.SearchStrategy[int]:
    """Mostly at night, when clocks are changed."""
    times = st.one_of(
        st.integers(0, 8).map(lambda half: half * 1_800),
        st.integers(0, 16).map(lambda quarter: quarter * 900),
        st.integers(0, 1_439).map(_minute),
    )
    days = st.integers(low // DAY, high // DAY - 1)
    return st.builds(lambda day, time: day * DAY + time, days, times)


def _minute(number: int) -> int:
    return number * 60


def periods(near: date) -> st.SearchStrategy[Period]:
    epoch_day = near.toordinal() - date(1970, 1, 1).toordinal()
    return st.one_of(
        st.builds(DailyPeriod, _minutes(0, DAY), _durations),
        st.builds(WeekdayPeriod, _minutes(0, WEEK), _durations),
        st.builds(MonthlyDatePeriod, _minutes(0, 31 * DAY), _durations),
        st.builds(MonthlyLastDatePeriod, _minutes(-28 * DAY, 0), _durations),
        st.builds(MonthlyWeekdayPeriod, _minutes(0, 4 * WEEK), _durations),
        st.builds(MonthlyLastWeekdayPeriod, _minutes(-4 * WEEK, 0), _durations),
        st.builds(
            SpecificDatePeriod,
            _minutes((epoch_day - 9) * DAY, (epoch_day + 4) * DAY),
            _durations,
        ),
    )


def schemes(near: date) -> st.SearchStrategy[AdmissionTimeScheme]:
    some = st.lists(periods(near), max_size=3).map(tuple)
    months = st.sets(st.integers(1, 12), min_size=1).map(lambda m: tuple(sorted(m)))
    limits = st.one_of(st.none(), st.builds(MonthRestriction, months))
    restricted = st.lists(st.builds(RestrictedScheme, limits, some), max_size=2).map(tuple)
    return st.builds(AdmissionTimeScheme, some, restricted)


def repeats() -> st.SearchStrategy[Periodic | Ticking | Continuous]:
    spans = st.sampled_from([300, 900, 1200, 1800, 3600, 5400, 7200, DAY])
    offsets = st.lists(st.integers(0, 90).map(_minute), min_size=1, max_size=3).map(tuple)
    limits = st.one_of(st.none(), st.integers(1, 4))
    return st.one_of(
        st.builds(Periodic, spans, offsets),
        st.builds(Ticking, spans),
        st.builds(Continuous, st.sampled_from([0, 60, 1500, 7200]), limits),
    )


def cycles(near: date) -> st.SearchStrategy[CycleSchedule]:
    admission = st.one_of(st.none(), schemes(near))
    some = st.lists(st.builds(Scheme, repeats(), admission), min_size=1, max_size=3)
    return st.builds(CycleSchedule, some.map(tuple))
