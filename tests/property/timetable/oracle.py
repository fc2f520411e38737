"""A slow second opinion about admission and cycles: it asks every day and every minute.

It shares nothing with the timetable but the documents, and knows dates only as a person does.
"""

import calendar
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

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
    SpecificDatePeriod,
    Ticking,
    WeekdayPeriod,
)

DAY, WEEK, MINUTE_US, SECOND_US = 86_400, 604_800, 60_000_000, 1_000_000
LOOK_BACK_DAYS = 40
Span = tuple[int, int]


def to_us(shown: datetime, zone: str) -> int:
    return int(shown.replace(tzinfo=ZoneInfo(zone)).timestamp()) * SECOND_US


def shown_at(at_us: int, zone: str) -> datetime:
    moment = datetime.fromtimestamp(at_us // SECOND_US, UTC)
    return moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0)


def begin_on(period: Period, day: date) -> list[datetime]:
    """Return the times of this date at which a period begins, none or one."""
    midnight = datetime(day.year, day.month, day.day)  # noqa: DTZ001
    if isinstance(period, SpecificDatePeriod):
        begin = datetime(1970, 1, 1) + timedelta(  # noqa: DTZ001
            seconds=period.seconds_since_local_epoch
        )
        return [begin] if begin.date() == day else []
    if isinstance(period, MonthlyLastDatePeriod):
        ends = [midnight.replace(day=1), midnight.replace(day=1) + timedelta(days=_length(day))]
        begins = [end + timedelta(seconds=period.last_second_of_month) for end in ends]
        return [begin for begin in begins if begin.date() == day]
    second = _second_on(period, day)
    return [] if second is None else [midnight + timedelta(seconds=second % DAY)]


