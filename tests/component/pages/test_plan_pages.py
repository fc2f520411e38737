"""The pages of the daily plan: every view, its filters, and who may see what."""

import datetime as dt
import json
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cockpit.pages.plan_places import planned_at
from dailyplan.models import ForecastOrder, PlanSettings, SubmittedStart
from dailyplan.state import PlanState
from tests.component.api.controller_stub import ControllerStub
from tests.component.pages.planned import CYCLE, HOSTILE, Planned, schedule
from tests.component.pages.reading import HTMX, text_of

VIEWS = ("list", "timeline", "month", "deps")
MOST_QUERIES = 17


@pytest.fixture
def plan(controller: ControllerStub) -> Planned:
    return Planned(controller)


def settings(**values: Any) -> None:
    PlanSettings.objects.update_or_create(pk=1, defaults={"body": values})


def test_plan_leads_to_the_plan_day_of_the_plans_zone(owner: Client, plan: Planned) -> None:
    now = dt.datetime.now(dt.UTC)
    assert owner.get("/plan/")["Location"] == f"/plan/{now.date()}/"
    settings(time_zone="Pacific/Kiritimati", period_begin="00:00:00")
    kiritimati = (now + dt.timedelta(hours=14)).date()
    assert owner.get("/plan/?view=month")["Location"] == f"/plan/{kiritimati}/?view=month"


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_opens_for_those_who_may_look_and_for_nobody_else(
    owner: Client, colleague: Client, stranger: Client, plan: Planned, view: str
) -> None:
    address = f"{plan.at}?view={view}"
    for client in (owner, colleague):
        response = client.get(address)
        assert response.status_code == 200
        assert HOSTILE not in response.content.decode()
    assert stranger.get(address)["Location"].startswith("/sign-in/")


@pytest.mark.parametrize("view", VIEWS)
def test_a_colleague_is_offered_nothing_that_would_be_refused(
    colleague: Client, plan: Planned, view: str
) -> None:
    content = colleague.get(f"{plan.at}?view={view}").content.decode()
    assert 'href="/plan/-/' not in content
    assert "formaction" not in content


def test_the_head_says_when_the_day_begins_and_ends(owner: Client, plan: Planned) -> None:
    settings(time_zone="Europe/Berlin", period_begin="18:00:00")
    text = text_of(owner.get("/plan/2026-11-22/"))
    assert "day starts 18:00 Europe/Berlin · period 22 Nov 18:00 \u2013 23 Nov 18:00" in text
    assert "25 h: the clocks change" in text_of(owner.get("/plan/2026-10-24/"))


def test_the_list_shows_planned_orders_and_a_cycle_as_one_line(
    owner: Client, plan: Planned
) -> None:
    text = text_of(owner.get(plan.at))
    assert "morning demo/report demo/morning planned" in text
    assert "0 of 4 done, next" in text
    assert "planned 5" in text


def test_a_cycle_opens_to_its_starts_and_the_filter_stays(owner: Client, plan: Planned) -> None:
    row = plan.row("cycle")
    SubmittedStart.objects.create(
        day=row.day, origin=row.origin, start_at=row.start_at, state=PlanState.FINISHED, part=1,
        started_at=row.start_at, ended_at=row.start_at + dt.timedelta(seconds=90),
    )  # fmt: skip
    response = owner.get(plan.at, {"open": plan.id("cycle"), "q": "schedule:cycle"})
    text, content = text_of(response), response.content.decode()
    assert "1 of 4 done" in text
    assert "1 m 30 s" in text
    assert content.count('class="starts"') == 1
    assert "?q=schedule%3Acycle" in content


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"q": "wf:demo/*"}, {"morning", "cycle"}), ({"q": "wf:other"}, set()),
        ({"q": "schedule:cycle"}, {"cycle"}), ({"q": "folder:demo"}, {"morning", "cycle"}),
        ({"q": "folder:dem"}, set()), ({"q": "orn"}, {"morning"}), ({"q": "tag:eu"}, set()),
        ({"state": "planned"}, {"morning", "cycle"}), ({"state": "failed"}, set()),
        ({"q": "state:failed,planned schedule:morning"}, {"morning"}), ({"late": "1"}, set()),
    ],
)  # fmt: skip
def test_filters_in_the_address_narrow_the_list(
    owner: Client, plan: Planned, query: dict[str, str], names: set[str]
) -> None:
    content = owner.get(plan.at, query).content.decode()
    assert {name for name in ("morning", "cycle") if f"-{name}/" in content} == names


