"""Orders that wait for one thing, by priority and then by arrival, loaded from the front."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from typing import TypeAlias

from engine.errors import NotLoaded
from engine.facts import FactKey, Rank

Waiter: TypeAlias = tuple[int, int, str]
"""Negative priority, number of arrival, order."""


class Queue:
    """A part of a queue, as far as it was loaded, with what has changed since then.

    `start` is the place behind which the loaded part begins, None for the front; `bound` the last
    entry that was loaded, None before the first load. `whole`: nothing more comes behind `bound`.
    """

    def __init__(self, key: FactKey, *, whole: bool = False) -> None:
        self.key, self.whole = key, whole
        self.start: Waiter | None = None
        self.bound: Waiter | None = None
        self._entries: list[Waiter] = []
        self._later: list[Waiter] = []
        self._gone: set[Waiter] = set()

    def add(self, entry: Waiter) -> None:
        """Let an order wait; one that waits so already is not entered again."""
        entries = self._entries if self._known(entry) else self._later
        at = bisect_left(entries, entry)
        if at == len(entries) or entries[at] != entry:
            entries.insert(at, entry)
        self._gone.discard(entry)

    def remove(self, entry: Waiter) -> None:
        """Let an order wait no more; one that was not loaded will be passed over."""
        for entries in (self._entries, self._later):
            at = bisect_left(entries, entry)
            if at < len(entries) and entries[at] == entry:
                del entries[at]
        if self.start is not None or not self.whole:
            self._gone.add(entry)

    def _known(self, entry: Waiter) -> bool:
        if self.start is not None and entry <= self.start:
            return False
        return self.whole or (self.bound is not None and entry <= self.bound)

    def loaded(self, rows: Iterable[Waiter], *, whole: bool) -> None:
        """Take in the next entries behind `bound`; `whole` if there are no more."""
        read = sorted(rows)
        self.whole = whole
        # The bound counts what is gone as well: the next load has to go on behind it.
        self.bound = max([*read[-1:], *([self.bound] if self.bound else [])], default=None)
        ripe = [entry for entry in self._later if self._known(entry)]
        self._later = [entry for entry in self._later if not self._known(entry)]
        for entry in (*(row for row in read if row not in self._gone), *ripe):
            self.add(entry)

    def behind(self, after: Rank | None = None) -> Iterator[Waiter]:
        """Yield entries in order, those behind a rank only; the queue may change meanwhile.

        Raises:
            NotLoaded: there may be more than was loaded.
        """
        last: Waiter | None = None if after is None else (*after, "\U0010ffff")
        self._begin(last)
        while True:
            at = 0 if last is None else bisect_right(self._entries, last)
            if at >= len(self._entries):
                if self.whole:
                    return
                raise NotLoaded("queue", *self.key)
            last = self._entries[at]
            yield last

    def _begin(self, last: Waiter | None) -> None:
        """Have the part behind `last` loaded: what was passed long ago is not read again."""
        if self.bound is None and not self.whole and not self._entries:
            self.start = last
        elif self.start is not None and (last is None or last < self.start):
            self._later = sorted({*self._entries, *self._later})
            self.start, self.bound, self.whole = last, None, False
            self._entries = []

    def __contains__(self, entry: Waiter) -> bool:
        """Tell whether an entry stands in the loaded part."""
        at = bisect_left(self._entries, entry)
        return at < len(self._entries) and self._entries[at] == entry
