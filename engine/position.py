"""Where an order stands in nested blocks of instructions.

A position alternates the index of an instruction and the branch entered below it:
`(0, "fork+eu", 2, "try+1", 0)`. The text form joins the parts by `/`. Tries are counted in the
branch (`try+0`, `catch+0`, `try+1`); the *place* of a position is the same without that count and
names the instruction in the workflow document.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import TypeAlias

from engine.errors import EngineError

Position: TypeAlias = tuple[int | str, ...]

START: Position = (0,)


class PositionUnreadable(EngineError):
    """A text or list that is no position."""


def to_text(position: Position) -> str:
    """Return `0/fork+eu/2` for `(0, "fork+eu", 2)`."""
    return "/".join(map(str, position))


@lru_cache(maxsize=20_000)
def from_text(text: str) -> Position:
    """Return the position written as `0/fork+eu/2`.

    Raises:
        PositionUnreadable: it does not alternate index and branch, or does not end with an index.
    """
    return from_parts(int(p) if p.isdecimal() else p for p in text.split("/"))


def from_parts(parts: Iterable[object]) -> Position:
    """Return the position given as JSON list; checks that index and branch alternate.

    Raises:
        PositionUnreadable: see `from_text`.
    """
    found = tuple(parts)
    well_formed = len(found) % 2 == 1 and all(
        (isinstance(p, int) and not isinstance(p, bool) and p >= 0)
        if i % 2 == 0
        else isinstance(p, str)
        for i, p in enumerate(found)
    )
    if not well_formed:
        raise PositionUnreadable(
            f"{'/'.join(map(str, found))!r} is no position: it must alternate index and branch"
            " and end with an index, as in 0/fork+eu/2"
        )
    return found  # type: ignore[return-value]


@lru_cache(maxsize=20_000)
def place(position: Position) -> Position:
    """Return the position without the counts of tries: the key into the workflow document."""
    return tuple(branch_place(p) if isinstance(p, str) else p for p in position)


def branch_place(branch: str) -> str:
    """Return `try` for `try+3`, `cycle` for `cycle+…`; other branches as they are."""
    head, plus, _ = branch.partition("+")
    return head if plus and head in ("try", "catch", "cycle") else branch


def index(position: Position) -> int:
    """Return the index of the instruction within its block."""
    last = position[-1]
    assert isinstance(last, int)  # noqa: S101  # guaranteed by from_parts
    return last


def after(position: Position) -> Position:
    """Return the position of the next instruction of the same block."""
    return (*position[:-1], index(position) + 1)


def into(position: Position, branch: str) -> Position:
    """Return the first position in a branch below the instruction at `position`."""
    return (*position, branch, 0)


def parent(position: Position) -> Position | None:
    """Return the position of the instruction around this block, None on the top level."""
    return position[:-2] or None


def branch(position: Position) -> str | None:
    """Return the branch of the innermost block, None on the top level."""
    found = position[-2] if len(position) > 1 else None
    assert found is None or isinstance(found, str)  # noqa: S101  # guaranteed by from_parts
    return found


def ancestors(position: Position) -> Sequence[Position]:
    """Return the positions of all instructions around this one, innermost first."""
    return [position[: n - 2] for n in range(len(position), 1, -2)]


def fork_scope(position: Position) -> Position:
    """Return the part up to the innermost fork branch; orders cannot be moved across it."""
    for n in range(len(position) - 2, -1, -1):
        part = position[n]
        if isinstance(part, str) and (part == "fork" or part.startswith("fork+")):
            return position[: n + 1]
    return ()


def within(block: Position | None, position: Position) -> bool:
    """Tell whether a position lies in a block given by its place; None is the whole workflow."""
    return block is None or place(position)[: len(block)] == block


def try_number(branch_id: str) -> int:
    """Return 3 for `try+3` and `catch+3`; 0 where no number is given."""
    return int(branch_id.partition("+")[2] or 0)


@lru_cache(maxsize=20_000)
def untried(position: Position) -> Position:
    """Return the position without the counts of tries, those of cycles kept.

    Two positions that are equal so stand in the same block, maybe in different tries.
    """
    return tuple(_untried(part) if isinstance(part, str) else part for part in position)


def _untried(branch: str) -> str:
    head = branch.partition("+")[0]
    return head if head in ("try", "catch") else branch
