"""Checks the jobs of a workflow: names, limits, return codes, environment, what they refer to."""

import re
from collections.abc import Iterator

from engine.workflow.checks.known import Known
from engine.workflow.checks.names import (
    environment_name_problems,
    object_name_problems,
    variable_name_problems,
)
from engine.workflow.checks.values import expression_problems, number_problems, values_problems
from engine.workflow.model import Job, ReturnCodeMeaning, Workflow
from engine.workflow.problem import Path, Problem, problem, shown
from engine.workflow.return_codes import RangeSet, ReturnCodesUnreadable, meaning, range_set

MOST_PROCESSES = 1_000_000

_CRITICALITIES = ("NORMAL", "CRITICAL", "MINOR", "MAJOR")
_NOTIFIED = ("ERROR", "SUCCESS", "WARNING")
# "30" seconds, "HH:MM:SS", or "20%" of the usual run time.
_RUN_TIME = re.compile(r"\d{1,9}|\d{1,3}:[0-5]\d:[0-5]\d|\d{1,4}%")


def job_problems(workflow: Workflow, known: Known) -> Iterator[Problem]:
    """Yield what is wrong with the jobs, in document order."""
    for name, job in workflow.jobs.items():
        path = ("jobs", name)
        yield from object_name_problems(path, name, "a job")
        yield from _agent_problems((*path, "agentName"), job.agent_name, known)
        yield from _limit_problems(path, job)
        yield from _executable_problems((*path, "executable"), job)
        yield from _return_code_problems(path, job)
        yield from argument_problems((*path, "defaultArguments"), job)
        yield from resource_problems((*path, "jobResourceNames"), job.job_resource_names, known)
        yield from _monitoring_problems(path, job)


def argument_problems(path: Path, job: Job) -> Iterator[Problem]:
    """Yield what is wrong with the default arguments of a job."""
    for name in job.default_arguments:
        yield from variable_name_problems((*path, name), name)
    yield from values_problems(path, job.default_arguments)


def resource_problems(path: Path, names: tuple[str, ...], known: Known) -> Iterator[Problem]:
    """Yield what is wrong with the names of job resources."""
    for i, name in enumerate(names):
        yield from object_name_problems((*path, i), name, "a job resource")
        if known.job_resources is not None and name not in known.job_resources:
            sentence = f"There is no job resource {shown(name)}."
            yield problem((*path, i), "job-resource-unknown", sentence)


def _agent_problems(path: Path, name: str, known: Known) -> Iterator[Problem]:
    yield from object_name_problems(path, name, "an agent")
    if known.agents is not None and name not in known.agents:
        yield problem(path, "agent-unknown", f"There is no agent {shown(name)}.")


def _limit_problems(path: Path, job: Job) -> Iterator[Problem]:
    yield from number_problems(
        (*path, "parallelism"), job.parallelism, least=1, most=MOST_PROCESSES
    )
    yield from number_problems((*path, "timeout"), job.timeout, least=1)
    yield from number_problems((*path, "graceTimeout"), job.grace_timeout, least=0)


def _executable_problems(path: Path, job: Job) -> Iterator[Problem]:
    if not job.executable.script.strip():
        yield problem((*path, "script"), "script-empty", "The script is empty.")
    for name, text in job.executable.env.items():
        yield from environment_name_problems((*path, "env", name), name)
        yield from expression_problems((*path, "env", name), text)


def _return_code_problems(path: Path, job: Job) -> Iterator[Problem]:
    own, inner = job.return_code_meaning, job.executable.return_code_meaning
    if own is not None and inner is not None and own != inner:
        sentence = "The executable has another returnCodeMeaning: give one of the two."
        yield problem((*path, "returnCodeMeaning"), "return-codes-invalid", sentence)
    if own is not None:
        yield from _meaning_problems((*path, "returnCodeMeaning"), own)
    if inner is not None:
        yield from _meaning_problems((*path, "executable", "returnCodeMeaning"), inner)


def _meaning_problems(path: Path, given: ReturnCodeMeaning) -> Iterator[Problem]:
    sets: dict[str, RangeSet] = {}
    for name in ("success", "failure", "warning"):
        codes = getattr(given, name)
        try:
            sets[name] = RangeSet() if codes is None else range_set(codes)
        except ReturnCodesUnreadable as e:
            yield problem((*path, name), "return-codes-invalid", str(e))
    if len(sets) == 3:
        yield from _contradictions(path, given, sets)


def _contradictions(
    path: Path, given: ReturnCodeMeaning, sets: dict[str, RangeSet]
) -> Iterator[Problem]:
    try:
        meaning(given)
    except ReturnCodesUnreadable as e:
        yield problem(path, "return-codes-invalid", str(e))
    both = sets["failure"].common(sets["warning"])
    if both is not None:
        sentence = f"{both} cannot be a failure and a warning: a warning is a success."
        yield problem((*path, "warning"), "return-codes-invalid", sentence)


def _monitoring_problems(path: Path, job: Job) -> Iterator[Problem]:
    if job.criticality not in _CRITICALITIES:
        yield _no_choice((*path, "criticality"), job.criticality, _CRITICALITIES)
    yield from _run_time_problems((*path, "warnIfShorter"), job.warn_if_shorter)
    yield from _run_time_problems((*path, "warnIfLonger"), job.warn_if_longer)
    types = job.notification.types if job.notification else ()
    for i, name in enumerate(types):
        if name not in _NOTIFIED:
            yield _no_choice((*path, "notification", "types", i), name, _NOTIFIED)


def _run_time_problems(path: Path, text: str | None) -> Iterator[Problem]:
    if text is not None and not _RUN_TIME.fullmatch(text):
        sentence = "A run time is written as 30 (seconds), 00:00:30, or 20% (of the usual one)."
        yield problem(path, "duration-invalid", sentence)


def _no_choice(path: Path, given: str, choices: tuple[str, ...]) -> Problem:
    return problem(path, "choice-unknown", f"{shown(given)} is none of {', '.join(choices)}.")
