"""The timeline of a plan day: the island's frame, its lanes as JSON, and the table below it."""

from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

import msgspec
from django.http import HttpRequest, HttpResponse

from cockpit.access.account import Actor
from cockpit.access.gate import rows
from cockpit.access.policy import Account
from cockpit.api.plan.forecast_views import Sight
from cockpit.pages.addresses import with_query
from cockpit.pages.door import page
from cockpit.pages.plan_assumed import assumed
from cockpit.pages.plan_bars import ms
from cockpit.pages.plan_day import (
    DayAsked,
    Period,
    asked_in,
    kept_query,
    period_of,
    plan_view,
    show_day,
)
from cockpit.pages.plan_dialogs import PLAN_DIALOGS
from cockpit.pages.plan_lanes import BYS, Asked, Lanes, lanes_of
from cockpit.pages.plan_lines import PlanLine, plan_lines
from cockpit.pages.plan_list import Section, rows_of_view
from cockpit.pages.plan_places import day_at
from cockpit.pages.plan_view_marks import Mark, Shade, days_off, hours_of, jumps_of
from dailyplan import forecast_seen
from dailyplan.lanes import View
from dailyplan.models import ForecastOrder
from dailyplan.origin import microseconds
from dailyplan.released import read_released
from dailyplan.selecting import Listed
from dailyplan.selecting import page as page_of
from dailyplan.state import PlanState

ZOOMS = (2, 12, 24)
ROWS = 100
_BEFORE = timedelta(hours=6)
_SECOND = timedelta(seconds=1)


class PathSeen(msgspec.Struct, frozen=True):
    """The critical path to an order: its orders, and what it is in words."""

    orders: list[str]
    sentence: str


class Shown(msgspec.Struct, frozen=True):
    """What the island draws: a part of a day, with moments in milliseconds since the epoch."""

    begin: int
    end: int
    now: int
    lanes: Lanes
    hours: list[Mark]
    jumps: list[Mark]
    off: list[Shade]
    path: PathSeen | None
    forecast: int
    assumed: list[str]


class Window(NamedTuple):
    """The part of the day that is in view."""

    begin: datetime
    end: datetime
    hours: int


@plan_view("timeline")
def plan_timeline(request: HttpRequest, actor: Actor, asked: DayAsked) -> HttpResponse:
    """Show the timeline of a day; the table below says the same of the part in view."""
    period = period_of(asked.config, asked.day)
    window, by = window_of(request, asked, period), _by(request)
    lines = [] if asked.wanted.problems else _lines(request, actor.account, asked, window)
    query = kept_query(request)
    context = {
        "window": window,
        "by": by,
        "bys": [(day_at(asked.day, **{**query, "by": b}), b, b == by) for b in BYS],
        "zooms": ZOOMS,
        "lanes_url": f"/plan/{asked.day.isoformat()}/lanes/" + with_query(query),
        "begin_ms": ms(period.begin),
        "end_ms": ms(period.end),
        "from_ms": ms(window.begin),
        "path": request.GET.get("path", ""),
        "sections": [Section(None, lines)] if lines else [],
        "count": len(lines),
        "is_cut": len(lines) >= ROWS,
        "list_href": day_at(asked.day, **{**query, "view": "list"}),
        "bulk": PLAN_DIALOGS.items(),
        "empty": {"kind": "no-match", "title": "No orders start in this part of the day"},
        "selected": request.GET.get("sel", ""),
    }
    return show_day(request, actor, asked, "timeline.html", context)


@page()
def plan_lanes(request: HttpRequest, actor: Actor, day: date) -> HttpResponse:
    """Answer the lanes of a part of a day as JSON, for the island."""
    asked = asked_in(request, day)
    period = period_of(asked.config, day)
    window = window_of(request, asked, period)
    present = forecast_seen.present()
    shown = Shown(
        begin=ms(window.begin),
        end=ms(window.end),
        now=ms(asked.now),
        lanes=_lanes_in(request, actor.account, asked, window),
        hours=hours_of(period.begin, period.end, asked.zone),
        jumps=jumps_of(period.begin, period.end, asked.zone),
        off=days_off(read_released().calendars, period.begin, period.end, asked.zone),
        path=_path(actor.account, request.GET.get("path", "")),
        forecast=ms(present.made_at) if present else 0,
        assumed=assumed(present, asked.zone) if present else [],
    )
    answer = HttpResponse(msgspec.json.encode(shown), content_type="application/json")
    answer["Cache-Control"] = "no-store"
    return answer


def _lanes_in(request: HttpRequest, account: Account, asked: DayAsked, window: Window) -> Lanes:
    if asked.wanted.problems:
        return Lanes([], "", 0, 0)
    view = View(asked.filter_for(account), window.begin, window.end)
    after = request.GET.get("after", "").replace("\0", "")
    return lanes_of(account, Asked(view, asked.config, asked.now, _by(request), after))


def window_of(request: HttpRequest, asked: DayAsked, period: Period) -> Window:
    """Return the part of a day that an address asks for: `from` and `hours`, or around now."""
    text = request.GET.get("hours", "")
    hours = int(text) if text in map(str, ZOOMS) else 12
    length = min(timedelta(hours=hours), period.end - period.begin)
    if hours == max(ZOOMS):
        return Window(period.begin, period.end, hours)
    begin = _moment(request.GET.get("from", ""))
    if begin is None:
        is_now = period.begin <= asked.now < period.end
        begin = asked.now - length / 2 if is_now else period.begin
    begin = min(max(begin, period.begin), period.end - length)
    begin = begin.replace(microsecond=0)
    return Window(begin, begin + length, hours)


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text.upper())
    except ValueError:
        return None
    return found.astimezone(UTC) if found.tzinfo else None


def _by(request: HttpRequest) -> str:
    by = request.GET.get("by", "")
    return by if by in BYS else BYS[0]


def _lines(
    request: HttpRequest, account: Account, asked: DayAsked, window: Window
) -> list[PlanLine]:
    found = _rows_in(account, asked, window)
    query = kept_query(request, hours=str(window.hours))
    return plan_lines(account, found, asked.config, asked.now, query=query)


@rows_of_view("timeline")
def _rows_of_timeline(request: HttpRequest, account: Account, asked: DayAsked) -> list[Listed]:
    return _rows_in(account, asked, window_of(request, asked, period_of(asked.config, asked.day)))


def _rows_in(account: Account, asked: DayAsked, window: Window) -> list[Listed]:
    """Return the orders that start in view, after those that run into it."""
    wanted = asked.filter_for(account)
    cursor = f"{asked.day}.{microseconds(window.begin - _SECOND)}.0"
    found = [
        row
        for row in page_of(wanted, cursor=cursor, limit=ROWS).rows
        if window.begin <= row.start_at < window.end
    ]
    if PlanState.STARTED in wanted.states:
        running = msgspec.structs.replace(wanted, states=(PlanState.STARTED,))
        before = [row for row in page_of(running, limit=ROWS).rows if row.start_at < window.begin]
        found = [*before, *found][:ROWS]
    return found


def _path(account: Account, order_id: str) -> PathSeen | None:
    """Return the critical path to an order, None where nothing is foreseen or may be seen."""
    if not order_id or "\0" in order_id:
        return None
    row = rows(ForecastOrder, account).filter(order_id=order_id).first()
    path = forecast_seen.path_to_order(order_id) if row is not None else None
    if row is None or path is None:
        return None
    deadline = microseconds(row.deadline_at) if row.deadline_at else None
    seen = Sight(account).path(path, order_id, deadline)
    return PathSeen([link.order for link in seen.links if link.order], seen.sentence)
