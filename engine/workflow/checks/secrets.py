"""Checks secret variables: their declaration, and that only jobs are given them."""

import re
from collections.abc import Iterator

from engine.expression import ExpressionSyntax, compile_expression
from engine.workflow.checks.values import constant_of
from engine.workflow.expressions import instruction_expressions
from engine.workflow.model import (
    AddOrder,
    Execute,
    Fork,
    ForkList,
    Parameter,
    PostNotices,
    Workflow,
)
from engine.workflow.problem import Path, Problem, problem, shown
from engine.workflow.walk import walk

_SEALED = re.compile(r"enc://\S+")
_HANDS_ON = (AddOrder, Execute, PostNotices)
"""Instructions whose arguments go on to where a job may get them."""


def declaration_problems(path: Path, parameter: Parameter) -> Iterator[Problem]:
    """Yield what a secret parameter cannot have."""
    if not parameter.secret:
        return
    if parameter.type != "String":
        sentence = "Only a parameter of type String can be secret."
        yield problem((*path, "secret"), "secret-unfit", sentence)
    if parameter.list is not None:
        sentence = "The list of allowed values would tell what is secret: use a facet."
        yield problem((*path, "list"), "secret-unfit", sentence)
    for field, given in (("default", parameter.default), ("final", parameter.final)):
        yield from _plain_problems((*path, field), given)


def _plain_problems(path: Path, given: object) -> Iterator[Problem]:
    value = constant_of(given) if isinstance(given, str) else given
    if isinstance(value, str) and value and not _SEALED.fullmatch(value):
        sentence = "Everybody could read this value in the document: seal it, as encrypt does."
        yield problem(path, "secret-in-plain", sentence)


def use_problems(workflow: Workflow) -> Iterator[Problem]:
    """Yield where expressions that no job evaluates ask for a secret variable."""
    preparation = workflow.order_preparation
    parameters = preparation.parameters if preparation else {}
    names = frozenset(name for name, parameter in parameters.items() if parameter.secret)
    if not names:
        return
    for visit in walk(workflow):
        for path, value in instruction_expressions(visit.instruction):
            if not _hands_on(visit.instruction, path):
                yield from _asked((*visit.path, *path), value, names)
    for name, job in workflow.jobs.items():
        at = ("jobs", name, "subagentClusterIdExpr")
        yield from _asked(at, job.subagent_cluster_id_expr, names)


def _hands_on(instruction: object, path: Path) -> bool:
    results = isinstance(instruction, Fork | ForkList) and "result" in path
    return isinstance(instruction, _HANDS_ON) or results


def _asked(path: Path, value: object, names: frozenset[str]) -> Iterator[Problem]:
    try:
        needs = compile_expression(value).needs if isinstance(value, str) else frozenset()
    except ExpressionSyntax:
        return
    for name in sorted(needs & names):
        sentence = f"The variable {shown(name)} is secret: only jobs can read its value."
        yield problem(path, "secret-misplaced", sentence)
