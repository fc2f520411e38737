"""The calendar editor: rules by forms, months, reasons, differences."""

import json
from datetime import date
from typing import Any

import pytest
from django.test import Client

from cockpit.models import AuditEntry
from inventory import edit
from inventory.editing.values import tree_of
from inventory.models import Item
from tests.component.pages.reading import HTMX, text_of
from tests.component.pages.releasing import release

PATH = "demo/close-weekdays"
HERE = f"/inventory/calendar/{PATH}/"
SOURCE = """\
# who closes when
title: Closing days
type: WORKINGDAYSCALENDAR
includes:
  weekdays:
    - {days: [1, 2, 3, 4, 5]}  # Monday to Friday
excludes:
  # the law
  holidays:
    - {nationalCalendar: DE-BY}
  dates: [2026-12-24, 2026-12-31]
"""
RULES: list[tuple[str, str, dict[str, Any], Any]] = [
    ("includes", "weekdays", {"days": ["6", "0"], "from": "2026-05-01"},
     {"days": [0, 6], "from": "2026-05-01"}),
    ("includes", "monthdays", {"monthdays": ["1", "15"], "weekly": ["2-2"]},
     {"days": [1, 15], "weeklyDays": [{"day": 2, "weekOfMonth": 2}]}),
    ("excludes", "ultimos", {"monthdays": ["1"], "to_day": "2026-12-31"},
     {"days": [1], "to": "2026-12-31"}),
    ("includes", "repetitions", {"step": "2", "repetition": "WEEKLY", "from": "2026-01-07"},
     {"repetition": "WEEKLY", "step": 2, "from": "2026-01-07"}),
    ("excludes", "holidays", {"country": "AT", "region": "3"}, {"nationalCalendar": "AT-3"}),
    ("excludes", "easter", {"easter": ["-2", "1"], "other": "40"}, {"days": [-2, 1, 40]}),
    ("excludes", "nonWorkingDayCalendars", {"calendar": "holidays-de"}, "holidays-de"),
    ("includes", "months", {"months": ["3", "9"]}, {"months": [3, 9]}),
]  # fmt: skip


@pytest.fixture
def calendar(db: None) -> str:
    edit.put_draft("calendar", PATH, SOURCE, account="ada")
    return PATH


def draft() -> Item:
    return Item.objects.get(kind="calendar", path=PATH)


def tree() -> Any:
    return tree_of(draft().source)


def post(client: Client, address: str = HERE, **given: Any) -> Any:
    no = given.pop("edit_no", None) or draft().edit_no
    headers = given.pop("headers", {})
    return client.post(address, {"act": "keep", "edit_no": no, **given}, headers=headers)


def test_the_page_says_rules_words_and_months(owner: Client, calendar: str) -> None:
    page = owner.get(HERE, {"year": "2026"})
    text = text_of(page)
    assert "Every Monday to Friday, not on 2026-12-24 and 2026-12-31 or on public holidays" in text
    assert "2026-12-25 Christmas Day" in text
    assert "December 2026" in text
    assert page.context["shown"].days == 250


@pytest.mark.parametrize(("side", "kind", "fields", "value"), RULES)
def test_a_rule_of_each_kind_is_added_shown_changed_and_removed(
    owner: Client, calendar: str, side: str, kind: str, fields: dict[str, Any], value: Any
) -> None:
    form = owner.get(HERE, {"to": side, "kind": kind})
    assert 'id="rule-form"' in form.content.decode()
    before = tree()
    assert post(owner, kind=kind, to=side, **fields).status_code == 303
    added = tree()[side][kind]
    assert added[-1] == value
    at = f"{side}.{kind}[{len(added) - 1}]"
    again = owner.get(HERE, {"at": at})
    shown = again.context["form"].given
    for name, said in fields.items():
        assert sorted(shown[name]) == sorted(said if isinstance(said, list) else [said]), name
    changed = {**fields, **({"calendar": "others"} if kind.startswith("non") else {})}
    assert post(owner, kind=kind, at=at, **changed).status_code == 303
    assert post(owner, act="remove", at=at).status_code == 303
    assert tree() == before
    assert "# the law" in draft().source
    assert {e.verb for e in AuditEntry.objects.all()} == {"edit"}


def test_single_dates_are_one_list(owner: Client, calendar: str) -> None:
    post(owner, kind="dates", to="excludes", dates="2027-01-02 2026-12-24\n2027-01-01")
    assert tree()["excludes"]["dates"] == ["2026-12-24", "2026-12-31", "2027-01-01", "2027-01-02"]
    post(owner, kind="dates", at="excludes.dates", dates="2027-01-01")
    assert tree()["excludes"]["dates"] == ["2027-01-01"]
    post(owner, act="remove", at="excludes.dates")
    assert "dates" not in tree()["excludes"]


