"""When something is admitted: periods of the local clock, in the shape of JS7's documents.

Only shape lives here; `timetable.admission` answers questions about it.
"""

from typing import TypeAlias

import msgspec


class WeekdayPeriod(msgspec.Struct, frozen=True, tag_field="TYPE", tag=True, rename="camel"):
    """Begins `second_of_week` seconds after Monday 00:00 and lasts `duration` seconds."""

    second_of_week: int
    duration: int


class DailyPeriod(msgspec.Struct, frozen=True, tag_field="TYPE", tag=True, rename="camel"):
    """Begins `second_of_day` seconds after each midnight."""

    second_of_day: int
    duration: int


class MonthlyDatePeriod(msgspec.Struct, frozen=True, tag_field="TYPE", tag=True, rename="camel"):
    """Begins `second_of_month` seconds after the first of each month, 00:00."""

    second_of_month: int
    duration: int


class MonthlyLastDatePeriod(
    msgspec.Struct, frozen=True, tag_field="TYPE", tag=True, rename="camel"
):
    """Begins relative to the end of each month: `last_second_of_month` from -28 days to 0."""

    last_second_of_month: int
    duration: int


class MonthlyWeekdayPeriod(msgspec.Struct, frozen=True, tag_field="TYPE", tag=True, rename="camel"):
    """Begins on the nth weekday of each month: weeks, and within the week seconds from Monday."""

    second_of_weeks: int
    duration: int


class MonthlyLastWeekdayPeriod(
    msgspec.Struct, frozen=True, tag_field="TYPE", tag=True, rename="camel"
):
    """Begins on the nth last weekday of each month; negative weeks count from the end."""

    second_of_weeks: int
    duration: int


class SpecificDatePeriod(msgspec.Struct, frozen=True, tag_field="TYPE", tag=True, rename="camel"):
    """Begins once, at a local date and time written as seconds since 1970-01-01T00:00 local."""

    seconds_since_local_epoch: int
    duration: int


Period: TypeAlias = (
    WeekdayPeriod | DailyPeriod | MonthlyDatePeriod | MonthlyLastDatePeriod
    | MonthlyWeekdayPeriod | MonthlyLastWeekdayPeriod | SpecificDatePeriod
)  # fmt: skip


class MonthRestriction(msgspec.Struct, frozen=True, tag_field="TYPE", tag=True):
    """Only these months, 1 to 12."""

    months: tuple[int, ...]


class RestrictedScheme(msgspec.Struct, frozen=True):
    """Periods that count only where the restriction allows; parts outside of it are cut off.

    Without a restriction they count always.
    """

    restriction: MonthRestriction | None = None
    periods: tuple[Period, ...] = ()


class AdmissionTimeScheme(msgspec.Struct, frozen=True, rename="camel"):
    """All periods together. A scheme without any admits never."""

    periods: tuple[Period, ...] = ()
    restricted_schemes: tuple[RestrictedScheme, ...] = ()


class Periodic(msgspec.Struct, frozen=True, tag_field="TYPE", tag=True):
    """Starts at wall clock times: every `period` seconds, at each of the `offsets` in it."""

    period: int
    offsets: tuple[int, ...] = (0,)


class Ticking(msgspec.Struct, frozen=True, tag_field="TYPE", tag=True):
    """Starts every `interval` seconds from the begin of the admission period."""

    interval: int


class Continuous(msgspec.Struct, frozen=True, tag_field="TYPE", tag=True):
    """Starts `pause` seconds after the end of the last one, at most `limit` times a period."""

    pause: int = 0
    limit: int | None = None


Repeat: TypeAlias = Periodic | Ticking | Continuous


class Scheme(msgspec.Struct, frozen=True, rename="camel"):
    """One way to repeat, with the periods in which it does; no periods: the whole day."""

    repeat: Repeat
    admission_time_scheme: AdmissionTimeScheme | None = None


class CycleSchedule(msgspec.Struct, frozen=True):
    """What a Cycle follows: at each time the scheme that is due first."""

    schemes: tuple[Scheme, ...]
