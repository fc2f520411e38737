"""Instants and durations. The server writes UTC; `fmt.js` shows it in the reader's zone."""

from datetime import UTC, datetime, timedelta

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()

NOTHING = "\N{EN DASH}"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def instant(value: datetime | int | None) -> datetime | None:
    """Return an aware UTC time for a time or for microseconds since the epoch."""
    if value is None or value == "":
        return None
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    return _EPOCH + timedelta(microseconds=value)


def iso(value: datetime) -> str:
    """Return `2026-11-22T01:14:37.120Z`: milliseconds, always UTC."""
    return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")


@register.simple_tag(name="time")
def time_tag(value: datetime | int | None, form: str = "hms") -> SafeString | str:
    """Return a `<time>` that the page shows in the reader's zone.

    Forms: `hms` (time of day, with weekday or date on another day), `ms` (with milliseconds),
    `full` (date, time and zone), `age` ("3 m ago" or "in 3 m", ticking), `since` (a growing
    duration).
    """
    moment = instant(value)
    if moment is None:
        return NOTHING
    text = f"{moment:%H:%M:%S}Z" if form == "hms" else f"{moment:%Y-%m-%d %H:%M:%S}Z"
    return format_html('<time datetime="{}" data-f="{}">{}</time>', iso(moment), form, text)


@register.simple_tag
def elapsed(since: datetime | int | None, until: datetime | int | None = None) -> SafeString | str:
    """Return how long something took; without an end it goes on counting on the page."""
    start, end = instant(since), instant(until)
    if start is None:
        return NOTHING
    if end is None:
        return time_tag(start, "since")
    return duration((end - start).total_seconds())


@register.filter
def duration(seconds: float | None) -> str:
    """Return `14 m 36 s` for 876 seconds, `420 ms` below a second, `2 d 03 h` above a day."""
    if seconds is None:
        return NOTHING
    if 0 <= seconds < 1:
        return f"{round(seconds * 1000)} ms"
    sign, whole = ("-", -seconds) if seconds < 0 else ("", seconds)
    return sign + _parts(int(whole), precise=whole if whole < 10 else None)


def _parts(whole: int, *, precise: float | None) -> str:
    if precise is not None:
        return f"{precise:.1f} s"
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{days} d {hours:02} h"
    if hours:
        return f"{hours} h {minutes:02} m"
    return f"{minutes} m {rest:02} s" if minutes else f"{rest} s"
