"""Checks Lock."""

from collections.abc import Iterator

from engine.workflow.checks.here import Here
from engine.workflow.checks.references import reference_problems
from engine.workflow.checks.values import number_problems
from engine.workflow.model import Demand, Lock
from engine.workflow.problem import Path, Problem, problem, shown, warning
from engine.workflow.program import plain

HIGHEST_COUNT = 2**31 - 1


def lock_problems(here: Here, lock: Lock) -> Iterator[Problem]:
    """Yield what is wrong with a Lock."""
    yield from _form_problems(here, lock)
    names: dict[str, int] = {}
    for i, (path, demand) in enumerate(_demands(here.path, lock)):
        field = "lockName" if lock.demands else ""
        at = (*path, field) if field else path
        yield from reference_problems(at, demand.lock_name, "lock", here.known)
        if demand.lock_name in names:
            sentence = f"The lock {shown(demand.lock_name)} is demanded already."
            yield problem(at, "lock-repeated", sentence)
        names.setdefault(demand.lock_name, i)
        count_path = (*path, "count") if lock.demands else (*here.path, "count")
        yield from number_problems(count_path, demand.count, least=1, most=HIGHEST_COUNT)
    yield from _nested(here, set(names))


def _demands(path: Path, lock: Lock) -> Iterator[tuple[Path, Demand]]:
    if lock.demands:
        for i, demand in enumerate(lock.demands):
            yield (*path, "demands", i), demand
    elif lock.lock_name is not None:
        yield (*path, "lockName"), Demand(lock.lock_name, lock.count)


def _form_problems(here: Here, lock: Lock) -> Iterator[Problem]:
    if lock.demands and (lock.lock_name is not None or lock.count is not None):
        sentence = "Give demands, or lockName and count in the older form, not both."
        yield problem((*here.path, "lockName"), "demands-twice", sentence)
    elif not lock.demands and lock.lock_name is None:
        sentence = "At least one demand is needed."
        yield problem((*here.path, "demands"), "demands-missing", sentence)


def _nested(here: Here, names: set[str]) -> Iterator[Problem]:
    """Warn of a lock that the order holds already: it would fail there."""
    for around in here.around():
        outer = plain(around.instruction)
        held = {d.lock_name for d in outer.demands} if isinstance(outer, Lock) else set()
        for name in sorted(held & names):
            sentence = (
                f"The order holds the lock {shown(name)} here already: it fails when it demands"
                " the lock again."
            )
            yield warning(here.path, "lock-nested", sentence)
