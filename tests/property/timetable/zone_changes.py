"""Every change of a clock from 1970 to 2037: what starts around it, by each policy.

Changes are read from the files of the tz database, not asked from the code that is tested.
"""

import struct
import zoneinfo
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib import resources
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from tests.property.timetable.calendar_documents import EVERY_DAY
from tests.property.timetable.start_oracle import Starts, as_us
from timetable.calendar import Calendar
from timetable.calendars import Calendars
from timetable.offsets import changes_between
from timetable.schedule import Schedule
from timetable.starts import starts

FIRST_S, END_S = 0, int(datetime(2038, 1, 1, tzinfo=UTC).timestamp())
GAP_POLICIES = ({"gapPolicy": p} for p in ("shift_forward", "at_transition", "skip"))
OVERLAP_POLICIES = ({"overlapPolicy": p} for p in ("first", "second", "both"))
POLICIES = {True: tuple(GAP_POLICIES), False: tuple(OVERLAP_POLICIES)}
CALENDARS = {"days": {"type": "WORKINGDAYSCALENDAR", "includes": EVERY_DAY}}
KNOWN = Calendars(msgspec.convert(CALENDARS, dict[str, Calendar]))


class ZoneChange(NamedTuple):
    """At `at_s` the distance to UTC changes."""

    at_s: int
    before: int
    after: int


def changes_in_file(zone: str) -> list[ZoneChange]:
    """Return the changes that the zone's file lists for these years, see RFC 9636."""
    data = _file(zone)
    skipped = 44 + _size(data, 0, 4)
    times, types = _counts(data, skipped)[3:5]
    begin = skipped + 44
    moments = struct.unpack_from(f">{times}q", data, begin)
    indices = data[begin + 8 * times : begin + 9 * times]
    offsets = [struct.unpack_from(">lbb", data, begin + 9 * times + 6 * n)[0] for n in range(types)]
    found, before = [], offsets[0]
    for at_s, index in zip(moments, indices, strict=True):
        if offsets[index] != before and FIRST_S <= at_s < END_S:
            found.append(ZoneChange(at_s, before, offsets[index]))
        before = offsets[index]
    return found


def _counts(data: bytes, at: int) -> tuple[int, ...]:
    return struct.unpack_from(">6l", data, at + 20)


def _size(data: bytes, at: int, width: int) -> int:
    is_ut, is_std, leaps, times, types, letters = _counts(data, at)
    return times * (width + 1) + types * 6 + letters + leaps * (width + 4) + is_std + is_ut


def _file(zone: str) -> bytes:
    for folder in zoneinfo.TZPATH:
        path = Path(folder, zone)
        if path.is_file():
            return path.read_bytes()
    return resources.files("tzdata").joinpath("zoneinfo", *zone.split("/")).read_bytes()


def changes_agree(zone: str) -> int:
    """The changes found by asking the zone are those of its file; returns how many there are."""
    listed = changes_in_file(zone)
    found = [ZoneChange(c.at_s, c.before, c.after) for c in changes_between(zone, FIRST_S, END_S)]
    last_s = listed[-1].at_s if listed else FIRST_S
    assert [c for c in found if c.at_s <= last_s] == listed, zone
    return len(found)


def starts_around_agree(zone: str, change: ZoneChange) -> int:
    """Starts around a change are those of the oracle, by each policy; returns how many."""
    low = change.at_s + min(change.before, change.after)
    high = change.at_s + max(change.before, change.after)
    days = sorted({_shown(second).date() for second in (low, high)})
    count = 0
    for policy in POLICIES[change.after > change.before]:
        document = _schedule(zone, policy, (low - 1, low, (low + high) // 2, high - 1, high))
        schedule = msgspec.convert(document, Schedule)
        oracle = Starts(document, CALENDARS, "00:00:00")
        for day in days:
            expected = sorted(map(as_us, oracle.on(day)))
            assert starts(schedule, KNOWN, day, day) == expected, (zone, change, policy, day)
            count += len(expected)
    return count


def _schedule(zone: str, policy: dict[str, str], seconds: tuple[int, ...]) -> dict[str, Any]:
    singles = [{"singleStart": f"{_shown(second):%H:%M:%S}"} for second in seconds]
    periods = [*singles, {"repeat": "01:00:00"}]
    return {"calendars": [{"calendarName": "days", "timeZone": zone, **policy, "periods": periods}]}


def _shown(second: int) -> datetime:
    """Return what the clock shows as local seconds say it."""
    return datetime(1970, 1, 1) + timedelta(seconds=second)  # noqa: DTZ001  # a local clock


def all_zones() -> Iterator[str]:
    """Yield the names of all zones, without the one that is the machine's own."""
    return (zone for zone in sorted(zoneinfo.available_timezones()) if zone != "localtime")
