"""The expression language: texts compiled to closures, evaluated over what a scope knows.

Pure: clock, environment and order come in through the scope.
"""

from engine.expression.errors import EvaluationFailed, ExpressionSyntax
from engine.expression.literal import literal_of
from engine.expression.read import Expression, compile_expression, constant
from engine.expression.scope import DictScope, Result, Scope

__all__ = [
    "DictScope",
    "EvaluationFailed",
    "Expression",
    "ExpressionSyntax",
    "Result",
    "Scope",
    "compile_expression",
    "constant",
    "literal_of",
]
