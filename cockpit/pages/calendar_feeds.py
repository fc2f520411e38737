"""`/feeds/…ics`: released calendars and schedules and the plan, for calendar programs."""

import datetime as dt
import logging
from collections.abc import Callable, Iterator
from typing import TypeAlias
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse

from cockpit.access.account import Actor, account_of, actor_of
from cockpit.access.failures import NotThere, TokenRefused
from cockpit.access.gate import restrict
from cockpit.access.policy import Account, Verb, may
from cockpit.access.tokens import token_of
from cockpit.api.plan.bodies import PlannedSeen, PlanOrdersQuery
from cockpit.api.plan.seen import planned_seen
from cockpit.api.plan.selecting import plan_filter
from cockpit.pages.addresses import object_at, order_at
from cockpit.pages.calendar_feed_keys import KeyRefused, account_with, key_for
from cockpit.pages.calendar_ics import Entry, feed
from cockpit.pages.calendar_known import dated, released_calendars
from cockpit.pages.door import page, render
from cockpit.pages.schedule_known import names_in
from cockpit.pages.schedule_starts import ahead, moment
from dailyplan.plan_settings import kept
from dailyplan.selecting import page as page_of
from inventory.deployed import deployed_items
from timetable.calendar import Calendar
from timetable.calendar_words import calendar_sentence
from timetable.check import read_calendar, read_schedule
from timetable.errors import TimetableError
from timetable.schedule import Plan, Schedule
from timetable.schedule_words import period_sentence

log = logging.getLogger(__name__)

DAYS_BACK, DAYS_AHEAD = 31, 400
SCHEDULE_DAYS = 60
MOST_EVENTS = 5_000
KINDS = ("calendar", "schedule")
PLAN = "plan"
_Entries: TypeAlias = Iterator[Entry]


def calendar_feed(request: HttpRequest, kind: str, path: str) -> HttpResponse:
    """Answer the days of a released calendar, or the starts of a released schedule."""
    return _answered(request, f"{kind}:{path}", lambda account: _object(account, kind, path))


def plan_feed(request: HttpRequest) -> HttpResponse:
    """Answer what the daily plan has."""
    return _answered(request, PLAN, lambda account: ("Stellwerk plan", _planned(account)))


