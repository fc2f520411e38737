"""Moments as people write them: `now`, `+15m`, `22:30`, `tomorrow 6:00`, ISO. Pure."""

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

EXAMPLES = "now, +15m, 22:30, tomorrow 6:00 or 2026-01-31T08:00Z"

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_SPAN = re.compile(r"([+-])((?:\d{1,9}[smhdw])+)")
_PART = re.compile(r"(\d+)([smhdw])")
_DAYS = {"today": 0, "tomorrow": 1, "yesterday": -1}
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?")


class MomentUnreadable(Exception):
    """A text that names no moment; the message is a sentence."""


def moment_of(text: str, now: datetime, zone: ZoneInfo) -> datetime | None:
    """Return the moment in UTC that a text names, None for `now` and for nothing.

    Times without a zone are of `zone`; a bare time of day is that of today.

    Raises:
        MomentUnreadable: it names none, or one that the zone's clocks skip.
    """
    wanted = " ".join(text.split()).lower()
    if wanted in ("", "now"):
        return None
    span = _SPAN.fullmatch(wanted)
    try:
        if span:
            return now + (1 if span[1] == "+" else -1) * _length(span[2])
        return _named(wanted, now.astimezone(zone).date(), zone)
    except (ValueError, OverflowError):
        raise MomentUnreadable(f"{text!r} is no moment; write {EXAMPLES}.") from None


def _length(text: str) -> timedelta:
    return timedelta(seconds=sum(int(n) * _UNITS[unit] for n, unit in _PART.findall(text)))


def _named(wanted: str, today: date, zone: ZoneInfo) -> datetime:
    day, _, rest = wanted.partition(" ")
    if day in _DAYS:
        return _at(today + timedelta(days=_DAYS[day]), rest or "0:00", zone)
    if _CLOCK.fullmatch(wanted):
        return _at(today, wanted, zone)
    found = datetime.fromisoformat(wanted.upper())
    return found.astimezone(UTC) if found.tzinfo else _in_zone(found, zone)


def _at(day: date, clock: str, zone: ZoneInfo) -> datetime:
    found = _CLOCK.fullmatch(clock)
    if found is None:
        raise ValueError(clock)
    at = time(int(found[1]), int(found[2]), int(found[3] or 0))
    return _in_zone(datetime.combine(day, at), zone)


def _in_zone(local: datetime, zone: ZoneInfo) -> datetime:
    found = local.replace(tzinfo=zone).astimezone(UTC)
    if found.astimezone(zone).replace(tzinfo=None) != local:
        raise MomentUnreadable(
            f"The clocks of {zone.key} skip {local:%Y-%m-%d %H:%M}; write another time."
        )
    return found
