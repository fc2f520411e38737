"""The list of calendars, and feeds read again by the library that calendar programs use."""

import datetime as dt
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from icalendar import Calendar

from cockpit.access.tokens import issue
from cockpit.pages.calendar_ics import Entry, feed
from inventory import edit
from tests.component.pages.reading import text_of
from tests.component.pages.releasing import release

DAILY = {"type": "WORKINGDAYSCALENDAR", "title": "Days, all; of\\them",
         "includes": {"weekdays": [{"days": [0, 1, 2, 3, 4, 5, 6]}]}}  # fmt: skip
PATH = "demo/daily"
FEED = f"/feeds/calendar/{PATH}.ics"
SCHEDULE = {
    "workflowNames": ["close"], "planOrderAutomatically": True,
    "calendars": [{"calendarName": "daily", "timeZone": "Europe/Berlin", "periods": [
        {"singleStart": "06:00"}, {"begin": "08:00", "end": "10:00", "repeat": "00:30"}]}],
}  # fmt: skip


@pytest.fixture
def released(db: None) -> None:
    release("calendar", PATH, DAILY)
    release("schedule", "demo/closing", SCHEDULE)


def events(response: Any) -> list[Any]:
    assert response.status_code == 200, response.content
    assert response["Content-Type"].startswith("text/calendar")
    return list(Calendar.from_ical(response.content).walk("VEVENT"))


def keyed(owner: Client, of: str) -> str:
    return str(owner.get("/resources/calendars/-/subscribe/", {"of": of}).context["keyed"])


def test_the_days_of_a_calendar_are_whole_days(owner: Client, released: None) -> None:
    found = events(owner.get(FEED))
    days = {event.decoded("dtstart") for event in found}
    today = dt.datetime.now(dt.UTC).date()
    assert {today, today + dt.timedelta(days=400)} <= days
    assert all(type(day) is dt.date for day in days)
    assert {str(event["summary"]) for event in found} == {"Days, all; of\\them"}
    assert len({str(event["uid"]) for event in found}) == len(found)


def test_the_starts_of_a_schedule_are_moments_and_cycles_are_folded(
    owner: Client, released: None
) -> None:
    found = events(owner.get("/feeds/schedule/demo/closing.ics"))
    singles = [event for event in found if "dtend" not in event]
    cycles = [event for event in found if "dtend" in event]
    assert {event.decoded("dtstart").hour for event in singles} <= {4, 5}
    assert "4 starts" in str(cycles[0]["summary"])
    length = cycles[0].decoded("dtend") - cycles[0].decoded("dtstart")
    assert length == dt.timedelta(minutes=90)


def test_the_plan_is_a_feed(owner: Client, released: None) -> None:
    assert events(owner.get("/feeds/plan.ics")) == []


def test_a_feed_is_the_same_until_something_changes(owner: Client, released: None) -> None:
    first, second = (
        [(str(e["uid"]), e.decoded("dtstart")) for e in events(owner.get(FEED))] for _ in range(2)
    )
    assert first == second


def test_an_address_with_a_key_shows_its_feed_and_nothing_else(
    owner: Client, stranger: Client, released: None
) -> None:
    address = urlsplit(keyed(owner, f"calendar:{PATH}"))
    key = parse_qs(address.query)["key"][0]
    assert events(stranger.get(address.path, {"key": key}))
    for other in ("/feeds/plan.ics", "/feeds/schedule/demo/closing.ics"):
        assert stranger.get(other, {"key": key}).status_code == 401
    for other in ("/orders/", "/api/v1/orders/"):
        assert stranger.get(other, {"key": key}).status_code in (302, 401, 403)
    assert stranger.get(FEED, {"key": f"{key}x"}).status_code == 401
    assert stranger.get(FEED, {"key": ""}).status_code == 401


def test_a_key_ends_with_the_password_and_with_the_account(
    owner: Client, stranger: Client, released: None
) -> None:
    address = keyed(owner, f"calendar:{PATH}")
    user = get_user_model().objects.get(username="ada")
    get_user_model().objects.filter(pk=user.pk).update(is_active=False)
    assert stranger.get(address).status_code == 401
    get_user_model().objects.filter(pk=user.pk).update(is_active=True)
    assert stranger.get(address).status_code == 200
    user.set_password("another-one")
    user.save()
    assert stranger.get(address).status_code == 401


def test_tokens_of_the_api_open_feeds_and_nobody_else_does(
    owner: Client, stranger: Client, released: None
) -> None:
    user = get_user_model().objects.get(username="ada")
    _, secret = issue(user, "calendar", scopes=["read"])
    assert events(stranger.get(FEED, headers={"Authorization": f"Token {secret}"}))
    for headers in ({}, {"Authorization": "Token stw_wrong"}):
        assert stranger.get(FEED, headers=headers).status_code == 401


def test_what_is_not_released_has_no_feed(owner: Client, released: None) -> None:
    assert owner.get("/feeds/calendar/demo/nobody.ics").status_code == 404
    page = owner.get("/resources/calendars/-/subscribe/", {"of": "calendar:demo/nobody"})
    assert page.status_code == 404


def test_hostile_texts_stay_texts_of_one_event() -> None:
    evil = "A\r\nEND:VEVENT\r\nBEGIN:VEVENT\nSUMMARY:x;,:\\ \N{SNOWMAN}" + "long " * 40
    now = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    raw = feed(evil, [Entry("u", dt.date(2026, 1, 1), evil, description=evil)], now)
    (event,) = Calendar.from_ical(raw).walk("VEVENT")
    assert str(event["summary"]) == " ".join(evil.split())
    assert str(event["description"]) == evil.replace("\r", "")
    assert all(len(line) <= 75 for line in raw.split(b"\r\n"))
    assert raw.count(b"\r\nBEGIN:VEVENT\r\n") == 1


def test_the_list_tells_next_days_and_users(owner: Client, released: None) -> None:
    daily = "type: WORKINGDAYSCALENDAR\nincludes: {weekdays: [{days: [0, 1, 2, 3, 4, 5, 6]}]}\n"
    edit.put_draft("calendar", PATH, daily, account="ada")
    closing = (
        "workflowName: close\ncalendars:\n"
        "  - {calendarName: daily, periods: [{singleStart: '06:00'}]}\n"
    )
    edit.put_draft("schedule", "demo/closing", closing, account="ada")
    page = owner.get("/resources/calendars/", {"sel": PATH})
    (line,) = page.context["lines"]
    assert line.users == 1
    assert line.next[0] == dt.datetime.now(dt.UTC).date()
    assert "every day" in text_of(page)
    assert len(page.context["months"]) == 12
    assert "subscribe/?of=calendar" in page.content.decode()
    assert "No calendar matches" in text_of(owner.get("/resources/calendars/", {"q": "none"}))
