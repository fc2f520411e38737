"""What a reader opened and folded by hand, as it stands in the address of a page.

Keys are positions of instructions, `0/fork+eu/1`, and runs of steps or lanes, `0/fork+eu/50-99`.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from urllib.parse import urlencode

from cockpit.diagram.runs import Run

MOST_KEYS = 60
"""So many keys of a kind are kept, the newest ones."""


class Folds(NamedTuple):
    """Keys by hand; `at` is the selected position, so what is around it opens."""

    opened: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()
    at: str = ""

    def toggled(self, key: str, *, is_open: bool) -> "Folds":
        """Return the folds after a click on something that is open or not."""
        opened = tuple(k for k in self.opened if k != key)
        closed = tuple(k for k in self.closed if k != key)
        if is_open:
            return self._replace(opened=opened, closed=(*closed, key)[-MOST_KEYS:])
        return self._replace(opened=(*opened, key)[-MOST_KEYS:], closed=closed)

    def query(self) -> str:
        """Return the folds as part of an address: `open=0&fold=3&at=4`."""
        pairs = [("open", key) for key in self.opened] + [("fold", key) for key in self.closed]
        return urlencode(pairs + ([("at", self.at)] if self.at else []))


def folds_of(query: Mapping[str, Sequence[str]]) -> Folds:
    """Return the folds of an address whose parameters are lists of texts."""
    at = (*query.get("at", ()), "")[0]
    opened, closed = query.get("open", ()), query.get("fold", ())
    return Folds(tuple(opened)[-MOST_KEYS:], tuple(closed)[-MOST_KEYS:], at)


class Wanted:
    """What is to be open because of the folds: the keys themselves, and everything around them."""

    def __init__(self, folds: Folds) -> None:
        self.closed = frozenset(folds.closed)
        self._keys = set(folds.opened)
        self._scopes: set[str] = set()
        self._indices: dict[str, set[int]] = {}
        for key in {*folds.opened, folds.at}:
            self._open_around(key.split("/"))

    def opens(self, key: str) -> bool:
        """Tell whether a block is to be opened by the reader's wish."""
        return key in self._keys and key not in self.closed

    def opens_run(self, scope: str, run: Run) -> bool:
        """Tell whether a run is to be opened, itself or for something in it."""
        within = self._indices.get(scope, ())
        return self.opens(run.key) or any(run.first <= i <= run.last for i in within)

    def note_lanes(self, scope: str, lanes: Sequence[str]) -> None:
        """Learn the scopes of an instruction's lanes, so that runs of lanes can be opened too."""
        for i, lane in enumerate(lanes):
            if lane in self._scopes:
                self._indices.setdefault(scope, set()).add(i)

    def _open_around(self, names: list[str]) -> None:
        for n in range(0, len(names), 2):
            scope = "/".join(names[:n])
            self._scopes.add(scope)
            if n:
                self._keys.add("/".join(names[: n - 1]))
            # A run opens for what begins in it, so for the runs in it and for the steps.
            first = names[n].partition("-")[0]
            if first.isdecimal():
                self._indices.setdefault(scope, set()).add(int(first))
