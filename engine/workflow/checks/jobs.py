"""Checks the jobs of a workflow: names, limits, return codes, environment, what they refer to."""

import re
from collections.abc import Iterator

from engine.workflow.checks.executables import executable_problems
from engine.workflow.checks.functions import no_job_problems
from engine.workflow.checks.known import Known
from engine.workflow.checks.names import object_name_problems, variable_name_problems
from engine.workflow.checks.references import (
    cluster_problems,
    expression_references,
    reference_problems,
    resources_problems,
)
from engine.workflow.checks.schemes import scheme_problems
from engine.workflow.checks.values import choice_problems, number_problems, value_problems
from engine.workflow.expressions import job_expressions
from engine.workflow.model import Job, ReturnCodeMeaning, Workflow
from engine.workflow.problem import Path, Problem, problem, warning
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
        yield from reference_problems((*path, "agentName"), job.agent_name, "agent", known)
        yield from work_problems(path, job, known)
        yield from cluster_problems(
            path, job.subagent_cluster_id, job.subagent_cluster_id_expr, known
        )
        if job.with_subagent_cluster_id_expr and job.subagent_cluster_id_expr is None:
            sentence = "withSubagentClusterIdExpr needs a subagentClusterIdExpr."
            yield problem((*path, "subagentClusterIdExpr"), "field-missing", sentence)


def work_problems(path: Path, job: Job, known: Known) -> Iterator[Problem]:
    """Yield what is wrong with what a job does, without where it runs."""
    yield from _limit_problems(path, job)
    yield from executable_problems((*path, "executable"), job.executable, known)
    for inner, value in job_expressions(job):
        yield from value_problems((*path, *inner), value)
        if isinstance(value, str):
            yield from expression_references((*path, *inner), value, known)
    cluster = job.subagent_cluster_id_expr
    yield from no_job_problems((*path, "subagentClusterIdExpr"), cluster)
    yield from _return_code_problems(path, job)
    for name in job.default_arguments:
        yield from variable_name_problems((*path, "defaultArguments", name), name)
    yield from resources_problems((*path, "jobResourceNames"), job.job_resource_names, known)
    yield from _admission_problems(path, job)
    yield from _monitoring_problems(path, job)


def _admission_problems(path: Path, job: Job) -> Iterator[Problem]:
    if job.admission_time_scheme is not None:
        yield from scheme_problems((*path, "admissionTimeScheme"), job.admission_time_scheme)
        return
    for field, given in (
        ("skipIfNoAdmissionForOrderDay", job.skip_if_no_admission_for_order_day),
        ("killAtEndOfAdmissionPeriod", job.kill_at_end_of_admission_period),
    ):
        if given:
            sentence = f"{field} has no effect: there is no admissionTimeScheme."
            yield warning((*path, field), "without-effect", sentence)


def _limit_problems(path: Path, job: Job) -> Iterator[Problem]:
    yield from number_problems(
        (*path, "parallelism"), job.parallelism, least=1, most=MOST_PROCESSES
    )
    yield from number_problems((*path, "timeout"), job.timeout, least=1)
    yield from number_problems((*path, "graceTimeout"), job.grace_timeout, least=0)


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
    yield from choice_problems((*path, "criticality"), job.criticality, _CRITICALITIES)
    yield from _run_time_problems((*path, "warnIfShorter"), job.warn_if_shorter)
    yield from _run_time_problems((*path, "warnIfLonger"), job.warn_if_longer)
    types = job.notification.types if job.notification else ()
    for i, name in enumerate(types):
        yield from choice_problems((*path, "notification", "types", i), name, _NOTIFIED)


def _run_time_problems(path: Path, text: str | None) -> Iterator[Problem]:
    if text is not None and not _RUN_TIME.fullmatch(text):
        sentence = "A run time is written as 30 (seconds), 00:00:30, or 20% (of the usual one)."
        yield problem(path, "duration-invalid", sentence)
