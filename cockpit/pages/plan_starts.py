"""Starts as planners write them: `22:30`, `+15m`, `-04:00:00`, `tomorrow 6:00`, `now`. Pure.

What begins with a sign moves each order from where it is; anything else is a moment. A bare time of
day is that of the order's plan day, which may begin in the evening.
"""

import re
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from cockpit.pages.moments import MomentUnreadable, moment_of
from dailyplan.origin import SECOND_US
from dailyplan.plan_settings import PlanConfig
from dailyplan.verbs import Change
from dailyplan.verbs.changing import shifted

EXAMPLES = "22:30, +15m, -04:00:00, +1d, now, tomorrow 6:00 or 2026-01-31T08:00"

_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?")
_SHIFT = re.compile(r"([+-])(\d{1,3}):(\d{2})(?::(\d{2}))?")
_SPAN = re.compile(r"([+-])((?:\d{1,6}[smhdw])+)")
_PART = re.compile(r"(\d+)([smhdw])")
_UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
_LONGEST_S = 31 * 86_400
_LONGEST_DAYS = 366


class StartRead(NamedTuple):
    """A start as a change of planned orders, and what is to be said about it."""

    change: Change
    notes: list[str]


def read_start(
    text: str, *, day: date, now: datetime, config: PlanConfig, sticks: bool = True
) -> StartRead:
    """Return the change that a text stands for.

    Args:
        text: what was typed.
        day: the plan day to which times of day belong.
        now: the moment, for `tomorrow` and `today`.
        config: zone and begin of plan days.
        sticks: the orders keep their plan day.

    Raises:
        MomentUnreadable: it is none of the forms, or a time that the zone's clocks skip.
    """
    wanted, zone = " ".join(text.split()).lower(), ZoneInfo(config.time_zone)
    if not wanted:
        raise MomentUnreadable(f"Write a start: {EXAMPLES}.")
    if wanted == "now":
        return StartRead(Change(start_now=True, stick_to_day=sticks), [])
    if wanted[0] in "+-":
        return StartRead(replace(_shift(wanted, text), stick_to_day=sticks), [])
    if _CLOCK.fullmatch(wanted):
        wanted = f"{_date_of(wanted, day, config)}T{wanted.rjust(5, '0')}"
    at = moment_of(wanted, now, zone) or now
    notes = _notes(at, zone)
    if sticks and config.day_of(at) != day:
        notes.append(f"This is outside of plan day {day}; the orders still belong to it.")
    return StartRead(Change(start_at=at, stick_to_day=sticks), notes)


def new_start_us(start_us: int, change: Change, now: datetime, config: PlanConfig) -> int:
    """Return when a row starts after a change, in microseconds since the epoch."""
    if change.start_now:
        return int(now.timestamp()) * SECOND_US
    if change.start_at is not None:
        return int(change.start_at.timestamp()) * SECOND_US
    if change.shift_s is not None:
        return start_us + change.shift_s * SECOND_US
    if change.shift_days is not None:
        return shifted(start_us, change.shift_days, config)
    return start_us


def said(at: datetime, zone: ZoneInfo) -> str:
    """Return a moment in a zone in words: `Sun 22 Nov 22:30:00 Europe/Berlin`."""
    local = at.astimezone(zone)
    return f"{local:%a} {local.day} {local:%b %H:%M:%S} {zone.key}"


def _shift(wanted: str, text: str) -> Change:
    clock, span = _SHIFT.fullmatch(wanted.replace(" ", "")), _SPAN.fullmatch(wanted)
    if clock:
        seconds = int(clock[2]) * 3_600 + int(clock[3]) * 60 + int(clock[4] or 0)
        return _shifted(-seconds if clock[1] == "-" else seconds)
    if not span:
        raise MomentUnreadable(f"{text!r} is no start; write {EXAMPLES}.")
    parts = [(int(n), unit) for n, unit in _PART.findall(span[2])]
    sign = -1 if span[1] == "-" else 1
    if all(unit in "dw" for _, unit in parts):
        # Whole days keep the local time, also over a change of the clocks.
        days = sum(n * (7 if unit == "w" else 1) for n, unit in parts)
        if days > _LONGEST_DAYS:
            raise MomentUnreadable(f"An order is moved by at most {_LONGEST_DAYS} days.")
        return Change(shift_days=sign * days)
    return _shifted(sign * sum(n * _UNITS[unit] for n, unit in parts))


def _shifted(seconds: int) -> Change:
    if abs(seconds) > _LONGEST_S:
        raise MomentUnreadable("An order is moved by at most 31 days; write days for more: +40d.")
    return Change(shift_s=seconds)


def _date_of(clock: str, day: date, config: PlanConfig) -> date:
    """Return the date on which a time of day lies within a plan day."""
    hour, minute, second = (*map(int, clock.split(":")), 0)[:3]
    is_before = hour * 3_600 + minute * 60 + second < config.period_begin_s
    return day + timedelta(days=1) if is_before else day


def _notes(at: datetime, zone: ZoneInfo) -> list[str]:
    notes = []
    local = at.astimezone(zone).replace(tzinfo=None)
    twice = [local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)]
    if twice[0] != twice[1]:
        notes.append(
            f"The clocks of {zone.key} are put back: {local:%H:%M} comes twice. Meant is"
            f" {at.astimezone(zone):%H:%M %Z}; write a zone to mean the other, as in"
            f" {local:%Y-%m-%dT%H:%M}{(twice[1]).astimezone(zone):%z}."
        )
    return notes
