"""A workflow as lines of text, for a reader: what stands where, and what tells it from others."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from engine.position import Position
from engine.workflow.instruction import (
    AddOrder,
    CaseWhen,
    ConsumeNotices,
    Cycle,
    Demand,
    Execute,
    ExpectNotices,
    Fail,
    Finish,
    Fork,
    ForkList,
    If,
    Instruction,
    Lock,
    Options,
    PostNotices,
    Prompt,
    Retry,
    Sleep,
    StickySubagent,
    Try,
)
from engine.workflow.model import Workflow
from engine.workflow.problem import clipped
from engine.workflow.program import plain
from engine.workflow.walk import type_name, walk
from timetable.scheme import Continuous, Periodic, Repeat, Ticking


class Line(NamedTuple):
    """A line of the outline, for a reader of the workflow."""

    position: Position
    depth: int
    branch: str | None
    type: str
    label: str | None
    text: str


def outline(workflow: Workflow) -> tuple[Line, ...]:
    """Return one line for each instruction, in document order."""
    return tuple(
        Line(
            v.position,
            v.depth,
            v.branch,
            type_name(v.instruction),
            v.instruction.label,
            text(v.instruction),
        )
        for v in walk(workflow)
    )


def text(instruction: Instruction) -> str:
    """Return what tells this instruction from others of its type; often empty."""
    make = _TEXTS.get(type(instruction))
    return clipped(make(instruction)) if make else ""


def repeat_text(repeat: Repeat) -> str:
    """Return how a Cycle repeats, in words."""
    match repeat:
        case Periodic(period=period, offsets=offsets):
            return f"every {period} s at {' '.join(f'+{o}' for o in offsets)}"
        case Ticking(interval=interval):
            return f"every {interval} s"
        case Continuous(pause=pause, limit=limit):
            most = "" if limit is None else f", {limit} times"
            return f"pause {pause} s{most}"


def _tries_text(instruction: Try | Retry) -> str:
    return f"at most {instruction.max_tries} tries" if instruction.max_tries else ""


def _children_text(fork: ForkList) -> str:
    if fork.children is not None:
        return fork.children
    return f"subagents of {fork.subagent_cluster_id or fork.subagent_cluster_id_expr or '?'}"


def _demands_text(lock: Lock) -> str:
    same = plain(lock)
    demands: tuple[Demand, ...] = same.demands if isinstance(same, Lock) else ()
    return ", ".join(
        d.lock_name if d.count is None else f"{d.lock_name}: {d.count}" for d in demands
    )


_TEXTS: Mapping[type, Callable[[Any], str]] = {
    Execute: lambda i: i.job_name,
    If: lambda i: i.predicate,
    CaseWhen: lambda i: ", ".join(case.predicate for case in i.cases),
    Fork: lambda i: ", ".join(branch.id for branch in i.branches),
    ForkList: _children_text,
    Try: _tries_text,
    Retry: _tries_text,
    Lock: _demands_text,
    PostNotices: lambda i: ", ".join(i.notice_board_names),
    ExpectNotices: lambda i: i.notice_board_names,
    ConsumeNotices: lambda i: i.notice_board_names,
    AddOrder: lambda i: i.workflow_name,
    Cycle: lambda i: ", ".join(repeat_text(scheme.repeat) for scheme in i.schedule.schemes),
    Prompt: lambda i: i.question,
    Finish: lambda i: i.message or "",
    Fail: lambda i: i.message or "",
    Sleep: lambda i: i.duration,
    StickySubagent: lambda i: i.agent_name,
    Options: lambda i: "stop on failure" if i.stop_on_failure else "fail on failure",
}
