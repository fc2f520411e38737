"""`/plan/DATE/`: the head that all views of a plan day share, and the choice of the view."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse

from cockpit.access.account import Actor
from cockpit.access.gate import everywhere, rows
from cockpit.access.policy import Account, Verb, folders
from cockpit.pages.addresses import with_query
from cockpit.pages.door import leave_to, page, render
from cockpit.pages.plan_filtering import PlanWanted, read_plan_filter, word_of
from cockpit.pages.plan_lines import LOOKS
from cockpit.pages.plan_operation import present_operations
from cockpit.pages.plan_places import VIEWS, day_at
from cockpit.pages.plans import plan_seen
from dailyplan.counts import DayCount, count_days, count_late
from dailyplan.models import Submission
from dailyplan.new_orders import PLAN
from dailyplan.plan_settings import PlanConfig, kept
from dailyplan.selecting import PlanFilter
from dailyplan.state import SHOWN, PlanState, name_of
from dailyplan.unplanned import UNPLANNED

_ONE_DAY = timedelta(days=1)
_ALWAYS = (
    PlanState.PLANNED, PlanState.SUBMITTED, PlanState.STARTED, PlanState.FINISHED, PlanState.FAILED,
)  # fmt: skip
_KEPT = ("view", "q", "state", "late", "group", "by", "inverted")
TOLD_FOR = timedelta(days=7)
"""So long today's page tells of days that nobody has planned."""

MOST_TOLD = 31
_WORDS = {"list": "List", "timeline": "Timeline", "month": "Month", "deps": "Dependencies"}


class DayAsked(NamedTuple):
    """What an address asks for: a day, a view, a filter; with settings and moment in force."""

    day: date
    view: str
    q: str
    wanted: PlanWanted
    config: PlanConfig
    now: datetime

    @property
    def zone(self) -> ZoneInfo:
        """The zone of plan days."""
        return ZoneInfo(self.config.time_zone)

    def filter_for(
        self, account: Account, verb: Verb = Verb.LOOK, *, last: date | None = None
    ) -> PlanFilter:
        """Return the filter of the day, or of all days up to another, for an account."""
        return plan_filter_for(account, self, verb, first=self.day, last=last or self.day)


class Chip(NamedTuple):
    """A state or lateness with its count, None where nobody counts, and its switch."""

    look: str
    word: str
    orders: int | None
    on: bool
    url: str


class Period(NamedTuple):
    """When a plan day begins and ends; `hours` are not always 24."""

    begin: datetime
    end: datetime
    begin_text: str
    end_text: str
    hours: float


View = Callable[[HttpRequest, Actor, DayAsked], HttpResponse]
_VIEWS: dict[str, View] = {}


def plan_view(name: str) -> Callable[[View], View]:
    """Return a decorator that makes a function the view of a day under a name."""

    def wrap(view: View) -> View:
        _VIEWS[name] = view
        return view

    return wrap


