"""The text of a draft: JSON or YAML, and whether it can be kept at all. Pure.

Knows the two notations, not what the fields mean. JSON is left to the reader of its kind.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import msgspec
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.reader import ReaderError

from engine.workflow.json_values import plain
from engine.workflow.problem import Problem, problem
from inventory.form import Form
from inventory.yaml_pieces import Read, read

LARGEST_BYTES = 16 * 1024 * 1024
"""The largest text that is kept as a draft."""

LARGEST_YAML_BYTES = 1024 * 1024
"""The largest YAML that is read: its reader needs seconds for a MiB. JSON has no such limit."""

KEPT_CHARACTERS = 256 * 1024
"""Texts up to this length are kept for a while as they were read."""

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class Values(msgspec.Struct, frozen=True):
    """What a draft says, or why it says nothing: JSON still as bytes, YAML as values."""

    form: Form
    data: bytes | Mapping[str, Any] | None
    problems: tuple[Problem, ...] = ()


def storable_problems(source: str) -> list[Problem]:
    """Return why a text cannot even be kept as a draft; empty where it can."""
    found = _UNSTORABLE.search(source)
    if found:
        what = "a NUL character" if found[0] == "\0" else "half a surrogate pair"
        line, column = _line_and_column(source, found.start())
        sentence = f"The text contains {what} at line {line}, column {column}."
        return [problem((), "text-unusable", sentence)]
    size = len(source.encode())
    if size > LARGEST_BYTES:
        sentence = f"The text has {size} bytes; at most {LARGEST_BYTES} are kept."
        return [problem((), "too-large", sentence)]
    return []


def values_of(source: str) -> Values:
    """Return the values of a storable text; what begins with a bracket is JSON, else YAML."""
    if source.lstrip("\ufeff \t\r\n")[:1] in ("{", "["):
        return Values(Form.JSON, source.encode())
    try:
        return _of_yaml(source)
    except MarkedYAMLError as e:
        return _no_yaml(f"This is no YAML{_mark(e)}: {_reason(e)}.")
    except ReaderError as e:
        line, column = _line_and_column(source, e.position)
        return _no_yaml(f"This is no YAML: line {line}, column {column}: {e.reason}.")
    except (YAMLError, ValueError) as e:
        return _no_yaml(f"This is no YAML: {e}.")
    except RecursionError:
        return Values(Form.YAML, None, (problem((), "too-deep", "The YAML is nested too deep."),))


def _of_yaml(source: str) -> Values:
    size = len(source.encode())
    if size > LARGEST_YAML_BYTES:
        sentence = (
            f"The YAML has {size} bytes; at most {LARGEST_YAML_BYTES} are read."
            " A document as large as this one is written as JSON."
        )
        return Values(Form.YAML, None, (problem((), "too-large", sentence),))
    data = composed(source).data
    if "*" in source:
        # Whoever goes through a value that contains itself, or multiplies, would find no end.
        copy, problems = plain(data)
        if copy is None and problems:
            return Values(Form.YAML, None, tuple(problems[-1:]))
    if isinstance(data, Mapping):
        return Values(Form.YAML, data)
    sentence = "The document has no fields: it must be an object, as in `instructions: []`."
    return Values(Form.YAML, None, (problem((), "wrong-type", sentence),))


def composed(source: str) -> Read:
    """Return a YAML text as nodes, which know where they stand, and as the values they mean.

    Both may be shared by several readers: nobody changes them.

    Raises:
        YAMLError, ValueError, RecursionError: it is no YAML.
    """
    if len(source) > KEPT_CHARACTERS:
        return read(source)
    return _composed_again(source)


@lru_cache(maxsize=8)
def _composed_again(source: str) -> Read:
    """A draft that is kept is read several times in a row: to check, to find names, to draw."""
    return read(source)


def _no_yaml(sentence: str) -> Values:
    return Values(Form.YAML, None, (problem((), "no-yaml", sentence),))


def _mark(error: MarkedYAMLError) -> str:
    mark = error.problem_mark or error.context_mark
    return f": line {mark.line + 1}, column {mark.column + 1}" if mark else ""


def _reason(error: MarkedYAMLError) -> str:
    parts = [str(part).strip().rstrip(".") for part in (error.context, error.problem) if part]
    return ", ".join(parts).replace("\n", " ")


def _line_and_column(text: str, index: int) -> tuple[int, int]:
    before = text[:index]
    return before.count("\n") + 1, index - (before.rfind("\n") + 1) + 1
