"""What the schedule editor shows of a draft: its parts, its next starts, what people should know.

Computed by the timetable that plans, never by rules of its own. Keeps nothing.
"""

import datetime as dt
from functools import lru_cache
from typing import Any, NamedTuple

from cockpit.access.gate import restrict
from cockpit.access.policy import Account
from cockpit.pages.addresses import object_at
from cockpit.pages.calendar_cards import Card, cards_of, with_problems
from cockpit.pages.calendar_known import dated, holiday_lines
from cockpit.pages.calendar_months import months_of
from cockpit.pages.calendar_places import is_at, value_or
from cockpit.pages.calendar_rules import KINDS as RULES
from cockpit.pages.calendar_view import Asked, sentence_with_capital
from cockpit.pages.drafts import listed
from cockpit.pages.schedule_known import (
    calendars_of,
    released_as_drafted,
    workflow_named,
)
from cockpit.pages.schedule_notes import clock_sentences, warnings
from cockpit.pages.schedule_starts import ahead, coming, day_marks, reasons_of_day
from dailyplan.plan_settings import kept
from engine.workflow.model import OrderPreparation
from inventory.check import examine
from inventory.editing.values import tree_of
from inventory.known import known_names
from inventory.queries import present_items
from inventory.source import values_of
from timetable.calendar import NO_RESTRICTION
from timetable.calendar_words import restriction_sentence
from timetable.check import check_schedule, read_schedule
from timetable.errors import TimetableError
from timetable.schedule import AssignedCalendar, Plan, Schedule
from timetable.schedule_words import period_sentence, schedule_sentence


class PeriodCard(NamedTuple):
    """A period of an entry with its words."""

    place: str
    words: str
    problems: tuple[str, ...]


class EntryCard(NamedTuple):
    """A calendar with zone and times, its restriction, and what its clocks do."""

    place: str
    entry: AssignedCalendar
    href: str
    periods: tuple[PeriodCard, ...]
    includes: tuple[Card, ...]
    excludes: tuple[Card, ...]
    restriction: str
    clocks: tuple[str, ...]
    problems: tuple[str, ...]


def schedule_of(source: str) -> Schedule | None:
    """Return the schedule that a draft says, None where it cannot be read."""
    return _schedule(source)


@lru_cache(maxsize=500)
def _schedule(source: str) -> Schedule | None:
    data = values_of(source).data
    return read_schedule(data).document if data is not None else None


def preparation_in(tree: Any, account: Account) -> OrderPreparation | None:
    """Return what the workflow of a schedule declares; None where it has several or none."""
    names = [*filter(None, [value_or(tree, ("workflowName",))]),
             *(value_or(tree, ("workflowNames",)) or ())]  # fmt: skip
    return workflow_named(str(names[0]), account).preparation if len(names) == 1 else None


def schedule_parts(
    account: Account, item: Any, schedule: Schedule | None, now: dt.datetime
) -> dict[str, Any]:
    """Return the parts of a schedule as cards, each with the problems at its place."""
    if schedule is None:
        return {"readable": False, "problems": listed(item.problems)}
    left, entries = _problems(account, item, schedule), []
    for i, entry in enumerate(schedule.calendars):
        card, left = _entry_card(account, i, entry, left, now)
        entries.append(card)
    return {
        "readable": True,
        "schedule": schedule,
        "sentence": sentence_with_capital(schedule_sentence(schedule)),
        "entries": entries,
        "workflows": _workflows(account, item, schedule),
        "non_working": [
            (f"nonWorkingDayCalendars[{i}]", named.calendar_name)
            for i, named in enumerate(schedule.non_working_day_calendars)
        ],
        "orders": [
            (f"orderParameterisations[{i}]", orders)
            for i, orders in enumerate(schedule.order_parameterisations)
        ],
        "problems": left,
        "kinds": RULES.values(),
    }


def _problems(account: Account, item: Any, schedule: Schedule) -> list[dict[str, str]]:
    """Return what is wrong; calendars are checked as drafts, other objects as ever."""
    found = examine(item.kind, item.source, known_names()).frozen.problems
    problems = {p.place: p.sentence for p in found}
    own = check_schedule(schedule, calendars_of(schedule, account))
    problems |= {p.place: p.sentence for p in own}
    return [{"text": text, "place": place, "level": "error"} for place, text in problems.items()]


