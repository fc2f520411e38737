"""Where expressions stand in a workflow document.

The one list of them: the checks compile each, relations look for what each refers to. Values that
are no texts mean themselves and come along, for they have to be values too.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

from engine.workflow.instruction import (
    AddOrder,
    Block,
    CaseWhen,
    Execute,
    Fail,
    Fork,
    ForkList,
    If,
    Instruction,
    PostNotices,
    Prompt,
    Sleep,
    StickySubagent,
)
from engine.workflow.model import Job, ShellScript
from engine.workflow.problem import Path

Given: TypeAlias = tuple[Path, object]
"""A path from the instruction or job, and the text of an expression or another plain value."""


def instruction_expressions(instruction: Instruction) -> Iterator[Given]:
    """Yield the expressions of an instruction in document order, without those in its blocks."""
    found = _BY_TYPE.get(type(instruction))
    if found is not None:
        yield from found(instruction)


def job_expressions(job: Job) -> Iterator[Given]:
    """Yield the expressions of a job in document order."""
    executable = job.executable
    yield from _named("executable", "env", values=executable.env)
    if not isinstance(executable, ShellScript):
        yield from _named("executable", "arguments", values=executable.arguments)
    yield from _named("defaultArguments", values=job.default_arguments)
    yield from _single("subagentClusterIdExpr", job.subagent_cluster_id_expr)


def _named(*path: str, values: Mapping[str, object]) -> Iterator[Given]:
    for name, value in values.items():
        yield (*path, name), value


def _single(field: str, text: str | None) -> Iterator[Given]:
    if text is not None:
        yield (field,), text


def _cases(case_when: CaseWhen) -> Iterator[Given]:
    for i, case in enumerate(case_when.cases):
        yield ("cases", i, "predicate"), case.predicate


def _results(path: Path, block: Block) -> Iterator[Given]:
    for name, text in (block.result or {}).items():
        yield (*path, "result", name), text


def _branches(fork: Fork) -> Iterator[Given]:
    for i, branch in enumerate(fork.branches):
        yield from _results(("branches", i, "workflow"), branch.workflow)


def _children(fork: ForkList) -> Iterator[Given]:
    yield from _single("children", fork.children)
    yield from _single("childToId", fork.child_to_id)
    yield from _single("subagentClusterIdExpr", fork.subagent_cluster_id_expr)
    yield from _results(("workflow",), fork.workflow)


_BY_TYPE: Mapping[type, Callable[[Any], Iterator[Given]]] = {
    Execute: lambda i: _named("defaultArguments", values=i.default_arguments),
    If: lambda i: _single("predicate", i.predicate),
    CaseWhen: _cases,
    Fork: _branches,
    ForkList: _children,
    Fail: lambda i: _single("message", i.message),
    PostNotices: lambda i: _named("arguments", values=i.arguments),
    AddOrder: lambda i: _named("arguments", values=i.arguments),
    Prompt: lambda i: _single("question", i.question),
    Sleep: lambda i: _single("duration", i.duration),
    StickySubagent: lambda i: _single("subagentClusterIdExpr", i.subagent_cluster_id_expr),
}
