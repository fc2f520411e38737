"""From the end of a process to an outcome, and what it leaves for later instructions. No effects.

What a job has written comes in here, so secrets are hidden before any of it goes on.
"""

from functools import lru_cache
from typing import Any

import msgspec

from agents.readable import readable
from agents.worker.hands.attempt import Exit
from agents.worker.hands.left_files import RETURN_VALUES_BYTES, Unreadable, Written
from agents.worker.masking import Masker
from engine.order.model import Order, Outcome, Result
from engine.values import NotAValue, normalise, to_json
from engine.workflow.model import BuiltIn, Execute, Job
from engine.workflow.return_codes import Meaning, meaning, meaning_for

MESSAGE_CHARACTERS = 4096


def outcome_of(end: Exit, job: Job, *, written: Written, last_error_line: bytes | None) -> Outcome:
    """Return how the job run ended.

    Args:
        end: what the supervisor tells of the process.
        job: the job's definition, for the meaning of return codes.
        written: the file of return values, or why it cannot be read; None if there is none.
        last_error_line: the last line on stderr where the job fails for it or says why, else None.
    """
    match end.reason:
        case "killed":
            return Outcome("killed", return_code=_code(end), message="killed by command")
        case "timedout":
            return Outcome(
                "timedout", return_code=_code(end), message=f"timed out after {job.timeout} s"
            )
        case "lost":
            return Outcome("disrupted", message=end.message or "the process was lost", lost=True)
        case "not_started":
            return Outcome("failed", message=end.message or "the process could not be started")
        case "exited":
            return _exited(end, job, written, last_error_line)


def _exited(end: Exit, job: Job, written: Written, last_error_line: bytes | None) -> Outcome:
    code = _code(end)
    values, problem = return_values(written)
    found = {**values, "returnCode": code}
    if not meaning_of(job).is_success(code):
        return Outcome("failed", code, _failure(code, job, last_error_line), found)
    if problem:
        return Outcome("failed", None, problem, found)
    if last_error_line is not None and job.fail_on_err_written:
        message = readable(last_error_line)[:MESSAGE_CHARACTERS]
        return Outcome("failed", None, message, found)
    return Outcome("succeeded", code, None, found)


def _failure(code: int, job: Job, last_error_line: bytes | None) -> str:
    """Return why a job has failed; those that agents bring along say it on stderr, at the end."""
    if last_error_line is None or not isinstance(job.executable, BuiltIn):
        return f"returned {code}"
    why = readable(last_error_line).strip()
    return f"returned {code}: {why}"[:MESSAGE_CHARACTERS]


@lru_cache(maxsize=1)
def _no_meaning() -> Meaning:
    return meaning(None)


def meaning_of(job: Job) -> Meaning:
    """Return what the return codes of a job mean."""
    plain = job.return_code_meaning is None and job.executable.return_code_meaning is None
    return _no_meaning() if plain else meaning_for(job)


def _code(end: Exit) -> int:
    return end.return_code if end.return_code is not None else 128 + (end.signal or 0)


def return_values(written: Written) -> tuple[dict[str, Any], str | None]:
    """Return the named values in the job's file, and what is wrong with it, if anything.

    Each line is NAME=VALUE; the value may be any text, also empty. A file that begins with `{` is
    one JSON object, as runners write it: its values keep their types.
    """
    if not written:
        return {}, None
    if isinstance(written, Unreadable):
        return {}, f"return values: {written.why}"
    if len(written) > RETURN_VALUES_BYTES:
        return {}, f"return values: {len(written)} bytes, at most {RETURN_VALUES_BYTES} are taken"
    if written.startswith(b"{"):
        return _object(written)
    values: dict[str, Any] = {}
    for number, line in enumerate(written.decode("utf-8", "replace").split("\n"), 1):
        name, equals, value = line.removesuffix("\r").partition("=")
        if not name and not equals:
            continue
        if not equals or not name.strip() or "\0" in name:
            why = f"return values, line {number}: {line[:200]!r} has not the form NAME=VALUE"
            return values, why
        values[name.strip()] = value
    return values, None


def _object(written: bytes) -> tuple[dict[str, Any], str | None]:
    try:
        found = msgspec.json.decode(written, type=dict[str, Any])
    except (msgspec.MsgspecError, RecursionError):
        return {}, "return values: the file begins with { but is no JSON object"
    values: dict[str, Any] = {}
    for name, value in found.items():
        if not name.strip() or "\0" in name:
            return values, f"return values: {name[:200]!r} is no name"
        try:
            kept = to_json(normalise(value))
        except NotAValue as problem:
            return values, f"return values: {name[:200]}: {problem}"
        if kept is not None:
            values[name] = kept
    return values, None


def result_of(order: Order, node: Execute, outcome: Outcome) -> Result | None:
    """Return what later instructions may read of a job run; None if it was killed or lost."""
    if not outcome.values:
        return None
    return Result(order.position, node.label, node.job_name, outcome.values)


def without_secrets(written: bytes, masker: Masker) -> bytes:
    """Return a file of return values with the secrets hidden, in the same form."""
    if not written.startswith(b"{"):
        return masker.hide(written)
    try:
        return msgspec.json.encode(masker.value(msgspec.json.decode(written)))
    except (msgspec.MsgspecError, RecursionError):
        return b"{"  # said to be no JSON, without a word of it