def test_rules_for_some_months_share_them_and_take_them_along(owner: Client, calendar: str) -> None:
    post(owner, kind="weekdays", to="includes", days=["6"], months=["3", "9"])
    post(owner, kind="ultimos", to="includes", monthdays=["1"], months=["9", "3"])
    (group,) = tree()["includes"]["months"]
    assert group == {"months": [3, 9], "weekdays": [{"days": [6]}], "ultimos": [{"days": [1]}]}
    post(owner, kind="weekdays", to="includes.months[0]", days=["0"])
    assert tree()["includes"]["months"][0]["weekdays"] == [{"days": [6]}, {"days": [0]}]
    assert "Every Saturday in March and September" in text_of(owner.get(HERE))
    for at in ("weekdays[1]", "weekdays[0]", "ultimos[0]"):
        post(owner, act="remove", at=f"includes.months[0].{at}")
    assert "months" not in tree()["includes"]


def test_title_type_and_validity_are_changed(owner: Client, calendar: str) -> None:
    given = {"title": "Other", "type": "NONWORKINGDAYSCALENDAR", "from": "2026-02-01", "to_day": ""}
    assert post(owner, kind="head", **given).status_code == 303
    found = tree()
    assert (found["title"], found["from"], "to" in found) == ("Other", "2026-02-01", False)
    assert draft().source.startswith("# who closes when\ntitle: Other\n")