def _workflows(account: Account, item: Any, schedule: Schedule) -> list[tuple[str, Any]]:
    """Return the workflows, each with the place where it is named."""
    single = bool(value_or(tree_of(item.source), ("workflowName",)))
    return [
        ("workflowName" if single else f"workflowNames[{i}]", workflow_named(name, account))
        for i, name in enumerate(schedule.workflows)
    ]


def _entry_card(
    account: Account, i: int, entry: AssignedCalendar, problems: list[Any], now: dt.datetime
) -> tuple[EntryCard, list[Any]]:
    at = f"calendars[{i}]"

    def named(label: str) -> list[str]:
        return holiday_lines(label, (now.year, now.year + 1))

    includes = cards_of(entry.includes, f"{at}.includes", counted=True, named=named)
    excludes = cards_of(entry.excludes, f"{at}.excludes", counted=True, named=named)
    includes, problems = with_problems(includes, problems)
    excludes, problems = with_problems(excludes, problems)
    periods, problems = _period_cards(entry, at, problems)
    mine, problems = _parted(problems, at)
    restriction = restriction_sentence(entry.restriction)
    card = EntryCard(
        place=at, entry=entry, href=_calendar_at(entry.calendar_name, account), periods=periods,
        includes=tuple(includes), excludes=tuple(excludes), clocks=_clocks(entry, now),
        restriction=restriction if entry.restriction != NO_RESTRICTION else "", problems=mine,
    )  # fmt: skip
    return card, problems


def _period_cards(
    entry: AssignedCalendar, at: str, problems: list[Any]
) -> tuple[tuple[PeriodCard, ...], list[Any]]:
    found = []
    for j, period in enumerate(entry.periods):
        place = f"{at}.periods[{j}]"
        mine, problems = _parted(problems, place)
        found.append(PeriodCard(place, sentence_with_capital(period_sentence(period)), mine))
    return tuple(found), problems


def _clocks(entry: AssignedCalendar, now: dt.datetime) -> tuple[str, ...]:
    try:
        return tuple(clock_sentences(entry, now))
    except TimetableError:
        return ()


def _parted(problems: list[Any], place: str) -> tuple[tuple[str, ...], list[Any]]:
    mine = [p for p in problems if is_at(p["place"], place)]
    return tuple(p["text"] for p in mine), [p for p in problems if p not in mine]


def _calendar_at(name: str, account: Account) -> str:
    rows = restrict(present_items().filter(kind="calendar", name=name.rpartition("/")[2]), account)
    path = rows.values_list("path", flat=True).first()
    return object_at("calendar", path) if path else ""


def schedule_preview(
    account: Account, schedule: Schedule | None, asked: Asked, now: dt.datetime
) -> dict[str, Any]:
    """Return the next starts, warnings, months and the day that is checked."""
    if schedule is None:
        return {"starts": None}
    try:
        return _foreseen(account, schedule, asked, now)
    except TimetableError as problem:
        return {"starts": None, "starts_problem": f"{problem}.", "day": None}


def _foreseen(
    account: Account, schedule: Schedule, asked: Asked, now: dt.datetime
) -> dict[str, Any]:
    config, today = kept().config, now.date()
    plan = Plan(time_zone=config.time_zone, period_begin=config.period_begin)
    calendars = dated(calendars_of(schedule, account), range(now.year - 1, now.year + 3))
    found = ahead(schedule, calendars, today, plan)
    first, last = today.replace(day=1), found.until
    marks = day_marks(schedule, calendars, found, first, last)
    months = months_of(asked.range, marks, today) if asked.range.first == first else []
    released = released_as_drafted(schedule, account)
    return {
        "starts": coming(schedule, calendars, found, int(now.timestamp() * 1_000_000)),
        "months": months[: _months_known(today, last)],
        "warnings": list(warnings(schedule, calendars, found, now, released)),
        "until": found.until,
        "day": asked.day,
        "reasons": reasons_of_day(schedule, calendars, asked.day) if asked.day else [],
        "schedule": schedule,
        "plan_config": config,
    }


def _months_known(today: dt.date, last: dt.date) -> int:
    return max(1, (last.year - today.year) * 12 + last.month - today.month)
