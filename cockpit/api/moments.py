"""Moments between the engine's microseconds and what JSON says. Pure."""

from datetime import UTC, datetime, timedelta

_UNIX = datetime(1970, 1, 1, tzinfo=UTC)
_US = timedelta(microseconds=1)
_LAST_US = (datetime.max.replace(tzinfo=UTC) - _UNIX) // _US
_FIRST_YEAR, _LAST_YEAR = 1970, 8999


def moment(at_us: int | None) -> datetime | None:
    """Return microseconds since the epoch as a moment in UTC; beyond year 9999 as its end."""
    if at_us is None:
        return None
    return _UNIX + timedelta(microseconds=max(0, min(at_us, _LAST_US)))


def microseconds(at: datetime) -> int:
    """Return a moment as microseconds since the epoch."""
    return (at - _UNIX) // _US


def moment_problems(at: datetime, field: str) -> list[tuple[str, str]]:
    """Return what is wrong with a moment that somebody gives an order or a notice.

    Beyond these years an offset from UTC or a duration leads out of what dates can hold.
    """
    if _FIRST_YEAR <= at.year <= _LAST_YEAR:
        return []
    return [(field, f"It must lie in the years {_FIRST_YEAR} to {_LAST_YEAR}.")]
