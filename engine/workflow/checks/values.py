"""Expressions, plain values and numbers, wherever they stand in a workflow document."""

import re
from collections.abc import Iterator, Sequence

from engine.expression import EvaluationFailed, ExpressionSyntax, Scope, compile_expression
from engine.values import MISSING, NotAValue, Value, kind_of, normalise
from engine.workflow.problem import Path, Problem, problem, shown, warning

LONGEST_DURATION_S = 10 * 366 * 24 * 3600
"""Ten years: longer ones are taken for a mistake, and all sums of times stay within 64 bits."""

_TIME_OF_DAY = re.compile(r"(\d{1,2}):([0-5]\d)(?::([0-5]\d))?")


def expression_problems(path: Path, text: str) -> Iterator[Problem]:
    """Yield why a text is no expression."""
    try:
        compile_expression(text)
    except ExpressionSyntax as e:
        yield problem(path, "expression-invalid", f"This is no expression: {e}")


def value_problems(path: Path, value: object) -> Iterator[Problem]:
    """Yield what is wrong with a value where texts are expressions, all else means itself."""
    if isinstance(value, str):
        yield from expression_problems(path, value)
        return
    try:
        normalise(value)
    except NotAValue as e:
        yield problem(path, "value-invalid", str(e))


def number_problems(
    path: Path, number: int | None, *, least: int, most: int = LONGEST_DURATION_S
) -> Iterator[Problem]:
    """Yield that a number is out of its range; None is not given."""
    if number is not None and not least <= number <= most:
        yield problem(path, "out-of-range", f"{number} is out of range: {least} to {most}.")


def time_of_day_problems(path: Path, text: str | None) -> Iterator[Problem]:
    """Yield that a text is no time such as 06:30 or 06:30:00; None is not given."""
    found = None if text is None else _TIME_OF_DAY.fullmatch(text)
    if text is not None and (found is None or int(found[1]) > 23):
        yield problem(path, "time-invalid", "A time of day is written as in 06:30:00.")


def choice_problems(path: Path, given: str, choices: Sequence[str]) -> Iterator[Problem]:
    """Yield that a text is none of the choices."""
    if given not in choices:
        yield problem(path, "choice-unknown", f"{shown(given)} is none of {', '.join(choices)}.")


def constant_of(text: str) -> Value | None:
    """Return the value of an expression that needs no order; None where there is none to know."""
    try:
        found = compile_expression(text)
        return found.evaluate(Scope()) if found.constant else None
    except (ExpressionSyntax, EvaluationFailed, NotAValue):
        return None


def constant_problems(path: Path, text: str, kind: str) -> Iterator[Problem]:
    """Warn of an expression that always has a value of another kind; missing is always fine."""
    value = constant_of(text)
    if value is not None and value is not MISSING and kind_of(value) != kind:
        sentence = f"This is {kind_of(value)}; {kind} is needed."
        yield warning(path, "value-unfit", sentence)
