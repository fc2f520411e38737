"""Calendars: which days. Documents in the shape of JS7's, and two fields of our own.

Only shape lives here: `timetable.check` reads documents and says what is wrong with them,
`timetable.days` answers which days they mean. All `from` and `to` are inclusive.
"""

from datetime import date
from enum import StrEnum
from typing import Annotated

import msgspec

Weekday = Annotated[int, msgspec.Meta(ge=0, le=7)]
"""0 Sunday to 6 Saturday; 7 is Sunday, too."""

DayOfMonth = Annotated[int, msgspec.Meta(ge=1, le=31)]
WeekOfMonth = Annotated[int, msgspec.Meta(ge=1, le=5)]
Month = Annotated[int, msgspec.Meta(ge=1, le=12)]
Step = Annotated[int, msgspec.Meta(ge=1, le=100_000)]
EasterDay = Annotated[int, msgspec.Meta(ge=-200, le=200)]


class CalendarType(StrEnum):
    """What the days of a calendar are used for; the days themselves do not depend on it."""

    WORKING = "WORKINGDAYSCALENDAR"  # the days on which schedules start something
    NON_WORKING = "NONWORKINGDAYSCALENDAR"  # the days on which they do not


class RepetitionKind(StrEnum):
    """The unit in which a repetition counts from its anchor."""

    DAILY = "DAILY"  # days
    WEEKLY = "WEEKLY"  # seven days
    MONTHLY = "MONTHLY"  # months, on the anchor's day of month or the last one of a shorter month
    YEARLY = "YEARLY"  # years, on the anchor's date; 29 February is the 28th in common years


class Windowed(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", kw_only=True):
    """What may be valid for a time only."""

    from_day: date | None = msgspec.field(default=None, name="from")
    to_day: date | None = msgspec.field(default=None, name="to")


class Weekdays(Windowed, frozen=True, omit_defaults=True, rename="camel", kw_only=True):
    """These days of each week."""

    days: tuple[Weekday, ...] = ()


class WeeklyDay(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """The nth such weekday of a month, or in `ultimos` the nth from its end."""

    day: Weekday
    week_of_month: WeekOfMonth


class MonthDays(Windowed, frozen=True, omit_defaults=True, rename="camel", kw_only=True):
    """Days of each month; in `ultimos` counted from its end, 1 is the last one."""

    days: tuple[DayOfMonth, ...] = ()
    weekly_days: tuple[WeeklyDay, ...] = ()


class Repetition(Windowed, frozen=True, omit_defaults=True, rename="camel", kw_only=True):
    """Every `step`-th day, week, month or year from the anchor `from`, which is required."""

    repetition: RepetitionKind
    step: Step = 1


class Months(Windowed, frozen=True, omit_defaults=True, rename="camel", kw_only=True):
    """Rules that hold in these months only."""

    months: tuple[Month, ...]
    weekdays: tuple[Weekdays, ...] = ()
    monthdays: tuple[MonthDays, ...] = ()
    ultimos: tuple[MonthDays, ...] = ()
    repetitions: tuple[Repetition, ...] = ()


class Holidays(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", kw_only=True):
    """Listed days. `national_calendar`, as in `DE-BY`, says where they come from.

    A draft may leave the dates out; `timetable.national.frozen` fills them in at release.
    """

    national_calendar: str | None = None
    dates: tuple[date, ...] = ()


class Easter(Windowed, frozen=True, omit_defaults=True, rename="camel", kw_only=True):
    """Days counted from Easter Sunday of the western churches: -2 Good Friday, 1 Easter Monday.

    JS7 does not have it.
    """

    days: tuple[EasterDay, ...] = ()


class Frequencies(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", kw_only=True):
    """Rules, all united. Their order means nothing."""

    dates: tuple[date, ...] = ()
    holidays: tuple[Holidays, ...] = ()
    weekdays: tuple[Weekdays, ...] = ()
    monthdays: tuple[MonthDays, ...] = ()
    ultimos: tuple[MonthDays, ...] = ()
    repetitions: tuple[Repetition, ...] = ()
    easter: tuple[Easter, ...] = ()
    months: tuple[Months, ...] = ()
    non_working_day_calendars: tuple[str, ...] = ()
    """Names of calendars whose days are taken out; of use in excludes only."""


NO_RULES = Frequencies()


class Calendar(Windowed, frozen=True, omit_defaults=True, rename="camel", kw_only=True):
    """The days that at least one rule of `includes` and none of `excludes` means."""

    type: CalendarType
    includes: Frequencies
    excludes: Frequencies = NO_RULES
    title: str | None = None
    documentation_name: str | None = None


class Restriction(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", kw_only=True):
    """What a schedule leaves of a calendar's days; `monthdays` and `ultimos` count these days."""

    includes: Frequencies = NO_RULES
    excludes: Frequencies = NO_RULES


NO_RESTRICTION = Restriction()
