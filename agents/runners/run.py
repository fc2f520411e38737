"""What all built-in jobs have in common: arguments in, return values out, and an orderly end."""

import importlib
import json
import math
import os
import signal
import sys
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

ARGUMENTS = "STELLWERK_ARGUMENTS"
RETURN_VALUES = "JS7_RETURN_VALUES"
TERMINATED = 128 + signal.SIGTERM
FAILED = 1

MODULES: Mapping[str, str] = {
    "Http": "http_request",
    "Sql": "sql_statement",
    "FileTransfer": "file_transfer",
    "Ssh": "ssh_command",
    "CeleryTask": "celery_task",
}
"""The module of each kind; its function `run` does the work."""


class JobFailed(Exception):
    """The job could not do what it was asked for; the sentence goes to stderr."""


class Terminated(KeyboardInterrupt):
    """The process was asked to end; libraries close what they have open as they do for Ctrl+C."""


class Ended(NamedTuple):
    """What a job leaves: return values, and its return code."""

    values: Mapping[str, Any]
    return_code: int = 0


def main(kind: str) -> int:
    """Run the job of a kind with the arguments in the file that the agent made.

    Returns:
        The return code: 0, 1 for a failure, 143 where the process was asked to end.
    """
    signal.signal(signal.SIGTERM, _terminate)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace", line_buffering=True)  # type: ignore[union-attr]
    try:
        work: Callable[[dict[str, Any]], Ended] = importlib.import_module(
            f"agents.runners.{MODULES[kind]}"
        ).run
        ended = work(take_arguments())
        write_return_values(ended.values)
    except JobFailed as problem:
        tell_failure(str(problem))
        return FAILED
    except Terminated:
        tell_failure("The job was asked to end.")
        return TERMINATED
    return ended.return_code


def take_arguments() -> Any:
    """Return the arguments and delete their file: nobody else is to read it."""
    path = Path(os.environ.pop(ARGUMENTS))
    content = path.read_bytes()
    path.unlink()
    return json.loads(content)


def write_return_values(values: Mapping[str, Any]) -> None:
    """Leave return values for the agent; what is None is left out."""
    path = os.environ.get(RETURN_VALUES)
    kept = {name: value for name, value in values.items() if value is not None}
    if kept and path:
        Path(path).write_text(as_json(kept, ascii_only=True), encoding="utf-8")


def as_json(value: object, *, ascii_only: bool = False) -> str:
    """Return a value as JSON, with texts for values that JSON lacks: `"NaN"`, `"Infinity"`."""
    return json.dumps(_finite(value), default=plain, ensure_ascii=ascii_only, allow_nan=False)


def _finite(value: object) -> object:
    match value:
        case dict():
            return {name: _finite(inner) for name, inner in value.items()}
        case list() | tuple():
            return [_finite(inner) for inner in value]
        case float() if not math.isfinite(value):
            return plain(Decimal(value))
        case _:
            return value


def plain(value: object) -> Any:
    """Return a value that JSON lacks as one that it has."""
    if isinstance(value, Decimal):
        # Like PostgreSQL's own JSON: one such value does not spoil the rest.
        if not value.is_finite():
            return str(value)
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).hex()
    if isinstance(value, set | frozenset | tuple):
        return list(value)
    return str(value)


def tell_failure(sentence: str) -> None:
    """Write a sentence to stderr, in one line: the last one is what the agent tells of the job."""
    sentence = " ".join(line.strip() for line in sentence.splitlines() if line.strip())
    print(sentence, file=sys.stderr)  # noqa: T201  # a job's own output


def tell(line: str) -> None:
    """Write a line to stdout."""
    print(line)  # noqa: T201  # a job's own output


def _terminate(_signal: int, _frame: object) -> NoReturn:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # once: the end must not be disturbed
    raise Terminated
