"""The schedule editor: workflows, days and times by forms, next starts, warnings, crontab lines."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from inventory import edit
from inventory.editing.values import tree_of
from inventory.models import Item
from tests.component.pages.reading import HTMX, text_of

PATH = "demo/closing"
HERE = f"/inventory/schedule/{PATH}/"
WEEKDAYS = "type: WORKINGDAYSCALENDAR\nincludes: {weekdays: [{days: [1, 2, 3, 4, 5]}]}\n"
EVERY_DAY = "type: WORKINGDAYSCALENDAR\nincludes: {weekdays: [{days: [0, 1, 2, 3, 4, 5, 6]}]}\n"
HOLIDAYS = "type: NONWORKINGDAYSCALENDAR\nincludes: {holidays: [{nationalCalendar: DE}]}\n"
WORKFLOW = """\
orderPreparation:
  parameters:
    region: {type: String, default: "'eu'"}
    limit: {type: Number}
instructions: [{TYPE: Execute.Named, jobName: a}]
jobs:
  a: {agentName: agent-1, executable: {TYPE: ShellScriptExecutable, script: "true"}}
"""
SOURCE = """\
# when it closes
title: Closing
workflowName: close
planOrderAutomatically: true
submitOrderToControllerWhenPlanned: true
calendars:
  - calendarName: weekdays  # of the company
    timeZone: Europe/Berlin
    periods:
      - {singleStart: "06:00"}  # early
