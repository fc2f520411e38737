"""What the compiler makes of each part of a text: a closure, and what the closure asks for.

Knows neither grammar nor functions.
"""

from collections.abc import Callable, Iterable
from typing import Final, NamedTuple, TypeAlias

from engine.expression.errors import EvaluationFailed
from engine.expression.scope import Scope
from engine.values import NotAValue, Value

Run: TypeAlias = Callable[[Scope], Value]

FAILURES: Final = (EvaluationFailed, NotAValue)
"""What `?` catches. Anything else that a scope raises is not about the expression."""

MAX_DEPTH: Final = 100
"""Expressions may be nested this deep; evaluation needs up to three Python frames a level."""


class Uses(NamedTuple):
    """The names a part asks its scope for.

    `functions` has those called whose answer depends on more than their arguments.
    """

    variables: frozenset[str] = frozenset()
    symbols: frozenset[str] = frozenset()
    job_resources: frozenset[str] = frozenset()
    functions: frozenset[str] = frozenset()


NOTHING: Final = Uses()


class Node(NamedTuple):
    """One compiled part.

    `word` is the text of a bare word, which may name a label. One that is not `known` is not a
    symbol, so it means nothing but a label.
    """

    run: Run
    uses: Uses = NOTHING
    depth: int = 1
    word: str | None = None
    known: bool = True

    @property
    def constant(self) -> bool:
        """Whether the part asks for nothing, so its value never changes."""
        return self.uses == NOTHING


class UnknownWord(Exception):
    """A bare word is used as a value but is not a symbol. The argument is the word."""


class TooDeep(Exception):
    """A part is nested deeper than `MAX_DEPTH`."""


def joined(run: Run, parts: Iterable[Node], own: Uses = NOTHING) -> Node:
    """A node over its parts: it uses what they use and what it asks for itself.

    Raises:
        TooDeep: the parts are already as deep as allowed.
        UnknownWord: one of the parts is a bare word without meaning.
    """
    parts = tuple(parts)
    for part in parts:
        if not part.known:
            raise UnknownWord(part.word)
    depth = 1 + max((part.depth for part in parts), default=0)
    if depth > MAX_DEPTH:
        raise TooDeep
    return Node(run, _union([own, *(part.uses for part in parts)]), depth)


def _union(uses: Iterable[Uses]) -> Uses:
    some = [use for use in uses if use is not NOTHING]
    if len(some) < 2:
        return some[0] if some else NOTHING
    return Uses(*(frozenset().union(*names) for names in zip(*some, strict=True)))


def constant(value: Value) -> Node:
    """A node that is always this value."""
    return Node(lambda _scope: value)
