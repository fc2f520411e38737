"""Why a schedule starts something on a plan day, or not: its days, and what becomes of holidays."""

from collections.abc import Iterator
from datetime import date

import msgspec

from timetable.calendars import Calendars
from timetable.day_bits import date_of, span_of
from timetable.explain import DayReason, explain_entry, hit, named_days
from timetable.schedule import AssignedCalendar, Schedule, WhenHoliday
from timetable.starts import entry_days, moved_days


class StartReason(msgspec.Struct, frozen=True):
    """Whether a period of a schedule starts something on a plan day, and why."""

    day: date
    entry: int
    period: int
    reason: DayReason
    from_day: date | None = None
    """The non-working day from which the starts were moved here."""

    to_day: date | None = None
    """The day to which they were moved."""


def explain_schedule(
    schedule: Schedule, calendars: Calendars, first: date, last: date
) -> list[StartReason]:
    """Return a reason for each plan day, entry and period, ordered by day, entry and period."""
    found = [
        reason
        for number, entry in enumerate(schedule.calendars)
        for reason in _of_entry(number, entry, schedule, calendars, (first, last))
    ]
    return sorted(found, key=lambda reason: (reason.day, reason.entry, reason.period))


def _of_entry(
    number: int,
    entry: AssignedCalendar,
    schedule: Schedule,
    calendars: Calendars,
    days: tuple[date, date],
) -> Iterator[StartReason]:
    if days[0] > days[1]:
        return
    span = span_of(*days)
    listed, non_working, wide = entry_days(entry, schedule, calendars, span)
    names = [named.calendar_name for named in schedule.non_working_day_calendars]
    free = named_days(names, calendars, span)
    reasons = [_placed(reason, number) for reason in explain_entry(entry, calendars, *days)]
    for index, period in enumerate(entry.periods):
        moves = moved_days(listed, non_working, period.when_holiday, wide)
        moving = _Moving(period.when_holiday, moves, f"calendars[{number}].periods[{index}]")
        for day, reason in enumerate(reasons, span.first):
            found = hit(free, day, span)
            name = names[int(found.path[-1])] if found else None
            yield moving.applied(StartReason(reason.day, number, index, reason), day, name)


class _Moving(msgspec.Struct, frozen=True):
    """What a period says about non-working days."""

    when: WhenHoliday
    moves: dict[int, int]
    place: str

    def applied(self, given: StartReason, day: int, free: str | None) -> StartReason:
        """Return the reason after starts have been left out or moved; `free` is what says so."""
        if free is None:
            return given if given.reason.is_in else self._moved_here(given, day)
        if not given.reason.is_in:
            return given
        if self.when is WhenHoliday.IGNORE:
            said = f"{given.reason.sentence} It is a day of {free}, which does not matter here."
            return _changed(given, self._reason(given, said, is_in=True))
        if self.when is WhenHoliday.SUPPRESS:
            return _changed(given, self._reason(given, f"A non-working day of {free}."))
        if day not in self.moves:
            said = f"A non-working day of {free}, and no working day is near enough to move to."
            return _changed(given, self._reason(given, said))
        to_day = date_of(self.moves[day])
        said = f"A non-working day of {free}; moved to {to_day}."
        return msgspec.structs.replace(given, reason=self._reason(given, said), to_day=to_day)

    def _moved_here(self, given: StartReason, day: int) -> StartReason:
        sources = [source for source, target in self.moves.items() if target == day]
        if not sources:
            return given
        from_day = date_of(min(sources, key=lambda source: abs(source - day)))
        reason = self._reason(given, f"Moved here from the non-working {from_day}.", is_in=True)
        return msgspec.structs.replace(given, reason=reason, from_day=from_day)

    def _reason(self, given: StartReason, sentence: str, *, is_in: bool = False) -> DayReason:
        return DayReason(given.day, is_in, sentence, f"{self.place}.whenHoliday")


def _changed(given: StartReason, reason: DayReason) -> StartReason:
    return msgspec.structs.replace(given, reason=reason)


def _placed(reason: DayReason, entry: int) -> DayReason:
    """Return a reason of an entry as one of its schedule."""
    if reason.calendar or not reason.place:
        return reason
    return msgspec.structs.replace(reason, place=f"calendars[{entry}].{reason.place}")