"""


@pytest.fixture
def schedule(db: None) -> str:
    edit.put_draft("calendar", "demo/weekdays", WEEKDAYS, account="ada")
    edit.put_draft("calendar", "demo/daily", EVERY_DAY, account="ada")
    edit.put_draft("calendar", "demo/holidays-de", HOLIDAYS, account="ada")
    edit.put_draft("workflow", "demo/close", WORKFLOW, account="ada")
    edit.put_draft("schedule", PATH, SOURCE, account="ada")
    return PATH


def draft() -> Item:
    return Item.objects.get(kind="schedule", path=PATH)


def tree() -> Any:
    return tree_of(draft().source)


def post(client: Client, address: str = HERE, **given: Any) -> Any:
    no = given.pop("edit_no", None) or draft().edit_no
    return client.post(address, {"act": "keep", "edit_no": no, **given})


def test_the_next_starts_are_told_in_two_zones_with_their_reason(
    owner: Client, schedule: str
) -> None:
    page = owner.get(HERE)
    starts = page.context["starts"]
    assert len(starts) >= 10
    assert all(" 06:00 +0" in start.local for start in starts)
    assert all(start.next.astimezone(UTC).hour in (4, 5) for start in starts)
    assert "Included: every Monday to Friday." in text_of(page)
    assert "On days of weekdays at 06:00 (Europe/Berlin)." in text_of(page)
    assert f'datetime="{starts[0].next:%Y-%m-%dT%H}' in page.content.decode()


def test_a_cyclic_time_is_one_row(owner: Client, schedule: str) -> None:
    given = {"mode": "cyclic", "begin": "8:00", "end": "18:00", "repeat": "00:15"}
    assert post(owner, kind="period", to="calendars[0]", **given).status_code == 303
    assert tree()["calendars"][0]["periods"][1] == {
        "begin": "08:00", "end": "18:00", "repeat": "00:15",
    }  # fmt: skip
    rows = [s for s in owner.get(HERE).context["starts"] if s.starts == 40]
    assert rows
    assert "08:00" in rows[0].local
    assert "17:45" in rows[0].last_local
    assert "# early" in draft().source


def test_workflows_are_added_and_removed(owner: Client, schedule: str) -> None:
    assert post(owner, kind="workflow", workflow="other").status_code == 303
    assert tree()["workflowNames"] == ["close", "other"]
    assert "workflowName" not in tree()
    assert "There is no such workflow." in text_of(owner.get(HERE))
    twice = post(owner, kind="workflow", workflow="close")
    assert twice.status_code == 422
    assert post(owner, act="remove", at="workflowNames[1]").status_code == 303
    assert tree()["workflowNames"] == ["close"]


def test_a_calendar_with_its_policies_is_added_changed_and_removed(
    owner: Client, schedule: str
) -> None:
    given = {"calendarName": "daily", "timeZone": "Asia/Tokyo", "singleStart": "22:30",
             "overlapPolicy": "second", "gapPolicy": "skip"}  # fmt: skip
    assert post(owner, kind="entry", to="entry", **given).status_code == 303
    assert tree()["calendars"][1] == {
        "calendarName": "daily", "timeZone": "Asia/Tokyo", "gapPolicy": "skip",
        "overlapPolicy": "second", "periods": [{"singleStart": "22:30"}],
    }  # fmt: skip
    shown = owner.get(HERE, {"at": "calendars[1]"}).context["form"].given
    assert shown["gapPolicy"] == ["skip"]
    changed = {"calendarName": "daily", "timeZone": "Europe/Paris", "gapPolicy": "shift_forward"}
    post(owner, kind="entry", at="calendars[1]", **changed)
    assert tree()["calendars"][1] == {
        "calendarName": "daily", "timeZone": "Europe/Paris", "periods": [{"singleStart": "22:30"}],
    }  # fmt: skip
    post(owner, act="remove", at="calendars[1]")
    assert tree() == tree_of(SOURCE)
    assert "# of the company" in draft().source


def test_a_restriction_takes_the_fourth_working_day(owner: Client, schedule: str) -> None:
    given: dict[str, Any] = {"kind": "monthdays", "to": "calendars[0].includes", "monthdays": ["4"]}
    assert post(owner, **given).status_code == 303
    assert tree()["calendars"][0]["includes"] == {"monthdays": [{"days": [4]}]}
    text = text_of(owner.get(HERE))
    assert "only the 4th of these days of each month" in text
    post(owner, act="remove", at="calendars[0].includes.monthdays[0]")
    assert "4th" not in text_of(owner.get(HERE))


def test_starts_are_moved_from_non_working_days_and_marked(owner: Client, schedule: str) -> None:
    post(owner, kind="nonworking", to="nonworking", calendarName="holidays-de")
    assert tree()["nonWorkingDayCalendars"] == [{"calendarName": "holidays-de"}]
    given = {"mode": "single", "singleStart": "06:00", "whenHoliday": "NEXTNONWORKINGDAY"}
    post(owner, kind="period", at="calendars[0].periods[0]", **given)
    page = owner.get(HERE)
    cells = [c for m in page.context["months"] for w in m.weeks for c in w if c.sign]
    assert any("moved to" in cell.says and "hatched" in cell.css for cell in cells)
    assert any("moved here from" in cell.says and cell.css.startswith("in") for cell in cells)
    moved = next(cell for cell in cells if "moved to" in cell.says)
    reason = owner.get(HERE, {"day": str(moved.day), "part": "day"}, headers=HTMX)
    assert "A non-working day of holidays-de; moved to" in text_of(reason)


def test_orders_are_given_typed_variables(owner: Client, schedule: str) -> None:
    form = owner.get(HERE, {"kind": "orders"})
    assert [f.name for f in form.context["form"].more["fields"]] == ["region", "limit"]
    wrong = post(owner, kind="orders", to="orders", **{"arg.limit": "many", "priority": "x"})
    assert wrong.status_code == 422
    assert {p["place"] for p in wrong.context["form_problems"]} == {"arguments.limit", "priority"}
    given = {"orderName": "eu", "arg.region": "eu", "arg.limit": "3", "tags": "a, b",
             "priority": "5", "forceJobAdmission": "1", "startPosition": "load",
             "endPositions": '[2, "then", 0]'}  # fmt: skip
    assert post(owner, kind="orders", to="orders", **given).status_code == 303
    assert tree()["orderParameterisations"] == [{
        "orderName": "eu", "tags": ["a", "b"], "forceJobAdmission": True, "priority": 5,
        "positions": {"startPosition": "load", "endPositions": [[2, "then", 0]]},
        "variables": {"region": "eu", "limit": 3},
    }]  # fmt: skip
    shown = owner.get(HERE, {"at": "orderParameterisations[0]"}).context["form"].given
    assert (shown["arg.limit"], shown["priority"], shown["tags"]) == (["3"], ["5"], ["a b"])
    assert shown["endPositions"] == ['[2, "then", 0]']


def test_planning_is_switched(owner: Client, schedule: str) -> None:
    post(owner, kind="head", title="Closing", planOrderAutomatically="1")
    assert "submitOrderToControllerWhenPlanned" not in tree()
    assert "somebody has to submit it" in text_of(owner.get(HERE))
    post(owner, kind="head", title="")
    assert "somebody has to plan each day" in text_of(owner.get(HERE))


@pytest.mark.parametrize(
    ("kind", "to", "fields", "place"),
    [
        ("workflow", "workflow", {}, "workflow"),
        ("entry", "entry", {"timeZone": "Europe/Berlin"}, "calendarName"),
        ("entry", "entry", {"calendarName": "daily", "timeZone": "Mars"}, "timeZone"),
        ("entry", "entry", {"calendarName": "daily", "timeZone": "UTC", "singleStart": "6"},
         "singleStart"),
        ("period", "calendars[0]", {"mode": "single"}, "singleStart"),
        ("period", "calendars[0]", {"mode": "single", "singleStart": "25:00"}, "singleStart"),
        ("period", "calendars[0]", {"mode": "cyclic"}, "repeat"),
        ("period", "calendars[0]", {"mode": "cyclic", "repeat": "00:00"}, "repeat"),
        ("period", "calendars[0]", {"mode": "cyclic", "repeat": "1:00", "begin": "24:00"}, "begin"),
        ("nonworking", "nonworking", {}, "calendarName"),
        ("orders", "orders", {"blockPosition": "[1"}, "blockPosition"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_kept(
    owner: Client, schedule: str, kind: str, to: str, fields: dict[str, str], place: str
) -> None:
    response = post(owner, kind=kind, to=to, **fields)
    assert response.status_code == 422
    assert place in {p["place"] for p in response.context["form_problems"]}
    assert draft().source == SOURCE


def test_a_draft_that_was_changed_meanwhile_is_not_overwritten(
    owner: Client, schedule: str
) -> None:
    post(owner, kind="head", title="First", planOrderAutomatically="1")
    late = post(owner, kind="head", title="Second", edit_no=1)
    assert late.status_code == 409
    assert tree()["title"] == "First"
    gone = post(owner, act="remove", at="calendars[3]")
    assert gone.status_code == 409


def test_a_change_is_tried_without_being_kept(owner: Client, schedule: str) -> None:
    given = {"mode": "single", "singleStart": "07:30"}
    tried = post(owner, act="try", kind="period", at="calendars[0].periods[0]", **given)
    assert " 07:30 +0" in tried.context["starts"][0].local
    assert draft().source == SOURCE


def test_people_are_warned(owner: Client, schedule: str) -> None:
    text = text_of(owner.get(HERE))
    assert "The calendar weekdays is not released as its draft says." in text
    post(owner, kind="entry", at="calendars[0]", calendarName="daily", timeZone="Europe/Berlin")
    post(owner, kind="period", at="calendars[0].periods[0]", mode="single", singleStart="02:30")
    text = text_of(owner.get(HERE))
    assert "02:30 does not exist on" in text
    assert "02:30 takes place at 03:30" in text
    second = {"mode": "cyclic", "repeat": "00:00:01"}
    post(owner, kind="period", at="calendars[0].periods[0]", **second)
    assert "more than 50,000" in text_of(owner.get(HERE))
    past = "type: WORKINGDAYSCALENDAR\nto: 2020-01-01\nincludes: {weekdays: [{days: [1]}]}\n"
    edit.put_draft("calendar", "demo/daily", past, account="ada")
    post(owner, kind="period", at="calendars[0].periods[0]", mode="single", singleStart="06:00")
    assert "Nothing starts within a year." in text_of(owner.get(HERE))


def test_a_crontab_line_is_understood_in_words_and_taken_over(owner: Client, schedule: str) -> None:
    given = {"kind": "cron", "line": "30 6 * * 1-5 /opt/report.sh", "zone": "Europe/Berlin",
             "name": "report-days"}  # fmt: skip
    told = post(owner, act="read", **given)
    assert "Every Monday to Friday, at 06:30 (Europe/Berlin)." in text_of(told)
    assert "/opt/report.sh" in text_of(told)
    assert draft().source == SOURCE
    assert post(owner, **given).status_code == 303
    assert Item.objects.get(kind="calendar", path="demo/report-days").valid
    entry = tree()["calendars"][1]
    assert entry["calendarName"] == "report-days"
    assert entry["periods"] == [{"singleStart": "06:30:00"}]
    assert draft().valid


def test_a_crontab_line_that_cannot_be_taken_over_changes_nothing(
    owner: Client, schedule: str
) -> None:
    for line in ("", "@reboot x", "61 * * * * x", "PATH=/bin"):
        refused = post(owner, kind="cron", line=line, zone="Europe/Berlin")
        assert refused.status_code == 422, line
    given = {"line": "0 6 * * 1", "zone": "UTC", "name": "weekdays"}
    taken = post(owner, kind="cron", **given)
    assert taken.status_code == 422
    assert "There is a calendar with the name" in text_of(taken) or "weekdays" in text_of(taken)
    assert draft().source == SOURCE
    assert Item.objects.get(kind="calendar", name="weekdays").source == WEEKDAYS


def test_a_new_schedule_is_made_by_a_form(owner: Client, schedule: str) -> None:
    given = {"path": "demo/new", "title": "New", "workflow": "close", "calendarName": "weekdays",
             "timeZone": "Europe/Berlin", "singleStart": "06:00", "by_itself": "1"}  # fmt: skip
    made = owner.post("/inventory/schedule/-/new/", given)
    assert made["Location"] == "/inventory/schedule/demo/new/"
    item = Item.objects.get(kind="schedule", path="demo/new")
    assert item.valid
    found = tree_of(item.source)
    assert found["planOrderAutomatically"] is True
    assert found["calendars"][0]["periods"] == [{"singleStart": "06:00"}]
    empty = owner.post("/inventory/schedule/-/new/", {"path": "demo/more"})
    assert empty.status_code == 422
    assert {p["place"] for p in empty.context["problems"]} >= {"workflow", "calendarName"}


def test_a_very_frequent_schedule_answers_soon(owner: Client, schedule: str) -> None:
    given = {"mode": "cyclic", "repeat": "00:00:01"}
    post(owner, kind="period", to="calendars[0]", **given)
    begin = datetime.now(UTC)
    assert owner.get(HERE).status_code == 200
    assert datetime.now(UTC) - begin < timedelta(seconds=5)


def test_who_may_only_look_changes_nothing(colleague: Client, schedule: str) -> None:
    page = colleague.get(HERE, {"kind": "entry"})
    assert page.status_code == 200
    assert 'name="edit_no"' not in page.content.decode()
    assert post(colleague, kind="head", title="x").status_code == 403
    assert draft().source == SOURCE


def test_a_draft_that_cannot_be_read_leads_to_its_source(owner: Client, schedule: str) -> None:
    edit.put_draft("schedule", PATH, "calendars: 7\n", account="ada")
    page = owner.get(HERE)
    assert page.status_code == 200
    assert "cannot be read" in text_of(page)
    assert "calendars: 7" in text_of(owner.get(f"{HERE}-/source/"))
