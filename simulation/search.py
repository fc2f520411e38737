"""Many nights in a row: what they have shown together, and the smallest one that still fails."""

import gc
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

import msgspec
from msgspec.structs import replace

from simulation.invariants import KINDS
from simulation.night import Night, Plan, Verdict
from simulation.parts import Parts
from simulation.witness import Invariant

COLLECT_EVERY = 25
PRODUCT = Parts()


class Found(msgspec.Struct):
    """What nights have shown: failed ones, simulated seconds, real seconds, counts."""

    nights: int = 0
    failed: list[Verdict] = []
    simulated_s: float = 0.0
    took_s: float = 0.0
    counts: Counter[str] = msgspec.field(default_factory=Counter)

    @property
    def hours_per_second(self) -> float:
        """Simulated hours in each real second."""
        return self.simulated_s / 3600 / max(self.took_s, 1e-9)

    def covered(self, names: Iterable[str]) -> list[str]:
        """Return those of the event types and states that no night has reached."""
        return [name for name in names if not self.counts.get(name)]


def run(
    planned: Plan,
    parts: Parts = PRODUCT,
    kinds: Sequence[type[Invariant]] = KINDS,
) -> Verdict:
    """Return what one night shows."""
    return Night(planned, [kind() for kind in kinds], parts).run()


def search(
    plans: Iterable[Plan],
    parts: Parts = PRODUCT,
    kinds: Sequence[type[Invariant]] = KINDS,
) -> Iterator[Verdict]:
    """Yield what some nights show, one after the other."""
    gc.disable()  # what one night leaves behind is collected after some more
    try:
        for n, planned in enumerate(plans):
            yield run(planned, parts, kinds)
            if n % COLLECT_EVERY == 0:
                gc.collect()
    finally:
        gc.enable()


def gathered(verdicts: Iterable[Verdict]) -> Found:
    """Return what many nights show together."""
    found, began = Found(), time.perf_counter()  # how long it takes in the real world
    for verdict in verdicts:
        found.nights += 1
        found.simulated_s += verdict.simulated_s
        found.counts.update(verdict.counts)
        if verdict.violations:
            found.failed.append(verdict)
    found.took_s = time.perf_counter() - began
    return found


def shrunk(planned: Plan, verdict: Verdict) -> Plan:
    """Return a shorter and simpler night that violates the same, as far as that is cheap to find.

    First without instructions that it does not need, then with less busy time.
    """
    name = verdict.violations[0].invariant

    def fails(one: Plan) -> bool:
        again = run(one)
        return bool(again.violations) and again.violations[0].invariant == name

    for kind in planned.weights:
        simpler = replace(planned, weights={**planned.weights, kind: 0.0})
        if kind != "Execute.Named" and fails(simpler):
            planned = simpler
    for seconds in (5.0, 10.0, 15.0, 20.0):
        shorter = replace(planned, busy_s=seconds)
        if fails(shorter):
            return shorter
    return planned
