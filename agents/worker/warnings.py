"""What people should look at though a job run ended: judged by the agent. Pure.

A limit is `30` (seconds), `HH:MM:SS`, or `20%`: that much longer or shorter than usual, which only
the history can judge.
"""

from collections.abc import Iterator

from agents.worker.hands.attempt import Exit
from engine.order.model import Outcome
from engine.workflow.model import Job
from engine.workflow.return_codes import meaning_for

LINE_CHARACTERS = 200
SECOND_US = 1_000_000


def warnings_of(
    end: Exit, job: Job, outcome: Outcome, *, error_line: bytes | None, started_us: int
) -> tuple[str, ...]:
    """Return the warnings of a job run that ended by itself.

    Args:
        end: what the supervisor tells of the process.
        job: the job's definition.
        outcome: what the run counts as.
        error_line: the last line on stderr, without secrets, None for none.
        started_us: when the job was started, where the supervisor does not know.
    """
    if end.reason != "exited" or not _watched(job):
        return ()
    seconds = (end.ended_us - (end.started_us or started_us)) / SECOND_US
    return (
        *_of_code(job, outcome),
        *_of_stderr(job, outcome, error_line),
        *_of_duration(job, seconds),
    )


def usual(job: Job) -> tuple[float | None, float | None] | None:
    """Return by how many percent a run may be shorter and longer than usual, None for no limit."""
    if job.warn_if_shorter is None and job.warn_if_longer is None:
        return None
    found = percent(job.warn_if_shorter), percent(job.warn_if_longer)
    return None if found == (None, None) else found


def percent(limit: str | None) -> float | None:
    """Return the number of `20%`, None for any other limit."""
    return float(limit.strip()[:-1]) if limit and limit.strip().endswith("%") else None


def seconds_of(limit: str | None) -> float | None:
    """Return the seconds of `30` or `HH:MM:SS`, None for a limit in percent."""
    if not limit or limit.strip().endswith("%"):
        return None
    seconds = 0.0
    for part in limit.split(":"):
        seconds = seconds * 60 + float(part)
    return seconds


def _watched(job: Job) -> bool:
    return bool(
        job.warn_on_err_written
        or job.warn_if_shorter
        or job.warn_if_longer
        or job.return_code_meaning
        or job.executable.return_code_meaning
    )


def _of_code(job: Job, outcome: Outcome) -> Iterator[str]:
    code = outcome.return_code
    if outcome.ok and code is not None and meaning_for(job).is_warning(code):
        yield f"returned {code}, which counts as a warning"


def _of_stderr(job: Job, outcome: Outcome, error_line: bytes | None) -> Iterator[str]:
    if job.warn_on_err_written and error_line is not None:
        yield f"wrote to stderr: {error_line.decode('utf-8', 'replace')[:LINE_CHARACTERS]}"


def _of_duration(job: Job, seconds: float) -> Iterator[str]:
    longest, shortest = seconds_of(job.warn_if_longer), seconds_of(job.warn_if_shorter)
    if longest is not None and seconds > longest:
        yield f"ran {_shown(seconds)} s, longer than {longest:.6g} s"
    if shortest is not None and seconds < shortest:
        yield f"ran {_shown(seconds)} s, shorter than {shortest:.6g} s"


def _shown(seconds: float) -> str:
    return f"{seconds:.3g}" if seconds < 100 else f"{seconds:.0f}"
