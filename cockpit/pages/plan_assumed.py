"""What a forecast assumes and what is not in it, in sentences. Pure."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from dailyplan.forecast_seen import Present
from dailyplan.forecast_values import Basis

_ALWAYS = (
    "No job fails, nobody answers a prompt, and files that will arrive start no order.",
    "Conditions on what jobs return take the branch that most of the last 20 orders took.",
)
_SOURCES = {
    "history": "from runs of the same instruction",
    "job": "from runs of the same job elsewhere in its workflow",
    "document": "from the job's warnIfLonger",
    "default": "unknown and taken as a minute",
}


def assumed(present: Present, zone: ZoneInfo) -> list[str]:
    """Return the sentences, the most telling first."""
    basis = present.basis
    return [*_reach(present, zone), *_durations(basis), *_agents(basis), *_missing(basis), *_ALWAYS]


def _reach(present: Present, zone: ZoneInfo) -> Iterator[str]:
    made, until = (_said(at, zone) for at in (present.made_at, present.until))
    yield f"Made {made} for all that starts until tomorrow night, followed until {until}."


def _durations(basis: Basis) -> Iterator[str]:
    sources: Mapping[str, int] = basis.coverage.sources
    told = [f"{sources[name]:,} {words}" for name, words in _SOURCES.items() if sources.get(name)]
    if told:
        yield f"Durations of jobs: {'; '.join(told)}."


def _agents(basis: Basis) -> Iterator[str]:
    if basis.processes:
        each = ", ".join(f"{name} {n}" for name, n in sorted(basis.processes.items()))
        yield f"Agents without a limit are taken to run so many jobs at once: {each}."
    if basis.away:
        yield f"These agents are away and taken to stay away: {', '.join(basis.away)}."


def _missing(basis: Basis) -> Iterator[str]:
    if basis.unsubmitted:
        yield f"{basis.unsubmitted:,} planned orders are not in it: only a person submits them."
    if basis.left_out:
        yield f"{basis.left_out:,} orders were too many and left out."
    if basis.coverage.cut_off:
        yield "It was ended before its end, because it took too long."


def _said(at: datetime, zone: ZoneInfo) -> str:
    local = at.astimezone(zone)
    return f"{local:%a} {local.day} {local:%b %H:%M} {zone.key}"
