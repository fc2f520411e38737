"""Checks StickySubagent, and the jobs that its block runs."""

from collections.abc import Iterator

from engine.workflow.checks.here import Here
from engine.workflow.checks.references import cluster_problems, reference_problems
from engine.workflow.model import Execute, StickySubagent
from engine.workflow.problem import Problem, problem, shown, warning


def sticky_problems(here: Here, sticky: StickySubagent) -> Iterator[Problem]:
    """Yield what is wrong with a StickySubagent."""
    path = here.path
    yield from reference_problems((*path, "agentName"), sticky.agent_name, "agent", here.known)
    yield from cluster_problems(
        path, sticky.subagent_cluster_id, sticky.subagent_cluster_id_expr, here.known
    )
    if any(isinstance(around.instruction, StickySubagent) for around in here.all_around()):
        sentence = "A StickySubagent cannot stand within another one."
        yield problem(path, "sticky-nested", sentence)


def sticky_job_problems(here: Here, execute: Execute) -> Iterator[Problem]:
    """Warn of a job to which the StickySubagent around it does not apply."""
    job = here.workflow.jobs.get(execute.job_name)
    for around in here.around():
        sticky = around.instruction
        if not isinstance(sticky, StickySubagent) or job is None:
            continue
        cluster = sticky.subagent_cluster_id
        if job.agent_name != sticky.agent_name:
            sentence = (
                f"The job runs at agent {shown(job.agent_name)}, but the StickySubagent around it"
                f" is about {shown(sticky.agent_name)}."
            )
            yield warning((*here.path, "jobName"), "sticky-elsewhere", sentence)
        elif cluster is not None and job.subagent_cluster_id not in (None, cluster):
            sentence = (
                f"The job runs in the subagent cluster {shown(job.subagent_cluster_id or '')}, but"
                f" the StickySubagent around it is about {shown(cluster)}."
            )
            yield warning((*here.path, "jobName"), "sticky-elsewhere", sentence)