def _second_on(period: Period, day: date) -> int | None:
    weekday, length = day.weekday(), _length(day)
    match period:
        case DailyPeriod(second_of_day=s):
            fits = True
        case WeekdayPeriod(second_of_week=s):
            fits = weekday == s // DAY
        case MonthlyDatePeriod(second_of_month=s):
            fits = day.day == min(s // DAY + 1, length)
        case MonthlyWeekdayPeriod(second_of_weeks=s):
            fits = (day.day - 1) // 7 == s // WEEK and weekday == s % WEEK // DAY
        case MonthlyLastWeekdayPeriod(second_of_weeks=s):
            fits = (length - day.day) // 7 == -(s // WEEK) - 1 and weekday == s % WEEK // DAY
        case _:
            raise AssertionError(period)
    return s if fits else None


def _length(day: date) -> int:
    return calendar.monthrange(day.year, day.month)[1]


def span(period: Period, begin: datetime, zone: str) -> Span:
    length = timedelta(seconds=period.duration)
    begin_us = to_us(begin, zone)
    if period.duration % DAY:
        return begin_us, begin_us + period.duration * SECOND_US
    return begin_us, to_us(begin + length, zone)


def open_minutes(
    scheme: AdmissionTimeScheme, zone: str, first: date, days: int, *, offset_s: int = 0
) -> list[tuple[int, bool]]:
    """Return each minute (UTC) of these days, and whether something is admitted in it."""
    begin = int(datetime(first.year, first.month, first.day, tzinfo=UTC).timestamp()) * SECOND_US
    minutes = range(begin, begin + days * DAY * SECOND_US, MINUTE_US)
    parts = [(None, scheme.periods)] + [
        (r.restriction.months if r.restriction else None, r.periods)
        for r in scheme.restricted_schemes
    ]
    admitted: set[int] = set()
    for months, periods in parts:
        for begin_us, end_us in spans(periods, zone, first, days):
            reached = range(max(begin_us, minutes[0]), min(end_us, minutes[-1] + 1), MINUTE_US)
            admitted |= {m for m in reached if _in_month(m, months, zone, offset_s)}
    return [(minute, minute in admitted) for minute in minutes]


def spans(periods: tuple[Period, ...], zone: str, first: date, days: int) -> Iterator[Span]:
    for back in range(-LOOK_BACK_DAYS, days + 2):
        day = first + timedelta(days=back)
        for period in periods:
            for begin in begin_on(period, day):
                yield span(period, begin, zone)


def _in_month(at_us: int, months: tuple[int, ...] | None, zone: str, offset_s: int) -> bool:
    if months is None:
        return True
    return (shown_at(at_us, zone) - timedelta(seconds=offset_s)).month in months


def stretches(minutes: list[tuple[int, bool]]) -> list[Span]:
    """Return the open stretches within the minutes asked for."""
    found: list[Span] = []
    for minute, is_open in minutes:
        if is_open and found and found[-1][1] == minute:
            found[-1] = (found[-1][0], minute + MINUTE_US)
        elif is_open:
            found.append((minute, minute + MINUTE_US))
    return found


def slots(repeat: Repeat, window: Span, zone: str) -> list[int]:
    """Return all slots of a window by trying each minute."""
    begin, end = window
    if isinstance(repeat, Ticking):
        return list(range(begin, end, repeat.interval * SECOND_US))
    if isinstance(repeat, Continuous):
        return []
    shown = shown_at(begin, zone).replace(hour=0, minute=0, second=0) - timedelta(days=2)
    times = (shown + timedelta(minutes=m) for m in range(6 * 24 * 60))
    found = {to_us(t, zone) for t in times if _is_slot(repeat, t)}
    return sorted(s for s in found if begin <= s < end)


def _is_slot(periodic: Periodic, shown: datetime) -> bool:
    since = int((shown - datetime(1970, 1, 1)).total_seconds())  # noqa: DTZ001
    return any((since - offset) % periodic.period == 0 for offset in periodic.offsets)


class Cycles:
    """Follows a schedule over given windows, with all slots written down beforehand."""

    def __init__(self, schedule: CycleSchedule, zone: str, windows: list[list[Span]]) -> None:
        self.schedule = schedule
        self.windows = [(i, w) for i, of_scheme in enumerate(windows) for w in of_scheme]
        self.slots = {(i, w): slots(schedule.schemes[i].repeat, w, zone) for i, w in self.windows}
        self.used: dict[tuple[int, Span], int] = {}
        self.counts: dict[tuple[int, Span], int] = {}

    def starts(self, arrival: int, durations: list[int], delays: list[int]) -> list[int]:
        """Return when cycles start, given how long each lasts and how late the engine is."""
        now, found = arrival, []
        pending = list(delays)
        looks = False
        while (due := self._due(now)) is not None:
            slot, key = due
            # An engine that is late for one window looks at once, and may start in another.
            if not (looks and slot <= now):
                now = max(now, slot) + (pending.pop(0) if pending else 0)
            looks = now >= key[1][1]
            if looks:
                continue
            found.append(now)
            late = [s for s in self.slots[key] if slot < s <= now]
            now += durations[min(len(found), len(durations)) - 1]
            self._note(key, (late or [slot])[-1], now)
        return found

    def _note(self, key: tuple[int, Span], slot: int, now: int) -> None:
        repeat = self.schedule.schemes[key[0]].repeat
        paused = isinstance(repeat, Continuous)
        self.used[key] = now + repeat.pause * SECOND_US if isinstance(repeat, Continuous) else slot
        self.counts[key] = self.counts.get(key, 0) + 1
        assert paused or slot in self.slots[key]

    def _due(self, now: int) -> tuple[int, tuple[int, Span]] | None:
        candidates = [
            (slot, key)
            for key in self.windows
            if now < key[1][1] and (slot := self._slot(key, now)) is not None
        ]
        return min(candidates, key=lambda found: (found[0], found[1][0]), default=None)

    def _slot(self, key: tuple[int, Span], now: int) -> int | None:
        repeat, used = self.schedule.schemes[key[0]].repeat, self.used.get(key)
        begin, end = key[1]
        if isinstance(repeat, Continuous):
            slot = max(begin, now) if used is None else used
            full = repeat.limit is not None and self.counts.get(key, 0) >= repeat.limit
            return slot if slot < end and not full else None
        fresh = [s for s in self.slots[key] if used is None or s > used]
        missed = [s for s in fresh if s <= now]
        return missed[-1] if missed else next(iter(fresh), None)
