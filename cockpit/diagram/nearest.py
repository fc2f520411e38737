"""Finds what is drawn for a position: the instruction itself, or what it is folded into."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from cockpit.diagram.overlay import Standing, folded_orders


class Places:
    """What one picture or one outline shows, by position; things are known by their number.

    Args:
        shown: for each thing its position, empty where it is none, and the key of a folded run.
    """

    def __init__(self, shown: Iterable[tuple[str, str]]) -> None:
        self._places: dict[str, int] = {}
        self._runs: defaultdict[str, list[tuple[int, int, int]]] = defaultdict(list)
        for i, (position, run) in enumerate(shown):
            if run:
                scope, first, last = _range(run)
                self._runs[scope].append((first, last, i))
            elif position:
                self._places.setdefault(position, i)

    def at(self, position: str) -> int | None:
        """Return the number of what is at a place, or of the innermost thing around it."""
        names = position.split("/")
        for n in range(len(names), 0, -2):
            here = "/".join(names[:n])
            found = self._places.get(here, self._run(here))
            if found is not None:
                return found
        return None

    def gathered(self, orders: Mapping[str, Sequence[Standing]]) -> dict[int, list[Standing]]:
        """Return orders by where they are shown, those of one state as one."""
        found: defaultdict[int, list[Standing]] = defaultdict(list)
        for position, standings in orders.items():
            i = self.at(position)
            if i is not None:
                found[i].extend(standings)
        return {i: folded_orders(standings) for i, standings in found.items()}

    def _run(self, position: str) -> int | None:
        scope, _, index = position.rpartition("/")
        if not index.isdecimal():
            return None
        at = int(index)
        runs = self._runs.get(scope, ())
        return next((i for first, last, i in runs if first <= at <= last), None)


def _range(key: str) -> tuple[str, int, int]:
    scope, _, span = key.rpartition("/")
    first, _, last = span.partition("-")
    return scope, int(first), int(last)
