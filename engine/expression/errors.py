"""What goes wrong with expressions: their text, or their evaluation."""

from engine.errors import EngineError


class ExpressionSyntax(EngineError):
    """A text is not an expression.

    Attributes:
        sentence: what is wrong, without the place.
        line, column: the place in the text, both from 1.
    """

    def __init__(self, sentence: str, *, line: int = 1, column: int = 1) -> None:
        super().__init__(f"Line {line}, column {column}: {sentence}")
        self.sentence = sentence
        self.line = line
        self.column = column


class EvaluationFailed(EngineError):
    """An expression has no value for this order."""
