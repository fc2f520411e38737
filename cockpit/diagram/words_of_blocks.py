"""What is said about instructions that have blocks, and about the lanes below them."""

from collections.abc import Callable, Mapping
from typing import Any

from cockpit.diagram.periods import admission_text, cycle_text
from cockpit.diagram.saying import Words, boards_text, counted, duration_text, plain_text
from engine.workflow.instruction import (
    AdmissionTime,
    CaseWhen,
    ConsumeNotices,
    Cycle,
    Demand,
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
from engine.workflow.model import Workflow


def lane_names(instruction: Instruction) -> tuple[str, ...]:
    """Return what stands at each lane below an instruction, in the order of its blocks.

    Empty where the instruction has a single block, which needs no name.
    """
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
    """Return `3 x 30 s, 1 min` for three tries with these pauses, empty where nothing is said."""
    count = f"{max_tries} \N{MULTIPLICATION SIGN}" if max_tries else ""
    pauses = ", ".join(map(duration_text, delays[:3])) + (", …" if len(delays) > 3 else "")
    return f"{count} {pauses}".strip()


def demands(it: Lock) -> tuple[Demand, ...]:
    """Return which locks are wanted, also where JS7's older form says it."""
    return it.demands or ((Demand(it.lock_name, it.count),) if it.lock_name else ())


def _if(it: If, _: Workflow) -> Words:
    return Words("split", "if", it.predicate, it.label or "")


def _case_when(it: CaseWhen, _: Workflow) -> Words:
    return Words("split", "case", it.label or counted(len(it.cases), "case"))


def _fork(it: Fork, _: Workflow) -> Words:
    return Words("git-fork", "fork", it.label or "", _join(if_failed=it.join_if_failed))


def _fork_list(it: ForkList, _: Workflow) -> Words:
    cluster = it.subagent_cluster_id or plain_text(it.subagent_cluster_id_expr or "")
    each = plain_text(it.children) if it.children else f"subagent of {cluster or it.agent_name}"
    told = (it.label or "", _join(if_failed=it.join_if_failed))
    return Words("copy", "fork list", f"each {each}", " · ".join(part for part in told if part))


def _join(*, if_failed: bool) -> str:
    return "join if failed" if if_failed else ""


def _try(it: Try, _: Workflow) -> Words:
    return Words("shield", "try", it.label or "", tries_text(it.max_tries, it.retry_delays))


def _retry(it: Retry, _: Workflow) -> Words:
    return Words("repeat", "retry", it.label or "", tries_text(it.max_tries, it.retry_delays))


def _lock(it: Lock, _: Workflow) -> Words:
    return Words("lock", "lock", ", ".join(map(_demand, demands(it))), it.label or "")


def _demand(it: Demand) -> str:
    many = "" if it.count is None else f" \N{MULTIPLICATION SIGN} {it.count}"
    return f"{it.lock_name}{many}"


def _consume(it: ConsumeNotices, _: Workflow) -> Words:
    return Words("inbox", "consume notices", boards_text(it.notice_board_names), it.label or "")


def _cycle(it: Cycle, _: Workflow) -> Words:
    once = "one period" if it.only_one_period else ""
    told = (cycle_text(it.schedule), once)
    return Words("refresh-cw", "cycle", it.label or "", " · ".join(part for part in told if part))


def _sticky(it: StickySubagent, _: Workflow) -> Words:
    where = it.subagent_cluster_id or plain_text(it.subagent_cluster_id_expr or "")
    return Words("pin", "sticky subagent", where or it.agent_name, it.label or "")


def _options(it: Options, _: Workflow) -> Words:
    told = "stop on failure" if it.stop_on_failure else "go on after failure"
    return Words("sliders-horizontal", "options", told, it.label or "")


def _admission(it: AdmissionTime, _: Workflow) -> Words:
    skips = "skip a day without" if it.skip_if_no_admission_for_order_day else ""
    told = (admission_text(it.admission_time_scheme), skips)
    detail = " · ".join(part for part in told if part)
    return Words("clock", "admission time", it.label or "", detail)


def _segment(it: Segment, _: Workflow) -> Words:
    return Words("braces", "segment", it.label or "")


WORDS_OF_BLOCKS: Mapping[type, Callable[[Any, Workflow], Words]] = {
    If: _if,
    CaseWhen: _case_when,
    Fork: _fork,
    ForkList: _fork_list,
    Try: _try,
    Retry: _retry,
    Lock: _lock,
    ConsumeNotices: _consume,
    Cycle: _cycle,
    StickySubagent: _sticky,
    Options: _options,
    AdmissionTime: _admission,
    Segment: _segment,
}
