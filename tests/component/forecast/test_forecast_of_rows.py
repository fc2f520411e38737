"""From rows to a forecast and back to rows: what is read is what stands, what is shown is right."""

import datetime as dt

import pytest
from django.db import transaction
from msgspec.structs import replace

from agents.models import Agent
from cockpit.services.forecast import basis_of, played
from cockpit.services.forecast_reading import Gathered, gather
from controller.models import Link
from dailyplan import forecast_seen as seen
from dailyplan.forecast_store import replace as put
from dailyplan.models import ForecastOrder, PlannedOrder
from dailyplan.once import plan_once
from dailyplan.state import PlanState
from engine.order.requests import DeleteNotice
from simulation.forecast.forecast import forecast
from simulation.forecast.found import Forecast
from simulation.forecast.wire import encode_snapshot
from tests import forecasting as f
from tests.component.forecast.mirror import LIMITS, C, Mirror, flow, run

HOUR = dt.timedelta(hours=1)
EVERY_DAY = {
    "type": "WORKINGDAYSCALENDAR",
    "includes": {"weekdays": [{"days": [0, 1, 2, 3, 4, 5, 6]}]},
}
BOARD = {"boardType": "GLOBAL", "postOrderToNoticeId": "'n'", "expectOrderToNoticeId": "'n'"}
CLOSE = flow(run("load"), run("post"), {"TYPE": "PostNotices", "noticeBoardNames": ["fin/done"]})
REPORT = flow({"TYPE": "ExpectNotices", "noticeBoardNames": "'fin/done'"}, run("load"))


def ready(mirror: Mirror) -> None:
    """A close that has run once, one under way, and a report that waits for it."""
    flows = {"fin/close": CLOSE, "fin/report": REPORT}
    mirror.deploy(flows, {("noticeboard", "fin/done"): BOARD})
    mirror.add("yesterday", "fin/close", in_s=-6_000)
    mirror.system.run_to(mirror.now_us - 5_000 * f.SECOND_US)
    mirror.system.ask(DeleteNotice("fin/done", "n"))
    mirror.add("close", "fin/close", in_s=-180)
    mirror.add("report", "fin/report", in_s=-60)
    mirror.write()


def made(gathered: Gathered, mirror: Mirror) -> Forecast:
    found = forecast(gathered.snapshot)
    basis = basis_of(gathered, found, took_s=0.5)
    put(found, basis, made_at=mirror.now, tolerance_s=60, transaction=transaction.atomic)
    return found


def at(row_or_none: dt.datetime | None, mirror: Mirror) -> float | None:
    return None if row_or_none is None else (row_or_none - mirror.now).total_seconds()


def test_what_is_read_from_rows_is_what_stands(mirror: Mirror) -> None:
    ready(mirror)
    read = gather(mirror.conn, C, mirror.now).snapshot
    known = f.snapshot_of(mirror.system, {}, until_us=0, limits=LIMITS)
    assert {o.id: o for o in read.orders} == {o.id: o for o in known.orders}
    assert dict(read.facts) == dict(known.facts)
    assert (read.last_no, read.agents) == (known.last_no, known.agents)
    assert {(i.kind, i.path) for i in read.items} == {
        ("workflow", "fin/close"), ("workflow", "fin/report"), ("noticeboard", "fin/done"),
    }  # fmt: skip
    assert {(r.job, r.place): r.seconds for r in read.ran} == {
        ("load", "load"): (120.0, 120.0), ("load", ""): (120.0, 120.0),
        ("post", "post"): (300.0,), ("post", ""): (300.0,),
    }  # fmt: skip


def test_the_forecast_of_rows_is_stored_and_shown(mirror: Mirror) -> None:
    ready(mirror)
    made(gather(mirror.conn, C, mirror.now), mirror)
    rows = {row.order_id: row for row in ForecastOrder.objects.all()}
    assert at(rows["close"].ends_at, mirror) == 240.0  # 180 s of 120 s and 300 s are over
    assert at(rows["report"].ends_at, mirror) == 300.0  # its own load has never run: 60 s
    (bar, other) = seen.bars(
        seen.between(ForecastOrder.objects.all(), mirror.now, mirror.now + HOUR)
    )
    assert (bar.order_id, bar.lane, other.order_id) == ("close", "agent-a", "report")
    path = seen.path_to_order("report")
    assert path is not None
    assert [i.what for i in path.links if not i.waits] == ["post", "load"]
    posting = seen.path_to_notice("fin/done", "n")
    assert posting is not None
    assert (posting.order, len(posting.links)) == ("close", 1)
    assert seen.path_to_notice("fin/done", "other") is None


