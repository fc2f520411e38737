"""Which instructions orders have passed, and how it went, by the states of their way. Pure.

Job runs tell of jobs alone; the way tells of conditions, locks, pauses, forks and all else, too.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from cockpit.diagram.overlay import place_text
from history.notes import SKIPPED, TRANSFERRED

_STUCK = ("Failed", "FailedInFork", "FailedWhileFresh", "Stopped", "StoppedWhileFresh", "Broken")
_WORST_LAST = ("finished", "cancelled", "running", "failed")


class Stay(NamedTuple):
    """One state of an order at one position.

    `outcome` is how what stood before came to an end, where it was no success, as
    `history.notes.outcome_of` tells it.
    """

    state: str
    position: str
    suspended: bool = False
    outcome: str | None = None


def passed(stays: Sequence[Stay], *, generation: int = 0) -> dict[str, str]:
    """Return what an order has left behind: `finished`, `failed` or `cancelled`, by place.

    A block counts once the order has left it; of several passages the newest counts.

    Args:
        stays: the whole way of one run, oldest first.
        generation: 0 for an order, 1 for a child of it, and so on. What lies around the fork that
            made a child is not the child's.
    """
    found: dict[str, str] = {}
    for here, then in pairwise(_without_steps_back(stays)):
        found |= _left(here, then, generation)
    if stays:
        found |= _at_the_end(stays[-1], generation)
    return found


def worst(marks: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """Return the marks of several orders as one: where one failed and others did not, it failed."""
    found: dict[str, str] = {}
    for mark in marks:
        for place, state in mark.items():
            found[place] = max(found.get(place, state), state, key=_weight)
    return found


def _weight(state: str) -> int:
    return _WORST_LAST.index(state) if state in _WORST_LAST else -1


def _without_steps_back(stays: Sequence[Stay]) -> list[Stay]:
    """Return the way without the moment at which a lock or a notice is given back.

    The order then stands at the block; only what comes next tells how it has left it.
    """
    found: list[Stay] = []
    for i, stay in enumerate(stays):
        passing = found and stay.state == "Ready" and i + 1 < len(stays)
        if not (passing and _is_stepped_back(found[-1], stay)):
            found.append(stay)
    return found


def _is_stepped_back(here: Stay, then: Stay) -> bool:
    """Tell whether an order that was in a block is at the block now, and not by a person."""
    is_put = here.suspended or here.state in _STUCK or then.state == "BetweenCycles"
    return not is_put and here.position.startswith(f"{then.position}/")


def _left(here: Stay, then: Stay, generation: int) -> dict[str, str]:
    if here.position == then.position or here.suspended or then.outcome == TRANSFERRED:
        return {}  # who was suspended and now stands elsewhere was put there
    if _is_stepped_back(here, then):
        how = "failed" if then.state in _STUCK else "cancelled"
        ended = then.state in _STUCK or then.state == "Cancelled"
        return dict.fromkeys(_gone(here, then, generation), how) if ended else {}
    thrown_out_of = _thrown_out_of(here, then)
    if here.state in _STUCK and thrown_out_of is None:
        return {place_text(here.position): "failed"}
    inside = f"{place_text(thrown_out_of)}/" if thrown_out_of is not None else None
    found = {
        place: "failed" if inside is not None and place.startswith(inside) else "finished"
        for place in _gone(here, then, generation)
    }
    if then.outcome == SKIPPED:
        found[place_text(here.position)] = "cancelled"
    return found


def _at_the_end(last: Stay, generation: int) -> dict[str, str]:
    here = place_text(last.position)
    if last.state in _STUCK:
        return {here: "failed"}
    if last.state == "Cancelled":
        return {here: "cancelled"}
    if last.state != "Finished":
        return {}
    found = {place_text(place): "finished" for place in _around(last.position, generation)}
    return found | {here: "failed"} if _is_failure(last) else found


def _gone(here: Stay, then: Stay, generation: int) -> list[str]:
    """Return the places that an order is no longer at or in."""
    around = frozenset(_around(then.position))
    return [place_text(at) for at in _around(here.position, generation) if at not in around]


def _thrown_out_of(here: Stay, then: Stay) -> str | None:
    """Return the position of the try that caught a failure, None where there was none."""
    tries = [place for place, branch in _entered(here.position) if branch == "try"]
    for place, branch in _entered(then.position):
        if branch == "catch" and place in tries:
            return place
    around = frozenset(_around(then.position))
    left = [place for place in tries if place not in around]
    # Behind an empty catch an order goes on at once; only the outcome tells of the failure.
    return left[-1] if left and _is_failure(then) else None


def _is_failure(stay: Stay) -> bool:
    return stay.outcome not in (None, SKIPPED, TRANSFERRED)


def _entered(position: str) -> Iterator[tuple[str, str]]:
    """Yield the blocks around a position, each with the name of the branch, without its count."""
    parts = position.split("/")
    for i in range(1, len(parts), 2):
        yield "/".join(parts[:i]), parts[i].partition("+")[0]


def _around(position: str, generation: int = 0) -> Iterator[str]:
    """Yield a position and those of the blocks around it, as far as they are a child's own."""
    parts, forks = position.split("/"), 0
    for i in range(0, len(parts), 2):
        forks += i > 0 and parts[i - 1].partition("+")[0] == "fork"
        if forks >= generation:
            yield "/".join(parts[: i + 1])
