"""Regular expressions in expressions: matching a whole text, and replacing.

Patterns have Java's spelling as far as Python knows it. Knows neither scope nor nodes.
"""

import re
from functools import lru_cache
from typing import Final

from engine.expression.errors import EvaluationFailed
from engine.expression.pattern_cost import PatternCost

MAX_TEXT: Final = 1_000_000
"""No function makes a text longer than this many characters."""

MAX_PATTERN: Final = 1_000
"""Patterns have at most this many characters."""

MAX_STEPS: Final = 50_000_000
"""A match that could need more steps is refused; this many take a second or two."""

_NAMED_GROUP = re.compile(r"\(\?<(?=[A-Za-z])")
_REFERENCE = re.compile(r"\\(.)|\$([0-9]+)|\$\{([A-Za-z]\w*)\}|([\\$])", re.DOTALL)


def matches(text: str, pattern: str) -> bool:
    """Whether the pattern matches the whole text."""
    return _for(pattern, text).fullmatch(text) is not None


def match(text: str, pattern: str, replacement: str) -> str:
    """The replacement with the groups of the whole match filled in.

    Raises:
        EvaluationFailed: the pattern does not match the whole text.
    """
    found = _for(pattern, text).fullmatch(text)
    if found is None:
        raise EvaluationFailed(f"The text {_short(text)} does not match {_short(pattern)}.")
    return _limited([_expanded(replacement, found)])


def replace_all(text: str, pattern: str, replacement: str) -> str:
    """The text with each match replaced; `$1` and `${name}` stand for groups."""
    pieces: list[str] = []
    done = size = 0
    for found in _for(pattern, text, search=True).finditer(text):
        pieces += (text[done : found.start()], _expanded(replacement, found))
        size += len(pieces[-1])
        _check_size(size)
        done = found.end()
    return _limited([*pieces, text[done:]])


def _for(pattern: str, text: str, *, search: bool = False) -> re.Pattern[str]:
    """The compiled pattern, if it cannot take too long for this text."""
    compiled, cost = _compiled(pattern)
    if cost.steps(len(text), search=search) > MAX_STEPS:
        raise EvaluationFailed(
            f"The pattern {_short(pattern)} could take too long for {len(text)} characters."
        )
    return compiled


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> tuple[re.Pattern[str], PatternCost]:
    if len(pattern) > MAX_PATTERN:
        raise EvaluationFailed(f"A pattern has at most {MAX_PATTERN} characters.")
    spelled = _NAMED_GROUP.sub("(?P<", pattern)
    try:
        # Java's classes such as \d mean ASCII characters only.
        compiled, cost = re.compile(spelled, re.ASCII), PatternCost(spelled, re.ASCII)
    except (re.error, OverflowError, RecursionError, ValueError) as error:
        raise EvaluationFailed(f"The pattern {_short(pattern)} is not valid: {error}.") from None
    if cost.explosive:
        raise EvaluationFailed(
            f"The pattern {_short(pattern)} could take endlessly long: "
            "what is repeated in it fits in more than one way."
        )
    return compiled, cost


def _expanded(replacement: str, found: re.Match[str]) -> str:
    size = 0

    def part(reference: re.Match[str]) -> str:
        nonlocal size
        text = _referred(reference, found)
        size += len(text)
        _check_size(size)
        return text

    return _REFERENCE.sub(part, replacement)


def _referred(reference: re.Match[str], found: re.Match[str]) -> str:
    escaped, number, name, lone = reference.groups()
    if escaped is not None:
        return str(escaped)
    if lone is not None:
        raise EvaluationFailed(f"A {lone} in a replacement must be written \\{lone}.")
    return _numbered(number, found) if number is not None else _named(name, found)


def _named(name: str, found: re.Match[str]) -> str:
    if name not in found.re.groupindex:
        raise EvaluationFailed(f"The pattern has no group {name}.")
    return found.group(name) or ""


def _numbered(digits: str, found: re.Match[str]) -> str:
    # As in Java, as many digits as there are groups for: $12 may be group 1 and the text 2.
    for length in range(min(len(digits), 3), 0, -1):
        if int(digits[:length]) <= found.re.groups:
            return (found.group(int(digits[:length])) or "") + digits[length:]
    raise EvaluationFailed(f"The pattern has no group {digits[0]}.")


def _limited(pieces: list[str]) -> str:
    _check_size(sum(map(len, pieces)))
    return "".join(pieces)


def _check_size(size: int) -> None:
    if size > MAX_TEXT:
        raise EvaluationFailed(f"The text would be longer than {MAX_TEXT} characters.")


def _short(text: str) -> str:
    return repr(text if len(text) <= 60 else f"{text[:60]}…")