def test_what_cannot_be_read_in_a_filter_is_said_all_at_once(owner: Client, plan: Planned) -> None:
    response = owner.get(plan.at, {"q": "colour:red state:green late:maybe"})
    assert response.status_code == 422
    text = text_of(response)
    assert "There is no key colour:" in text
    assert "There is no state green" in text
    assert "late: takes yes or no." in text


def test_late_orders_say_why_and_are_found_by_their_chip(owner: Client, plan: Planned) -> None:
    hour_ago = dt.datetime.now(dt.UTC) - dt.timedelta(hours=1)
    plan.change(start_at=hour_ago)
    text = text_of(owner.get(plan.at, {"late": "1"}))
    assert "late It has not been submitted." in text
    assert "cycle" not in text.partition("Prio")[2]


def test_removed_orders_are_shown_on_demand(owner: Client, plan: Planned) -> None:
    plan.change(state=PlanState.REMOVED)
    assert "demo/morning" not in text_of(owner.get(plan.at))
    text = text_of(owner.get(plan.at, {"state": "removed"}))
    assert "morning demo/report demo/morning removed" in text


def test_what_people_changed_is_marked(owner: Client, plan: Planned) -> None:
    plan.change(flags=1 | 4 | 8)
    text = text_of(owner.get(plan.at))
    assert "start changed taken back copy" in text


def test_groups_have_counts_and_lead_to_all_of_theirs(owner: Client, plan: Planned) -> None:
    plan.release(
        "schedule", "demo/many", schedule(*({"singleStart": f"{n:02}:15"} for n in range(24)))
    )
    plan.once()
    response = owner.get(plan.at, {"group": "schedule"})
    assert "demo/many 24 planned 24" in text_of(response)
    assert "q=schedule%3A%22demo%2Fmany%22" in response.content.decode()
    by_workflow = text_of(owner.get(plan.at, {"group": "workflow"}))
    assert "demo/report 26 planned 26" in by_workflow


def test_pages_follow_each_other_without_gap(owner: Client, plan: Planned) -> None:
    minutes = [{"singleStart": f"{n // 60:02}:{n % 60:02}:30"} for n in range(150)]
    plan.release("schedule", "demo/many", schedule(*minutes))
    plan.once()
    seen: list[str] = []
    address: str | None = plan.at
    while address:
        content = owner.get(address).content.decode()
        seen += [part.partition('"')[0] for part in content.split('<tr data-id="')[1:]]
        _, found, _rest = content.partition('data-key="]"')
        address = None
        if found:
            address = content.partition('data-key="]"')[0].rpartition('href="')[2].partition('"')[0]
            address = address.replace("&amp;", "&")
    assert len(seen) == len(set(seen)) == 152
    assert owner.get(plan.at, {"cursor": "nonsense"}).status_code == 400


def test_rows_for_the_live_table_are_those_that_match(owner: Client, plan: Planned) -> None:
    ids = "\n".join([plan.id(), plan.id("cycle"), "#nobody", f"{plan.id()}|child"])
    rows = owner.get(f"{plan.at}rows/", {"ids": ids}).json()["rows"]
    assert {row["id"] for row in rows} == {plan.id(), plan.id("cycle")}
    narrowed = owner.get(f"{plan.at}rows/", {"ids": ids, "q": "schedule:cycle"}).json()["rows"]
    assert {row["id"] for row in narrowed} == {plan.id("cycle")}
    assert owner.get(f"{plan.at}rows/", {"ids": ids, "late": "1"}).json()["rows"] == []


def test_one_planned_order_has_a_page_and_a_drawer(
    owner: Client, colleague: Client, plan: Planned
) -> None:
    address = planned_at(plan.day, plan.id("cycle"))
    text = text_of(owner.get(address))
    assert "by a person only" in text
    assert text.count("planned") >= 4
    assert "Take back" in text
    assert "Not now:" in text
    assert "<html" not in owner.get(address, headers=HTMX).content.decode()
    assert "Submit…" not in text_of(colleague.get(address))
    assert owner.get(planned_at(plan.day, "#nobody")).status_code == 404


