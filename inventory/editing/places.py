"""Where the instructions of a document stand: from positions to paths and back.

The document may be wrong in shape; places are found in what `fitting` makes of it.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

from engine.position import to_text
from engine.workflow.blocks import inner_blocks
from engine.workflow.instruction import CaseWhen, If, Instruction, Retry
from engine.workflow.model import Workflow
from engine.workflow.problem import Path
from engine.workflow.walk import Visit, walk
from inventory.editing.errors import OperationUnfit, PlaceGone
from inventory.editing.fitting import fitted
from inventory.editing.tree import value_at


class Spot(NamedTuple):
    """A place between instructions: the path of their list, and the index in it."""

    list_path: Path
    place: int


class _Scope(NamedTuple):
    """A block: where its list is, the index of its first instruction in positions, its length."""

    path: Path
    first: int
    length: int


class Places:
    """The places of one document; `workflow` is what it reads as, where it does."""

    def __init__(self, document: Any, workflow: Workflow | None = None) -> None:
        self.document = document
        self.workflow = workflow or fitted(document)
        self.visits: dict[str, Visit] = {to_text(v.position): v for v in walk(self.workflow)}
        top = len(self.workflow.instructions)
        self._scopes: dict[str, _Scope] = {"": _Scope(("instructions",), 0, top)}
        for at, visit in self.visits.items():
            for branch, scope in _scopes_of(visit):
                self._scopes[f"{at}/{branch}"] = scope

    def path(self, at: str) -> Path:
        """Return the path of the instruction at a position.

        Raises:
            PlaceGone: there is none.
        """
        visit = self.visits.get(at)
        if visit is None:
            raise PlaceGone(f"There is no instruction at {at or 'the begin'} any more.")
        return visit.path

    def value(self, at: str) -> Any:
        """Return the instruction at a position as it stands in the document."""
        return value_at(self.document, self.path(at))

    def spot(self, at: str) -> Spot:
        """Return the place before the instruction at a position, or at the end of its block.

        Raises:
            PlaceGone: there is no such block, or it is shorter.
        """
        scope_text, _, last = at.rpartition("/")
        scope = self._scopes.get(scope_text)
        index = int(last) - scope.first if scope and last.isdecimal() and len(last) < 9 else -1
        if scope is None or not 0 <= index <= scope.length:
            raise PlaceGone(f"There is no place {at or 'without a name'} any more.")
        return Spot(scope.path, index)

    def outermost(self, positions: Sequence[str]) -> list[Path]:
        """Return the paths of instructions in document order, without those within others."""
        paths = sorted(self.path(at) for at in dict.fromkeys(positions))
        return [path for path in paths if not any(within(path, o) for o in paths if o != path)]

    def run(self, positions: Sequence[str]) -> tuple[Spot, int]:
        """Return where instructions begin that stand one after the other, and how many they are.

        Raises:
            OperationUnfit: they are none, or do not stand so.
        """
        paths = self.outermost(positions)
        if not paths:
            raise OperationUnfit("No instruction is chosen.")
        lists = {path[:-1] for path in paths}
        first, last = int(paths[0][-1]), int(paths[-1][-1])
        if len(lists) > 1 or last - first + 1 != len(paths):
            raise OperationUnfit("These instructions do not stand one after the other.")
        return Spot(paths[0][:-1], first), len(paths)

    @cached_property
    def ends(self) -> Mapping[str, str]:
        """The place behind the last instruction of each block, by the text of the block."""
        return {
            text: f"{text}/{scope.first + scope.length}".removeprefix("/")
            for text, scope in self._scopes.items()
        }

    @cached_property
    def positions(self) -> Mapping[Path, str]:
        """The positions by path."""
        return {visit.path: at for at, visit in self.visits.items()}


def within(path: Path, around: Path) -> bool:
    """Tell whether a path leads to a value or into it."""
    return path[: len(around)] == around


def _scopes_of(visit: Visit) -> Iterator[tuple[str, _Scope]]:
    for inner in inner_blocks(visit.instruction):
        path = (*visit.path, *inner.path, "instructions")
        yield inner.branch, _Scope(path, inner.first, len(inner.block.instructions))
    missing = missing_block(visit.instruction)
    if missing:
        first = 1 if isinstance(visit.instruction, Retry) else 0
        yield missing, _Scope((*visit.path, missing, "instructions"), first, 0)


def missing_block(instruction: Instruction) -> str:
    """Return the one block that an instruction may have and has not, empty for none."""
    match instruction:
        case If(else_=None) | CaseWhen(else_=None):
            return "else"
        case Retry(try_=tried, catch=None) if tried is not None:
            return "catch"
        case _:
            return ""
