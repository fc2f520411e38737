"""Checks that functions stand where they can be evaluated."""

from collections.abc import Iterator

from engine.expression import ExpressionSyntax, compile_expression
from engine.workflow.problem import Path, Problem, problem

_MAKES_A_FILE = (
    "toFile makes a file where a job runs: write it in env or arguments of a job or job resource,"
    " or in defaultArguments of a job or Execute."
)


def no_job_problems(path: Path, value: object) -> Iterator[Problem]:
    """Yield that an expression asks for what only a job that starts can have."""
    try:
        asked = compile_expression(value).uses.functions if isinstance(value, str) else ()
    except ExpressionSyntax:
        return
    if "toFile" in asked:
        yield problem(path, "function-misplaced", _MAKES_A_FILE)
