"""Moments between the engine's microseconds and what JSON says. Pure."""

from datetime import UTC, datetime, timedelta

_UNIX = datetime(1970, 1, 1, tzinfo=UTC)
_US = timedelta(microseconds=1)
_LAST_US = (datetime.max.replace(tzinfo=UTC) - _UNIX) // _US


def moment(at_us: int | None) -> datetime | None:
    """Return microseconds since the epoch as a moment in UTC; beyond year 9999 as its end."""
    if at_us is None:
        return None
    return _UNIX + timedelta(microseconds=max(0, min(at_us, _LAST_US)))


def microseconds(at: datetime) -> int:
    """Return a moment as microseconds since the epoch."""
    return (at - _UNIX) // _US
