"""How long a job is going to run: from its last runs, else from what its document says.

Durations are in seconds. Failures are never assumed.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, TypeAlias

from engine.position import Position, place, to_text
from engine.workflow.model import Execute
from engine.workflow.program import Program
from simulation.forecast.snapshot import Ran

Source: TypeAlias = Literal["history", "job", "document", "default"]
"""From runs at this place, from runs of the job elsewhere, from `warnIfLonger`, from nothing."""


def quantile(ordered: Sequence[float], share: float) -> float:
    """Return the value below which a share of them lies, between neighbours by proportion."""
    at = share * (len(ordered) - 1)
    low = int(at)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (at - low)


def left_of(ordered: Sequence[float], share: float, elapsed_s: float) -> float:
    """Return how long a run goes on that has lasted a while: as those that lasted longer did.

    0 where none of them lasted longer: it may end at any moment.
    """
    longer = [one - elapsed_s for one in ordered if one > elapsed_s]
    return quantile(longer, share) if longer else 0.0


class Durations:
    """The durations of all jobs, at one share of their runs: 0.5 is the median.

    `asked` counts what the answers rested on.
    """

    def __init__(self, ran: Iterable[Ran], *, share: float, default_s: float) -> None:
        self._known: Mapping[tuple[str, str, str], Sequence[float]] = {
            (one.workflow, one.job, one.place): one.seconds for one in ran if one.seconds
        }
        self._share, self._default_s = share, default_s

    def of(
        self, program: Program, at: Position, node: Execute, elapsed_s: float = 0.0
    ) -> tuple[float, Source]:
        """Return how long a job runs from now on, and what tells so."""
        ordered, source = self._runs(program, at, node)
        if ordered and elapsed_s <= 0:
            return quantile(ordered, self._share), source
        if ordered:
            return left_of(ordered, self._share, elapsed_s), source
        said = said_s(program.job(node.job_name).warn_if_longer)
        usual = self._default_s if said is None else said
        return max(0.0, usual - elapsed_s), "default" if said is None else "document"

    def _runs(
        self, program: Program, at: Position, node: Execute
    ) -> tuple[Sequence[float], Source]:
        here = node.label or to_text(place(at))
        found = self._known.get((program.path, node.job_name, here))
        if found:
            return found, "history"
        return self._known.get((program.path, node.job_name, ""), ()), "job"


def said_s(text: str | None) -> float | None:
    """Return the seconds of `90` or `00:01:30`; None for a percentage or what nobody can read."""
    parts = (text or "").strip().removesuffix("s").split(":")
    if len(parts) > 3 or not all(part.replace(".", "", 1).isdecimal() for part in parts):
        return None
    found = 0.0
    for part in parts:
        found = found * 60 + float(part)
    return found
