"""Periods, entries and schedules in plain English: `every 15 minutes from 08:00 to 18:00`."""

from timetable.calendar import NO_RESTRICTION
from timetable.calendar_words import restriction_sentence
from timetable.local import DAY
from timetable.period_parts import seconds
from timetable.phrases import clock, every, listed
from timetable.schedule import (
    AssignedCalendar,
    GapPolicy,
    OverlapPolicy,
    Period,
    Schedule,
    WhenHoliday,
)

_WHEN_HOLIDAY = {
    WhenHoliday.SUPPRESS: "",
    WhenHoliday.IGNORE: ", also on non-working days",
    WhenHoliday.PREVIOUS: ", from a non-working day moved to the working day before",
    WhenHoliday.NEXT: ", from a non-working day moved to the next working day",
}

_GAP = {
    GapPolicy.SHIFT_FORWARD: "",
    GapPolicy.AT_TRANSITION: "times that clocks leave out are at the first moment after",
    GapPolicy.SKIP: "times that clocks leave out are left out",
}

_OVERLAP = {
    OverlapPolicy.FIRST: "of times that exist twice the first counts",
    OverlapPolicy.SECOND: "of times that exist twice the second counts",
    OverlapPolicy.BOTH: "of times that exist twice both count",
}


def period_sentence(period: Period) -> str:
    """Return when a period starts something, as in `at 08:15`; `never` if it has no times."""
    if period.single_start is not None:
        return f"at {clock(seconds(period.single_start))}{_WHEN_HOLIDAY[period.when_holiday]}"
    if period.repeat is None or not seconds(period.repeat):
        return "never"
    begin = seconds(period.begin or "00:00")
    end = seconds(period.end or "24:00")
    often = every(seconds(period.repeat))
    if begin == 0 and end == DAY:
        within = ""
    else:
        following = " of the next day" if end <= begin and end > 0 else ""
        within = f" from {clock(begin)} to {clock(end % DAY, end=True)}{following}"
    return f"{often}{within}{_WHEN_HOLIDAY[period.when_holiday]}"


def entry_sentence(entry: AssignedCalendar) -> str:
    """Return days and times of an entry, as in `on days of mon-fri at 06:00 (Europe/Berlin)`."""
    days = f"on days of {entry.calendar_name}"
    if entry.restriction != NO_RESTRICTION:
        days += f", {restriction_sentence(entry.restriction)},"
    times = listed([period_sentence(period) for period in entry.periods]) or "never"
    policies = [_GAP[entry.gap_policy]]
    policies.append("" if entry.overlap_policy is None else _OVERLAP[entry.overlap_policy])
    said = "".join(f"; {policy}" for policy in policies if policy)
    return f"{days} {times} ({entry.time_zone}){said}"


def schedule_sentence(schedule: Schedule) -> str:
    """Return what a schedule does, one entry after the other."""
    entries = "; ".join(entry_sentence(entry) for entry in schedule.calendars) or "never"
    names = [named.calendar_name for named in schedule.non_working_day_calendars]
    return f"{entries}; non-working are days of {listed(names, 'or')}" if names else entries