def test_variables_that_a_workflow_declares_secret_are_hidden(
    owner: Client, controller: ControllerStub
) -> None:
    plan = Planned(controller)
    preparation = {"parameters": {"password": {"type": "String", "secret": True}}}
    controller.deploy(
        "demo/guarded", {"instructions": [], "orderPreparation": preparation}, version="s1"
    )
    given = {"variables": {"password": "hunter2", "region": "eu"}}
    plan.release(
        "schedule", "demo/guarded-one",
        schedule(workflow="guarded", orderParameterisations=[given]),
    )  # fmt: skip
    plan.once()
    text = text_of(owner.get(planned_at(plan.day, plan.id("guarded-one"))))
    assert "region eu" in text
    assert "hunter2" not in text


def test_the_month_counts_days_and_projects_those_to_come(owner: Client, plan: Planned) -> None:
    content = owner.get(plan.at, {"view": "month"}).content.decode()
    far = plan.day + dt.timedelta(days=40)
    assert "5 planned" in content
    assert "5 projected" in text_of(owner.get(f"/plan/{far}/", {"view": "month"}))


def test_inverted_the_month_names_schedules_that_do_not_run(owner: Client, plan: Planned) -> None:
    weekdays = {"includes": {"weekdays": [{"days": [1, 2, 3, 4, 5]}]}}
    plan.release("calendar", "demo/weekdays", {"type": "WORKINGDAYSCALENDAR", **weekdays})
    entry = {"calendarName": "weekdays", "periods": [{"singleStart": "05:00"}]}
    plan.release("schedule", "demo/office", {**schedule(), "calendars": [entry]})
    content = owner.get("/plan/2031-03-01/", {"view": "month", "inverted": "1"}).content.decode()
    cells = {
        part.partition('"')[0]: part.partition("</td>")[0]
        for part in content.split('name="days" value="')[1:]
    }
    assert "demo/office" in cells["2031-03-01"]  # a Saturday
    assert "demo/office" not in cells["2031-03-03"]
    assert "all run" in cells["2031-03-03"]


def test_dependencies_are_drawn_and_told_as_a_table(
    owner: Client, controller: ControllerStub
) -> None:
    plan = Planned(controller)
    board = {"boardType": "PLANNABLE", "postOrderToNoticeId": "''", "expectOrderToNoticeId": "''"}
    controller.put_object("noticeboard", "demo/loaded", board)
    post = {"TYPE": "PostNotices", "noticeBoardNames": ["loaded"]}
    expect = {"TYPE": "ExpectNotices", "noticeBoardNames": "'loaded'"}
    add = {"TYPE": "AddOrder", "workflowName": "after"}
    for name, steps in (("load", [post]), ("close", [expect, add]), ("after", [])):
        controller.deploy(f"demo/{name}", {"instructions": steps})
    plan.release("schedule", "demo/nightly", schedule(workflow="close"))
    plan.once()
    response = owner.get(plan.at, {"view": "deps"})
    text = text_of(response)
    assert "demo/load none demo/loaded demo/close 1 planned" in text
    assert "demo/close 1 planned adds an order demo/after none" in text
    assert response.content.decode().count('class="net-node') == 4
    assert "not on this day" in text


def lanes(client: Client, plan: Planned, **query: str) -> Any:
    response = client.get(f"{plan.at}lanes/", query)
    assert response.status_code == 200
    return json.loads(response.content)


def test_lanes_tell_what_has_run_and_mark_what_nobody_knows(owner: Client, plan: Planned) -> None:
    shown = lanes(owner, plan, hours="24")
    (lane,) = shown["lanes"]["lanes"]
    assert (lane["name"], len(lane["ticks"])) == ("demo/report", 4)
    (bar,) = lane["bars"]
    assert (bar["by"], bar["p50"], bar["e"]) == ("unknown", 0, 0)
    started = plan.row().start_at
    plan.change(
        state=PlanState.FINISHED, started_at=started, ended_at=started + dt.timedelta(0, 60)
    )
    (bar,) = lanes(owner, plan, hours="24")["lanes"]["lanes"][0]["bars"]
    assert (bar["e"] - bar["b"], bar["by"], bar["s"]) == (60_000, "", "finished")


