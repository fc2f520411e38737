"""The functions that depend on their arguments alone: texts, numbers, conversions.

Each takes values and gives a value, or fails with a sentence. Knows neither scope nor nodes.
"""

import re
from decimal import Decimal

from engine.expression.access import place_in
from engine.expression.errors import EvaluationFailed
from engine.expression.patterns import MAX_TEXT, match, replace_all
from engine.values import Value, kind_of, normalise, text_of

_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?")
_MARGIN = re.compile(r"^[ \t]*\|", re.MULTILINE)


def to_number(value: Value) -> Value:
    """`toNumber`: a text of digits as a number; true is 1, false is 0."""
    if isinstance(value, bool):
        return Decimal(value)
    if isinstance(value, Decimal):
        return value
    if not isinstance(value, str) or not _NUMBER.fullmatch(value):
        shown = repr(value) if isinstance(value, str) and len(value) <= 60 else kind_of(value)
        raise EvaluationFailed(f"toNumber cannot read {shown} as a number.")
    return normalise(Decimal(value))


def to_boolean(value: Value) -> Value:
    """`toBoolean`: the texts true and false as booleans."""
    if isinstance(value, bool):
        return value
    if value in ("true", "false"):
        return value == "true"
    raise EvaluationFailed(f"toBoolean needs the text true or false, not {kind_of(value)}.")


def make_text(value: Value) -> Value:
    """`mkString`: the text of a value; the elements of a list one after the other."""
    if not isinstance(value, list):
        return text_of(value)
    text = "".join(map(text_of, value))
    if len(text) > MAX_TEXT:
        raise EvaluationFailed(f"The text would be longer than {MAX_TEXT} characters.")
    return text


def strip_margin(value: Value) -> Value:
    """`stripMargin`: each line without the blanks before its `|` and without the `|`."""
    return _MARGIN.sub("", text_for("stripMargin", value))


def replace(value: Value, pattern: Value, replacement: Value) -> Value:
    """`replaceAll`: the text with each match of the pattern replaced."""
    return replace_all(
        text_for("replaceAll", value),
        text_for("replaceAll", pattern),
        text_for("replaceAll", replacement),
    )


def match_text(value: Value, pattern: Value, replacement: Value) -> Value:
    """`match`: the replacement with the groups of the pattern, which must match all."""
    return match(
        text_for("match", value), text_for("match", pattern), text_for("match", replacement)
    )


def substring(value: Value, start: Value, end: Value | None = None) -> Value:
    """`substring`: the characters from `start` up to, not including, `end`."""
    text = text_for("substring", value)
    first = place_in(start, len(text), "The start of substring")
    last = len(text) if end is None else place_in(end, len(text), "The end of substring")
    if last < first:
        raise EvaluationFailed("The end of substring is before its start.")
    return text[first:last]


def smallest(values: list[Value]) -> Value:
    """`min`: the smallest of numbers, or of texts."""
    numbers = _numbers(values)
    return min(numbers) if numbers else min(_texts("min", values))


def largest(values: list[Value]) -> Value:
    """`max`: the largest of numbers, or of texts."""
    numbers = _numbers(values)
    return max(numbers) if numbers else max(_texts("max", values))


def _numbers(values: list[Value]) -> list[Decimal]:
    numbers = [value for value in values if isinstance(value, Decimal)]
    return numbers if len(numbers) == len(values) else []


def _texts(name: str, values: list[Value]) -> list[str]:
    if not all(isinstance(value, str) for value in values):
        raise EvaluationFailed(f"{name} needs only numbers or only texts.")
    return [text_for(name, value) for value in values]


def text_for(name: str, value: Value) -> str:
    """Return the text that a function was given.

    Raises:
        EvaluationFailed: the value is something else.
    """
    if isinstance(value, str):
        return value
    raise EvaluationFailed(f"{name} needs a text, not {kind_of(value)}.")
