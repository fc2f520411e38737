"""What is wrong with a document, said to the person who wrote it."""

import re
from collections.abc import Iterable
from typing import TypeAlias

import msgspec

Path: TypeAlias = tuple[str | int, ...]
"""The fields and indices that lead to a value of the document, outermost first."""

_PLAIN_FIELD = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_SHOWN_CHARACTERS = 60


class Problem(msgspec.Struct, frozen=True):
    """One thing that is wrong: where, a sentence for people, and a stable code for machines."""

    place: str
    """As in `calendars[0].periods[1].begin`; empty for the whole document."""

    sentence: str
    code: str


def problem(path: Path, code: str, sentence: str) -> Problem:
    """Return what is wrong at `path`."""
    return Problem(place_text(path), sentence, code)


def place_text(path: Iterable[str | int]) -> str:
    """Return `includes.months[0].days` for `("includes", "months", 0, "days")`."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        elif _PLAIN_FIELD.fullmatch(part):
            text += f".{_clipped(part)}" if text else _clipped(part)
        else:
            text += f"[{shown(part)}]"
    return text


def shown(value: object) -> str:
    """Return a text in double quotes, or a value as JSON, clipped and without odd characters."""
    if not isinstance(value, str):
        return _clipped(_plain(msgspec.json.encode(value, enc_hook=str).decode()))
    return f'"{_plain(_clipped(value))}"'


def _plain(text: str) -> str:
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text)


def _clipped(text: str) -> str:
    return text if len(text) <= _SHOWN_CHARACTERS else text[:_SHOWN_CHARACTERS] + "…"
