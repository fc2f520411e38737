"""How long a regular expression may take, judged before it runs.

Python's matcher tries one way after the other, and some patterns have endlessly many ways for
a text. A choice is harmless if the next character decides it; the others are counted here.
Knows nothing of what the match is for.
"""

import importlib
import math
import re
from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import Any, Final, TypeAlias

# The parser behind re has no public name; the tests would tell if it moved.
_PARSER: Final[Any] = importlib.import_module("re._parser")

Characters: TypeAlias = frozenset[str]

_OTHER: Final = "\x80"  # stands for all that is not ASCII
_END: Final = "end"
_ALL: Final[Characters] = frozenset(map(chr, range(129)))
_NONE: Final[Characters] = frozenset()
_IGNORES_CASE: Final = re.compile(r"\(\?[a-zA-Z]*i")
_CATEGORIES: Final = {"DIGIT": r"\d", "SPACE": r"\s", "WORD": r"\w"}


class PatternCost:
    """The choices of a pattern that more than the next character decides.

    Attributes:
        explosive: such a choice is repeated, so the time may double with each character.
    """

    def __init__(self, pattern: str, flags: int) -> None:
        self.explosive = False
        self._factors: list[int] = []
        self._repeats = False
        self._ignores_case = _IGNORES_CASE.search(pattern) is not None
        self._counting = True
        self._begin(_PARSER.parse(pattern, flags), frozenset({_END}), looped=False)

    def steps(self, length: int, *, search: bool) -> int:
        """The order of magnitude of steps for a text of this length, at worst.

        A search tries a match from each character.
        """
        bounded = [factor for factor in self._factors if factor <= length]
        free = len(self._factors) - len(bounded)
        # Free repeats share the text between them: as many ways as there are places to part it.
        steps = (length + 1) * math.prod(bounded) * math.comb(length + free, free)
        return steps * (length + 1) if search and self._repeats else steps

    def _begin(self, items: Iterable[Any], after: Characters, *, looped: bool) -> Characters:
        """The characters the items may begin with, given those that may come after them."""
        for kind, of in reversed(list(items)):
            after = self._one(str(kind), of, after, looped=looped)
        return after

    def _one(self, kind: str, of: Any, after: Characters, *, looped: bool) -> Characters:
        if kind.endswith("REPEAT"):
            return self._repeat(of, after, looped=looped)
        if kind == "BRANCH":
            return self._branch(of[1], after, looped=looped)
        if kind in ("SUBPATTERN", "ATOMIC_GROUP"):
            body = of[-1] if kind == "SUBPATTERN" else of
            return self._begin(body, after, looped=looped)
        if kind.startswith("ASSERT"):
            self._begin(of[1], frozenset({_END}), looped=looped)
            return after
        return after if kind == "AT" else self._characters(kind, of)

    def _repeat(self, of: Sequence[Any], after: Characters, *, looped: bool) -> Characters:
        least, most, body = int(of[0]), int(of[1]), of[2]
        first, may_be_empty = self._first(body)
        again = most > 1
        if self._counting:
            self._repeats = self._repeats or again
            self._begin(body, after | first if again else after, looped=looped or again)
            if least != most and first & after:
                self._choose(most, looped=looped)
            # An empty repetition and no repetition are two ways to the same end.
            if may_be_empty and (again or least == 0):
                self._choose(most, looped=looped or again)
        return first | after if least == 0 or may_be_empty else first

    def _first(self, body: Iterable[Any]) -> tuple[Characters, bool]:
        counting, self._counting = self._counting, False
        first = self._begin(body, frozenset({_END}), looped=False)
        self._counting = counting
        return first - {_END}, _END in first

    def _branch(self, ways: Sequence[Any], after: Characters, *, looped: bool) -> Characters:
        begins = [self._begin(way, after, looped=looped) for way in ways]
        if self._counting and any(one & other for one, other in combinations(begins, 2)):
            self._choose(len(ways), looped=looped)
        return _NONE.union(*begins)

    def _choose(self, ways: int, *, looped: bool) -> None:
        self.explosive = self.explosive or looped
        self._factors.append(ways + 1)

    def _characters(self, kind: str, of: Any) -> Characters:
        if kind == "LITERAL":
            return self._literal(of)
        if kind == "NOT_LITERAL":
            return _ALL - self._literal(of) | {_OTHER}
        if kind == "IN":
            return self._set(of)
        return _ALL

    def _literal(self, code: int) -> Characters:
        character = chr(code) if code < 128 else _OTHER
        if self._ignores_case:
            return frozenset({character, character.swapcase()})
        return frozenset({character})

    def _set(self, members: Sequence[Any]) -> Characters:
        negated = str(members[0][0]) == "NEGATE"
        found = _NONE.union(*(self._member(str(kind), of) for kind, of in members))
        return (_ALL - found) | {_OTHER} if negated else found

    def _member(self, kind: str, of: Any) -> Characters:
        if kind == "RANGE":
            low, high = (min(code, 128) for code in of)
            return _NONE.union(*map(self._literal, range(low, high + 1)))
        if kind == "CATEGORY":
            name = str(of).rsplit("_", 1)[-1]
            inside = {c for c in _ALL if re.match(_CATEGORIES[name], c, re.ASCII)}
            return _ALL - inside if "_NOT_" in str(of) else frozenset(inside)
        return self._literal(of) if kind == "LITERAL" else _NONE