@page()
def subscribe(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Show the address of a feed, with the key of whoever asks."""
    of = request.GET.get("of", PLAN).replace("\0", "")
    kind, _, path = of.partition(":")
    if of != PLAN and (kind not in KINDS or _document(actor.account, kind, path) is None):
        raise NotThere(f"No {kind} {path} is released.")
    address = feed_at(of)
    keyed = request.build_absolute_uri(f"{address}?key={quote(key_for(request.user, of))}")
    context = {
        "page_title": "Subscribe",
        "what": "the daily plan" if of == PLAN else f"{kind} {path}",
        "address": address,
        "keyed": keyed,
        "back": object_at(kind, path) if path else "/resources/calendars/",
    }
    return render(request, actor, "calendars/subscribe.html", context)


def feed_at(of: str) -> str:
    """Return the address of a feed, without a key."""
    kind, _, path = of.partition(":")
    return f"/feeds/{quote(kind)}/{quote(path)}.ics" if path else "/feeds/plan.ics"


def _answered(
    request: HttpRequest, of: str, read: Callable[[Account], tuple[str, _Entries] | None]
) -> HttpResponse:
    try:
        account = _account(request, of)
    except (KeyRefused, TokenRefused) as refused:
        return _refused(401, str(refused))
    if not may(account, Verb.LOOK):
        return _refused(401, "Sign in, or use the address from the page Subscribe.")
    found = read(account)
    if found is None:
        return _refused(404, "There is no such feed.")
    name, entries = found
    site = request.build_absolute_uri("/").rstrip("/")
    full = (e._replace(address=f"{site}{e.address}" if e.address else "") for e in entries)
    response = HttpResponse(
        feed(name, full, dt.datetime.now(dt.UTC)), "text/calendar; charset=utf-8"
    )
    file = f"{of.rpartition('/')[2].rpartition(':')[2]}.ics"
    response["Content-Disposition"] = f"inline; filename*=UTF-8''{quote(file)}"
    response["Cache-Control"] = "private, no-store"
    return response


def _account(request: HttpRequest, of: str) -> Account:
    if "key" in request.GET:
        return account_with(request.GET["key"], of)
    scheme, _, secret = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    if scheme.lower() == "token":
        token = token_of(secret.strip())
        return account_of(token.user, token)
    return actor_of(request).account


def _refused(status: int, sentence: str) -> HttpResponse:
    response = HttpResponse(f"{sentence}\n", "text/plain; charset=utf-8", status=status)
    if status == 401:
        response["WWW-Authenticate"] = "Token"
    return response


def _object(account: Account, kind: str, path: str) -> tuple[str, _Entries] | None:
    document = _document(account, kind, path)
    if document is None:
        return None
    name = path.rpartition("/")[2]
    if kind == "calendar":
        calendar = read_calendar(document).document
        return name, _days(account, path, calendar) if calendar else iter(())
    schedule = read_schedule(document).document
    return name, _starts(account, path, schedule) if schedule else iter(())


def _document(account: Account, kind: str, path: str) -> bytes | None:
    if "\0" in path:
        return None
    rows = restrict(deployed_items().filter(kind=kind, path=path), account)
    found = rows.values_list("document", flat=True).first()
    return None if found is None else bytes(found)


def _days(account: Account, path: str, calendar: Calendar) -> _Entries:
    today = dt.datetime.now(dt.UTC).date()
    known = released_calendars(calendar.excludes.non_working_day_calendars, account)
    span = today - dt.timedelta(DAYS_BACK), today + dt.timedelta(DAYS_AHEAD)
    try:
        days = dated(known, ()).days_of(calendar, *span)
    except TimetableError as problem:
        log.warning("feed.calendar_unreadable", extra={"path": path, "problem": str(problem)})
        return
    name, said = path.rpartition("/")[2], calendar_sentence(calendar)
    for day in days:
        yield Entry(
            uid=f"calendar.{path}.{day}@stellwerk", begin=day, summary=calendar.title or name,
            description=said, address=object_at("calendar", path),
        )  # fmt: skip


def _starts(account: Account, path: str, schedule: Schedule) -> _Entries:
    """Yield each row of the plan to come; a cyclic one is one event over all of its starts."""
    config, today = kept().config, dt.datetime.now(dt.UTC).date()
    plan = Plan(time_zone=config.time_zone, period_begin=config.period_begin)
    calendars = dated(released_calendars(names_in(schedule), account), ())
    try:
        found = ahead(schedule, calendars, today, plan)
    except TimetableError as problem:
        log.warning("feed.schedule_unreadable", extra={"path": path, "problem": str(problem)})
        return
    until = today + dt.timedelta(SCHEDULE_DAYS)
    for row in [row for row in found.rows if row.day <= until][:MOST_EVENTS]:
        period = schedule.calendars[row.entry].periods[row.period]
        cyclic = row.count > 1
        yield Entry(
            uid=f"schedule.{path}.{row.entry}.{row.period}.{row.first_us}@stellwerk",
            begin=moment(row.first_us),
            end=moment(row.last_us) if cyclic else None,
            summary=f"{', '.join(schedule.workflows)}{f' ({row.count} starts)' if cyclic else ''}",
            description=f"{path}: {period_sentence(period)}",
            address=object_at("schedule", path),
        )


def _planned(account: Account) -> _Entries:
    """Yield the planned orders from yesterday on, as far as they are planned."""
    config, now = kept().config, dt.datetime.now(dt.UTC)
    today = config.day_of(now)
    query = PlanOrdersQuery(
        since=today - dt.timedelta(days=1),
        until=today + dt.timedelta(days=config.days_ahead_plan),
    )
    found = page_of(plan_filter(account, query, config, now), limit=MOST_EVENTS)
    for one in planned_seen(found.rows, account, config, now):
        yield _planned_entry(one)


def _planned_entry(one: PlannedSeen) -> Entry:
    cycle = one.cycle
    said = [f"{one.schedule}, plan {one.day}", one.state, one.why if one.late else ""]
    return Entry(
        uid=f"plan.{one.id}@stellwerk",
        begin=one.start,
        end=cycle.end if cycle and cycle.orders > 1 else None,
        summary=f"{one.workflow}{f' ({cycle.orders} starts)' if cycle else ''}: {one.state}",
        description=", ".join(filter(None, said)),
        address=order_at(one.id) if one.state not in ("planned", "removed") else "",
    )
