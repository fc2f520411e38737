"""What ExpectNotices and ConsumeNotices wait for: boards joined by `&&`, `||` and brackets.

`&&` binds closer. A text such as `'a' && ('b' || 'c')` becomes a tree; knows boards by name only.
"""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import TypeAlias

import msgspec

from engine.errors import EngineError

MOST_BOARDS = 200
DEEPEST = 50

_TOKEN = re.compile(r"\s*(?:('[^']*')|(&&)|(\|\|)|(\()|(\)))")
_BLANK = re.compile(r"\s*")


class BoardExpressionUnreadable(EngineError):
    """A text that is no expression over boards.

    Attributes:
        column: the place in the text, from 1.
    """

    def __init__(self, sentence: str, column: int) -> None:
        super().__init__(f"Column {column}: {sentence}")
        self.column = column


class Board(msgspec.Struct, frozen=True):
    """True where the board has the notice."""

    name: str

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all boards in the order of the text, each once."""
        return (self.name,)

    def evaluate(self, present: Callable[[str], bool]) -> bool:
        """Return whether the expression is true where `present` tells it of each board."""
        return present(self.name)


class _Joined(msgspec.Struct, frozen=True):
    parts: tuple["BoardExpression", ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all boards in the order of the text, each once."""
        return tuple(dict.fromkeys(name for part in self.parts for name in part.names))


class AllOf(_Joined, frozen=True):
    """True where all parts are."""

    def evaluate(self, present: Callable[[str], bool]) -> bool:
        """Return whether the expression is true where `present` tells it of each board."""
        return all(part.evaluate(present) for part in self.parts)


class AnyOf(_Joined, frozen=True):
    """True where one part is."""

    def evaluate(self, present: Callable[[str], bool]) -> bool:
        """Return whether the expression is true where `present` tells it of each board."""
        return any(part.evaluate(present) for part in self.parts)


BoardExpression: TypeAlias = Board | AllOf | AnyOf


@lru_cache(maxsize=4096)
def parse(text: str) -> BoardExpression:
    """Return the tree of an expression over boards.

    Raises:
        BoardExpressionUnreadable: it is none, names more than `MOST_BOARDS` or is too deep.
    """
    reader = _Reader(text)
    found = reader.alternative(0)
    if reader.sign is not None:
        raise reader.unexpected("the end, && or ||")
    if len(found.names) > MOST_BOARDS:
        raise BoardExpressionUnreadable(f"More than {MOST_BOARDS} boards are named.", 1)
    return found


def without(expression: BoardExpression, left_out: frozenset[str]) -> BoardExpression | None:
    """Return an expression as if some boards had not been written; None where nothing is left."""
    if isinstance(expression, Board):
        return None if expression.name in left_out else expression
    parts = (without(part, left_out) for part in expression.parts)
    return _joined(expression, [part for part in parts if part is not None])


def rest(expression: BoardExpression, present: Callable[[str], bool]) -> BoardExpression | None:
    """Return what has to become true yet; None where the expression is true."""
    if expression.evaluate(present):
        return None
    if isinstance(expression, Board):
        return expression
    parts = (rest(part, present) for part in expression.parts)
    return _joined(expression, [part for part in parts if part is not None])


def _joined(like: AllOf | AnyOf, parts: list[BoardExpression]) -> BoardExpression | None:
    if len(parts) < 2:
        return parts[0] if parts else None
    return AllOf(tuple(parts)) if isinstance(like, AllOf) else AnyOf(tuple(parts))


def as_text(expression: BoardExpression) -> str:
    """Return an expression as one writes it, with the brackets that it needs."""
    if isinstance(expression, Board):
        return f"'{expression.name}'"
    sign = " && " if isinstance(expression, AllOf) else " || "
    return sign.join(
        f"({as_text(part)})" if isinstance(part, AnyOf) else as_text(part)
        for part in expression.parts
    )


class _Reader:
    """The tokens of a text, one looked at ahead."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = _tokens(text)
        self.sign: str | None = None
        self._column = 1
        self._step()

    def _step(self) -> None:
        self.sign, self._column = next(self._tokens, (None, len(self._text) + 1))

    def unexpected(self, wanted: str) -> BoardExpressionUnreadable:
        found = "the end" if self.sign is None else self.sign
        return BoardExpressionUnreadable(f"{found} stands where {wanted} is needed.", self._column)

    def alternative(self, depth: int) -> BoardExpression:
        parts = [self._conjunction(depth)]
        while self.sign == "||":
            self._step()
            parts.append(self._conjunction(depth))
        return AnyOf(tuple(parts)) if len(parts) > 1 else parts[0]

    def _conjunction(self, depth: int) -> BoardExpression:
        parts = [self._operand(depth)]
        while self.sign == "&&":
            self._step()
            parts.append(self._operand(depth))
        return AllOf(tuple(parts)) if len(parts) > 1 else parts[0]

    def _operand(self, depth: int) -> BoardExpression:
        if self.sign == "(":
            return self._bracket(depth + 1)
        if self.sign is None or self.sign[0] != "'":
            raise self.unexpected("the name of a board in quotes")
        name = self.sign[1:-1]
        self._step()
        return Board(name)

    def _bracket(self, depth: int) -> BoardExpression:
        if depth > DEEPEST:
            raise BoardExpressionUnreadable(
                f"Brackets are nested deeper than {DEEPEST}.", self._column
            )
        self._step()
        found = self.alternative(depth)
        if self.sign != ")":
            raise self.unexpected("a closing bracket")
        self._step()
        return found


def _tokens(text: str) -> Iterator[tuple[str, int]]:
    """Yield the tokens, each with its column."""
    at = 0
    end = len(text.rstrip())
    while at < end:
        found = _TOKEN.match(text, at)
        if found is None:
            column = _column(text, at)
            raise BoardExpressionUnreadable(_sentence(text[column - 1 :]), column)
        at = found.end()
        token = found[0].strip()
        yield token, at - len(token) + 1


def _column(text: str, at: int) -> int:
    blank = _BLANK.match(text, at)
    return (blank.end() if blank else at) + 1


def _sentence(rest: str) -> str:
    if rest[0] == "'":
        return "The name that begins here is not closed by '."
    return f"{rest[:10]!r} is not understood: write names as 'name', and &&, || and brackets."
