"""Checks the instructions of a workflow, each by its type, and what holds for all of them."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from engine.position import Position, to_text
from engine.workflow.checks.adding import add_order_problems
from engine.workflow.checks.cycles import break_problems, cycle_problems
from engine.workflow.checks.forks import fork_list_problems, fork_problems
from engine.workflow.checks.functions import no_job_problems
from engine.workflow.checks.here import Here
from engine.workflow.checks.known import NOTHING_KNOWN, Known
from engine.workflow.checks.locks import lock_problems
from engine.workflow.checks.names import label_problems, variable_name_problems
from engine.workflow.checks.notices import expect_problems, post_problems
from engine.workflow.checks.references import expression_references
from engine.workflow.checks.schemes import scheme_problems
from engine.workflow.checks.sticky import sticky_job_problems, sticky_problems
from engine.workflow.checks.tries import try_problems
from engine.workflow.checks.values import constant_problems, value_problems
from engine.workflow.expressions import instruction_expressions
from engine.workflow.model import (
    AddOrder,
    AdmissionTime,
    Break,
    CaseWhen,
    ConsumeNotices,
    Cycle,
    Execute,
    ExpectNotices,
    Fail,
    Finish,
    Fork,
    ForkList,
    ImplicitEnd,
    Instruction,
    Lock,
    PostNotices,
    Retry,
    Sleep,
    StickySubagent,
    Try,
    Workflow,
)
from engine.workflow.problem import Path, Problem, clipped, place_text, problem, shown, warning
from engine.workflow.walk import Visit, inner_blocks, type_name, walk


def instruction_problems(workflow: Workflow, known: Known = NOTHING_KNOWN) -> Iterator[Problem]:
    """Yield what is wrong with the instructions, in document order."""
    visits = list(walk(workflow))
    placed = {visit.position: visit.instruction for visit in visits}
    labels: dict[str, Path] = {}
    for visit in visits:
        yield from _label_problems(visit, labels)
        yield from _own_problems(Here(visit, workflow, known, placed))
        yield from _misplaced_results(visit)
    yield from _unreachable(visits)


def _own_problems(here: Here) -> Iterator[Problem]:
    instruction = here.visit.instruction
    for path, value in instruction_expressions(instruction):
        yield from value_problems((*here.path, *path), value)
        if not isinstance(instruction, Execute):
            yield from no_job_problems((*here.path, *path), value)
        if isinstance(value, str):
            yield from expression_references((*here.path, *path), value, here.known)
    check = _BY_TYPE.get(type(instruction))
    if check is not None:
        yield from check(here, instruction)


def _label_problems(visit: Visit, seen: dict[str, Path]) -> Iterator[Problem]:
    label, path = visit.instruction.label, (*visit.path, "label")
    if label is None:
        return
    yield from label_problems(path, label)
    if label in seen:
        sentence = f"The label {shown(label)} is used already at {place_text(seen[label])}."
        yield problem(path, "label-repeated", sentence)
    seen.setdefault(label, visit.path)


def _execute_problems(here: Here, execute: Execute) -> Iterator[Problem]:
    path, jobs = here.path, here.workflow.jobs
    if execute.job_name not in jobs:
        sentence = f"There is no job {shown(execute.job_name)} in jobs.{_jobs_hint(sorted(jobs))}"
        yield problem((*path, "jobName"), "job-unknown", sentence)
    for name in execute.default_arguments:
        yield from variable_name_problems((*path, "defaultArguments", name), name)
    yield from sticky_job_problems(here, execute)


def _jobs_hint(names: list[str]) -> str:
    more = ", …" if len(names) > 5 else ""
    return (
        f" The jobs are: {', '.join(map(clipped, names[:5]))}{more}." if names else " It is empty."
    )


def _case_problems(here: Here, case_when: CaseWhen) -> Iterator[Problem]:
    if not case_when.cases:
        yield problem((*here.path, "cases"), "cases-missing", "At least one case is needed.")


def _fail_problems(here: Here, fail: Fail) -> Iterator[Problem]:
    for name, value in (fail.outcome or {}).items():
        path = (*here.path, "outcome", name)
        yield from variable_name_problems(path, name)
        if name == "returnCode" and (isinstance(value, bool) or not isinstance(value, int)):
            yield problem(path, "wrong-type", "A return code is a whole number.")


def _sleep_problems(here: Here, sleep: Sleep) -> Iterator[Problem]:
    yield from constant_problems((*here.path, "duration"), sleep.duration, "a number")


def _admission_problems(here: Here, admission: AdmissionTime) -> Iterator[Problem]:
    yield from scheme_problems((*here.path, "admissionTimeScheme"), admission.admission_time_scheme)


_BY_TYPE: Mapping[type, Callable[[Here, Any], Iterator[Problem]]] = {
    Execute: _execute_problems,
    CaseWhen: _case_problems,
    Fork: fork_problems,
    ForkList: fork_list_problems,
    Try: try_problems,
    Retry: try_problems,
    Lock: lock_problems,
    PostNotices: post_problems,
    ExpectNotices: expect_problems,
    ConsumeNotices: expect_problems,
    AddOrder: add_order_problems,
    Cycle: cycle_problems,
    Break: lambda here, _: break_problems(here),
    Fail: _fail_problems,
    Sleep: _sleep_problems,
    StickySubagent: sticky_problems,
    AdmissionTime: _admission_problems,
}
"""The other types have nothing to check but their expressions."""


def _misplaced_results(visit: Visit) -> Iterator[Problem]:
    if isinstance(visit.instruction, Fork | ForkList):
        return
    for inner in inner_blocks(visit.instruction):
        if inner.block.result:
            yield problem(
                (*visit.path, *inner.path, "result"),
                "result-misplaced",
                "Only the branch of a Fork and the workflow of a ForkList have results.",
            )


def _unreachable(visits: list[Visit]) -> Iterator[Problem]:
    """Warn of each instruction right behind one that always leaves the block."""
    last_of_block: dict[Position, Visit] = {}
    for visit in visits:
        before = last_of_block.get(visit.position[:-1])
        last_of_block[visit.position[:-1]] = visit
        if before is None or isinstance(visit.instruction, ImplicitEnd):
            continue
        if _leaves(before.instruction):
            name = f"{type_name(before.instruction)} at {to_text(before.position)}"
            sentence = f"This is never reached: the {name} leaves the block."
            yield warning(visit.path, "unreachable", sentence)


def _leaves(instruction: Instruction) -> bool:
    match instruction:
        case Finish() | Fail() | Break() | ImplicitEnd():
            return True
        case Retry(try_=None):
            return True
        case _:
            return False
