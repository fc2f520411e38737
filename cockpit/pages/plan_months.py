"""The month of a plan: what each day has, what days ahead would have, and days without a run."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from fnmatch import fnmatchcase
from typing import NamedTuple

from django.http import HttpRequest, HttpResponse

from cockpit.access.account import Actor
from cockpit.access.gate import everywhere
from cockpit.access.policy import Account, Verb, may_at
from cockpit.pages.plan_day import DayAsked, kept_query, plan_view, show_day
from cockpit.pages.plan_filtering import PlanWanted, word_of
from cockpit.pages.plan_lines import LOOKS
from cockpit.pages.plan_places import day_at
from cockpit.services.plan import zones_version
from dailyplan.counts import DayCount, count_days
from dailyplan.plan_settings import PlanConfig
from dailyplan.projection import Projected, inverted, project, selected
from dailyplan.released import ReleasedSchedule, read_released
from dailyplan.state import PlanState, name_of

_WEEK = 7
MOST_NAMED = 6
"""Schedules without orders that a day names; the others are counted."""


class DayCell(NamedTuple):
    """A day of the grid. `states` are (look, word, orders); `projected` None where it is planned.

    `without` are schedules that have no orders there, `more` how many others.
    """

    day: date
    href: str
    is_within: bool
    is_today: bool
    orders: int
    states: list[tuple[str, str, int]]
    shares: list[tuple[str, int]]
    label: str
    projected: int | None
    without: list[str]
    more: int


class _Asked(NamedTuple):
    """The first and last day of the grid, and what is asked of them."""

    first: date
    last: date
    asked: DayAsked
    inverted: bool


@plan_view("month")
def plan_month(request: HttpRequest, actor: Actor, asked: DayAsked) -> HttpResponse:
    """Show the month in which the day lies."""
    begin = asked.day.replace(day=1)
    end = _month_after(begin) - timedelta(days=1)
    first = begin - timedelta(days=begin.weekday())
    last = end + timedelta(days=_WEEK - 1 - end.weekday())
    wanted = _Asked(first, last, asked, request.GET.get("inverted") == "1")
    cells, problems = _cells(actor.account, wanted, begin.month)
    weeks = [cells[at : at + _WEEK] for at in range(0, len(cells), _WEEK)]
    query = kept_query(request)
    context = {
        "day_text": f"{begin:%B %Y}",
        "before": day_at((begin - timedelta(days=1)).replace(day=1), **query),
        "after": day_at(_month_after(begin), **query),
        "weeks": [(week[0].day.isocalendar().week, week) for week in weeks],
        "weekdays": [f"{cell.day:%a}" for cell in weeks[0]],
        "inverted": wanted.inverted,
        "modes": [
            (day_at(asked.day, **kept_query(request, inverted=value)), word, is_it)
            for value, word, is_it in (
                ("", "orders", not wanted.inverted),
                ("1", "days without", wanted.inverted),
            )
        ],
        "totals": _totals(cells),
        "schedule_problems": problems,
        "narrow": asked.wanted.is_narrow,
    }
    return show_day(request, actor, asked, "month.html", context)


def _cells(account: Account, wanted: _Asked, month: int) -> tuple[list[DayCell], dict[str, str]]:
    asked = wanted.asked
    counted: dict[date, DayCount] = {}
    if everywhere(account, Verb.LOOK) and not asked.wanted.is_narrow and not wanted.inverted:
        counted = {found.day: found for found in count_days(wanted.first, wanted.last)}
    schedules = [] if asked.wanted.problems else _schedules(account, asked.wanted)
    planned_to = asked.config.day_of(asked.now) + timedelta(days=asked.config.days_ahead_plan)
    begin = wanted.first if not counted else max(wanted.first, planned_to + timedelta(days=1))
    projected, without, problems = _projected(schedules, asked.config, begin, wanted)
    today = asked.config.day_of(asked.now)
    cells = [
        _cell(day, asked, counted.get(day), projected.get(day), without.get(day, []))._replace(
            is_within=day.month == month, is_today=day == today
        )
        for day in _days(wanted.first, wanted.last)
    ]
    return cells, problems


def _projected(
    schedules: Sequence[ReleasedSchedule], config: PlanConfig, begin: date, wanted: _Asked
) -> tuple[Mapping[date, Projected], Mapping[date, list[str]], dict[str, str]]:
    if begin > wanted.last:
        return {}, {}, {}
    found = project(
        schedules, read_released(), config, first=begin, last=wanted.last, given=zones_version()
    )
    without = dict(inverted(schedules, found)) if wanted.inverted else {}
    return {one.day: one for one in found.days}, without, found.problems


def _schedules(account: Account, wanted: PlanWanted) -> list[ReleasedSchedule]:
    """Return the schedules that plan by themselves and that a filter selects."""
    found = selected(
        read_released(), (), wanted.folder,
        may=lambda path: may_at(account, Verb.LOOK, path), only_automatic=True,
    )  # fmt: skip
    text = wanted.text.lower()
    return [
        one
        for one in found
        if (not wanted.schedule or _fits(wanted.schedule, one)) and text in one.path.lower()
    ]


def _fits(pattern: str, one: ReleasedSchedule) -> bool:
    return fnmatchcase(one.path, pattern) or fnmatchcase(one.name, pattern)


def _cell(
    day: date,
    asked: DayAsked,
    counted: DayCount | None,
    projected: Projected | None,
    without: list[str],
) -> DayCell:
    states = [
        (LOOKS[state], word_of(state), one.orders)
        for one in (counted.states if counted else ())
        if (state := PlanState[one.state.upper()]) is not PlanState.REMOVED and one.orders
    ]
    shares: dict[str, int] = {}
    for look, _, orders in states:
        shares[look] = shares.get(look, 0) + orders
    told = projected if counted is None else None
    return DayCell(
        day=day,
        href=day_at(day, q=asked.q),
        is_within=True,
        is_today=False,
        orders=counted.orders if counted else 0,
        states=states,
        shares=list(shares.items()),
        label=", ".join(f"{orders} {word}" for _, word, orders in states),
        projected=told.orders if told else None,
        without=without[:MOST_NAMED],
        more=max(len(without) - MOST_NAMED, 0),
    )


def _totals(cells: Sequence[DayCell]) -> list[tuple[str, str, int]]:
    """Return what the days of the month have in each state, in the order of states."""
    found: dict[tuple[str, str], int] = {}
    for cell in cells:
        for look, word, orders in cell.states if cell.is_within else ():
            found[look, word] = found.get((look, word), 0) + orders
    return [
        (look, word, found[look, word])
        for state in PlanState
        for look, word in [(LOOKS[state], word_of(state))]
        if name_of(state) != "removed" and (look, word) in found
    ]


def _month_after(begin: date) -> date:
    return (begin.replace(day=28) + timedelta(days=4)).replace(day=1)


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]
