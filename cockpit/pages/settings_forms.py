"""Settings of the daily plan as a form: what was typed as values, and what a change does in words.

Pure: knows no request and no table.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from cockpit.api.problem import FieldProblem
from dailyplan.plan_settings import PlanConfig, problems_of

DAY_S = 86_400


class SettingField(NamedTuple):
    """One setting: its label and hint, and the unit in which pages show it."""

    name: str
    label: str
    hint: str
    unit: str = ""
    per: int = 1


FIELDS = (
    SettingField("time_zone", "Time zone", "In which plan days begin and shifts by days count."),
    SettingField("period_begin", "Begin of a plan day", "A time of day, such as 18:00."),
    SettingField("days_ahead_plan", "Days planned ahead", "0 plans today alone.", "days"),
    SettingField(
        "days_ahead_submit", "Days submitted ahead",
        "For schedules that submit when planned; 0 submits today alone.", "days",
    ),
    SettingField(
        "late_tolerance_s", "Late tolerance", "An order that starts later than this is late.",
        "seconds",
    ),
    SettingField(
        "age_of_plans_to_be_closed_automatically", "Close plans after",
        "Older plans take no further orders; 0 closes none.", "days",
    ),
    SettingField(
        "cycle_ahead_s", "Cyclic starts ahead",
        "How long before its start an order of a cyclic period is submitted.", "minutes", 60,
    ),
    SettingField("keep_days", "Keep old days for", "In the plan; the history keeps runs.", "days"),
)  # fmt: skip


class SettingsRead(NamedTuple):
    """What a form asks for; `config` None where something cannot be read."""

    config: PlanConfig | None
    problems: list[FieldProblem]


def texts_of(config: PlanConfig) -> dict[str, str]:
    """Return settings as a form shows them."""
    found = {}
    for field in FIELDS:
        value = getattr(config, field.name)
        exact = isinstance(value, int) and field.per > 1
        found[field.name] = f"{value / field.per:g}" if exact else str(value)
    return found


def read_settings(form: Mapping[str, str], before: PlanConfig) -> SettingsRead:
    """Return the settings that a form gives, or everything that is wrong with them."""
    problems: list[FieldProblem] = []
    values: dict[str, Any] = {}
    for field in FIELDS:
        text = form.get(field.name, "").strip()
        if isinstance(getattr(before, field.name), int):
            values[field.name] = _whole(field, text, problems)
        else:
            values[field.name] = text
    if problems:
        return SettingsRead(None, problems)
    config = replace(before, **values)
    problems = [FieldProblem(p.field, p.sentence) for p in problems_of(config)]
    return SettingsRead(None if problems else config, problems)


def effects_of(before: PlanConfig, after: PlanConfig, now: datetime) -> list[str]:
    """Return what a change does, one sentence for each effect; empty where nothing changes."""
    found = [
        sentence
        for name, tell in _TELLS.items()
        if getattr(before, name) != getattr(after, name)
        for sentence in [tell(before, after)]
    ]
    if (before.time_zone, before.period_begin) != (after.time_zone, after.period_begin):
        today, zone = after.day_of(now), ZoneInfo(after.time_zone)
        begin = after.begin_of(today).astimezone(zone)
        found.insert(
            0,
            f"Plan days begin at {after.period_begin} {after.time_zone}; it is plan day {today},"
            f" which began {begin:%a %H:%M}. Days ahead are planned anew; what people have changed"
            " stays.",
        )
    return found


def _whole(field: SettingField, text: str, problems: list[FieldProblem]) -> int:
    try:
        return round(float(text) * field.per) if field.per > 1 else int(text)
    except (ValueError, OverflowError):
        problems.append(FieldProblem(field.name, f"It must be a whole number of {field.unit}."))
        return 0


def _planned(before: PlanConfig, after: PlanConfig) -> str:
    more = after.days_ahead_plan - before.days_ahead_plan
    if more > 0:
        return f"{more} more days are planned within seconds."
    return f"New days are planned {after.days_ahead_plan} days ahead; days planned already stay."


def _submitted(before: PlanConfig, after: PlanConfig) -> str:
    if after.days_ahead_submit > before.days_ahead_submit:
        return (
            f"Orders up to {after.days_ahead_submit} days ahead are handed to the controller within"
            " seconds, where their schedule submits when planned."
        )
    return "Orders are submitted later than before; what is submitted already stays so."


def _late(_before: PlanConfig, after: PlanConfig) -> str:
    return f"Orders that start more than {after.late_tolerance_s} s after their time count as late."


def _closed(_before: PlanConfig, after: PlanConfig) -> str:
    age = after.age_of_plans_to_be_closed_automatically
    if not age:
        return "No plan is closed by itself any more."
    return f"Plans older than {age} days are closed: they take no further orders."


def _cycle(_before: PlanConfig, after: PlanConfig) -> str:
    return (
        f"Orders of cyclic periods are submitted {after.cycle_ahead_s / 60:g} min before their"
        " start, the next one always."
    )


def _kept(before: PlanConfig, after: PlanConfig) -> str:
    if after.keep_days < before.keep_days:
        return f"Days older than {after.keep_days} days are deleted from the plan within the hour."
    return f"Days stay in the plan for {after.keep_days} days."


_TELLS = {
    "days_ahead_plan": _planned,
    "days_ahead_submit": _submitted,
    "late_tolerance_s": _late,
    "age_of_plans_to_be_closed_automatically": _closed,
    "cycle_ahead_s": _cycle,
    "keep_days": _kept,
}
