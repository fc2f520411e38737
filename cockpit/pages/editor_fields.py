"""The fields of the property panel: what each is called, how its text is read and shown. Pure.

A field is one value of the document. What it means is checked where drafts are checked.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Any, NamedTuple

from engine.workflow.problem import place_text
from inventory.editing import EditingRefusal
from inventory.editing.apply import document_of
from inventory.editing.emitting import block, is_block, scalar

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


class FieldUnreadable(Exception):
    """A text that a field cannot take; the sentence says why."""


class Spec(NamedTuple):
    """A field: where its value lies, its name for people, how it is read.

    `known` is the id of the list of names that it offers, `choices` the words of a choice.
    """

    path: Path
    label: str
    reads: Reads = Reads.TEXT
    hint: str = ""
    known: str = ""
    choices: Sequence[str] = ()
    language: str = ""

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

    @property
    def id(self) -> str:
        """A name for the page."""
        return f"field-{self.of}-{'-'.join(map(str, self.spec.path))}"


def value_of(spec: Spec, text: str) -> Any:
    """Return the value that a text means, None for no value.

    Raises:
        FieldUnreadable: it means none.
    """
    if not text.strip() and spec.reads is not Reads.SCRIPT:
        return None
    if spec.reads is Reads.CHOICE:
        return None if text == spec.choices[0] else text
    return _READ[spec.reads](text)


def text_of(spec: Spec, value: Any) -> str:
    """Return how a value stands in its field; what does not fit is shown as YAML."""
    if value is None:
        return spec.choices[0] if spec.reads is Reads.CHOICE else ""
    match spec.reads:
        case Reads.FLAG:
            return "true" if value is True else ""
        case Reads.NUMBERS | Reads.NAMES | Reads.CODES if isinstance(value, list):
            return ", ".join(map(_plain, value))
        case Reads.PAIRS if isinstance(value, Mapping):
            return "\n".join(f"{name} = {_plain(each)}" for name, each in value.items())
        case Reads.VALUE:
            return "\n".join(block(value, 0)) if is_block(value) else scalar(value)
        case _:
            return _plain(value)


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else scalar(value)


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
    Reads.SCRIPT: lambda text: text.replace("\r\n", "\n"),
}
