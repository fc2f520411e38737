"""Which blocks an instruction has, and the names that positions give to them.

The one place that knows them: readers, orders and the diagram all go by it.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from engine.workflow.instruction import (
    AdmissionTime,
    Block,
    CaseWhen,
    ConsumeNotices,
    Cycle,
    Fork,
    ForkList,
    If,
    Instruction,
    Lock,
    Options,
    Retry,
    Segment,
    StickySubagent,
    Try,
)
from engine.workflow.problem import Path

LEFT_BY_EVENT = (Fork, ForkList, Lock, ConsumeNotices, Cycle)
"""Instructions whose blocks an order leaves by an event of its own; other ends just lead out."""


class Inner(NamedTuple):
    """A block below an instruction: its branch in positions, its path from the instruction.

    `first` is the index that positions give to its first instruction.
    """

    branch: str
    block: Block
    path: Path
    first: int = 0


def inner_blocks(instruction: Instruction) -> tuple[Inner, ...]:
    """Return the blocks of an instruction in document order; empty where it has none."""
    match instruction:
        case If() | CaseWhen():
            return tuple(_conditional(instruction))
        case Fork(branches=branches):
            return tuple(
                Inner(f"fork+{b.id}", b.workflow, ("branches", i, "workflow"))
                for i, b in enumerate(branches)
            )
        case Try(try_=tried, catch=caught):
            return (Inner("try", tried, ("try",)), Inner("catch", caught, ("catch",)))
        case Retry(try_=Block() as tried, catch=caught):
            # Orders walk it as a Try whose catch begins with a Retry.
            again = () if caught is None else (Inner("catch", caught, ("catch",), first=1),)
            return (Inner("try", tried, ("try",)), *again)
        case _:
            return _single(instruction)


def case_branch(n: int) -> str:
    """Return the branch of case `n`, counted from 0."""
    return "then" if n == 0 else f"then+{n + 1}"


def _conditional(instruction: If | CaseWhen) -> Iterator[Inner]:
    if isinstance(instruction, If):
        yield Inner("then", instruction.then, ("then",))
    else:
        for n, case in enumerate(instruction.cases):
            yield Inner(case_branch(n), case.then, ("cases", n, "then"))
    if instruction.else_ is not None:
        yield Inner("else", instruction.else_, ("else",))


def _single(instruction: Instruction) -> tuple[Inner, ...]:
    """Return the block of an instruction that has just one."""
    found = _SINGLE.get(type(instruction))
    if found is None:
        return ()
    branch, attribute, field = found
    return (Inner(branch, getattr(instruction, attribute), (field,)),)


_SINGLE: Mapping[type, tuple[str, str, str]] = {
    ForkList: ("fork", "workflow", "workflow"),
    Lock: ("lock", "locked_workflow", "lockedWorkflow"),
    ConsumeNotices: ("consumeNotices", "subworkflow", "subworkflow"),
    Cycle: ("cycle", "cycle_workflow", "cycleWorkflow"),
    StickySubagent: ("stickySubagent", "subworkflow", "subworkflow"),
    Options: ("options", "block", "block"),
    AdmissionTime: ("admissionTime", "block", "block"),
    Segment: ("segment", "block", "block"),
}
"""By instruction: the branch, the attribute with the block, and its field in the document."""
