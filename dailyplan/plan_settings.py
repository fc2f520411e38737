"""The settings of the daily plan: their defaults, what they may be, and the one row they lie in."""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from django.db.models import F

from dailyplan.errors import SettingsMoved, SettingsRefused, Told
from dailyplan.models import PlanSettings


class PlanConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How orders are planned and submitted. Names as JS7's where it has them.

    `days_ahead_*` count from today, 0 is today alone. `cycle_ahead_s`: how long before its start an
    order of a cyclic period is submitted; the next one always is. Plans are closed once they are
    older than `age_of_plans_to_be_closed_automatically` days, never with 0.
    """

    time_zone: str = "Etc/UTC"
    period_begin: str = "00:00:00"
    days_ahead_plan: int = 7
    days_ahead_submit: int = 3
    late_tolerance_s: int = 60
    age_of_plans_to_be_closed_automatically: int = 1
    cycle_ahead_s: int = 7_200
    keep_days: int = 30

    @property
    def period_begin_s(self) -> int:
        """The begin of a plan day in seconds after midnight."""
        return _clock_s(self.period_begin) or 0

    def day_of(self, at: datetime) -> date:
        """Return the plan day in which a moment lies."""
        local = at.astimezone(ZoneInfo(self.time_zone)).replace(tzinfo=None)
        return (local - timedelta(seconds=self.period_begin_s)).date()

    def begin_of(self, day: date) -> datetime:
        """Return when a plan day begins."""
        wall = datetime.combine(day, datetime.min.time()) + timedelta(seconds=self.period_begin_s)
        return wall.replace(tzinfo=ZoneInfo(self.time_zone)).astimezone(UTC)


class Kept(msgspec.Struct, frozen=True):
    """Settings with the number of their edit, and the last day closed automatically."""

    config: PlanConfig
    edit_no: int
    closed_to: date | None


DEFAULTS = PlanConfig()
_LIMITS = {
    "days_ahead_plan": (0, 366),
    "days_ahead_submit": (0, 366),
    "late_tolerance_s": (0, 86_400),
    "age_of_plans_to_be_closed_automatically": (0, 3_650),
    "cycle_ahead_s": (0, 7 * 86_400),
    "keep_days": (1, 3_650),
}


def kept() -> Kept:
    """Return the settings in force."""
    row = PlanSettings.objects.filter(pk=1).first()
    if row is None:
        return Kept(DEFAULTS, 0, None)
    return Kept(msgspec.convert(row.body, PlanConfig), row.edit_no, row.closed_to)


def problems_of(config: PlanConfig) -> list[Told]:
    """Return everything that is wrong with settings."""
    found = [
        Told(name, f"It must be a whole number from {low} to {high}.")
        for name, (low, high) in _LIMITS.items()
        if not low <= getattr(config, name) <= high
    ]
    if not _is_zone(config.time_zone):
        found.append(Told("time_zone", f"There is no time zone {config.time_zone}."))
    if _clock_s(config.period_begin) is None:
        found.append(Told("period_begin", "It must be a time of day such as 06:00:00."))
    if config.days_ahead_submit > config.days_ahead_plan:
        sentence = "It must not be more than days_ahead_plan: what is not planned is not submitted."
        found.append(Told("days_ahead_submit", sentence))
    return found


def change(config: PlanConfig, *, edit_no: int) -> Kept:
    """Put settings into force, and return them.

    Args:
        config: all of them.
        edit_no: the number of the edit that the caller has seen.

    Raises:
        SettingsRefused: with everything that is wrong with them.
        SettingsMoved: they have been changed since.
    """
    if problems := problems_of(config):
        raise SettingsRefused(problems)
    body: dict[str, Any] = msgspec.to_builtins(config)
    PlanSettings.objects.bulk_create([PlanSettings(pk=1, edit_no=0)], ignore_conflicts=True)
    rows = PlanSettings.objects.filter(pk=1, edit_no=edit_no)
    if not rows.update(body=body, edit_no=F("edit_no") + 1):
        raise SettingsMoved("The settings have been changed meanwhile; look at them again.")
    return kept()


def _is_zone(name: str) -> bool:
    try:
        _zone(name)
    except (KeyError, ValueError, OSError):
        return False
    return True


@lru_cache(maxsize=32)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def _clock_s(text: str) -> int | None:
    parts = text.split(":")
    if len(parts) not in (2, 3) or not all(len(p) == 2 and p.isdecimal() for p in parts):
        return None
    hours, minutes, seconds = (*map(int, parts), 0)[:3]
    return (
        hours * 3_600 + minutes * 60 + seconds
        if hours < 24 and max(minutes, seconds) < 60
        else None
    )