@page()
def plan_today(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Lead to the plan day in which the moment lies, in the plan's zone; the view stays."""
    today = kept().config.day_of(datetime.now(UTC))
    return leave_to(request, day_at(today, **kept_query(request)))


@page()
def plan_day(request: HttpRequest, actor: Actor, day: date) -> HttpResponse:
    """Show a day of the plan in one of its views."""
    asked = asked_in(request, day)
    return _VIEWS[asked.view](request, actor, asked)


@page()
def plan_head(request: HttpRequest, actor: Actor, day: date) -> HttpResponse:
    """Show what is live of the head alone: the counts, and operations that go on."""
    asked = asked_in(request, day)
    context = _live(request, actor.account, asked)
    return render(request, actor, "plan/head_live.html", {**context, "day": day})


def _live(request: HttpRequest, account: Account, asked: DayAsked) -> dict[str, object]:
    query = {**kept_query(request), "view": asked.view}
    return {
        "chips": chips(request, account, asked),
        "operations": present_operations(account, asked.now),
        "live_url": f"/plan/{asked.day.isoformat()}/head/{with_query(query)}",
    }


def asked_in(request: HttpRequest, day: date) -> DayAsked:
    """Return what a request asks of a day."""
    given = request.GET if request.method != "POST" else request.POST
    view = given.get("view", "")
    q = given.get("q", "")
    return DayAsked(
        day=day,
        view=view if view in _VIEWS else "list",
        q=q,
        wanted=read_plan_filter(q, given.getlist("state"), late=given.get("late") == "1"),
        config=kept().config,
        now=datetime.now(UTC),
    )


def plan_filter_for(
    account: Account, asked: DayAsked, verb: Verb, *, first: date, last: date
) -> PlanFilter:
    """Return the filter of some days for what an account may do something to."""
    wanted = asked.wanted
    due = asked.now - timedelta(seconds=asked.config.late_tolerance_s)
    return PlanFilter(
        first=first,
        last=last,
        states=wanted.states or SHOWN,
        workflow=wanted.workflow,
        schedule=wanted.schedule,
        folder=wanted.folder,
        tags=wanted.tags,
        text=wanted.text,
        late_before=due if wanted.late else None,
        folders=None if everywhere(account, verb) else folders(account, verb),
    )


def kept_query(request: HttpRequest, **changes: str) -> dict[str, str]:
    """Return the view and filter of an address, with changes; empty ones are left out."""
    found = {name: ",".join(request.GET.getlist(name)) for name in _KEPT}
    return {name: value for name, value in {**found, **changes}.items() if value}


def show_day(
    request: HttpRequest, actor: Actor, asked: DayAsked, template: str, more: Mapping[str, object]
) -> HttpResponse:
    """Return the page of a view: what all views share, and what is its own."""
    status = 422 if asked.wanted.problems else 200
    context = {**day_context(request, actor.account, asked), **more}
    return render(request, actor, f"plan/{template}", context, status)


def day_context(request: HttpRequest, account: Account, asked: DayAsked) -> dict[str, object]:
    """Return what the head of every view shows."""
    today = asked.config.day_of(asked.now)
    day, period = asked.day, period_of(asked.config, asked.day)
    return {
        "page_title": "Daily plan",
        "asked": asked,
        "day": day,
        "day_text": f"{day:%a} {day.day} {day:%b %Y}",
        "period": period,
        "begin_clock": f"{period.begin.astimezone(asked.zone):%H:%M}",
        "is_today": day == today,
        "before": day_at(day - _ONE_DAY, **kept_query(request)),
        "after": day_at(day + _ONE_DAY, **kept_query(request)),
        "today": day_at(today, **kept_query(request)),
        "views": _views(request, asked),
        **_live(request, account, asked),
        "plan": plan_seen(account, f"{PLAN}{day.isoformat()}"),
        "q": asked.q,
        "wanted": asked.wanted,
        "filter_state": ",".join(name_of(s) for s in asked.wanted.states),
        "here": request.get_full_path(),
        "is_filtered": bool(asked.q or asked.wanted.states or asked.wanted.late),
        "unfiltered": day_at(day, view=asked.view),
        "planned_to": today + _ONE_DAY * asked.config.days_ahead_plan,
        **_unplanned(account, asked, is_today=day == today),
    }


def _unplanned(account: Account, asked: DayAsked, *, is_today: bool) -> dict[str, object]:
    """Return what is told of days that nobody has planned: of this one, and today of the others."""
    lines = rows(Submission, account).filter(verb=UNPLANNED)
    recent = lines.filter(at__gt=asked.now - TOLD_FOR, day__lt=asked.day).order_by("day")
    days = list(recent.values_list("day", flat=True)[:MOST_TOLD]) if is_today else []
    return {
        "unplanned": lines.filter(day=asked.day).first(),
        "passed_by": [(day, day_at(day)) for day in days if day is not None],
    }


def period_of(config: PlanConfig, day: date) -> Period:
    """Return when a plan day begins and ends, and how that is said in the plan's zone."""
    begin, end = config.begin_of(day), config.begin_of(day + _ONE_DAY)
    zone = ZoneInfo(config.time_zone)
    said = [f"{at.day} {at:%b %H:%M}" for at in (begin.astimezone(zone), end.astimezone(zone))]
    return Period(begin, end, said[0], said[1], (end - begin).total_seconds() / 3_600)


def chips(request: HttpRequest, account: Account, asked: DayAsked) -> list[Chip]:
    """Return the states and lateness as switches; counts stand only where they say the truth."""
    counted = everywhere(account, Verb.LOOK) and not asked.wanted.is_narrow
    found = next(iter(count_days(asked.day, asked.day)), DayCount(asked.day, []))
    counts = {one.state: one.orders for one in found.states}
    wanted = asked.wanted
    shown = [s for s in PlanState if s in _ALWAYS or s in wanted.states or counts.get(name_of(s))]
    made = [
        Chip(
            LOOKS[state],
            word_of(state),
            counts.get(name_of(state), 0) if counted else None,
            state in wanted.states,
            day_at(asked.day, **kept_query(request, state=_switched(wanted, state))),
        )
        for state in shown
    ]
    late = count_late(asked.day, now=asked.now, tolerance_s=asked.config.late_tolerance_s)
    switch = day_at(asked.day, **kept_query(request, late="" if wanted.late else "1"))
    return [*made, Chip("late", "late", late if counted else None, wanted.late, switch)]


def _switched(wanted: PlanWanted, state: PlanState) -> str:
    chosen = set(wanted.states) ^ {state}
    return ",".join(name_of(s) for s in PlanState if s in chosen)


def _views(request: HttpRequest, asked: DayAsked) -> list[tuple[str, str, bool]]:
    query = kept_query(request)
    return [
        (day_at(asked.day, **{**query, "view": view}), _WORDS[view], view == asked.view)
        for view in VIEWS
        if view in _VIEWS
    ]
