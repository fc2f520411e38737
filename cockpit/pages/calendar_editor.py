"""`/inventory/calendar/PATH/`: a calendar as rules, words and months, changed by small forms."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from cockpit.access.account import Actor
from cockpit.access.policy import Account
from cockpit.pages import drafts
from cockpit.pages.calendar_cards import Card, cards_of, numbered, with_problems
from cockpit.pages.calendar_forms import Form, form_in, head_form, posted_form
from cockpit.pages.calendar_known import calendar_of, holiday_lines, named_calendars
from cockpit.pages.calendar_operations import HEAD, head_puts, removal, rule_puts
from cockpit.pages.calendar_rules import KINDS
from cockpit.pages.calendar_view import (
    Asked,
    asked_in,
    detail_of,
    looked_at,
    released_of,
    sentence_with_capital,
    shown_months,
)
from cockpit.pages.door import page
from cockpit.pages.drafts import listed
from cockpit.pages.form_frame import Frame, Puts, form_page
from inventory.editing.values import tree_of
from timetable.calendar import Calendar
from timetable.calendar_words import calendar_sentence
from timetable.check import check_calendar
from timetable.errors import TimetableError
from timetable.problem import Problem

KIND = "calendar"


@page()
def calendar_editor(request: HttpRequest, actor: Actor, path: str) -> HttpResponseBase:
    """Show a calendar, or carry out what a form of its page asks for."""
    return form_page(request, actor, path, _FRAME)


@page()
def calendar_source(request: HttpRequest, actor: Actor, path: str) -> HttpResponseBase:
    """Show the calendar's draft as text."""
    return drafts.draft(request, kind=KIND, path=path)


def _opened(request: HttpRequest, actor: Actor, item: Any) -> Form | None:
    tree = tree_of(item.source)
    if request.GET.get("form") == HEAD:
        return head_form(tree)
    return form_in(request.GET, actor.account, tree)


def _sent(request: HttpRequest, actor: Actor, item: Any) -> Form | None:
    return posted_form(request, actor.account, tree_of(item.source))


def _puts(request: HttpRequest, actor: Actor, item: Any) -> Puts:
    given = dict(request.POST.lists())
    tree = tree_of(item.source)
    kind, at = request.POST.get("kind", ""), request.POST.get("at", "")
    if request.POST.get("act") == "remove":
        return removal(tree, at), []
    if kind == HEAD:
        return head_puts(given)
    return rule_puts(tree, kind, given, at=at, to=request.POST.get("to", ""))


def _shown(request: HttpRequest, actor: Actor, item: Any) -> dict[str, Any]:
    asked = asked_in(request.GET, dt.datetime.now(dt.UTC).date())
    rules = _rules(actor.account, item, calendar_of(item.source), asked)
    return {**rules, "tree": tree_of(item.source) or {}}


def _rules(account: Account, item: Any, calendar: Calendar | None, asked: Asked) -> dict[str, Any]:
    if calendar is None:
        return {"readable": False, "problems": listed(item.problems), "kinds": ()}
    known = named_calendars(calendar.excludes.non_working_day_calendars, account)
    problems = _told(check_calendar(calendar, known, item.name))
    years = (asked.range.first.year, asked.range.last.year)

    def named(label: str) -> list[str]:
        return holiday_lines(label, sorted(set(years)))

    includes, left = with_problems(cards_of(calendar.includes, "includes", named=named), problems)
    excludes, left = with_problems(cards_of(calendar.excludes, "excludes", named=named), left)
    return {
        "readable": True,
        "calendar": calendar,
        "sentence": sentence_with_capital(calendar_sentence(calendar)),
        "includes": includes,
        "excludes": excludes,
        "numbers": numbered([*includes, *excludes]),
        "problems": left,
        "kinds": KINDS.values(),
        **_checked(account, calendar, asked, [*includes, *excludes]),
    }


def _checked(
    account: Account, calendar: Calendar, asked: Asked, cards: Sequence[Card]
) -> dict[str, Any]:
    if asked.day is None:
        return {"day": None}
    try:
        reason = looked_at(calendar, account, asked).reason(asked.day)
    except TimetableError as problem:
        return {"day": asked.day, "day_problem": f"{problem}."}
    return {"day": asked.day, **detail_of(reason, numbered(cards))}


def _preview(request: HttpRequest, actor: Actor, item: Any, source: str) -> dict[str, Any]:
    """Return the months of a text."""
    calendar, today = calendar_of(source), dt.datetime.now(dt.UTC).date()
    if calendar is None:
        return {"shown": None}
    asked = asked_in(request.GET, today)
    released = released_of(item.path, actor.account, asked)
    shown = shown_months(looked_at(calendar, actor.account, asked), released, asked, today)
    year = asked.range.first.year
    return {"shown": shown, "previous_year": year - (asked.range.first.month == 1),
            "this_year": today.year, "next_year": year + 1, "calendar": calendar}  # fmt: skip


def _told(problems: Sequence[Problem]) -> list[dict[str, str]]:
    return [{"text": p.sentence, "place": p.place, "level": "error"} for p in problems]


_FRAME = Frame(
    KIND, "calendars", ("year", "view", "diff"),
    opened=_opened, sent=_sent, puts=_puts, shown=_shown, preview=_preview,
)  # fmt: skip
