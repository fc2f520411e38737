"""Days and starts as iCalendar (RFC 5545), for the calendars that people have open. Pure.

The library writes the signs; here is what an event of ours is.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import NamedTuple

from icalendar import Calendar, Event, vText

PRODUCT = "-//Stellwerk//Cockpit//EN"
REFRESH = timedelta(hours=1)


class Entry(NamedTuple):
    """An event. `begin` is a day, or a moment in UTC; `uid` stays the same from feed to feed.

    `end` is exclusive; an event without one takes no time. `address` leads to a page.
    """

    uid: str
    begin: date | datetime
    summary: str
    end: datetime | None = None
    description: str = ""
    address: str = ""


def feed(name: str, entries: Iterable[Entry], stamp: datetime) -> bytes:
    """Return a feed.

    Args:
        name: what calendar programs show.
        entries: in any order.
        stamp: when the feed was made, UTC.
    """
    found = Calendar()
    found.add("prodid", PRODUCT)
    found.add("version", "2.0")
    found.add("calscale", "GREGORIAN")
    found.add("method", "PUBLISH")
    for field in ("name", "x-wr-calname"):
        found.add(field, vText(_line(name)))
    found.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    found.add("x-published-ttl", "PT1H")
    for entry in entries:
        found.add_component(_event(entry, stamp))
    return bytes(found.to_ical())


def _event(entry: Entry, stamp: datetime) -> Event:
    event = Event()
    event.add("uid", entry.uid)
    event.add("dtstamp", stamp)
    event.add("dtstart", entry.begin)
    event.add("summary", vText(_line(entry.summary)))
    if entry.end is not None:
        event.add("dtend", entry.end)
    if entry.description:
        event.add("description", vText(_text(entry.description)))
    if entry.address:
        event.add("url", entry.address)
    # Nobody is busy because a job runs.
    event.add("transp", "TRANSPARENT")
    return event


def _line(text: str) -> str:
    """Return a text on one line; the library leaves line ends in some fields as they are."""
    return " ".join(_text(text).split())


def _text(text: str) -> str:
    """Return a text without signs that iCalendar does not have."""
    return "".join(sign for sign in text if sign == "\n" or sign.isprintable())
