"""A workflow version made ready to be walked by orders.

Built once per version and shared: blocks and instructions are found by place in one look-up,
instructions in older or shorter forms become plain, and ends of blocks lead out by themselves.
"""

from collections.abc import Iterator
from functools import lru_cache
from itertools import takewhile

from engine.errors import EngineError
from engine.position import Position, after, index, into, parent, place
from engine.workflow.blocks import LEFT_BY_EVENT, case_branch, inner_blocks
from engine.workflow.model import (
    Block,
    Demand,
    Execute,
    ForkList,
    ImplicitEnd,
    Instruction,
    Job,
    Lock,
    Retry,
    StickySubagent,
    Try,
    Workflow,
)

__all__ = ["PositionUnknown", "Program", "branches", "case_branch", "plain"]


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

        The end of the workflow stays, and that of a block that an order leaves by an event of its
        own: the branch of a fork, the block of a lock, of consumed notices, of a cycle.
        """
        while self.instruction(position) is None:
            around = parent(position)
            if around is None or isinstance(self.instruction(around), LEFT_BY_EVENT):
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
        """Return the result expressions of a branch of a Fork or of the block of a ForkList."""
        return self._results.get(scope, {})

    def job(self, name: str) -> Job:
        """Return a job by name; the check of the document guarantees that it exists."""
        return self.workflow.jobs[name]

    def agents(self, scope: Position = ()) -> Iterator[str]:
        """Yield the agents named at or below a block, by the jobs and by the instructions."""
        for at, block in self._blocks.items():
            if at[: len(scope)] == scope:
                for instruction in block:
                    agent = self._agent(instruction)
                    if agent is not None:
                        yield agent

    def _agent(self, instruction: Instruction) -> str | None:
        match instruction:
            case Execute(job_name=name):
                return self.job(name).agent_name
            case StickySubagent(agent_name=agent) | ForkList(agent_name=agent):
                return agent
            case _:
                return None


def plain(instruction: Instruction) -> Instruction:
    """Return the instruction in the one form that orders walk.

    JS7's one-piece Retry is a Try whose catch begins with Retry, a Lock with `lockName` has one
    demand.
    """
    match instruction:
        case Retry(try_=Block()):
            return _plain_retry(instruction)
        case Lock(lock_name=str(name), count=count, demands=()):
            return Lock(
                locked_workflow=instruction.locked_workflow,
                demands=(Demand(name, count),),
                label=instruction.label,
            )
        case _:
            return instruction


def _plain_retry(retry: Retry) -> Try:
    rest = retry.catch.instructions if retry.catch else ()
    return Try(
        try_=retry.try_ or Block(()),
        catch=Block((Retry(), *rest)),
        max_tries=retry.max_tries,
        retry_delays=retry.retry_delays,
        label=retry.label,
    )


def branches(instruction: Instruction) -> Iterator[tuple[str, Block]]:
    """Yield the branches below an instruction, by the names that positions use."""
    for inner in inner_blocks(instruction):
        yield inner.branch, inner.block
