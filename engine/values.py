"""Values of variables: texts, numbers, booleans, missing, lists, objects and functions.

Says how values are compared, printed and carried in JSON. Knows neither orders nor expressions.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from decimal import ROUND_HALF_EVEN, Context, Decimal, DivisionByZero, InvalidOperation, Overflow
from typing import Final, TypeAlias

from engine.errors import EngineError

MAX_DEPTH: Final = 100
"""Lists and objects may be nested this deep; it keeps recursion far from its limit."""

ARITHMETIC: Final = Context(
    prec=34,  # the precision of IEEE decimal128
    rounding=ROUND_HALF_EVEN,
    Emin=-300,  # every number has a float, and a plain text of bearable length
    Emax=300,
    traps=[InvalidOperation, DivisionByZero, Overflow],
)
"""How numbers are computed and the range they may have."""

_INT64 = 2**63


class NotAValue(EngineError):
    """Something given as a value cannot be one, such as a date or an endless number."""


class Missing:
    """The value of something that may be absent: equal to itself, printed as an empty text."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "MISSING"

    def __bool__(self) -> bool:
        return False


MISSING: Final = Missing()
"""The only instance of `Missing`."""


class Function:
    """A function such as `(x, i) => …`, called by the engine and never by expressions."""

    __slots__ = ("_body", "parameters")

    def __init__(
        self, parameters: tuple[str, ...], body: "Callable[[Sequence[Value]], Value]"
    ) -> None:
        self.parameters = parameters
        self._body = body

    def call(self, arguments: Sequence[object]) -> "Value":
        """The result for these arguments; arguments beyond the parameters are left out.

        Raises:
            NotAValue: fewer arguments than parameters, or one is not a value.
            EvaluationFailed: as for any expression.
        """
        wanted = len(self.parameters)
        if len(arguments) < wanted:
            raise NotAValue(f"The function has {wanted} parameters, {len(arguments)} are given.")
        return self._body([normalise(argument) for argument in arguments[:wanted]])

    def __repr__(self) -> str:
        return f"({', '.join(self.parameters)}) => …"


Value: TypeAlias = str | Decimal | bool | Missing | list["Value"] | dict[str, "Value"] | Function
Json: TypeAlias = str | int | float | bool | list["Json"] | dict[str, "Json"] | None

_AS_THEY_ARE = frozenset({str, bool, Missing, Function})


def normalise(given: object, depth: int = 0) -> Value:
    """The value meant by what a JSON reader or a caller gives.

    Integers and floats become decimals of at most 34 digits, None becomes missing. Lists and
    objects are copied.

    Raises:
        NotAValue: another type, not a finite number, out of range, or nested too deep.
    """
    kind = type(given)
    if kind in _AS_THEY_ARE:
        return given  # type: ignore[return-value]
    if isinstance(given, Decimal | int | float):
        return _number(given)
    if isinstance(given, str):
        return str(given)
    if given is None:
        return MISSING
    if depth >= MAX_DEPTH:
        raise NotAValue(f"The value is nested more than {MAX_DEPTH} deep.")
    if isinstance(given, list | tuple):
        return [normalise(element, depth + 1) for element in given]
    if isinstance(given, Mapping):
        return {_key(key): normalise(value, depth + 1) for key, value in given.items()}
    raise NotAValue(f"A {kind.__name__} is not a value.")


def _number(given: Decimal | int | float) -> Decimal:
    # repr is the shortest text of a float: 0.1 stays 0.1.
    exact = repr(given) if isinstance(given, float) else given
    try:
        number = ARITHMETIC.create_decimal(exact)
    except (InvalidOperation, Overflow):
        raise NotAValue("The number is out of range.") from None
    if not number.is_finite():
        raise NotAValue(f"{given} is not a number.")
    return number


def _key(key: object) -> str:
    if isinstance(key, str):
        return key
    raise NotAValue(f"The name {key!r} in an object is not a text.")


def equal(left: Value, right: Value) -> bool:
    """Whether both are the same value; values of different types are unequal, never an error."""
    if type(left) is not type(right):
        return False
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(equal, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(equal(left[key], right[key]) for key in left)
    return left == right


def text_of(value: Value) -> str:
    """The text of a value as an environment variable or an interpolation shows it.

    A number has neither exponent nor needless zeros (`1.0` is `1`), missing is empty, lists and
    objects are JSON.

    Raises:
        NotAValue: the value is or contains a function.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, Decimal):
        return _number_text(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Missing):
        return ""
    if isinstance(value, Function):
        raise NotAValue("A function has no text.")
    return _json_text(value)


def _number_text(number: Decimal) -> str:
    text = format(number, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _json_text(value: Value) -> str:
    # Written by hand, because json would print numbers as floats and lose digits.
    if isinstance(value, list):
        return f"[{', '.join(map(_json_text, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{_quoted(key)}: {_json_text(of)}' for key, of in value.items())}}}"
    if isinstance(value, Missing):
        return "null"
    return _quoted(value) if isinstance(value, str) else text_of(value)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def to_json(value: Value) -> Json:
    """The value as JSON types; `normalise` is the way back.

    Whole numbers of 64 bits are integers, others floats of about 16 digits: a number with
    more digits is rounded. Missing is None.

    Raises:
        NotAValue: the value is or contains a function.
    """
    if isinstance(value, Decimal):
        return _json_number(value)
    if isinstance(value, list):
        return [to_json(element) for element in value]
    if isinstance(value, dict):
        return {key: to_json(element) for key, element in value.items()}
    if isinstance(value, Missing):
        return None
    if isinstance(value, Function):
        raise NotAValue("A function cannot be stored.")
    return value


def _json_number(number: Decimal) -> int | float:
    whole = number == number.to_integral_value()
    return int(number) if whole and -_INT64 <= number < _INT64 else float(number)


def kind_of(value: Value) -> str:
    """What kind of value this is, with its article, for sentences: `a number`."""
    return _KINDS[type(value)]


_KINDS: Final[Mapping[type, str]] = {
    str: "a text",
    Decimal: "a number",
    bool: "a boolean",
    Missing: "missing",
    list: "a list",
    dict: "an object",
    Function: "a function",
}
