"""Values written as expressions, so that reading the text gives the value again.

For documents and forms that hold expressions. Knows no scope.
"""

import re
from decimal import Decimal
from typing import Final

from engine.values import Function, Missing, NotAValue, Value, text_of

_NAME = re.compile(r"[^\W\d]\w*")
_ESCAPES: Final = str.maketrans(
    {"\\": "\\\\", '"': '\\"', "$": "\\$", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
)


def literal_of(value: Value) -> str:
    """The expression that is always this value.

    Raises:
        NotAValue: the value has a function or a text with NUL in it.
    """
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, Decimal | bool):
        return text_of(value)
    if isinstance(value, Missing):
        return "missing"
    if isinstance(value, Function):
        raise NotAValue("A function cannot be written as an expression.")
    if isinstance(value, list):
        return f"[{', '.join(map(literal_of, value))}]"
    return f"{{{', '.join(f'{_key(key)}: {literal_of(of)}' for key, of in value.items())}}}"


def _key(key: str) -> str:
    return key if _NAME.fullmatch(key) else _text(key)


def _text(text: str) -> str:
    if "\0" in text:
        raise NotAValue("A text with a NUL character cannot be written as an expression.")
    return f'"{text.translate(_ESCAPES)}"' if "'" in text else f"'{text}'"
