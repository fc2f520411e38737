"""A site whose planner is killed between any two statements, beside a plain oracle.

The oracle knows the few documents that are released here by heart: lists of times a day. What it
holds against the product: every start that is wanted is planned once, every one that has passed was
handed over once, and the controller has what the rows say.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any
from unittest.mock import patch

import psycopg
from django.db import connection, transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from dailyplan import once, statements, verbs
from dailyplan.cycle import starts_of
from dailyplan.given import decode
from dailyplan.models import Parameterisation, PlannedOrder, SubmittedStart
from dailyplan.origin import microseconds, place_of
from dailyplan.plan_settings import DEFAULTS
from dailyplan.state import Flag, PlanState
from tests.plan_site import Site, every_day, schedule

BEGIN = datetime(2026, 3, 2, 5, 10, tzinfo=UTC)
DAY = timedelta(days=1)
NAMES = ("a", "b")

Start = tuple[str, date, datetime]
"""Schedule, plan day and moment."""


class Killed(BaseException):
    """The process is gone; nobody may catch it."""


def hours(begin: int, end: int, step: int) -> list[str]:
    """Times from one hour to before another, in minutes."""
    return [f"{m // 60:02}:{m % 60:02}" for m in range(begin * 60, end * 60, step)]


DOCUMENTS: list[tuple[dict[str, Any], list[str]]] = [
    (schedule(), ["06:00"]),
    (schedule({"singleStart": "07:30"}), ["07:30"]),
    (schedule({"singleStart": "06:00"}, {"singleStart": "18:00"}), ["06:00", "18:00"]),
    (schedule({"begin": "06:00", "end": "20:00", "repeat": "01:00"}), hours(6, 20, 60)),
    (schedule({"begin": "06:00", "end": "22:00", "repeat": "00:30"}), hours(6, 22, 30)),
    (schedule(orderParameterisations=[{"orderName": "o", "variables": {"x": 1}}]), ["06:00"]),
    (schedule(orderParameterisations=[{"orderName": "o", "variables": {"x": 2}}]), ["06:00"]),
]


class Machine(RuleBasedStateMachine):
    """Releases, hand changes, time and kills in any order."""

    site: Site
    cut: bool = True
    """Whether transactions are cut off as a whole; the negative control leaves them open."""

    def __init__(self) -> None:
        super().__init__()
        with connection.cursor() as cursor:
            cursor.execute(TABLES)
        self.site.__init__(self.site.conn)  # type: ignore[misc]  # a new one on the same database
        self.site.now = BEGIN
        self.site.release("calendar", "days", every_day())
        self.site.release("workflow", "report", {"instructions": []})
        self.in_force: dict[str, list[str]] = {}
        self.planned: dict[str, list[str]] = {}
        self.required: set[Start] = set()
        self.exempt: set[Start] = set()
        self.ran: Counter[str] = Counter()

    # -- what happens ------------------------------------------------------------------------

    @rule(name=st.sampled_from(NAMES), number=st.integers(0, len(DOCUMENTS) - 1))
    def release(self, name: str, number: int) -> None:
        document, times = DOCUMENTS[number]
        self.site.release("schedule", f"flows/{name}", document)
        self.in_force[name] = times

    @rule(name=st.sampled_from(NAMES))
    def revoke(self, name: str) -> None:
        self.site.release("schedule", f"flows/{name}", None)
        self.in_force.pop(name, None)

    @rule(kill_at=st.integers(1, 60))
    def plan_and_be_killed(self, kill_at: int) -> None:
        try:
            with killing(kill_at):
                once.plan_once(self.site.now, transaction.atomic if self.cut else _apart)
        except Killed:
            return
        self.planned = dict(self.in_force)

    @rule()
    def plan(self) -> None:
        self.site.plan()
        self.planned = dict(self.in_force)

    @rule()
    def answer(self) -> None:
        self.site.answer()

    @rule()
    def follow(self) -> None:
        self.site.follow()

    @rule(minutes=st.sampled_from([20, 60, 300, 1_500]))
    def wait(self, minutes: int) -> None:
        later = self.site.now + timedelta(minutes=minutes)
        for name, times in self.planned.items():
            if self.in_force.get(name) is times:
                self.required |= _between(name, times, self.site.now, later)
        self.site.now = later
        for order_id, order in list(self.site.orders.items()):
            if order.scheduled_us <= self.site.now_us and order_id not in self.site.started:
                self.site.start(order_id)
                self.ran[order_id] += 1

    @rule(data=st.data(), verb=st.sampled_from(["remove", "cancel", "shift", "submit", "restore"]))
    def person(self, data: st.DataObject, verb: str) -> None:
        rows = list(PlannedOrder.objects.order_by("day", "origin")[:60])
        if not rows:
            return
        row = data.draw(st.sampled_from(rows))
        asked = verbs.Asked(account="ada", now=self.site.now, config=DEFAULTS)
        acts: dict[str, verbs.PlanVerb] = {
            "remove": verbs.Remove(), "cancel": verbs.Cancel(), "submit": verbs.Submit(),
            "restore": verbs.Restore(), "shift": verbs.Change(shift_s=600),
        }  # fmt: skip
        with transaction.atomic():
            verbs.act(acts[verb], [(row.day, row.origin)], asked)
        # What people have touched is theirs; the oracle leaves these starts alone from now on.
        name = Parameterisation.objects.get(pk=row.parameterisation).schedule
        self.exempt |= {(name, row.day, at) for at in _starts(row)}

    # -- what has to hold --------------------------------------------------------------------

    def teardown(self) -> None:
        self.site.settle()
        self._planned_once()
        self._with_the_controller()
        self._nothing_missed()
        doubled = {order_id: n for order_id, n in self.ran.items() if n > 1}
        assert not doubled, f"ran twice: {doubled}"

    def _planned_once(self) -> None:
        found: Counter[Start] = Counter()
        names = dict(Parameterisation.objects.values_list("id", "schedule"))
        live = (PlanState.PLANNED, PlanState.SUBMITTED)
        for row in PlannedOrder.objects.filter(state__in=live):
            if not row.flags & (Flag.START | Flag.PARAMETERS | Flag.COPIED):
                found.update((names[row.parameterisation], row.day, at) for at in _starts(row))
        ahead = {start: n for start, n in found.items() if start[2] > self.site.now}
        end = datetime.combine(self.site.now.date() + 8 * DAY, datetime.min.time(), UTC)
        wanted: set[Start] = set()
        for name, times in self.in_force.items():
            wanted |= _between(name, times, self.site.now, end - timedelta(seconds=1))
        assert {s: n for s, n in ahead.items() if n > 1} == {}
        assert wanted - ahead.keys() - self.exempt == set(), "missed"
        assert ahead.keys() - wanted - self.exempt == set(), "too many"

    def _with_the_controller(self) -> None:
        fresh = {i for i in self.site.orders if i not in self.site.started}
        of_rows = {(p.day, p.origin) for i in fresh if (p := place_of(i)) and p.start_us is None}
        rows = PlannedOrder.objects.filter(state=PlanState.SUBMITTED, repeat_s__isnull=True)
        assert of_rows == set(rows.values_list("day", "origin"))
        of_starts = {
            (p.day, p.origin, p.start_us) for i in fresh if (p := place_of(i)) and p.start_us
        }
        starts = SubmittedStart.objects.filter(state=PlanState.SUBMITTED)
        assert of_starts == {(s.day, s.origin, microseconds(s.start_at)) for s in starts}
        for order_id in fresh:
            place = place_of(order_id)
            assert place
            row = PlannedOrder.objects.filter(day=place.day, origin=place.origin).first()
            given = (
                decode(bytes(Parameterisation.objects.get(pk=row.parameterisation).body))
                if row
                else None
            )
            assert given is None or given.variables == self.site.orders[order_id].arguments

    def _nothing_missed(self) -> None:
        handed = {
            (i.rpartition("-")[2], p.day, o)
            for i, o in self.site.first_start.items()
            if (p := place_of(i))
        }
        by_schedule = {(day, at) for _, day, at in handed}
        missed = {s for s in self.required - self.exempt if (s[1], s[2]) not in by_schedule}
        assert missed == set(), "passed and never handed over"


def _between(name: str, times: list[str], low: datetime, high: datetime) -> set[Start]:
    """The starts after one moment up to another."""
    found: set[Start] = set()
    for n in range((high.date() - low.date()).days + 1):
        day = low.date() + n * DAY
        for time in times:
            at = datetime.combine(day, datetime.strptime(time, "%H:%M").time(), UTC)  # noqa: DTZ007
            if low < at <= high:
                found.add((name, day, at))
    return found


def _starts(row: PlannedOrder) -> list[datetime]:
    if row.repeat_s is None or row.end_at is None:
        return [row.start_at]
    grid = starts_of(
        microseconds(row.start_at), microseconds(row.end_at), row.repeat_s, row.left_out or ()
    )
    return [datetime.fromtimestamp(at / 1e6, UTC) for at in grid]


@contextmanager
def killing(at: int) -> Iterator[None]:
    """Kill whatever runs within at its n-th statement, or let it pass if it has fewer."""
    seen = 0

    def tick(*_: Any) -> None:
        nonlocal seen
        seen += 1
        if seen == at:
            raise Killed

    def wrapper(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        tick()
        return execute(sql, params, many, context)

    open_cursor = statements._cursor

    def ticking() -> "psycopg.Cursor[tuple[Any, ...]]":
        tick()
        return open_cursor()

    with ExitStack() as stack:
        stack.enter_context(connection.execute_wrapper(wrapper))
        stack.enter_context(patch.object(statements, "_cursor", ticking))
        yield


@contextmanager
def _apart() -> Iterator[None]:
    """No transaction at all: the negative control."""
    yield


TABLES = (
    "TRUNCATE dailyplan_plannedorder, dailyplan_plannedschedule, dailyplan_parameterisation,"
    " dailyplan_countchange, dailyplan_submittedstart, dailyplan_submission,"
    " dailyplan_submissionpart, dailyplan_intent, dailyplan_plansettings, controller_command,"
    " controller_deployeditem, controller_journalbatch, controller_journalindex,"
    " controller_feedposition"
)
