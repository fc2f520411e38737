"""From an order to a process, and from the end of a process to an outcome. No effects here."""

from collections.abc import Mapping
from functools import lru_cache

from agents.worker.hands.attempt import Exit, Start
from agents.worker.hands.scripts import Scripts
from engine.errors import EngineError
from engine.order.model import Order, Outcome, Processing, Result
from engine.order.scope import OrderScope
from engine.values import MISSING, normalise, text_of
from engine.workflow.model import Execute, Job
from engine.workflow.program import Program
from engine.workflow.return_codes import Meaning, meaning, meaning_for

GRACE_S = 15.0
MESSAGE_CHARACTERS = 4096
RETURN_VALUES_BYTES = 1 << 20


class JobNotStartable(EngineError):
    """What a job needs could not be worked out; the sentence says why."""


def node_of(program: Program, order: Order) -> tuple[Execute, Job]:
    """Return the Execute instruction at which the order stands, and its job."""
    node = program.instruction(order.position)
    if not isinstance(node, Execute):
        raise JobNotStartable(f"there is no job at position {order.position}")
    return node, program.job(node.job_name)


def launch(
    order: Order,
    program: Program,
    scripts: Scripts,
    *,
    now_us: int,
    folder: str,
    basic: Mapping[str, str],
) -> Start:
    """Return how to start the job at which the order stands.

    Raises:
        EngineError: the environment cannot be worked out.
    """
    assert isinstance(order.state, Processing)  # noqa: S101  # the event that calls for a launch
    node, job = node_of(program, order)
    attempt = order.state.attempt
    env = {**basic, **environment(order, program, node, job, now_us)}
    env["JS7_RETURN_VALUES"] = f"{folder}/{attempt}.ret"
    return Start(
        attempt=attempt,
        argv=scripts.argv(job.executable.script.encode("utf-8", "surrogatepass")),
        env=env,
        timeout_s=float(job.timeout) if job.timeout is not None else None,
        grace_s=GRACE_S if job.grace_timeout is None else float(job.grace_timeout),
    )


def environment(
    order: Order, program: Program, node: Execute, job: Job, now_us: int
) -> dict[str, str]:
    """Return the job's own variables; one whose value is missing stays unset.

    Raises:
        EngineError: an expression that fails, a text that no environment can hold.
    """
    if not job.executable.env:
        return {}
    scope = OrderScope(order, program, now_us, node=node)
    found: dict[str, str] = {}
    for name, given in job.executable.env.items():
        value = scope.evaluate(given)
        if value is MISSING or value is None:
            continue
        text = text_of(normalise(value))
        if "\0" in text:
            raise JobNotStartable(
                f"env {name}: the value contains a NUL character, which no environment can hold"
            )
        found[name] = text
    return found


def outcome_of(
    end: Exit, job: Job, *, written: bytes | None, last_error_line: bytes | None
) -> Outcome:
    """Return how the job run ended.

    Args:
        end: what the supervisor tells of the process.
        job: the job's definition, for the meaning of return codes.
        written: the file of return values, None if there is none.
        last_error_line: the last line on stderr where the job fails for it, else None.
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


def _exited(end: Exit, job: Job, written: bytes | None, last_error_line: bytes | None) -> Outcome:
    code = _code(end)
    values, problem = return_values(written)
    found = {**values, "returnCode": code}
    if not _meaning(job).is_success(code):
        return Outcome("failed", code, f"returned {code}", found)
    if problem:
        return Outcome("failed", None, problem, found)
    if last_error_line is not None:
        message = last_error_line.decode("utf-8", "replace")[:MESSAGE_CHARACTERS]
        return Outcome("failed", None, message, found)
    return Outcome("succeeded", code, None, found)


@lru_cache(maxsize=1)
def _no_meaning() -> Meaning:
    return meaning(None)


def _meaning(job: Job) -> Meaning:
    plain = job.return_code_meaning is None and job.executable.return_code_meaning is None
    return _no_meaning() if plain else meaning_for(job)


def _code(end: Exit) -> int:
    return end.return_code if end.return_code is not None else 128 + (end.signal or 0)


def return_values(written: bytes | None) -> tuple[dict[str, str], str | None]:
    """Return the named values in the job's file, and what is wrong with it, if anything.

    Each line is NAME=VALUE; the value may be any text, also empty.
    """
    if not written:
        return {}, None
    if len(written) > RETURN_VALUES_BYTES:
        return {}, f"return values: {len(written)} bytes, at most {RETURN_VALUES_BYTES} are taken"
    values: dict[str, str] = {}
    for number, line in enumerate(written.decode("utf-8", "replace").split("\n"), 1):
        name, equals, value = line.removesuffix("\r").partition("=")
        if not name and not equals:
            continue
        if not equals or not name.strip() or "\0" in name:
            why = f"return values, line {number}: {line[:200]!r} has not the form NAME=VALUE"
            return values, why
        values[name.strip()] = value
    return values, None


def result_of(order: Order, node: Execute, outcome: Outcome) -> Result | None:
    """Return what later instructions may read of a job run; None if it was killed or lost."""
    if not outcome.values:
        return None
    return Result(order.position, node.label, node.job_name, outcome.values)
