"""Schedules: at which times of a calendar's days. Documents in the shape of JS7's.

Our additions are `gapPolicy`, `overlapPolicy` and `deadline`. Only shape lives here;
`timetable.starts` says when something starts. Nothing here can lead back to itself, and there may
be many, so the garbage collector need not look at it (`gc=False`).
"""

from enum import StrEnum
from typing import Annotated, Any, TypeAlias

import msgspec

from timetable.calendar import NO_RULES, Frequencies, Restriction

Clock = Annotated[
    str,
    msgspec.Meta(pattern=r"^(([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?|24:00(:00)?)$"),
]
"""A time of day or a length of time, `08:15` or `08:15:00`, up to `24:00`."""

Deadline = Annotated[
    str, msgspec.Meta(pattern=r"^\+?(([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?|24:00(:00)?)$")
]
"""When an order is to have ended: `03:00`, the next time of that day after its start, or `+01:30`,
so long after its start. Orders are not stopped by it; forecasts tell who misses it."""

Position: TypeAlias = str | tuple[int | str, ...]
"""A label, or a position such as `[2, "then", 0]`."""


class WhenHoliday(StrEnum):
    """What becomes of a start on a non-working day of the schedule."""

    SUPPRESS = "SUPPRESS"  # it is left out
    IGNORE = "IGNORE"  # it takes place
    PREVIOUS = "PREVIOUSNONWORKINGDAY"  # it takes place on the last day before that is free of them
    NEXT = "NEXTNONWORKINGDAY"  # it takes place on the first day after that is free of them


class GapPolicy(StrEnum):
    """What becomes of a local time that does not exist, as clocks are put forward."""

    SHIFT_FORWARD = "shift_forward"  # it is moved by the length of the gap: 02:30 becomes 03:30
    AT_TRANSITION = "at_transition"  # it is the first moment after the gap: 03:00
    SKIP = "skip"  # it is left out


class OverlapPolicy(StrEnum):
    """Which of two moments is meant by a local time that exists twice, as clocks are put back."""

    FIRST = "first"  # the earlier one
    SECOND = "second"  # the later one
    BOTH = "both"  # each of them


class Period(
    msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", kw_only=True, gc=False
):
    """A single start, or starts every `repeat` from `begin` inclusive to `end` exclusive.

    An `end` not after `begin` is on the next date.
    """

    single_start: Clock | None = None
    begin: Clock | None = None
    end: Clock | None = None
    repeat: Clock | None = None
    when_holiday: WhenHoliday = WhenHoliday.SUPPRESS


class AssignedCalendar(
    msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", kw_only=True, gc=False
):
    """A calendar with the times of its days: one entry of `calendars`.

    `includes` and `excludes` restrict the calendar's days.
    """

    calendar_name: str
    time_zone: str = "Etc/UTC"
    includes: Frequencies = NO_RULES
    excludes: Frequencies = NO_RULES
    gap_policy: GapPolicy = GapPolicy.SHIFT_FORWARD
    overlap_policy: OverlapPolicy | None = None
    """None: `first` for single starts, `both` for cyclic ones."""

    periods: tuple[Period, ...]

    @property
    def restriction(self) -> Restriction:
        """`includes` and `excludes` as one value."""
        return Restriction(includes=self.includes, excludes=self.excludes)


class NonWorkingDays(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """Names a calendar of non-working days."""

    calendar_name: str


class Positions(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", kw_only=True):
    """Where in its workflow an order starts and ends."""

    start_position: Position | None = None
    end_positions: tuple[Position, ...] = ()
    block_position: Position | None = None


class OrderParameterisation(
    msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", kw_only=True, gc=False
):
    """What one of the orders of each start is given."""

    order_name: str | None = None
    variables: dict[str, Any] = {}
    positions: Positions | None = None
    tags: tuple[str, ...] = ()
    force_job_admission: bool = False
    priority: int = 0
    deadline: Deadline | None = None


class Schedule(
    msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", kw_only=True, gc=False
):
    """When orders of one or more workflows start, and what they are given."""

    workflow_name: str | None = None
    workflow_names: tuple[str, ...] = ()
    plan_order_automatically: bool = False
    submit_order_to_controller_when_planned: bool = False
    calendars: tuple[AssignedCalendar, ...]
    non_working_day_calendars: tuple[NonWorkingDays, ...] = ()
    order_parameterisations: tuple[OrderParameterisation, ...] = ()
    title: str | None = None
    documentation_name: str | None = None

    @property
    def workflows(self) -> tuple[str, ...]:
        """The names of the workflows, however they are written."""
        return self.workflow_names or ((self.workflow_name,) if self.workflow_name else ())


class Plan(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """What the daily plan adds: a business day lasts from `period_begin` to that of the next date.

    The plan's zone has no influence on starts.
    """

    time_zone: str = "Etc/UTC"
    period_begin: Clock = "00:00:00"


MIDNIGHT = Plan()
