"""Which names of files a source is about. A pattern that could take too long is refused before.

Patterns are spelled as in expressions, and have to match the whole name.
"""

import re
from typing import Final

from engine.errors import EngineError
from engine.expression.pattern_cost import PatternCost

MAX_STEPS: Final = 20_000_000
"""A name for which a match could need more steps is not matched: some tenths of a second."""

MAX_PATTERN: Final = 1_000
_NAMED_GROUP = re.compile(r"\(\?<(?=[A-Za-z])")


class PatternRefused(EngineError):
    """A text that is no pattern, or one that could take endlessly long."""


class NamePattern:
    """A pattern for names; None fits all that do not begin with a dot.

    Raises:
        PatternRefused: with a sentence.
    """

    def __init__(self, pattern: str | None) -> None:
        self._compiled: re.Pattern[str] | None = None
        if pattern is None:
            return
        if len(pattern) > MAX_PATTERN:
            raise PatternRefused(
                f"The pattern has {len(pattern)} characters; at most {MAX_PATTERN} are read."
            )
        spelled = _NAMED_GROUP.sub("(?P<", pattern)
        try:
            # A dot fits everything that a name may have, line ends too.
            self._compiled = re.compile(spelled, re.DOTALL)
            self._cost = PatternCost(spelled, re.DOTALL)
        except (re.error, RecursionError, OverflowError, ValueError) as problem:
            raise PatternRefused(f"This is no regular expression: {problem}.") from None
        if self._cost.explosive:
            raise PatternRefused(
                "The pattern could take endlessly long: what is repeated in it fits in more than"
                " one way."
            )

    def fits(self, name: str) -> bool:
        """Tell whether the whole name matches; one that could take too long does not."""
        if self._compiled is None:
            return not name.startswith(".")
        if self._cost.steps(len(name), search=False) > MAX_STEPS:
            return False
        return self._compiled.fullmatch(name) is not None
