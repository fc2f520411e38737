"""The operators as closures over closures.

Missing on either side makes the result missing; a wrong type fails. Knows no names and no scope.
"""

import operator
from collections.abc import Callable, Sequence
from decimal import Decimal, DivisionByZero, InvalidOperation, Overflow
from typing import Any, Final, TypeAlias

from engine.expression.errors import EvaluationFailed
from engine.expression.node import FAILURES, Run
from engine.expression.patterns import matches
from engine.expression.scope import Scope
from engine.values import ARITHMETIC, MISSING, Missing, Value, equal, kind_of, text_of

Operation: TypeAlias = Callable[[Value, Value], Value]


def chain(first: Run, rest: Sequence[tuple[str, Run]]) -> Run:
    """Operations of one precedence, taken from the left."""
    if len(rest) == 1:
        return _pair(first, OPERATIONS[rest[0][0]], rest[0][1])
    steps = [(OPERATIONS[sign], run) for sign, run in rest]

    def run(scope: Scope) -> Value:
        value = first(scope)
        for operation, right in steps:
            value = operation(value, right(scope))
        return value

    return run


def _pair(left: Run, operation: Operation, right: Run) -> Run:
    return lambda scope: operation(left(scope), right(scope))


def conjunction(parts: Sequence[Run]) -> Run:
    """`&&`: false as soon as a part is false, else missing if one is missing."""
    return _lazy(parts, ends_with=False, sign="&&")


def disjunction(parts: Sequence[Run]) -> Run:
    """`||`: true as soon as a part is true, else missing if one is missing."""
    return _lazy(parts, ends_with=True, sign="||")


def _lazy(parts: Sequence[Run], *, ends_with: bool, sign: str) -> Run:
    def run(scope: Scope) -> Value:
        result: Value = not ends_with
        for part in parts:
            value = part(scope)
            if value is ends_with:
                return value
            if value is MISSING:
                result = MISSING
            elif not isinstance(value, bool):
                raise EvaluationFailed(f"{sign} needs true or false, not {kind_of(value)}.")
        return result

    return run


def choice(condition: Run, chosen: Run, otherwise: Run) -> Run:
    """`if … then … else …`: only the chosen side is evaluated."""

    def run(scope: Scope) -> Value:
        value = condition(scope)
        if not isinstance(value, bool):
            raise EvaluationFailed(f"The condition must be true or false, it is {kind_of(value)}.")
        return chosen(scope) if value else otherwise(scope)

    return run


def negation(part: Run) -> Run:
    """`!`: true for false, false for true."""

    def run(scope: Scope) -> Value:
        value = part(scope)
        if isinstance(value, bool):
            return not value
        if value is MISSING:
            return value
        raise EvaluationFailed(f"! needs true or false, not {kind_of(value)}.")

    return run


def negative(part: Run) -> Run:
    """`-` before a number."""
    return _signed(part, "-", ARITHMETIC.minus)


def positive(part: Run) -> Run:
    """`+` before a number."""
    return _signed(part, "+", ARITHMETIC.plus)


def _signed(part: Run, sign: str, compute: Callable[[Decimal], Decimal]) -> Run:
    def run(scope: Scope) -> Value:
        value = part(scope)
        if isinstance(value, Decimal):
            return compute(value)
        if value is MISSING:
            return value
        raise EvaluationFailed(f"{sign} needs a number, not {kind_of(value)}.")

    return run


def caught(part: Run) -> Run:
    """`E?`: missing if E fails."""
    return defaulted(part, lambda _scope: MISSING)


def defaulted(part: Run, default: Run) -> Run:
    """`E ? D`: D if E fails or is missing."""

    def run(scope: Scope) -> Value:
        try:
            value = part(scope)
        except FAILURES:
            return default(scope)
        return default(scope) if value is MISSING else value

    return run


def _computed(sign: str, compute: Callable[[Decimal, Decimal], Decimal]) -> Operation:
    def operation(left: Value, right: Value) -> Value:
        if isinstance(left, Decimal) and isinstance(right, Decimal):
            try:
                return compute(left, right)
            except (DivisionByZero, InvalidOperation):
                raise EvaluationFailed("A number cannot be divided by zero.") from None
            except Overflow:
                raise EvaluationFailed(f"The result of {sign} is out of range.") from None
        return _missing_or_fail(left, right, f"{sign} needs two numbers")

    return operation


def _compared(sign: str, compare: Callable[[Any, Any], bool]) -> Operation:
    def operation(left: Value, right: Value) -> Value:
        kind = type(left)
        if kind is type(right) and (kind is Decimal or kind is str):
            return compare(left, right)
        return _missing_or_fail(left, right, f"{sign} needs two numbers or two texts")

    return operation


def _missing_or_fail(left: Value, right: Value, need: str) -> Missing:
    if left is MISSING or right is MISSING:
        return MISSING
    raise EvaluationFailed(f"{need}, not {kind_of(left)} and {kind_of(right)}.")


def _join(left: Value, right: Value) -> Value:
    if isinstance(left, list) and isinstance(right, list):
        return left + right
    if left is MISSING or right is MISSING:
        return MISSING
    return text_of(left) + text_of(right)


def _within(left: Value, right: Value) -> Value:
    if isinstance(right, list):
        return any(equal(left, element) for element in right)
    if right is MISSING:
        return MISSING
    raise EvaluationFailed(f"in needs a list on its right, not {kind_of(right)}.")


def _matching(left: Value, right: Value) -> Value:
    if isinstance(left, str) and isinstance(right, str):
        return matches(left, right)
    return _missing_or_fail(left, right, "matches needs two texts")


OPERATIONS: Final[dict[str, Operation]] = {
    "+": _computed("+", ARITHMETIC.add),
    "-": _computed("-", ARITHMETIC.subtract),
    "*": _computed("*", ARITHMETIC.multiply),
    "/": _computed("/", ARITHMETIC.divide),
    "++": _join,
    "==": equal,
    "!=": lambda left, right: not equal(left, right),
    "<": _compared("<", operator.lt),
    "<=": _compared("<=", operator.le),
    ">": _compared(">", operator.gt),
    ">=": _compared(">=", operator.ge),
    "in": _within,
    "matches": _matching,
}
"""What each operator between two values does."""
