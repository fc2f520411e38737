"""Checks Fork and ForkList."""

from collections.abc import Iterator

from engine.expression import EvaluationFailed, ExpressionSyntax, Scope, compile_expression
from engine.values import Function, NotAValue
from engine.workflow.checks.here import Here
from engine.workflow.checks.names import branch_problems, variable_name_problems
from engine.workflow.checks.references import cluster_problems, reference_problems
from engine.workflow.model import Branch, Fork, ForkList
from engine.workflow.problem import Path, Problem, problem, shown


def fork_problems(here: Here, fork: Fork) -> Iterator[Problem]:
    """Yield what is wrong with a Fork."""
    path = here.path
    if not fork.branches:
        yield problem((*path, "branches"), "branches-missing", "At least one branch is needed.")
    seen: dict[str, int] = {}
    results: dict[str, str] = {}
    for i, branch in enumerate(fork.branches):
        at: Path = (*path, "branches", i)
        yield from branch_problems((*at, "id"), branch.id)
        if branch.id in seen:
            sentence = (
                f"The branch {shown(branch.id)} is given already as number {seen[branch.id] + 1}."
            )
            yield problem((*at, "id"), "branch-repeated", sentence)
        seen.setdefault(branch.id, i)
        yield from _result_problems((*at, "workflow", "result"), branch, results)


def _result_problems(path: Path, branch: Branch, taken: dict[str, str]) -> Iterator[Problem]:
    for name in branch.workflow.result or {}:
        yield from variable_name_problems((*path, name), name)
        if name in taken:
            sentence = f"The result {shown(name)} comes from branch {shown(taken[name])} already."
            yield problem((*path, name), "result-repeated", sentence)
        taken.setdefault(name, branch.id)


def fork_list_problems(here: Here, fork: ForkList) -> Iterator[Problem]:
    """Yield what is wrong with a ForkList."""
    path = here.path
    over_subagents = (fork.subagent_cluster_id or fork.subagent_cluster_id_expr) is not None
    if over_subagents == (fork.children is not None):
        sentence = "Give either children, or agentName and a subagent cluster."
        yield problem((*path, "children"), "children-unclear", sentence)
    if fork.agent_name is not None:
        yield from reference_problems((*path, "agentName"), fork.agent_name, "agent", here.known)
    elif over_subagents:
        yield problem((*path, "agentName"), "field-missing", "The subagents of which agent?")
    yield from cluster_problems(
        path, fork.subagent_cluster_id, fork.subagent_cluster_id_expr, here.known
    )
    yield from _child_to_id_problems((*path, "childToId"), fork)
    yield from variable_name_problems((*path, "subagentIdVariable"), fork.subagent_id_variable)
    for name in fork.workflow.result or {}:
        yield from variable_name_problems((*path, "workflow", "result", name), name)


def _child_to_id_problems(path: Path, fork: ForkList) -> Iterator[Problem]:
    if fork.child_to_id is None:
        if fork.children is not None:
            sentence = "A function gives each child its name, as in (element, i) => $i."
            yield problem(path, "field-missing", sentence)
        return
    parameters = _parameters(fork.child_to_id)
    if parameters is not None and parameters not in (1, 2):
        sentence = "This is no function of one or two parameters, such as (element, i) => $i."
        yield problem(path, "function-needed", sentence)


def _parameters(text: str) -> int | None:
    """Return the number of parameters, 0 for what is no function, None where only a run tells."""
    try:
        found = compile_expression(text).evaluate(Scope())
    except (ExpressionSyntax, EvaluationFailed, NotAValue):
        return None
    return len(found.parameters) if isinstance(found, Function) else 0
