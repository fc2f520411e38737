"""The list of a plan day: a page of rows, or its schedules or workflows with their first rows."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from django.http import HttpRequest, HttpResponse, JsonResponse

from cockpit.access.account import Actor
from cockpit.access.policy import Account, Verb, may
from cockpit.api.plan.seen import id_of
from cockpit.pages.addresses import object_at, workflow_at
from cockpit.pages.door import page, refusal
from cockpit.pages.plan_day import DayAsked, asked_in, kept_query, plan_view, show_day
from cockpit.pages.plan_dialogs import PLAN_DIALOGS
from cockpit.pages.plan_filtering import PlanWanted
from cockpit.pages.plan_lines import PlanLine, plan_lines, rendered_plan_rows, rows_hinted
from cockpit.pages.plan_places import day_at
from dailyplan.errors import FilterUnreadable
from dailyplan.grouping import GroupOfDay, fitting, group_day
from dailyplan.selecting import Listed, PlanPage
from dailyplan.selecting import page as page_of
from dailyplan.take_back import order_names

ROWS = 100
GROUPS = 25
MOST_ROWS = 1_000
"""Rows of a page that are asked for again; groups show more than a list without them."""
GROUPED = ("schedule", "workflow")


class Heading(NamedTuple):
    """A group with the address of what it is named after, and of all its rows."""

    group: GroupOfDay
    href: str
    all_href: str


class Section(NamedTuple):
    """Lines below a heading; without groups there is one section without a heading."""

    heading: Heading | None
    lines: list[PlanLine]


@plan_view("list")
def plan_list(request: HttpRequest, actor: Actor, asked: DayAsked) -> HttpResponse:
    """Show the orders of a day as a list."""
    account, group = actor.account, request.GET.get("group", "")
    opened = request.GET.get("open", "")
    try:
        if group in GROUPED and not asked.wanted.problems:
            sections, after = _grouped(request, account, asked, group, opened)
        else:
            sections, after = _plain(request, account, asked, opened)
    except FilterUnreadable:
        return refusal(request, 400, "The cursor in the address is not one of this list.")
    first = day_at(asked.day, **kept_query(request)) if request.GET.get("cursor") else ""
    context = {
        "sections": sections,
        "count": sum(len(section.lines) for section in sections),
        "first": first,
        "next": day_at(asked.day, **kept_query(request, cursor=after)) if after else "",
        "group": group if group in GROUPED else "",
        "groupings": _groupings(request, asked, group),
        "bulk": PLAN_DIALOGS.items(),
        "empty": _empty(account, asked),
        "selected": request.GET.get("sel", ""),
    }
    return show_day(request, actor, asked, "list.html", context)


@page()
def plan_rows(request: HttpRequest, actor: Actor, day: date) -> HttpResponse:
    """Answer the rows of some order ids as far as they match the filter, for the live table.

    `arrived` are the ids that the page would have as well, were it asked for now.
    """
    asked = asked_in(request, day)
    found: list[Listed] = []
    arrived: list[str] = []
    if not asked.wanted.problems:
        there = request.GET.get("ids", "").split("\n")[:MOST_ROWS]
        found = _matching(actor.account, asked, rows_hinted(there))
        arrived = _arrived(request, actor.account, asked, set(there))
    can_operate = may(actor.account, Verb.OPERATE)
    rendered = rendered_plan_rows(
        actor.account,
        found,
        asked.config,
        asked.now,
        can_operate=can_operate,
        query=kept_query(request, cursor=request.GET.get("cursor", "")),
    )
    answer = {"rows": rendered, "arrived": arrived}
    return JsonResponse(answer, headers={"Cache-Control": "no-store"})


def rows_of_view(
    name: str,
) -> Callable[[Callable[[HttpRequest, Account, DayAsked], Sequence[Listed]]], None]:
    """Return a decorator: a function tells which rows a view with a table of them shows now."""

    def note(rows: Callable[[HttpRequest, Account, DayAsked], Sequence[Listed]]) -> None:
        _ROWS_OF[name] = rows

    return note


_ROWS_OF: dict[str, Callable[[HttpRequest, Account, DayAsked], Sequence[Listed]]] = {}


@rows_of_view("list")
def _rows_of_list(request: HttpRequest, account: Account, asked: DayAsked) -> Sequence[Listed]:
    group = request.GET.get("group", "")
    if group in GROUPED:
        return [row for one in _groups(request, account, asked, group)[:GROUPS] for row in one.rows]
    return _first_rows(request, account, asked).rows


def _arrived(request: HttpRequest, account: Account, asked: DayAsked, there: set[str]) -> list[str]:
    try:
        found = _ROWS_OF[asked.view](request, account, asked) if asked.view in _ROWS_OF else []
    except FilterUnreadable:
        return []
    names = order_names([row.parameterisation for row in found])
    ids = [id_of(row, names[row.parameterisation]) for row in found]
    return [order_id for order_id in ids if order_id not in there]


def _plain(
    request: HttpRequest, account: Account, asked: DayAsked, opened: str
) -> tuple[list[Section], str]:
    found = PlanPage([], None)
    if not asked.wanted.problems:
        found = _first_rows(request, account, asked)
    lines = _lines(request, account, asked, found.rows, opened)
    return ([Section(None, lines)] if lines else []), found.cursor or ""


def _first_rows(request: HttpRequest, account: Account, asked: DayAsked) -> PlanPage:
    cursor = request.GET.get("cursor") or None
    return page_of(asked.filter_for(account), cursor=cursor, limit=ROWS)


def _groups(request: HttpRequest, account: Account, asked: DayAsked, by: str) -> list[GroupOfDay]:
    after = request.GET.get("cursor", "").replace("\0", "")
    wanted = asked.filter_for(account)
    return group_day(wanted, by, after=after, limit=GROUPS + 1)  # type: ignore[arg-type]


def _grouped(
    request: HttpRequest, account: Account, asked: DayAsked, by: str, opened: str
) -> tuple[list[Section], str]:
    found = _groups(request, account, asked, by)
    shown = found[:GROUPS]
    rows = [row for group in shown for row in group.rows]
    lines = _lines(request, account, asked, rows, opened)
    sections, at = [], 0
    for group in shown:
        made = Heading(group, _href(by, group.path), _all_at(request, asked, by, group))
        sections.append(Section(made, lines[at : at + len(group.rows)]))
        at += len(group.rows)
    return sections, shown[-1].path if len(found) > GROUPS else ""


def _lines(
    request: HttpRequest, account: Account, asked: DayAsked, found: Sequence[Listed], opened: str
) -> list[PlanLine]:
    query = kept_query(request, cursor=request.GET.get("cursor", ""))
    return plan_lines(account, found, asked.config, asked.now, opened=opened, query=query)


def _href(by: str, path: str) -> str:
    if "/" not in path:
        return ""
    return object_at("schedule", path) if by == "schedule" else workflow_at(path)


def _all_at(request: HttpRequest, asked: DayAsked, by: str, group: GroupOfDay) -> str:
    """Return the list of all rows of a group, empty where all of them are shown."""
    if group.count <= len(group.rows):
        return ""
    key = {"schedule": "schedule", "workflow": "wf"}[by]
    q = f'{asked.q} {key}:"{group.path}"'.strip()
    return day_at(asked.day, **kept_query(request, q=q, group=""))


def _groupings(request: HttpRequest, asked: DayAsked, group: str) -> list[tuple[str, str, bool]]:
    words = {"": "nothing", "schedule": "schedule", "workflow": "workflow"}
    return [
        (day_at(asked.day, **kept_query(request, group=by)), word, by == group)
        for by, word in words.items()
    ]


def _matching(account: Account, asked: DayAsked, found: list[Listed]) -> list[Listed]:
    return fitting(asked.filter_for(account), found)


def _empty(account: Account, asked: DayAsked) -> dict[str, str]:
    """Return which of four texts an empty list shows."""
    if not may(account, Verb.LOOK):
        return {"kind": "no-permission", "title": "Nothing you may see"}
    if asked.wanted != PlanWanted():
        return {"kind": "no-match", "title": "No planned order matches"}
    last = asked.config.day_of(asked.now) + timedelta(days=asked.config.days_ahead_plan)
    if asked.day > last:
        text = f"The plan is made up to {last:%a %d %b %Y}; the month shows what is to come."
        return {"kind": "nothing-yet", "title": "This day is not planned yet", "text": text}
    text = "No released schedule has orders on this day."
    return {"kind": "nothing-yet", "title": "No orders in the plan of this day", "text": text}
