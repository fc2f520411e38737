"""Cuts long rows of steps, or of lanes, into runs that open one by one.

Knows no instructions: a row is a list of numbers.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

ROW = 60
"""A row up to this length is not cut."""
RUN = 50
"""The length of a run; where there would be more than `RUNS` of them, ten, a hundred … times it."""
RUNS = 100


class Run(NamedTuple):
    """The elements `first` to `last` of a row; `size` counts the instructions in them."""

    key: str
    first: int
    last: int
    size: int
    is_open: bool = False


class Row(NamedTuple):
    """Steps of a block or lanes of an instruction, from index `first` on.

    `sizes` counts the instructions of each, `costs` the figures that each needs at least.
    """

    scope: str
    first: int
    sizes: Sequence[int]
    costs: Sequence[int]

    def run(self, begin: int, end: int) -> Run:
        """Return the elements from `begin` to `end`, both included, as a folded run."""
        key = f"{self.scope}/{begin}-{end}" if self.scope else f"{begin}-{end}"
        return Run(key, begin, end, sum(self.sizes[begin - self.first : end + 1 - self.first]))

    def cost(self) -> int:
        """Return how many figures the row needs while all its runs are folded."""
        if len(self.sizes) <= ROW:
            return sum(self.costs)
        return len(_split(self.first, self.first + len(self.sizes) - 1))

    def cost_of(self, run: Run) -> int:
        """Return how many more figures a run needs when it is opened."""
        if run.last - run.first < RUN:
            return sum(self.costs[run.first - self.first : run.last + 1 - self.first])
        return len(_split(run.first, run.last))


Opens = Callable[[Row, Run], bool]


def parts(row: Row, opens: Opens) -> list[int | Run]:
    """Return the indices and runs to be shown; an open run stands before what is in it.

    Args:
        row: what is cut.
        opens: asked once for each run, from the outside in and from the first to the last.
    """
    if len(row.sizes) <= ROW:
        return list(range(row.first, row.first + len(row.sizes)))
    return _parts(row, row.first, row.first + len(row.sizes) - 1, opens)


def _parts(row: Row, begin: int, end: int, opens: Opens) -> list[int | Run]:
    if end - begin < RUN:
        return list(range(begin, end + 1))
    found: list[int | Run] = []
    for first, last in _split(begin, end):
        run = row.run(first, last)
        if opens(row, run):
            found += [run._replace(is_open=True), *_parts(row, first, last, opens)]
        else:
            found.append(run)
    return found


def _split(begin: int, end: int) -> list[tuple[int, int]]:
    length = RUN
    while (end - begin + 1) / length > RUNS:
        length *= 10
    return [(at, min(at + length - 1, end)) for at in range(begin, end + 1, length)]
