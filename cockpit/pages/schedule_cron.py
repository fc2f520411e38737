"""A crontab line as calendars and times of a schedule: what was understood of it. Pure."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec

from timetable.calendar import NO_RESTRICTION
from timetable.calendar_words import calendar_sentence, restriction_sentence
from timetable.crontab import convert
from timetable.errors import CrontabLineRefused, CronUnreadable, ZoneUnknown
from timetable.phrases import listed
from timetable.schedule_words import period_sentence

LONGEST_LINE = 1_000


class Understood(NamedTuple):
    """What a line means; `calendars` and `entries` are documents as JSON has them."""

    line: str
    sentences: tuple[str, ...]
    command: str
    calendars: Mapping[str, dict[str, Any]]
    entries: tuple[dict[str, Any], ...]


class LineRefused(Exception):
    """A line that says no times; the message is a sentence."""


def understood(line: str, zone: str, name: str) -> Understood:
    """Return what a line of a crontab means.

    Args:
        line: with or without a command.
        zone: of the machine with the crontab.
        name: of the calendar that becomes of it.

    Raises:
        LineRefused: it says no times, or none that a schedule has.
    """
    text = line.strip()
    if len(text) > LONGEST_LINE or "\n" in text:
        raise LineRefused("Paste one line.")
    try:
        found = convert(text, zone, name)
    except (CronUnreadable, CrontabLineRefused, ZoneUnknown) as refused:
        raise LineRefused(f"{refused}" if str(refused).endswith(".") else f"{refused}.") from None
    sentences = []
    for entry in found.schedule.calendars:
        days = calendar_sentence(found.calendars[entry.calendar_name])
        if entry.restriction != NO_RESTRICTION:
            days += f", {restriction_sentence(entry.restriction)}"
        times = listed([period_sentence(period) for period in entry.periods])
        sentences.append(f"{days[:1].upper()}{days[1:]}, {times} ({entry.time_zone}).")
    plain = msgspec.json.decode(msgspec.json.encode(found.schedule))
    calendars = msgspec.json.decode(msgspec.json.encode(dict(found.calendars)))
    return Understood(text, tuple(sentences), found.command, calendars, tuple(plain["calendars"]))
