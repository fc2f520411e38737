"""The fields of the property panel: what each is called, how its text is read and shown. Pure.

A field is one value of the document. What it means is checked where drafts are checked.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Any, NamedTuple

from cockpit.pages.editor_times import (
    TimeUnreadable,
    length_text,
    part_text,
    seconds_of_length,
    with_part,
)
from engine.workflow.problem import place_text
from inventory.editing import EditingRefusal
from inventory.editing.emitting import block, is_block, scalar
from inventory.editing.reading import document_of

Path = tuple[str | int, ...]


class Reads(StrEnum):
    """How the text of a field is read."""

    TEXT = "text"  # as it stands
    NUMBER = "number"  # a whole number
    NUMBERS = "numbers"  # whole numbers, apart by commas
    NAMES = "names"  # texts, apart by commas or lines
    FLAG = "flag"  # a switch; off leaves the field out
    CHOICE = "choice"  # one of some words; the first one leaves the field out
    PAIRS = "pairs"  # lines of NAME = expression
    SCRIPT = "script"  # a text over lines
    CODES = "codes"  # return codes: numbers or ranges
    VALUE = "value"  # any value, written as YAML
    POSITION = "position"  # a label, or a position as a list
    POSITIONS = "positions"  # several of them, one a line
    PLAIN = "plain"  # a number, true or false as such, else a text
    LENGTH = "length"  # a length of time, in seconds in the document
    LENGTHS = "lengths"  # several of them, apart by commas
    BEGIN = "begin"  # a part of a begin, which is one number in the document


class FieldUnreadable(Exception):
    """A text that a field cannot take; the sentence says why."""


class Spec(NamedTuple):
    """A field: where its value lies, its name for people, how it is read.

    `known` is the id of the list of names that it offers, `choices` the words of a choice, `part`
    what a field says of a value that several fields share.
    """

    path: Path
    label: str
    reads: Reads = Reads.TEXT
    hint: str = ""
    known: str = ""
    choices: Sequence[str] = ()
    language: str = ""
    part: str = ""

    @property
    def name(self) -> str:
        """The path as the form names it."""
        return json.dumps(self.path)

    @property
    def place(self) -> str:
        """The path as problems name it."""
        return place_text(self.path)


class Shown(NamedTuple):
    """A field with what stands in it, and what is wrong there.

    `of` says whether it belongs to the instruction (`at`), the job or the workflow.
    """

    spec: Spec
    text: str
    problem: str = ""
    of: str = "at"
    is_rows: bool = False

    @property
    def path(self) -> Path:
        """Where its value lies."""
        return self.spec.path

    @property
    def id(self) -> str:
        """A name for the page."""
        parts = [*self.spec.path, self.spec.part] if self.spec.part else self.spec.path
        return f"field-{self.of}-{'-'.join(map(_id_part, parts))}"


def value_of(spec: Spec, text: str, now: Any = None) -> Any:
    """Return the value that a text means, None for no value; `now` is the present one.

    Raises:
        FieldUnreadable: it means none.
    """
    if not text.strip() and spec.reads is not Reads.SCRIPT:
        return None
    if spec.reads is Reads.CHOICE:
        return None if text == spec.choices[0] else text
    if spec.reads is Reads.BEGIN:
        return _timed(lambda: with_part(spec.part, text, now if isinstance(now, int) else 0))
    return _READ[spec.reads](text)


def text_of(spec: Spec, value: Any) -> str:
    """Return how a value stands in its field; what does not fit is shown as YAML."""
    if value is None:
        return spec.choices[0] if spec.reads is Reads.CHOICE else ""
    if spec.reads is Reads.BEGIN and isinstance(value, int):
        return part_text(spec.part, value)
    fits, show = _SHOWN.get(spec.reads, (_always, _plain))
    return show(value) if fits(value) else _plain(value)


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else scalar(value)


def _id_part(part: str | int) -> str:
    """Return a part of a path as a name of the page can hold it."""
    return "".join(c if c.isalnum() else f"_{ord(c):x}" for c in str(part))


def _is_seconds(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _timed(read: Callable[[], Any]) -> Any:
    try:
        return read()
    except TimeUnreadable as unreadable:
        raise FieldUnreadable(str(unreadable)) from None


def _plain_value(text: str) -> Any:
    said = text.strip()
    if said in ("true", "false"):
        return said == "true"
    for kind in (int, float):
        try:
            return kind(said)
        except ValueError:
            continue
    return said


def _number(text: str) -> int:
    try:
        return int(text.strip())
    except ValueError:
        raise FieldUnreadable(f"A whole number is needed, not {text.strip()[:40]!r}.") from None


def _pairs(text: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for n, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        name, equals, value = line.partition("=")
        if not equals or not name.strip():
            raise FieldUnreadable(f"Line {n} is no NAME = value.")
        found[name.strip()] = value.strip()
    return found


def _any(text: str) -> Any:
    indented = "".join(f"  {line}\n" for line in text.splitlines())
    try:
        return document_of(f"value:\n{indented}")["value"]
    except EditingRefusal as refused:
        raise FieldUnreadable(str(refused)) from refused


def _names(text: str) -> list[str]:
    return [part.strip() for part in text.replace("\n", ",").split(",") if part.strip()]


def _position(text: str) -> Any:
    """Return a label, or a position that is written as a list."""
    said = text.strip()
    if not said.startswith("["):
        return said
    try:
        found = json.loads(said)
    except ValueError:
        found = None
    if not isinstance(found, list) or not all(type(part) in (int, str) for part in found):
        raise FieldUnreadable(f'{said[:40]} is no position: one looks like [2, "then", 0].')
    return found


def _codes(text: str) -> list[int] | str:
    numbers = all(part.strip().lstrip("-").isdecimal() for part in text.split(","))
    return [int(part) for part in text.split(",")] if numbers else text.strip()


_READ: Mapping[Reads, Callable[[str], Any]] = {
    Reads.TEXT: str.strip,
    Reads.NUMBER: _number,
    Reads.NUMBERS: lambda text: [_number(part) for part in text.split(",")],
    Reads.NAMES: _names,
    Reads.FLAG: lambda text: True if text == "true" else None,
    Reads.PAIRS: _pairs,
    Reads.CODES: _codes,
    Reads.VALUE: _any,
    Reads.POSITION: _position,
    Reads.POSITIONS: lambda text: [_position(each) for each in text.splitlines() if each.strip()],
    Reads.PLAIN: _plain_value,
    Reads.LENGTH: lambda text: _timed(lambda: seconds_of_length(text)),
    Reads.LENGTHS: lambda text: _timed(lambda: [seconds_of_length(p) for p in text.split(",")]),
    Reads.SCRIPT: lambda text: text.replace("\r\n", "\n"),
}


def _always(_value: Any) -> bool:
    return True


def _is_list(value: Any) -> bool:
    return isinstance(value, list)


def _are_seconds(values: Any) -> bool:
    return isinstance(values, list) and all(map(_is_seconds, values))


def _position_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _row_text(values: Any) -> str:
    return ", ".join(map(_plain, values))


_SHOWN: Mapping[Reads, tuple[Callable[[Any], bool], Callable[[Any], str]]] = {
    Reads.FLAG: (_always, lambda value: "true" if value is True else ""),
    Reads.NUMBERS: (_is_list, _row_text),
    Reads.NAMES: (_is_list, _row_text),
    Reads.CODES: (_is_list, _row_text),
    Reads.PAIRS: (
        lambda value: isinstance(value, Mapping),
        lambda value: "\n".join(f"{name} = {_plain(each)}" for name, each in value.items()),
    ),
    Reads.VALUE: (
        _always,
        lambda value: "\n".join(block(value, 0)) if is_block(value) else scalar(value),
    ),
    Reads.POSITION: (_always, _position_text),
    Reads.POSITIONS: (_is_list, lambda values: "\n".join(map(_position_text, values))),
    Reads.LENGTH: (_is_seconds, length_text),
    Reads.LENGTHS: (_are_seconds, lambda values: ", ".join(map(length_text, values))),
}
