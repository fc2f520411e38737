"""Time zones that forms offer and take. Pure."""

from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones


class ZoneUnknown(Exception):
    """A name that no time zone has; the message is a sentence."""


def zone_named(name: str | None, otherwise: ZoneInfo) -> ZoneInfo:
    """Return the zone of a name, another one where none is given.

    Raises:
        ZoneUnknown: no zone has this name.
    """
    wanted = (name or "").strip()
    if not wanted:
        return otherwise
    try:
        return ZoneInfo(wanted)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ZoneUnknown(f"There is no time zone {wanted}; write one as Europe/Berlin.") from None


def offered(*first: str) -> list[str]:
    """Return the names that a form offers, those given before all others."""
    return list(dict.fromkeys([*(name for name in first if name), "UTC", *_all()]))


@cache
def _all() -> list[str]:
    return sorted(name for name in available_timezones() if "/" in name and "Etc/" not in name)
