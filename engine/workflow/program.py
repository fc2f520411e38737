"""A workflow version made ready to be walked by orders.

Built once per version and shared: blocks and instructions are found by place in one look-up,
blocks of Retry written in one piece become Try, and ends of blocks lead out by themselves.
"""

from collections.abc import Iterator
from functools import lru_cache
from itertools import takewhile

from engine.errors import EngineError
from engine.position import Position, after, index, into, parent, place
from engine.workflow.model import (
    Block,
    CaseWhen,
    Execute,
    Fork,
    If,
    ImplicitEnd,
    Instruction,
    Job,
    Retry,
    Try,
    Workflow,
)


class PositionUnknown(EngineError):
    """A position that the workflow version does not have."""


class Program:
    """A workflow version, by place."""

    def __init__(self, path: str, version: str, workflow: Workflow) -> None:
        self.path = path
        self.version = version
        self.workflow = workflow
        self._blocks: dict[Position, tuple[Instruction, ...]] = {}
        self._results: dict[Position, dict[str, str]] = {}
        self.labels: dict[str, Position] = {}
        self._add((), Block(workflow.instructions))
        self.instruction = lru_cache(maxsize=4096)(self._instruction)
        self.resolve = lru_cache(maxsize=4096)(self._resolve)

    def _add(self, scope: Position, block: Block) -> None:
        # Nothing behind an end can be reached, so the block ends there.
        reached = takewhile(lambda i: not isinstance(i, ImplicitEnd), block.instructions)
        instructions = self._blocks[scope] = tuple(map(plain, reached))
        if block.result:
            self._results[scope] = block.result
        for i, instruction in enumerate(instructions):
            if instruction.label:
                self.labels[instruction.label] = (*scope, i)
            for branch, inner in branches(instruction):
                self._add((*scope, i, branch), inner)

    def _instruction(self, position: Position) -> Instruction | None:
        """Return the instruction at a position, None right behind the last one of its block.

        Raises:
            PositionUnknown: there is no such place.
        """
        at = place(position)
        block = self._blocks.get(at[:-1])
        if block is None or index(at) > len(block):
            raise PositionUnknown(
                f"workflow {self.path} has no position {'/'.join(map(str, position))}"
            )
        return block[index(at)] if index(at) < len(block) else None

    def _resolve(self, position: Position) -> Position:
        """Return where an order really stands that comes to `position`: ends of blocks lead out.

        The end of the workflow and of a fork's branch stay, for they end an order.
        """
        while self.instruction(position) is None:
            around = parent(position)
            if around is None or isinstance(self.instruction(around), Fork):
                return position
            position = after(around)
        return position

    def onward(self, position: Position) -> Position:
        """Return where an order stands after the instruction at `position`."""
        return self.resolve(after(position))

    def enter(self, position: Position, branch: str) -> Position:
        """Return where an order stands that enters `branch` of the instruction at `position`."""
        return self.resolve(into(position, branch))

    def block(self, scope: Position) -> tuple[Instruction, ...]:
        """Return the instructions of the block with this place, such as `(0, "then")`."""
        return self._blocks[scope]

    def results(self, scope: Position) -> dict[str, str]:
        """Return the result expressions of a fork's branch."""
        return self._results.get(scope, {})

    def job(self, name: str) -> Job:
        """Return a job by name; the check of the document guarantees that it exists."""
        return self.workflow.jobs[name]

    def agents(self, scope: Position = ()) -> Iterator[str]:
        """Yield the agents of all jobs at or below a block."""
        for at, block in self._blocks.items():
            if at[: len(scope)] == scope:
                for instruction in block:
                    if isinstance(instruction, Execute):
                        yield self.job(instruction.job_name).agent_name


def plain(instruction: Instruction) -> Instruction:
    """Return JS7's one-piece Retry as a Try whose catch begins with Retry; others as they are."""
    if isinstance(instruction, Retry) and instruction.try_ is not None:
        rest = instruction.catch.instructions if instruction.catch else ()
        return Try(
            try_=instruction.try_,
            catch=Block((Retry(), *rest)),
            max_tries=instruction.max_tries,
            retry_delays=instruction.retry_delays,
            label=instruction.label,
        )
    return instruction


def branches(instruction: Instruction) -> Iterator[tuple[str, Block]]:
    """Yield the branches below an instruction, by the names that positions use."""
    match instruction:
        case If() | CaseWhen():
            yield from _conditional(instruction)
        case Try():
            yield "try", instruction.try_
            yield "catch", instruction.catch
        case Fork():
            for found in instruction.branches:
                yield f"fork+{found.id}", found.workflow
        case _:
            return


def _conditional(instruction: If | CaseWhen) -> Iterator[tuple[str, Block]]:
    cases = (
        (instruction.then,) if isinstance(instruction, If) else [c.then for c in instruction.cases]
    )
    for n, block in enumerate(cases):
        yield case_branch(n), block
    if instruction.else_ is not None:
        yield "else", instruction.else_


def case_branch(n: int) -> str:
    """Return the branch of case `n`, counted from 0."""
    return "then" if n == 0 else f"then+{n + 1}"
