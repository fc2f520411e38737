"""Time zones by name."""

import re
from collections.abc import Iterator

from engine.workflow.checks.known import Known
from engine.workflow.problem import Path, Problem, problem, shown

_TIME_ZONE = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(?:/[A-Za-z0-9_+-]+){0,2}")


def time_zone_problems(path: Path, name: str, known: Known) -> Iterator[Problem]:
    """Yield that there is no such time zone, or that it cannot be one where none is known."""
    zones = known.time_zones
    plausible = _TIME_ZONE.fullmatch(name) if zones is None else name in zones
    if not plausible:
        sentence = f"{shown(name)} is no time zone; one is Europe/Berlin."
        yield problem(path, "time-zone-unknown", sentence)
