"""What is wrong with a document, said to the person who wrote it.

A problem names the place by the fields of the document, as in
`instructions[2].then.instructions[0].jobName`. Nothing here knows what a workflow is.
"""

import re
from collections.abc import Iterable
from enum import StrEnum
from typing import TypeAlias

import msgspec

Path: TypeAlias = tuple[str | int, ...]
"""The fields and indices that lead to a value of the document, outermost first."""

_PLAIN_FIELD = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_SHOWN_CHARACTERS = 60


class Severity(StrEnum):
    """How much a problem matters."""

    ERROR = "error"  # the document cannot be deployed
    WARNING = "warning"  # it can, but it hardly does what was meant


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing that is wrong: where, a sentence for people, and a stable code for machines."""

    place: str
    sentence: str
    code: str
    severity: Severity = Severity.ERROR


def problem(path: Iterable[str | int], code: str, sentence: str) -> Problem:
    """Return an error at `path`."""
    return Problem(place=place_text(path), sentence=sentence, code=code)


def warning(path: Iterable[str | int], code: str, sentence: str) -> Problem:
    """Return a warning at `path`."""
    return Problem(place=place_text(path), sentence=sentence, code=code, severity=Severity.WARNING)


def has_errors(problems: Iterable[Problem]) -> bool:
    """Tell whether one of the problems is more than a warning."""
    return any(p.severity is Severity.ERROR for p in problems)


def place_text(path: Iterable[str | int]) -> str:
    """Return `jobs["a.b"].env[0]` for `("jobs", "a.b", "env", 0)`; empty for the whole document."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        elif _PLAIN_FIELD.fullmatch(part):
            text += f".{clipped(part)}" if text else clipped(part)
        else:
            text += f"[{shown(part)}]"
    return text


def shown(text: str) -> str:
    """Return the text in double quotes, clipped and without characters that disturb a page."""
    harmless = "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in clipped(text))
    return f'"{harmless}"'


def clipped(text: str) -> str:
    """Return the text, or its begin and `…` where it is long."""
    return text if len(text) <= _SHOWN_CHARACTERS else text[:_SHOWN_CHARACTERS] + "…"