def test_a_new_forecast_replaces_the_one_before(mirror: Mirror) -> None:
    ready(mirror)
    gathered = gather(mirror.conn, C, mirror.now)
    made(gathered, mirror)
    made(Gathered(replace(gathered.snapshot, orders=()), 3, 4), mirror)
    assert not ForecastOrder.objects.exists()
    assert seen.path_to_notice("fin/done", "n") is None
    present = seen.present()
    assert present is not None
    assert (present.basis.left_out, present.basis.unsubmitted) == (3, 4)
    assert present.basis.coverage.orders == 0


def test_a_transaction_that_fails_leaves_the_forecast_before(mirror: Mirror) -> None:
    ready(mirror)
    found = made(gather(mirror.conn, C, mirror.now), mirror)
    present = seen.present()
    assert present is not None
    bad = replace(found, orders=(), now_us=1 << 62)
    with pytest.raises(OverflowError):
        put(bad, present.basis, made_at=mirror.now, tolerance_s=60, transaction=transaction.atomic)
    assert ForecastOrder.objects.count() == len(found.orders)


def test_planned_orders_are_part_of_it_with_deadlines_and_cycles_as_single_starts(
    mirror: Mirror,
) -> None:
    mirror.release("calendar", "cal/days", EVERY_DAY)
    mirror.release("schedule", "fin/nightly", {
        "workflowNames": ["close"], "planOrderAutomatically": True,
        "submitOrderToControllerWhenPlanned": True,
        "calendars": [{"calendarName": "days", "periods": [
            {"singleStart": "06:00"}, {"begin": "08:00", "end": "10:00", "repeat": "00:30"}]}],
        "orderParameterisations": [{"orderName": "one", "deadline": "+00:05"}],
    })  # fmt: skip
    ready(mirror)
    plan_once(mirror.now, transaction.atomic)
    PlannedOrder.objects.update(state=PlanState.PLANNED, next_at=None)
    tomorrow = (mirror.now + dt.timedelta(days=1)).date()
    gathered = gather(mirror.conn, C, mirror.now)
    of_tomorrow = [n for n in gathered.snapshot.coming if f"#{tomorrow}#" in n.id]
    assert len(of_tomorrow) == 5
    assert len({n.id for n in gathered.snapshot.coming}) == len(gathered.snapshot.coming)
    made(gathered, mirror)
    rows = ForecastOrder.objects.filter(day=tomorrow)
    assert rows.count() == 5
    assert all(row.late and row.ends_at and row.deadline_at for row in rows)
    assert {row.ends_at - row.planned_at for row in rows} == {dt.timedelta(seconds=420)}  # type: ignore[operator]


def test_planned_orders_that_only_a_person_submits_are_counted_and_left_out(
    mirror: Mirror,
) -> None:
    mirror.release("calendar", "cal/days", EVERY_DAY)
    mirror.release("schedule", "fin/nightly", {
        "workflowNames": ["close"], "planOrderAutomatically": True,
        "calendars": [{"calendarName": "days", "periods": [{"singleStart": "06:00"}]}],
    })  # fmt: skip
    ready(mirror)
    plan_once(mirror.now, transaction.atomic)
    gathered = gather(mirror.conn, C, mirror.now)
    assert gathered.snapshot.coming == ()
    assert gathered.unsubmitted >= 1


def test_an_agent_that_was_silent_for_long_is_away(mirror: Mirror) -> None:
    ready(mirror)
    Link.objects.update(state="silent", seen_at=mirror.now - dt.timedelta(minutes=5))
    assert gather(mirror.conn, C, mirror.now).snapshot.agents[0].is_there
    Link.objects.update(seen_at=mirror.now - HOUR)
    Agent.objects.create(id="never-joined")
    assert [a.is_there for a in gather(mirror.conn, C, mirror.now).snapshot.agents] == [
        False,
        False,
    ]


def test_the_forecast_is_played_in_a_process_of_its_own(mirror: Mirror) -> None:
    ready(mirror)
    snapshot = gather(mirror.conn, C, mirror.now).snapshot
    assert played(encode_snapshot(snapshot)) == forecast(snapshot)
