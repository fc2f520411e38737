"""Plain values as YAML in blocks, with scripts as literal texts. Knows no workflows."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

_PLAIN = re.compile(r"[A-Za-z_/$.][\w./()$-]*(?: [\w./()$+*-]+)*")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_WORDS = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n", "~"})
_STRANGE = re.compile(r"[^\t\n\x20-\x7e\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd]")
_NUMERIC = re.compile(r"[-+.]?[\d.]")
_WIDE = 70


class Known:
    """What stands in a text already; here nothing, so everything is written anew."""

    def lines(self, _value: Any, _column: int) -> list[str] | None:
        """Return the lines of a collection, moved to a column; None for new ones."""
        return None

    def above(self, _value: Any, _column: int) -> list[str]:
        """Return the comments above an item, moved to a column."""
        return []


NOTHING_KNOWN = Known()


def block(value: Any, column: int, known: Known = NOTHING_KNOWN) -> list[str]:
    """Return the lines of a collection that begin at a column; the first one without its indent.

    Args:
        value: a mapping or list that is not empty.
        column: where keys or dashes stand.
        known: what stands in the text already.
    """
    found = known.lines(value, column)
    if found is not None:
        return found
    lines: list[str] = []
    if isinstance(value, Mapping):
        for name, inner in value.items():
            lines += _indented(entry(str(name), inner, column, known), column)
    else:
        for inner in value:
            above = known.above(inner, column) if lines else []
            lines += [*above, *_indented(item(inner, column, known), column)]
    return [lines[0][column:], *lines[1:]] if lines else []


def entry(name: str, value: Any, column: int, known: Known = NOTHING_KNOWN) -> list[str]:
    """Return the lines of `name: value`, the first one without its indent."""
    key = scalar(name)
    if is_block(value):
        inner = column + 2
        above = known.above(value[0], inner) if isinstance(value, list) else []
        return [f"{key}:", *above, *_indented(block(value, inner, known), inner)]
    return _headed(f"{key}: ", value, column)


def item(value: Any, column: int, known: Known = NOTHING_KNOWN, *, flat: bool = False) -> list[str]:
    """Return the lines of `- value`, the first one without its indent; `flat` as one if it fits."""
    if flat and is_flat(value):
        return [f"- {scalar(value)}"]
    if is_block(value):
        first, *rest = block(value, column + 2, known)
        return [f"- {first}", *rest]
    return _headed("- ", value, column)


def is_block(value: Any) -> bool:
    """Tell whether a value stands over lines of its own."""
    if not isinstance(value, Mapping | list) or not value:
        return False
    return not (isinstance(value, list) and _is_short(value))


def is_flat(value: Any) -> bool:
    """Tell whether a mapping fits on a line within brackets."""
    if not isinstance(value, Mapping) or not value:
        return False
    fits = all(not is_block(v) and "\n" not in str(v) and v != {} for v in value.values())
    return fits and len(scalar(value)) <= _WIDE + 20


def scalar(value: Any) -> str:
    """Return a value on one line, also for within brackets."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{scalar(str(k))}: {scalar(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(scalar, value)) + "]"
    if isinstance(value, str):
        return text(value)
    if isinstance(value, float) and value == int(value) and abs(value) < 1e15:
        return repr(value)
    return json.dumps(value)


def text(value: str) -> str:
    """Return a text on one line: plain where that is safe, else in quotes."""
    if _PLAIN.fullmatch(value) and value.lower() not in _WORDS and not _NUMERIC.match(value):
        return value
    if _DATE.fullmatch(value):
        return value  # which is read as the text that it is
    if "\n" in value or "\t" in value or _STRANGE.search(value):
        return _STRANGE.sub(_escaped, json.dumps(value, ensure_ascii=False))
    return "'" + value.replace("'", "''") + "'"


def _headed(head: str, value: Any, column: int) -> list[str]:
    if isinstance(value, str) and is_literal(value):
        mark, *lines = literal(value, column + 2)
        return [head + mark, *lines]
    return [head + scalar(value)]


def is_literal(value: str) -> bool:
    """Tell whether a text can be written as it is, line by line."""
    if "\n" not in value or "\r" in value or _STRANGE.search(value):
        return False
    first = next((line for line in value.split("\n") if line), "")
    return bool(first.strip()) and not first.startswith((" ", "\t"))


def literal(value: str, column: int) -> list[str]:
    """Return `|` and the lines of a text, from a column on."""
    body = value.rstrip("\n")
    ends = len(value) - len(body)
    mark = {0: "|-", 1: "|"}.get(ends, "|+")
    lines = [" " * column + line if line else "" for line in body.split("\n")]
    return [mark, *lines, *[""] * (ends - 1)]


def _indented(lines: list[str], column: int) -> Iterator[str]:
    if lines:
        yield " " * column + lines[0]
        yield from lines[1:]


def _is_short(values: list[Any]) -> bool:
    plain = all(v is None or isinstance(v, str | int | float) for v in values)
    return plain and sum(len(str(v)) + 2 for v in values) < _WIDE


def _escaped(found: re.Match[str]) -> str:
    code = ord(found[0])
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
