"""Names of things outside of the document: their form, and whether there is such a thing."""

from collections.abc import Iterator
from typing import Literal, TypeAlias

from engine.expression import ExpressionSyntax, compile_expression
from engine.workflow.checks.known import Known
from engine.workflow.checks.names import object_name_problems
from engine.workflow.problem import Path, Problem, problem, shown

Kind: TypeAlias = Literal[
    "agent", "job resource", "lock", "board", "workflow", "subagent cluster", "include script"
]


def reference_problems(path: Path, name: str, kind: Kind, known: Known) -> Iterator[Problem]:
    """Yield what is wrong with the name of something outside of the document."""
    article = "an" if kind[0] in "aeiou" else "a"
    wrong = list(object_name_problems(path, name, f"{article} {kind}"))
    yield from wrong
    names = getattr(known, f"{kind.replace(' ', '_')}s")
    if names is not None and name not in names and not wrong:
        code = f"{kind.replace(' ', '-')}-unknown"
        yield problem(path, code, f"There is no {kind} {shown(name)}.")


def resources_problems(path: Path, names: tuple[str, ...], known: Known) -> Iterator[Problem]:
    """Yield what is wrong with a list of names of job resources."""
    for i, name in enumerate(names):
        yield from reference_problems((*path, i), name, "job resource", known)


def expression_references(path: Path, text: str, known: Known) -> Iterator[Problem]:
    """Yield the job resources that an expression asks for and that do not exist."""
    if known.job_resources is None:
        return
    try:
        asked = compile_expression(text).uses.job_resources
    except ExpressionSyntax:
        return
    for name in sorted(asked - known.job_resources):
        yield problem(path, "job-resource-unknown", f"There is no job resource {shown(name)}.")


def cluster_problems(
    path: Path, name: str | None, expression: str | None, known: Known
) -> Iterator[Problem]:
    """Yield what is wrong with the subagent cluster of a job or block, given in one of two ways."""
    if name is not None and expression is not None:
        sentence = "Give subagentClusterId or subagentClusterIdExpr, not both."
        yield problem((*path, "subagentClusterId"), "cluster-twice", sentence)
    if name is not None:
        yield from reference_problems((*path, "subagentClusterId"), name, "subagent cluster", known)
