"""Tells the inventory before a deployment what it would do to the plan."""

import datetime as dt
from collections.abc import Iterator

from dailyplan.effects import Coming, effects
from dailyplan.plan_settings import kept
from dailyplan.released import read_released
from inventory.effects import Effect, Intended, register
from timetable.check import read_calendar, read_schedule

MOST_DAYS = 500


def register_foresight() -> None:
    """Let deployments ask here."""
    register("plan", foresee)


def foresee(intended: Intended) -> Iterator[Effect]:
    """Yield the days of the plan that would change, as far ahead as is planned."""
    coming = _coming(intended)
    if not coming.schedules and not coming.calendars:
        return
    config, now = kept().config, dt.datetime.now(dt.UTC)
    today = config.day_of(now)
    since = intended.plan.since
    begin = config.begin_of(today) if intended.plan.include_late else now
    if since is not None:
        begin = max(begin, config.begin_of(since))
    found = effects(
        coming, read_released(), config,
        first=today - dt.timedelta(days=1), last=today + dt.timedelta(days=config.days_ahead_plan),
        from_at=begin,
    )  # fmt: skip
    for path, problem in found.problems.items():
        yield Effect(sentence=f"{path} cannot be planned: {problem}", kind="schedule", path=path)
    for one in found.days[:MOST_DAYS]:
        yield Effect(
            sentence=_sentence(one.gained, one.lost, one.changed),
            kind="schedule", path=one.schedule, day=one.day,
            added=one.gained, removed=one.lost, changed=one.changed,
        )  # fmt: skip


def _coming(intended: Intended) -> Coming:
    given = intended.documents.items()
    schedules = {p: read_schedule(d).document for (kind, p), d in given if kind == "schedule"}
    calendars = {p: read_calendar(d).document for (kind, p), d in given if kind == "calendar"}
    schedules |= {path: None for kind, path in intended.revoked if kind == "schedule"}
    calendars |= {path: None for kind, path in intended.revoked if kind == "calendar"}
    return Coming(schedules=schedules, calendars=calendars)


def _sentence(gained: int, lost: int, changed: int) -> str:
    told = ((gained, "more"), (lost, "fewer"), (changed, "changed"))
    parts = [f"{count} {word}" for count, word in told if count]
    return f"Planned orders of the day: {', '.join(parts)}."
