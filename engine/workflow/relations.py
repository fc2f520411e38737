"""What a workflow refers to: locks, boards, other workflows, job resources, agents; and where.

Pure and by document alone. A document that was not checked may have names that cannot be read:
those of a malformed expression over boards are left out.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple, TypeAlias

import msgspec

from engine.expression import ExpressionSyntax, compile_expression
from engine.objects.board_expression import BoardExpressionUnreadable, parse
from engine.objects.include import included_names
from engine.position import Position
from engine.workflow.expressions import instruction_expressions, job_expressions
from engine.workflow.instruction import (
    AddOrder,
    ConsumeNotices,
    Execute,
    ExpectNotices,
    ForkList,
    Instruction,
    Lock,
    PostNotices,
    StickySubagent,
)
from engine.workflow.model import Job, ShellScript, Workflow
from engine.workflow.program import plain
from engine.workflow.walk import walk

Places: TypeAlias = Mapping[str, tuple[Position, ...]]
"""Names, each with the positions of the instructions concerned, in document order.

What the workflow or an unused job refers to has no position.
"""


class Relations(msgspec.Struct, frozen=True):
    """What a workflow refers to. A job's references stand at the instructions that run it."""

    locks: Places = {}
    boards_posted: Places = {}
    boards_expected: Places = {}
    boards_consumed: Places = {}
    workflows_added: Places = {}
    job_resources: Places = {}
    agents: Places = {}
    subagent_clusters: Places = {}
    include_scripts: Places = {}


class _Reference(NamedTuple):
    """A name, by the attribute of `Relations` that it belongs to."""

    relation: str
    name: str


def relations(workflow: Workflow) -> Relations:
    """Return everything that a workflow refers to."""
    found: defaultdict[str, dict[str, list[Position]]] = defaultdict(dict)
    of_job = {name: tuple(_of_job(job)) for name, job in workflow.jobs.items()}
    for name in workflow.job_resource_names:
        found["job_resources"].setdefault(name, [])
    for visit in walk(workflow):
        _add(found, _of_instruction(visit.instruction), visit.position)
        if isinstance(visit.instruction, Execute):
            _add(found, of_job.get(visit.instruction.job_name, ()), visit.position)
    for references in of_job.values():
        for relation, name in references:
            found[relation].setdefault(name, [])
    return Relations(
        **{
            relation: {name: tuple(positions) for name, positions in names.items()}
            for relation, names in found.items()
        }
    )


def _add(
    found: defaultdict[str, dict[str, list[Position]]],
    references: Iterable[_Reference],
    position: Position,
) -> None:
    for relation, name in dict.fromkeys(references):
        found[relation].setdefault(name, []).append(position)


def _of_instruction(instruction: Instruction) -> Iterator[_Reference]:
    for relation, names in _named_by(plain(instruction)):
        for name in names:
            yield _Reference(relation, name)
    for _, value in instruction_expressions(instruction):
        yield from _of_expression(value)


def _named_by(instruction: Instruction) -> Iterator[tuple[str, Iterable[str]]]:
    match instruction:
        case Lock(demands=demands):
            yield "locks", (demand.lock_name for demand in demands)
        case PostNotices(notice_board_names=names):
            yield "boards_posted", names
        case ExpectNotices(notice_board_names=text):
            yield "boards_expected", _boards(text)
        case ConsumeNotices(notice_board_names=text):
            yield "boards_consumed", _boards(text)
        case AddOrder(workflow_name=name):
            yield "workflows_added", (name,)
        case ForkList() | StickySubagent():
            yield "agents", _given(instruction.agent_name)
            yield "subagent_clusters", _given(instruction.subagent_cluster_id)
        case _:
            return


def _of_job(job: Job) -> Iterator[_Reference]:
    yield _Reference("agents", job.agent_name)
    for name in _given(job.subagent_cluster_id):
        yield _Reference("subagent_clusters", name)
    for name in job.job_resource_names:
        yield _Reference("job_resources", name)
    for _, value in job_expressions(job):
        yield from _of_expression(value)
    if isinstance(job.executable, ShellScript):
        for name in included_names(job.executable.script):
            yield _Reference("include_scripts", name)


def _of_expression(value: object) -> Iterator[_Reference]:
    if not isinstance(value, str):
        return
    try:
        asked = compile_expression(value).uses.job_resources
    except ExpressionSyntax:
        return
    for name in sorted(asked):
        yield _Reference("job_resources", name)


def _boards(text: str) -> tuple[str, ...]:
    try:
        return parse(text).names
    except BoardExpressionUnreadable:
        return ()


def _given(name: str | None) -> tuple[str, ...]:
    return () if name is None else (name,)
