"""Reads the text of an expression and gives something that can be evaluated.

The grammar is read once, when this module is imported. Knows no order.
"""

import re
from functools import lru_cache
from importlib.resources import files
from typing import Final

from lark import Lark, Token
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from engine.expression.compile import Compiler, misplaced
from engine.expression.errors import ExpressionSyntax
from engine.expression.node import MAX_DEPTH, NOTHING, Node, TooDeep, UnknownWord, Uses
from engine.expression.scope import Scope
from engine.values import Value

MAX_CHARACTERS: Final = 32_000
"""Longer texts are refused; reading one of this length takes well under a second."""

_CACHED_CHARACTERS: Final = 4_000

_WORD = re.compile(r"\w+|.", re.DOTALL)

_PARSER: Final = Lark(
    files("engine.expression").joinpath("grammar.lark").read_text(encoding="utf-8"),
    parser="lalr",
    lexer="contextual",
    maybe_placeholders=True,
    transformer=Compiler(),
)


class Expression:
    """A text that has been read and can be evaluated for any number of orders.

    Two expressions are equal if their texts are.

    Attributes:
        text: what was read.
        uses: the names of what it asks its scope for.
        needs: the names of the variables it mentions, without built-in ones and parameters.
        constant: whether it asks for nothing, so it needs no order.
    """

    __slots__ = ("_run", "constant", "needs", "text", "uses")

    def __init__(self, text: str, node: Node) -> None:
        self.text = text
        self.uses: Uses = node.uses
        self.needs: frozenset[str] = node.uses.variables
        self.constant: bool = node.uses == NOTHING
        self._run = node.run

    def evaluate(self, scope: Scope) -> Value:
        """The value for this scope.

        Raises:
            EvaluationFailed: there is no value; the sentence says why.
            NotAValue: the scope gave something that is not a value, or a function would be
                printed.
        """
        return self._run(scope)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Expression) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)

    def __repr__(self) -> str:
        return f"Expression({self.text!r})"


def compile_expression(text: str) -> Expression:
    """The expression a text means; short texts are read once and kept.

    Raises:
        ExpressionSyntax: the text is not an expression; with the place and what is wrong.
    """
    return _kept(text) if len(text) <= _CACHED_CHARACTERS else _read(text)


def constant(expression: Expression) -> bool:
    """Whether the expression needs no order: it has the same value whatever the scope."""
    return expression.constant


@lru_cache(maxsize=4096)
def _kept(text: str) -> Expression:
    return _read(text)


def _read(text: str) -> Expression:
    _check_text(text)
    try:
        return Expression(text, _node(text))
    except TooDeep:
        raise ExpressionSyntax(f"The expression is nested more than {MAX_DEPTH} deep.") from None
    except UnknownWord as unknown:
        raise _unknown(unknown.args[0]) from None
    except UnexpectedInput as problem:
        raise _syntax(text, problem) from None


def _check_text(text: str) -> None:
    if len(text) > MAX_CHARACTERS:
        raise ExpressionSyntax(f"The expression is longer than {MAX_CHARACTERS} characters.")
    if not text.strip():
        raise ExpressionSyntax("The expression is empty.")
    if "\0" in text:
        raise _at(text, text.index("\0"), "The expression contains a NUL character.")


def _node(text: str) -> Node:
    # The parser is typed for trees; with a transformer it gives what the transformer makes.
    node: object = _PARSER.parse(text)
    if not isinstance(node, Node):
        raise TypeError(f"The compiler gave a {type(node).__name__}")
    return node


def _unknown(word: object) -> ExpressionSyntax:
    sentence = f"{word} is neither a function nor a known name; a variable is ${word}."
    return misplaced(word, sentence) if isinstance(word, Token) else ExpressionSyntax(sentence)


def _syntax(text: str, problem: UnexpectedInput) -> ExpressionSyntax:
    place = min(_place(text, problem), len(text))
    inside_text = "TEXT_PART" in _expected(problem)
    return _at(text, place, _sentence(text[place : place + 20], inside_text=inside_text))


def _place(text: str, problem: UnexpectedInput) -> int:
    if isinstance(problem, UnexpectedToken):
        return len(text) if problem.token.type == "$END" else problem.token.start_pos or 0
    place: int | None = problem.pos_in_stream
    return len(text) if place is None else place


def _expected(problem: UnexpectedInput) -> set[str]:
    if isinstance(problem, UnexpectedToken):
        return set(problem.expected)
    return set(problem.allowed or ()) if isinstance(problem, UnexpectedCharacters) else set()


def _sentence(rest: str, *, inside_text: bool) -> str:
    if inside_text:
        return _sentence_inside(rest)
    if not rest:
        return "The expression ends too early."
    if rest[0] == "'":
        return "A text that begins with ' is not expected here, or is not closed."
    if rest[0] == "$":
        return "A variable is not expected here, or the $ is not followed by a name."
    return f"{_WORD.findall(rest)[0]!r} is not expected here."


def _sentence_inside(rest: str) -> str:
    if not rest:
        return 'The text that begins with " is not closed.'
    if rest[0] == "\\":
        return r"After \ in a text only n, r, t, $, \ and the quote are known."
    return r"A $ in a text must be followed by a name, {name} or (expression); else write \$."


def _at(text: str, place: int, sentence: str) -> ExpressionSyntax:
    before = text[:place]
    line_begin = before.rfind("\n") + 1
    return ExpressionSyntax(sentence, line=before.count("\n") + 1, column=place - line_begin + 1)
