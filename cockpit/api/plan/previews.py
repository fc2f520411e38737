"""`/calendars/preview/` and `/schedules/preview/`: what a document means, before it is kept."""

import datetime as dt
from typing import Annotated, Any

import msgspec
from django.http import HttpResponse
from msgspec import Meta
from rest_framework.request import Request

from cockpit.api.documented import told
from cockpit.api.problem import FieldProblem, as_json, invalid
from cockpit.api.view import View
from dailyplan.plan_settings import kept
from dailyplan.released import read_released
from timetable.calendar import Calendar
from timetable.calendars import Calendars
from timetable.check import check_calendar, check_schedule, read_calendar, read_schedule
from timetable.errors import TimetableError
from timetable.explain import explain_calendar
from timetable.explain_starts import explain_schedule
from timetable.problem import Problem
from timetable.schedule import Plan, Schedule
from timetable.starts import start_rows

LONGEST_DAYS = 1_100
MOST_STARTS = 10_000

Document = Annotated[dict[str, Any], Meta(description="As it is kept in the inventory.")]


class CalendarPreviewBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A calendar and days, both inclusive. `calendars` go before the released ones."""

    document: Document
    since: dt.date = msgspec.field(name="from")
    until: dt.date = msgspec.field(name="to")
    calendars: dict[str, Document] = {}
    reasons: bool = True


class DayReasonSeen(msgspec.Struct, frozen=True):
    """Why a day is one of the calendar, or not: the rule's place in the document."""

    date: dt.date
    included: bool
    sentence: str
    place: str
    calendar: str = ""


class CalendarPreview(msgspec.Struct, frozen=True):
    """The days of a calendar, and with `reasons` why for each day of the range."""

    days: list[dt.date]
    reasons: list[DayReasonSeen]


class SchedulePreviewBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A schedule and plan days, both inclusive. `calendars` go before the released ones."""

    document: Document
    since: dt.date = msgspec.field(name="from")
    until: dt.date = msgspec.field(name="to")
    calendars: dict[str, Document] = {}
    reasons: bool = True
    limit: Annotated[int, Meta(ge=1, le=MOST_STARTS)] = 1_000


class StartsSeen(msgspec.Struct, frozen=True, kw_only=True):
    """The starts of a period on a plan day; `entry` and `period` are indices in the document."""

    date: dt.date
    entry: int
    period: int
    starts: list[dt.datetime]
    repeat_s: int | None
    count: int


class PeriodReasonSeen(msgspec.Struct, frozen=True, kw_only=True):
    """Why a period starts something on a plan day, or not; moved from or to another day."""

    date: dt.date
    entry: int
    period: int
    included: bool
    sentence: str
    place: str
    calendar: str
    moved_from: dt.date | None
    moved_to: dt.date | None


class SchedulePreview(msgspec.Struct, frozen=True, kw_only=True):
    """The starts of a schedule by day; `complete` is false where the limit has cut them off."""

    count: int
    complete: bool
    days: list[StartsSeen]
    reasons: list[PeriodReasonSeen]


class CalendarPreviewing(View):
    """The preview of a calendar."""

    @told(body=CalendarPreviewBody, answers={200: CalendarPreview})
    def post(self, request: Request) -> HttpResponse:
        """Tell which days a calendar has, and the rule that made or removed each day."""
        body = self.body(CalendarPreviewBody)
        _check_range(body.since, body.until)
        reading = read_calendar(body.document)
        known = _known(body.calendars)
        calendar = _document(reading.document, reading.problems)
        _refuse(check_calendar(calendar, known.documents))
        try:
            reasons = explain_calendar(calendar, known, body.since, body.until)
        except TimetableError as problem:
            raise invalid([FieldProblem("document", f"{problem}.")]) from None
        return as_json(
            CalendarPreview(
                [r.day for r in reasons if r.is_in],
                [
                    DayReasonSeen(r.day, r.is_in, r.sentence, r.place, r.calendar)
                    for r in reasons
                    if body.reasons
                ],
            )
        )


class SchedulePreviewing(View):
    """The preview of a schedule."""

    @told(body=SchedulePreviewBody, answers={200: SchedulePreview})
    def post(self, request: Request) -> HttpResponse:
        """Tell when a schedule starts something, and why each period does or does not."""
        body = self.body(SchedulePreviewBody)
        _check_range(body.since, body.until)
        reading = read_schedule(body.document)
        known = _known(body.calendars)
        schedule = _document(reading.document, reading.problems)
        _refuse(check_schedule(schedule, known.documents))
        try:
            return as_json(_previewed(schedule, known, body))
        except TimetableError as problem:
            raise invalid([FieldProblem("document", f"{problem}.")]) from None


def _previewed(schedule: Schedule, known: Calendars, body: SchedulePreviewBody) -> SchedulePreview:
    config = kept().config
    plan = Plan(time_zone=config.time_zone, period_begin=config.period_begin)
    days: list[StartsSeen] = []
    count = shown = 0
    for row in start_rows(schedule, known, body.since, body.until, plan):
        count += row.count
        listed = [
            dt.datetime.fromtimestamp(at / 1e6, dt.UTC)
            for at in row.starts()[: max(0, body.limit - shown)]
        ]
        shown += len(listed)
        if listed:
            days.append(
                StartsSeen(
                    date=row.day, entry=row.entry, period=row.period, starts=listed,
                    repeat_s=row.repeat_us // 1_000_000 or None, count=row.count,
                )
            )  # fmt: skip
    reasons = explain_schedule(schedule, known, body.since, body.until) if body.reasons else []
    return SchedulePreview(
        count=count,
        complete=shown == count,
        days=days,
        reasons=[
            PeriodReasonSeen(
                date=r.day, entry=r.entry, period=r.period, included=r.reason.is_in,
                sentence=r.reason.sentence, place=r.reason.place, calendar=r.reason.calendar,
                moved_from=r.from_day, moved_to=r.to_day,
            )
            for r in reasons
        ],
    )  # fmt: skip


def _known(given: dict[str, dict[str, Any]]) -> Calendars:
    """Return the released calendars with those that came along in their place."""
    found: dict[str, Calendar] = dict(read_released().calendars.documents)
    for name, document in given.items():
        reading = read_calendar(document)
        found[name] = _document(reading.document, reading.problems, f"calendars.{name}.")
    return Calendars(found)


def _document(found: Any, problems: tuple[Problem, ...], place: str = "document.") -> Any:
    if found is None:
        _refuse(problems, place)
    return found


def _refuse(problems: Any, place: str = "document.") -> None:
    found = [FieldProblem(f"{place}{p.place}".rstrip("."), p.sentence, p.code) for p in problems]
    if found:
        raise invalid(found)


def _check_range(first: dt.date, last: dt.date) -> None:
    if last < first:
        raise invalid([FieldProblem("to", "It must not be before the first day.")])
    if (last - first).days >= LONGEST_DAYS:
        raise invalid([FieldProblem("to", f"At most {LONGEST_DAYS} days are shown at once.")])
