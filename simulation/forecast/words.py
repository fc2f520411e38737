"""A critical path in words. Pure; the zone of shown moments comes in."""

from datetime import UTC, datetime, timedelta, tzinfo

from simulation.forecast.found import Kind
from simulation.forecast.path import CriticalPath, Link

MOST_NAMED = 3
_WAITS: dict[Kind, str] = {
    "start": "the planned start",
    "fork": "the children of {what}",
    "retry": "the delay before a retry",
    "sleep": "a pause",
    "admission": "the wait for an admission period",
    "cycle": "the wait for the next cycle",
    "lock": "the wait for lock {what}",
    "notice": "the wait for notice {what}",
    "process": "the wait for a free process of {what}",
    "agent": "the wait for agent {what}",
    "cluster": "the wait for an agent of the cluster",
    "control": "the wait until {what} is resumed",
    "prompt": "an answer",
    "person": "a person",
}


def sentence_of(
    path: CriticalPath, name: str, zone: tzinfo, *, deadline_us: int | None = None
) -> str:
    """Return when it ends and what takes how much of it.

    As in "close-done: forecast 03:21, deadline 03:00, 21 min late: post-journal takes 14 min of
    it". Links that do not count, because another order decides, are left out.
    """
    head = f"{name}: forecast {_clock(path.end_us, zone)}"
    if deadline_us is not None:
        head += f", deadline {_clock(deadline_us, zone)}, {_margin(deadline_us - path.end_us)}"
    parts = [f"{what} takes {lasting(us)} of it" for what, us in parts_of(path)[:MOST_NAMED]]
    rest = f"{head}: {'; '.join(parts)}." if parts else f"{head}."
    return f"{rest} {_next(path)}".strip()


def parts_of(path: CriticalPath) -> list[tuple[str, int]]:
    """Return what takes time on the path and how long together, the longest first."""
    found: dict[str, int] = {}
    for link in path.links:
        if not link.waits:
            found[named(link)] = found.get(named(link), 0) + link.lasts_us
    return sorted(found.items(), key=lambda part: -part[1])


def named(link: Link) -> str:
    """Return the name of a link: its job, or what is waited for."""
    if link.kind == "job":
        return link.what or link.position
    return _WAITS[link.kind].format(what=link.what or link.position)


def _next(path: CriticalPath) -> str:
    """Return what decides next, where the path becomes shorter."""
    found = [one for link in path.links for one in link.alternatives]
    if not found:
        return ""
    nearest = min(found, key=lambda one: one.slack_us)
    if nearest.slack_us == 0:
        return f"Order {nearest.order} comes at the same time."
    return f"Order {nearest.order} decides if that is shortened by {lasting(nearest.slack_us)}."


def _margin(left_us: int) -> str:
    if left_us < 0:
        return f"{lasting(-left_us)} late"
    return f"{lasting(left_us)} to spare" if left_us else "just in time"


def lasting(us: int) -> str:
    """Return a length of time as `14 min`, `2 h 5 min` or `40 s`."""
    seconds = round(us / 1_000_000)
    if seconds < 120:
        return f"{seconds} s"
    minutes = round(seconds / 60)
    hours, minutes = divmod(minutes, 60) if minutes >= 120 else (0, minutes)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


def _clock(at_us: int, zone: tzinfo) -> str:
    at = datetime.fromtimestamp(0, UTC) + timedelta(microseconds=at_us)
    return f"{at.astimezone(zone):%H:%M}"
