"""What a diagram and its outline say about an instruction: icon, kind, name, detail.

A new instruction gets one function here and one in `cockpit.diagram.measure`.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from engine.workflow.model import (
    CaseWhen,
    Execute,
    Fail,
    Finish,
    Fork,
    If,
    ImplicitEnd,
    Instruction,
    Retry,
    Try,
    Workflow,
)


class Words(NamedTuple):
    """The texts of one node, unclipped; empty where there is nothing to say."""

    icon: str
    kind: str
    name: str
    detail: str = ""

    @property
    def label(self) -> str:
        """The node in one sentence, for readers that do not see it."""
        told = " ".join(part for part in (self.kind, self.name) if part)
        return f"{told}, {self.detail}" if self.detail else told


def words(instruction: Instruction, workflow: Workflow) -> Words:
    """Return what is said about an instruction of this workflow."""
    found: Words = _WORDS[type(instruction)](instruction, workflow)
    return found


def lane_names(instruction: Instruction) -> tuple[str, ...]:
    """Return what stands at each lane below an instruction, in the order of its blocks."""
    match instruction:
        case If():
            return ("then", "else")
        case CaseWhen(cases=cases):
            return (*(case.predicate for case in cases), "else")
        case Fork(branches=branches):
            return tuple(branch.id for branch in branches)
        case Try() | Retry():
            return ("try", "catch")
        case _:
            return ()


def tries_text(max_tries: int | None, delays: tuple[int, ...]) -> str:
    """Return `3 x 30 s` for three tries 30 seconds apart, empty where nothing is said."""
    count = f"{max_tries} \N{MULTIPLICATION SIGN}" if max_tries else ""
    pauses = "/".join(str(d) for d in delays[:3]) + ("/…" if len(delays) > 3 else "")
    return f"{count} {pauses} s".strip() if delays else count


def _execute(it: Execute, workflow: Workflow) -> Words:
    job = workflow.jobs.get(it.job_name)
    name = it.label or it.job_name
    told = [job.agent_name] if job else ["unknown job"]
    if it.label and it.label != it.job_name:
        told.insert(0, it.job_name)
    return Words("terminal", "job", name, " · ".join(told))


def _if(it: If, _: Workflow) -> Words:
    return Words("split", "if", it.predicate, it.label or "")


def _case_when(it: CaseWhen, _: Workflow) -> Words:
    return Words("split", "case", it.label or f"{len(it.cases)} cases")


def _fork(it: Fork, _: Workflow) -> Words:
    detail = "join if failed" if it.join_if_failed else ""
    return Words("git-fork", "fork", it.label or "", detail)


def _try(it: Try, _: Workflow) -> Words:
    return Words("shield", "try", it.label or "", tries_text(it.max_tries, it.retry_delays))


def _retry(it: Retry, _: Workflow) -> Words:
    return Words("repeat", "retry", it.label or "", tries_text(it.max_tries, it.retry_delays))


def _finish(it: Finish, _: Workflow) -> Words:
    kind = "finish unsuccessfully" if it.unsuccessful else "finish"
    return Words("check", kind, it.label or "", it.message or "")


def _fail(it: Fail, _: Workflow) -> Words:
    return Words("x", "fail", it.label or "", it.message or "")


def _end(it: ImplicitEnd, _: Workflow) -> Words:
    return Words("check", "end", it.label or "")


_WORDS: dict[type, Callable[[Any, Workflow], Words]] = {
    Execute: _execute,
    If: _if,
    CaseWhen: _case_when,
    Fork: _fork,
    Try: _try,
    Retry: _retry,
    Finish: _finish,
    Fail: _fail,
    ImplicitEnd: _end,
}