def test_bars_end_as_the_forecast_says_or_as_runs_before_did(owner: Client, plan: Planned) -> None:
    row, number = plan.row(), plan.row().parameterisation
    for n in range(3):
        day = dt.datetime.now(dt.UTC).date() - dt.timedelta(days=n + 1)
        begun = row.start_at - dt.timedelta(days=n + 2)
        row.__class__.objects.create(
            day=day, origin=n + 1, start_at=begun, parameterisation=number,
            state=PlanState.FINISHED, started_at=begun, ended_at=begun + dt.timedelta(minutes=10),
        )  # fmt: skip
    (bar,) = lanes(owner, plan, hours="24")["lanes"]["lanes"][0]["bars"]
    assert (bar["by"], bar["p50"] - bar["b"]) == ("typical", 600_000)
    ForecastOrder.objects.create(
        order_id=plan.id(), workflow="demo/report", day=plan.day, begins_at=row.start_at,
        ends_at=row.start_at + dt.timedelta(minutes=20), body=b"",
        ends_late_at=row.start_at + dt.timedelta(minutes=30),
        deadline_at=row.start_at + dt.timedelta(minutes=15), late=True,
    )  # fmt: skip
    (bar,) = lanes(owner, plan, hours="24")["lanes"]["lanes"][0]["bars"]
    assert (bar["by"], bar["p50"] - bar["b"]) == ("forecast", 1_200_000)
    assert (bar["p95"] - bar["b"], bar["deadline"] - bar["b"]) == (1_800_000, 900_000)
    assert bar["late"]


@pytest.mark.parametrize(
    ("by", "name"), [("workflow", "demo/report"), ("agent", "agent-1"), ("schedule", "demo/cycle")]
)
def test_lanes_are_workflows_agents_or_schedules(
    owner: Client, plan: Planned, by: str, name: str
) -> None:
    found = lanes(owner, plan, hours="24", by=by)["lanes"]["lanes"]
    assert name in {lane["name"] for lane in found}


def test_lanes_of_tags_have_the_orders_that_carry_them(owner: Client, plan: Planned) -> None:
    plan.release("schedule", "demo/tagged", schedule(orderParameterisations=[{"tags": ["eu"]}]))
    plan.once()
    (lane,) = lanes(owner, plan, hours="24", by="tag")["lanes"]["lanes"]
    assert (lane["name"], lane["count"]) == ("eu", 1)


def test_more_than_can_be_drawn_becomes_slots(
    owner: Client, plan: Planned, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dailyplan.lanes.MOST_BARS", 1)
    shown = lanes(owner, plan, hours="24")["lanes"]
    assert shown["slot"] > 0
    assert sum(slot["n"] for slot in shown["lanes"][0]["slots"]) == 2
    monkeypatch.setattr("dailyplan.lanes.MOST_BARS", 2)
    assert lanes(owner, plan, hours="24")["lanes"]["slot"] == 0


def test_a_timeline_shades_days_off_and_marks_jumps_of_the_clocks(
    owner: Client, plan: Planned
) -> None:
    settings(time_zone="Europe/Berlin", period_begin="00:00:00")
    plan.release(
        "calendar", "demo/sundays",
        {"type": "NONWORKINGDAYSCALENDAR", "includes": {"weekdays": [{"days": [0]}]}},
    )  # fmt: skip
    shown = json.loads(owner.get("/plan/2026-10-25/lanes/").content)
    assert [off["text"] for off in shown["off"]] == ["sundays"]
    (jump,) = shown["jumps"]
    assert jump["text"] == "clocks back 60 min"
    assert [hour["text"] for hour in shown["hours"]].count("02:00") == 2
    (jump,) = json.loads(owner.get("/plan/2026-03-29/lanes/").content)["jumps"]
    assert jump["text"] == "clocks forward 60 min"


def test_the_table_below_a_timeline_has_what_is_in_view(owner: Client, plan: Planned) -> None:
    query = {"view": "timeline", "hours": "2"}
    early = owner.get(plan.at, {**query, "from": f"{plan.day}T01:00:00Z"}).content.decode()
    assert "-morning/" not in early
    at_six = owner.get(plan.at, {**query, "from": f"{plan.day}T05:30:00Z"}).content.decode()
    assert "-morning/" in at_six


@pytest.mark.parametrize("view", ["list", "timeline", "month", "deps"])
def test_views_ask_the_database_a_bounded_number_of_times(
    owner: Client, plan: Planned, view: str
) -> None:
    plan.release("schedule", "demo/second", schedule(CYCLE, {"singleStart": "09:00"}))
    plan.once()
    address = f"{plan.at}?view={view}"
    owner.get(address)
    with CaptureQueriesContext(connection) as asked:
        assert owner.get(address).status_code == 200
    assert len(asked) <= MOST_QUERIES, [q["sql"][:100] for q in asked.captured_queries]


def test_days_that_are_none_have_no_page(owner: Client, plan: Planned) -> None:
    for address in ("/plan/2026-02-30/", "/plan/tomorrow/", "/plan/2026-13-01/lanes/"):
        assert owner.get(address).status_code == 404
