"""`/inventory/calendar/PATH/`: a calendar as rules, words and months, changed by small forms."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from cockpit.access.account import Actor
from cockpit.access.policy import Account, Verb, may_at
from cockpit.pages import drafts
from cockpit.pages.addresses import object_at
from cockpit.pages.asking import told
from cockpit.pages.calendar_cards import Card, cards_of, numbered, with_problems
from cockpit.pages.calendar_changing import NotKept, at_fields, keep
from cockpit.pages.calendar_forms import Form, form_in, head_form, posted_form
from cockpit.pages.calendar_known import calendar_of, holiday_lines, named_calendars
from cockpit.pages.calendar_operations import HEAD, FormUnknown, head_puts, removal, rule_puts
from cockpit.pages.calendar_rules import KINDS
from cockpit.pages.calendar_text import Put, TextUnfit, changed, tree_of
from cockpit.pages.calendar_view import (
    Asked,
    asked_in,
    detail_of,
    looked_at,
    released_of,
    sentence_with_capital,
    shown_months,
)
from cockpit.pages.door import page, render
from cockpit.pages.drafts import item_of, listed
from cockpit.pages.editor_head import editor_head
from timetable.calendar import Calendar
from timetable.calendar_words import calendar_sentence
from timetable.check import check_calendar
from timetable.errors import TimetableError
from timetable.problem import Problem

KIND = "calendar"


@page()
def calendar_editor(request: HttpRequest, actor: Actor, path: str) -> HttpResponseBase:
    """Show a calendar, or carry out what a form of its page asks for."""
    if "source" in request.POST:
        return drafts.draft(request, kind=KIND, path=path)
    item = item_of(actor.account, KIND, path)
    if request.method != "POST":
        return _shown(request, actor, item, _open_form(request, actor, item))
    if request.POST.get("act") == "try":
        return _tried(request, actor, item)
    return _carried_out(request, actor, item)


@page()
def calendar_source(request: HttpRequest, actor: Actor, path: str) -> HttpResponseBase:
    """Show the calendar's draft as text."""
    return drafts.draft(request, kind=KIND, path=path)


def _carried_out(request: HttpRequest, actor: Actor, item: Any) -> HttpResponse:
    form: Form | None = None
    try:
        puts, problems = _puts(request, item)
        form = posted_form(request, actor.account, tree_of(item.source))
        if problems:
            raise NotKept(422, at_fields(problems))
        keep(request, actor, item, puts)
    except FormUnknown as unknown:
        status, told_of = 409, [{"text": str(unknown), "place": "", "level": "error"}]
    except NotKept as refused:
        status, told_of = refused.status, refused.problems
    else:
        return _done(request, actor, item.path)
    item = item_of(actor.account, KIND, item.path)
    return _shown(request, actor, item, form, told_of, status)


def _done(request: HttpRequest, actor: Actor, path: str) -> HttpResponse:
    query = {n: v for n, v in request.GET.items() if n in ("year", "view", "diff")}
    back = object_at(KIND, path) + (f"?{urlencode(query)}" if query else "")
    if request.headers.get("HX-Request") != "true":
        return told(request, "The draft is kept.", back_to=back)
    response = _shown(request, actor, item_of(actor.account, KIND, path), None)
    response["HX-Push-Url"] = back
    return response


def _puts(request: HttpRequest, item: Any) -> tuple[list[Put], list[Any]]:
    given = dict(request.POST.lists())
    tree = tree_of(item.source)
    kind, at = request.POST.get("kind", ""), request.POST.get("at", "")
    if request.POST.get("act") == "remove":
        return removal(tree, at), []
    if kind == HEAD:
        return head_puts(given)
    return rule_puts(tree, kind, given, at=at, to=request.POST.get("to", ""))


def _tried(request: HttpRequest, actor: Actor, item: Any) -> HttpResponse:
    """Answer the months as they were with the form, keeping nothing."""
    note, source = "", item.source
    try:
        puts, problems = _puts(request, item)
        note = " ".join(dict.fromkeys(p.sentence for p in problems))
        source = changed(source, puts)
    except (FormUnknown, TextUnfit) as unfit:
        note = str(unfit)
    today = dt.datetime.now(dt.UTC).date()
    asked = asked_in(request.GET, today)
    found = _preview(actor.account, item, calendar_of(source), asked, today)
    context = {**found, "tried": source != item.source, "note": note, **_frame(request, item)}
    return render(request, actor, "calendars/preview.html", context)


def _open_form(request: HttpRequest, actor: Actor, item: Any) -> Form | None:
    if not may_at(actor.account, Verb.EDIT, item.path):
        return None
    tree = tree_of(item.source)
    if request.GET.get("form") == HEAD:
        return head_form(tree)
    try:
        return form_in(request.GET, actor.account, tree)
    except FormUnknown:
        return None


def _shown(
    request: HttpRequest,
    actor: Actor,
    item: Any,
    form: Form | None,
    problems: Sequence[Mapping[str, str]] = (),
    status: int = 200,
) -> HttpResponse:
    today = dt.datetime.now(dt.UTC).date()
    asked = asked_in(request.GET, today)
    calendar = calendar_of(item.source)
    context = {
        **editor_head(actor.account, item),
        **_rules(actor.account, item, calendar, asked),
        **_preview(actor.account, item, calendar, asked, today),
        **_frame(request, item),
        "form": form,
        "form_problems": problems,
        "tree": tree_of(item.source) or {},
    }
    return render(request, actor, _template(request), context, status)


def _template(request: HttpRequest) -> str:
    part = request.GET.get("part", "")
    if part == "day":
        return "calendars/checked.html"
    if part == "preview":
        return "calendars/preview.html"
    is_part = request.headers.get("HX-Request") == "true"
    whole = "HX-History-Restore-Request" in request.headers or not is_part
    return "calendars/page.html" if whole else "calendars/editor.html"


def _frame(request: HttpRequest, item: Any) -> dict[str, Any]:
    """Return where the page is, with the address parts that links keep."""
    kept = {n: v for n, v in request.GET.items() if n in ("year", "view", "diff", "day")}
    return {"here": object_at(item.kind, item.path), "kept": kept, "query": urlencode(kept)}


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


def _preview(
    account: Account, item: Any, calendar: Calendar | None, asked: Asked, today: dt.date
) -> dict[str, Any]:
    if calendar is None:
        return {"shown": None}
    released = released_of(item.path, account, asked)
    shown = shown_months(looked_at(calendar, account, asked), released, asked, today)
    year = asked.range.first.year
    return {"shown": shown, "previous_year": year - (asked.range.first.month == 1),
            "this_year": today.year, "next_year": year + 1, "calendar": calendar}  # fmt: skip


def _told(problems: Sequence[Problem]) -> list[dict[str, str]]:
    return [{"text": p.sentence, "place": p.place, "level": "error"} for p in problems]