@pytest.mark.parametrize(
    ("kind", "fields", "place", "sentence"),
    [
        ("weekdays", {}, "days", "at least one day"),
        ("weekdays", {"days": "1", "from": "2026-02-30"}, "from", "2026-02-30 is no date"),
        ("weekdays", {"days": "1", "from": "2026-03-01", "to_day": "2026-02-01"}, "to", "before"),
        ("monthdays", {}, "monthdays", "nth weekdays"),
        ("repetitions", {"repetition": "DAILY", "step": "0"}, "step", "from 1"),
        ("repetitions", {"repetition": "DAILY", "step": "2"}, "from", "needs the day"),
        ("dates", {"dates": "tomorrow"}, "dates", "tomorrow is no date"),
        ("easter", {"other": "x"}, "other", "x is no number"),
        ("nonWorkingDayCalendars", {}, "calendar", "Choose a calendar"),
        ("months", {}, "months", "at least one month"),
        ("head", {"type": "x"}, "type", "Choose"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_kept(
    owner: Client, calendar: str, kind: str, fields: dict[str, str], place: str, sentence: str
) -> None:
    response = post(owner, kind=kind, to="excludes", **fields)
    assert response.status_code == 422
    (problem,) = [p for p in response.context["form_problems"] if p["place"] == place]
    assert sentence in problem["text"]
    assert draft().source == SOURCE


def test_a_draft_that_was_changed_meanwhile_is_not_overwritten(
    owner: Client, calendar: str
) -> None:
    post(owner, kind="weekdays", to="includes", days=["6"])
    now = draft().source
    late = post(owner, kind="weekdays", to="includes", days=["0"], edit_no=1)
    assert late.status_code == 409
    assert "nothing of yours was kept" in text_of(late)
    assert late.context["form"].given["days"] == ["0"]
    assert draft().source == now
    gone = post(owner, kind="weekdays", at="includes.weekdays[7]", days=["0"])
    assert gone.status_code == 409


def test_a_change_is_tried_without_being_kept(owner: Client, calendar: str) -> None:
    address = f"{HERE}?year=2026"
    tried = post(owner, address, act="try", kind="weekdays", to="includes", days=["6"])
    assert tried.context["shown"].days == 250 + 50  # two of 52 Saturdays are holidays
    assert "Preview of the change" in text_of(tried)
    assert draft().source == SOURCE
    wrong = post(owner, address, act="try", kind="weekdays", to="includes")
    assert "at least one day" in text_of(wrong)


def test_a_day_says_which_rule_decides(owner: Client, calendar: str) -> None:
    page = owner.get(HERE, {"day": "2026-12-31"})
    assert "Excluded: on 2026-12-31." in text_of(page)
    assert page.context["number"] == 3
    part = owner.get(HERE, {"day": "2026-12-25", "part": "day"}, headers=HTMX)
    assert "Excluded: on public holidays of DE-BY." in text_of(part)
    assert "<html" not in part.content.decode()
    inside = owner.get(HERE, {"day": "2026-12-28"})
    assert "Included: every Monday to Friday." in text_of(inside)


def test_inverted_shows_the_other_days(owner: Client, calendar: str) -> None:
    months = owner.get(HERE, {"year": "2026", "view": "inverted"}).context["shown"].months
    assert sum(month.total for month in months) == 365 - 250


def test_the_difference_to_what_is_released_is_counted_and_marked(
    owner: Client, calendar: str
) -> None:
    old = {"type": "WORKINGDAYSCALENDAR", "includes": {"weekdays": [{"days": [1, 2, 3, 4, 5]}]},
           "excludes": {"dates": ["2026-11-02"]}}  # fmt: skip
    release("calendar", PATH, old)
    page = owner.get(HERE, {"year": "2026", "diff": "1"})
    shown = page.context["shown"]
    assert (shown.more, shown.fewer) == (1, 11)
    cells = {c.day: c for m in shown.months for w in m.weeks for c in w if c.day}
    assert "added" in cells[date(2026, 11, 2)].css
    assert "removed" in cells[date(2026, 12, 25)].css
    assert "+1" in text_of(page)


def test_days_of_other_calendars_come_from_their_drafts(owner: Client, calendar: str) -> None:
    other = "type: NONWORKINGDAYSCALENDAR\nincludes: {weekdays: [{days: [1]}]}\n"
    edit.put_draft("calendar", "demo/mondays", other, account="ada")
    form = owner.get(HERE, {"to": "excludes", "kind": "nonWorkingDayCalendars"})
    assert [c.name for c in form.context["form"].choices] == ["mondays"]
    post(owner, kind="nonWorkingDayCalendars", to="excludes", calendar="mondays")
    page = owner.get(HERE, {"day": "2026-11-23"})
    assert "Excluded: a day of mondays." in text_of(page)


def test_problems_of_the_draft_stand_at_their_rules(owner: Client, calendar: str) -> None:
    post(owner, kind="nonWorkingDayCalendars", to="excludes", calendar="nobody")
    page = owner.get(HERE)
    (card,) = [c for c in page.context["excludes"] if c.problems]
    assert card.problems == ('There is no calendar "nobody".',)
    assert page.context["shown"].problem == "There is no calendar nobody."


def test_a_draft_that_cannot_be_read_leads_to_its_source(owner: Client, calendar: str) -> None:
    edit.put_draft("calendar", PATH, "type: X\nincludes: 7\n", account="ada")
    page = owner.get(HERE)
    assert page.status_code == 200
    assert "cannot be read" in text_of(page)
    source = owner.get(f"{HERE}-/source/")
    assert "includes: 7" in text_of(source)
    kept = owner.post(HERE, {"source": SOURCE, "edit_no": draft().edit_no})
    assert kept.status_code == 303
    assert draft().source == SOURCE


def test_parts_come_alone_to_htmx_and_whole_to_others(owner: Client, calendar: str) -> None:
    kept = post(owner, kind="weekdays", to="includes", days=["6"], headers=HTMX)
    assert kept.status_code == 200
    assert kept["HX-Push-Url"] == HERE
    assert "<html" not in kept.content.decode()
    back = owner.get(HERE, headers={**HTMX, "HX-History-Restore-Request": "true"})
    assert "<html" in back.content.decode()


def test_who_may_only_look_sees_no_form_and_changes_nothing(
    colleague: Client, calendar: str
) -> None:
    page = colleague.get(HERE, {"to": "includes", "kind": "weekdays"}).content.decode()
    assert 'name="edit_no"' not in page
    assert "Release" not in page
    refused = post(colleague, kind="weekdays", to="includes", days=["6"])
    assert refused.status_code == 403
    assert draft().source == SOURCE


@pytest.mark.parametrize("given", [
    {"kind": "weekdays", "to": "a[", "days": "1"}, {"kind": "x", "to": "includes"},
    {"kind": "weekdays", "at": "title", "days": "1"}, {"act": "remove", "at": "../x"},
    {"kind": "weekdays", "days": "1"}, {"act": "remove", "at": ""},
])  # fmt: skip
def test_forms_that_do_not_fit_are_refused(
    owner: Client, calendar: str, given: dict[str, str]
) -> None:
    assert post(owner, **given).status_code == 409
    assert draft().source == SOURCE


def test_nothing_of_a_document_becomes_markup(owner: Client, db: None) -> None:
    evil = "<script>alert('x')</script>"
    source = {
        "title": evil, "type": "WORKINGDAYSCALENDAR",
        "includes": {"holidays": [{"nationalCalendar": evil, "dates": ["2026-01-01"]}]},
        "excludes": {"nonWorkingDayCalendars": [evil]},
    }  # fmt: skip
    edit.put_draft("calendar", PATH, json.dumps(source), account="ada")
    for query in ({}, {"at": "includes.holidays[0]"}, {"form": "head"}, {"day": "2026-01-01"}):
        assert "<script>alert" not in owner.get(HERE, query).content.decode()


def test_a_new_calendar_is_made_by_a_form(owner: Client, db: None) -> None:
    page = owner.get("/inventory/calendar/-/new/", {"folder": "demo"})
    assert page.context["given"]["path"] == ["demo/"]
    given = {"path": "demo/days", "title": "Days: all", "begin": "weekdays",
             "type": "WORKINGDAYSCALENDAR"}  # fmt: skip
    made = owner.post("/inventory/calendar/-/new/", given)
    assert made["Location"] == "/inventory/calendar/demo/days/"
    assert Item.objects.get(path="demo/days").valid
    twice = owner.post("/inventory/calendar/-/new/", {**given, "path": "other/days"})
    assert twice.status_code == 422
    assert "Names are unique" in text_of(twice)
