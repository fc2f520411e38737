"""Which place of a workflow version is the same place in another version. Pure.

A place is found by its label or by its job, where that names one place in both versions; a block
also by what is inside of it, any place by what is right before it or around it. What nothing
names has the same position. Whether an order may go on there is decided elsewhere.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from engine import position as p
from engine.order.around import pairs_around
from engine.order.places import first_tries, has_position, places
from engine.workflow.model import Execute
from engine.workflow.program import Program


class By(StrEnum):
    """What a place was found by in another version."""

    LABEL = "label"  # the label of the instruction, or of one before, around or inside of it
    JOB = "job"  # its job, which both versions use once; or such a job as above
    POSITION = "position"  # nothing names it
    START = "start"  # where orders of the workflow, or of the block, begin


class Found(NamedTuple):
    """A position in the other version; `words` say what it was found by: `label load before it`."""

    position: p.Position
    by: By
    words: str


class _Known(NamedTuple):
    place: p.Position
    by: By
    name: str
    inside: bool = False

    def found(self, *rest: int | str, where: str = "") -> Found:
        return Found((*self.place, *rest), self.by, f"{self.by} {self.name}{where}")


@lru_cache(maxsize=4_096)
def counterpart(old: Program, new: Program, position: p.Position) -> Found:
    """Return where a position of one version is in another; that may not exist there.

    Counts of tries and rounds are kept for the blocks that are around both.
    """
    found = _found(old, new, p.place(position))
    return found._replace(position=_counted(found.position, position))


def _found(old: Program, new: Program, at: p.Position) -> Found:
    known = _counterparts(old, new)
    if at in known:
        return known[at].found(where=" inside of it" if known[at].inside else "")
    before = known.get((*at[:-1], p.index(at) - 1))
    if before is not None:
        return before._replace(place=p.after(before.place)).found(where=" before it")
    for around in p.ancestors(at):
        if around in known:
            where = " in the same block" if known[around].inside else " around it"
            return known[around].found(*at[len(around) :], where=where)
    return Found(at, By.POSITION, "its position")


def _counted(there: p.Position, position: p.Position) -> p.Position:
    """Return a place with the counts that a position has in the same branches."""
    both = zip(position, p.place(position), there, strict=False)
    kept = tuple(mine if at == other else other for mine, at, other in both)
    return first_tries((*kept, *there[len(kept) :]))


@lru_cache(maxsize=8)
def _counterparts(old: Program, new: Program) -> Mapping[p.Position, _Known]:
    """Return what is named in both versions, by its place in the old one; blocks included."""
    found: dict[p.Position, _Known] = {}
    for by, mine, others in (
        (By.LABEL, old.labels, new.labels),
        (By.JOB, _jobs_used_once(old), _jobs_used_once(new)),
    ):
        for name, here in mine.items():
            if name in others:
                found.setdefault(here, _Known(others[name], by, name))
    return {**_blocks_of(old, new, found), **found}


def _jobs_used_once(program: Program) -> dict[str, p.Position]:
    nodes = ((at, program.instruction(at)) for at in places(program))
    used = [(at, node.job_name) for at, node in nodes if isinstance(node, Execute)]
    times = Counter(job for _, job in used)
    return {job: at for at, job in used if times[job] == 1}


def _blocks_of(
    old: Program, new: Program, found: Mapping[p.Position, _Known]
) -> dict[p.Position, _Known]:
    """Return the blocks around what is named, where all of that agrees on one block."""
    seen: dict[p.Position, dict[p.Position, _Known]] = {}
    for here, named in found.items():
        for mine, other in _pairs_around(old, new, here, named.place):
            block = named._replace(place=other, inside=True)
            seen.setdefault(mine, {}).setdefault(other, block)
    return {mine: next(iter(some.values())) for mine, some in seen.items() if len(some) == 1}


def _pairs_around(
    old: Program, new: Program, here: p.Position, there: p.Position
) -> Iterator[tuple[p.Position, p.Position]]:
    if has_position(new, there):
        yield from pairs_around(old, new, here, there) or ()
