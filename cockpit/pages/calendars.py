"""`/resources/calendars/`: the calendars that there are, with their next days and who uses them."""

import datetime as dt
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from cockpit.access.account import Actor
from cockpit.access.gate import restrict
from cockpit.access.policy import Account
from cockpit.pages.addresses import object_at, with_query
from cockpit.pages.calendar_feeds import PLAN
from cockpit.pages.calendar_known import calendar_of, dated, named_calendars, with_dates
from cockpit.pages.calendar_months import Mark, months_of, range_of
from cockpit.pages.door import page, render
from cockpit.pages.inventory import condition_of
from inventory.models import Item
from inventory.queries import present_items
from inventory.references.users import with_user_count
from timetable.calendar import CalendarType
from timetable.calendar_words import calendar_sentence
from timetable.errors import TimetableError

ROWS = 100
NEXT_DAYS = 5
_LOOK_AHEAD = dt.timedelta(days=400)


class Line(NamedTuple):
    """A calendar in the list."""

    item: Any
    href: str
    kind: str
    words: str
    next: tuple[dt.date, ...]
    users: int
    condition: str
    word: str
    subscribe: str
    year_href: str


@page()
def calendars(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Show the calendars, or one of them as a year."""
    today = dt.datetime.now(dt.UTC).date()
    text = request.GET.get("q", "").strip().replace("\0", "")
    after = request.GET.get("after", "").replace("\0", "")
    found = _items(actor.account, text)
    items = list((found.filter(path__gt=after) if after else found)[: ROWS + 1])
    shown, more = items[:ROWS], len(items) > ROWS
    selected = request.GET.get("sel", "").replace("\0", "")
    context = {
        "page_title": "Calendars",
        "lines": [_line(actor.account, item, today, text) for item in shown],
        "q": text,
        "next": with_query({"q": text, "after": shown[-1].path}) if more else "",
        "first": (with_query({"q": text}) or "?") if after else "",
        "selected": selected,
        "plan_feed": _subscribe(PLAN),
        **_year(request, actor.account, selected, today),
    }
    return render(request, actor, "calendars/list.html", context)


def _items(account: Account, text: str) -> QuerySet[Item]:
    found = restrict(present_items().filter(kind="calendar"), account)
    if text:
        found = found.filter(path__icontains=text)
    return with_user_count(found).order_by("path")


def _line(account: Account, item: Any, today: dt.date, text: str) -> Line:
    calendar = calendar_of(item.source)
    condition, word = condition_of(item)
    kind = "non-working" if calendar and calendar.type is CalendarType.NON_WORKING else "working"
    return Line(
        item=item,
        href=object_at("calendar", item.path),
        kind=kind if calendar else "",
        words=calendar_sentence(calendar) if calendar else "cannot be read",
        next=_next_days(account, item, today),
        users=item.users,
        condition=condition,
        word=word,
        subscribe=_subscribe(f"calendar:{item.path}") if item.deployed_version else "",
        year_href=with_query({"q": text, "sel": item.path}),
    )


def _next_days(account: Account, item: Any, today: dt.date) -> tuple[dt.date, ...]:
    calendar = calendar_of(item.source)
    if calendar is None:
        return ()
    try:
        days = _days(account, item.source, today, today + _LOOK_AHEAD)
    except TimetableError:
        return ()
    return tuple(days[:NEXT_DAYS])


def _days(account: Account, source: str, first: dt.date, last: dt.date) -> list[dt.date]:
    calendar = calendar_of(source)
    if calendar is None:
        return []
    years = range(first.year, last.year + 1)
    known = named_calendars(calendar.excludes.non_working_day_calendars, account)
    return dated(known, years).days_of(with_dates(calendar, years), first, last)


def _year(request: HttpRequest, account: Account, path: str, today: dt.date) -> dict[str, Any]:
    """Return the months of the calendar that is selected."""
    item = _items(account, "").filter(path=path).first() if path else None
    if item is None:
        return {"months": None}
    shown = range_of(request.GET.get("year", ""), today)
    try:
        days = _days(account, item.source, shown.first, shown.last)
    except TimetableError as problem:
        return {"months": [], "year_problem": f"{problem}."}
    marks = {day: Mark("in", "in") for day in days}
    months = months_of(shown, marks, today)
    return {"months": months, "range": shown, "days": len(days), "here": object_at(
        "calendar", path), "kept": {}, "year": shown.first.year}  # fmt: skip


def _subscribe(of: str) -> str:
    return "/resources/calendars/-/subscribe/" + with_query({"of": of})
