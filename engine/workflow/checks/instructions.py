"""Checks the instructions of a workflow: labels, jobs, branches, retries, expressions."""

from collections.abc import Iterator

from engine.position import Position, to_text
from engine.workflow.checks.names import branch_problems, label_problems, variable_name_problems
from engine.workflow.checks.values import (
    expression_problems,
    number_problems,
    values_problems,
)
from engine.workflow.model import (
    Block,
    Branch,
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
from engine.workflow.problem import Path, Problem, clipped, place_text, problem, shown, warning
from engine.workflow.walk import Visit, inner_blocks, type_name, walk

MOST_TRIES = 1_000_000


def instruction_problems(workflow: Workflow) -> Iterator[Problem]:
    """Yield what is wrong with the instructions, in document order."""
    labels: dict[str, Path] = {}
    for visit in walk(workflow):
        yield from _label_problems(visit, labels)
        yield from _own_problems(visit, workflow)
        yield from _misplaced_results(visit)
    yield from _unreachable(workflow)


def _own_problems(visit: Visit, workflow: Workflow) -> Iterator[Problem]:
    path = visit.path
    match visit.instruction:
        case Execute() as execute:
            yield from _execute_problems(path, execute, workflow)
        case If(predicate=predicate):
            yield from expression_problems((*path, "predicate"), predicate)
        case CaseWhen() as case_when:
            yield from _case_problems(path, case_when)
        case Fork() as fork:
            yield from _fork_problems(path, fork)
        case Try() | Retry():
            yield from _retry_problems(visit, visit.instruction)
        case Fail() as fail:
            yield from _fail_problems(path, fail)
        case Finish() | ImplicitEnd():
            pass


def _label_problems(visit: Visit, seen: dict[str, Path]) -> Iterator[Problem]:
    label, path = visit.instruction.label, (*visit.path, "label")
    if label is None:
        return
    yield from label_problems(path, label)
    if label in seen:
        sentence = f"The label {shown(label)} is used already at {place_text(seen[label])}."
        yield problem(path, "label-repeated", sentence)
    seen.setdefault(label, visit.path)


def _execute_problems(path: Path, execute: Execute, workflow: Workflow) -> Iterator[Problem]:
    if execute.job_name not in workflow.jobs:
        sentence = f"There is no job {shown(execute.job_name)} in jobs.{_jobs_hint(workflow)}"
        yield problem((*path, "jobName"), "job-unknown", sentence)
    for name in execute.default_arguments:
        yield from variable_name_problems((*path, "defaultArguments", name), name)
    yield from values_problems((*path, "defaultArguments"), execute.default_arguments)


def _jobs_hint(workflow: Workflow) -> str:
    names = sorted(workflow.jobs)
    more = ", …" if len(names) > 5 else ""
    return (
        f" The jobs are: {', '.join(map(clipped, names[:5]))}{more}." if names else " It is empty."
    )


def _case_problems(path: Path, case_when: CaseWhen) -> Iterator[Problem]:
    if not case_when.cases:
        yield problem((*path, "cases"), "cases-missing", "At least one case is needed.")
    for i, case in enumerate(case_when.cases):
        yield from expression_problems((*path, "cases", i, "predicate"), case.predicate)


def _fork_problems(path: Path, fork: Fork) -> Iterator[Problem]:
    if not fork.branches:
        yield problem((*path, "branches"), "branches-missing", "At least one branch is needed.")
    seen: dict[str, int] = {}
    results: dict[str, str] = {}
    for i, branch in enumerate(fork.branches):
        here: Path = (*path, "branches", i)
        yield from branch_problems((*here, "id"), branch.id)
        if branch.id in seen:
            sentence = (
                f"The branch {shown(branch.id)} is given already as number {seen[branch.id] + 1}."
            )
            yield problem((*here, "id"), "branch-repeated", sentence)
        seen.setdefault(branch.id, i)
        yield from _result_problems((*here, "workflow", "result"), branch, results)


def _result_problems(path: Path, branch: Branch, taken: dict[str, str]) -> Iterator[Problem]:
    for name, text in (branch.workflow.result or {}).items():
        yield from variable_name_problems((*path, name), name)
        yield from expression_problems((*path, name), text)
        if name in taken:
            sentence = f"The result {shown(name)} comes from branch {shown(taken[name])} already."
            yield problem((*path, name), "result-repeated", sentence)
        taken.setdefault(name, branch.id)


def _misplaced_results(visit: Visit) -> Iterator[Problem]:
    if isinstance(visit.instruction, Fork):
        return
    for inner in inner_blocks(visit.instruction):
        if inner.block.result:
            yield problem(
                (*visit.path, *inner.path, "result"),
                "result-misplaced",
                "Only the branch of a Fork has results.",
            )


def _retry_problems(visit: Visit, instruction: Try | Retry) -> Iterator[Problem]:
    path = visit.path
    yield from number_problems((*path, "maxTries"), instruction.max_tries, least=1, most=MOST_TRIES)
    for i, delay in enumerate(instruction.retry_delays):
        yield from number_problems((*path, "retryDelays", i), delay, least=0)
    if isinstance(instruction, Try):
        yield from _try_problems(path, instruction)
    elif instruction.try_ is None:
        yield from _bare_retry_problems(visit, instruction)


def _try_problems(path: Path, instruction: Try) -> Iterator[Problem]:
    given = instruction.max_tries is not None or instruction.retry_delays
    if given and not _has_retry(instruction.catch):
        sentence = "maxTries and retryDelays have no effect: there is no Retry in catch."
        yield warning(path, "never-retried", sentence)


def _has_retry(block: Block) -> bool:
    return any(
        isinstance(i, Retry) or any(_has_retry(inner.block) for inner in inner_blocks(i))
        for i in block.instructions
    )


def _bare_retry_problems(visit: Visit, retry: Retry) -> Iterator[Problem]:
    if retry.catch is not None or retry.max_tries is not None or retry.retry_delays:
        sentence = "This Retry has no try: maxTries and retryDelays stand at the Try around it."
        yield problem(visit.path, "retry-incomplete", sentence)
    if not _is_within_catch(visit.position):
        sentence = "A Retry without a try of its own stands within the catch of a Try."
        yield problem(visit.path, "retry-misplaced", sentence)


def _is_within_catch(position: Position) -> bool:
    """A Retry goes back to a try of the same order: not beyond the branch of a fork."""
    for part in reversed(position):
        if part == "catch":
            return True
        if isinstance(part, str) and part.startswith("fork+"):
            return False
    return False


def _fail_problems(path: Path, fail: Fail) -> Iterator[Problem]:
    if fail.message is not None:
        yield from expression_problems((*path, "message"), fail.message)
    for name, value in (fail.outcome or {}).items():
        here = (*path, "outcome", name)
        yield from variable_name_problems(here, name)
        if name == "returnCode" and (isinstance(value, bool) or not isinstance(value, int)):
            yield problem(here, "wrong-type", "A return code is a whole number.")


def _unreachable(workflow: Workflow) -> Iterator[Problem]:
    """Warn of each instruction right behind one that always leaves the block."""
    last_of_block: dict[Position, Visit] = {}
    for visit in walk(workflow):
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
        case Finish() | Fail() | ImplicitEnd():
            return True
        case Retry(try_=None):
            return True
        case _:
            return False
