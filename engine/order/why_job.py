"""Why a job does not start though its order is with the agent: a period, or no free process."""

from collections.abc import Mapping
from typing import Literal

import msgspec

from engine.order.model import Order
from engine.steps.job_admission import admitted_now, next_begin_us
from engine.workflow.model import Job
from engine.workflow.program import Program


class Wait(msgspec.Struct, frozen=True):
    """Why an order waits: a stable code, a sentence, names of whom it waits for, and moments.

    `until_us` is set where the clock leads on, `since_us` where it is known since when. `warnings`
    are sentences about the order that people should look at, whether it waits or not.
    """

    code: str
    sentence: str
    for_whom: tuple[str, ...] = ()
    until_us: int | None = None
    since_us: int | None = None
    warnings: tuple[str, ...] = ()


class Around(msgspec.Struct, frozen=True):
    """What no event tells: how it is now at the order's agent, and who posts to which board.

    `agent` is whether anybody knows it and lets it start jobs, `away_since_us` None where it is
    there and 0 where nobody knows since when it is not. `job_runs` are orders whose processes of
    the same job run, `agent_runs` those of all jobs there, `agent_limit` how many may. `posters`
    are workflows by the path of the board they post to.
    """

    agent: Literal["enabled", "disabled", "unknown"] = "enabled"
    away_since_us: int | None = None
    job_runs: tuple[str, ...] = ()
    agent_runs: tuple[str, ...] = ()
    agent_limit: int | None = None
    posters: Mapping[str, tuple[str, ...]] = {}


def for_disabled(agent: str) -> Wait:
    """Return why no job starts at an agent that somebody has disabled."""
    return Wait("agent-disabled", f"Agent {agent} is disabled: it starts no job.", (agent,))


def for_job(
    order: Order, program: Program, job: Job, name: str, now_us: int, around: Around
) -> Wait:
    """Return why the job at which an order stands does not start."""
    agent = order.agent or ""
    if around.agent == "disabled":
        return for_disabled(agent)
    if not admitted_now(order, program, job, now_us):
        begin_us = next_begin_us(program, job, now_us)
        return Wait("job-admission", f"Job {name} is not admitted now.", until_us=begin_us)
    if len(around.job_runs) >= job.parallelism:
        taken = f"{len(around.job_runs)} of {job.parallelism}"
        return Wait("job-limit", f"Job {name} runs as often as it may: {taken}.", around.job_runs)
    if around.agent_limit is not None and len(around.agent_runs) >= around.agent_limit:
        taken = f"{len(around.agent_runs)} of {around.agent_limit}"
        sentence = f"Agent {agent} has no free process: {taken} run."
        return Wait("agent-limit", sentence, around.agent_runs)
    return Wait("process", f"It waits for a free process at agent {agent}.", (agent,))
