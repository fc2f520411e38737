"""Jobs: from waiting for the start to the end of the process."""

from engine.order import events as e
from engine.order import model as m
from engine.steps.failure import fail
from engine.steps.job_admission import admitted_now, never_on_its_day, next_begin_us
from engine.steps.place import attach, runs_here
from engine.steps.site import Site
from engine.workflow.model import Execute, Job
from engine.world import Step, World

NOT_ADMITTED = "skipped: no admission on the order's day"
REPEATED = "the process was lost, the job is repeated"


def decide_fresh(world: World, order: m.Order, site: Site) -> list[Step]:
    """Return the start of an order that is due, or its early way to the agent of its first job."""
    due = order.scheduled_us is None or order.scheduled_us <= site.now_us
    if due:
        return [(order.id, e.OrderStarted(site.now_us))]
    if (
        site.agent
        or order.scheduled_us is None
        or order.scheduled_us - site.horizon_us > site.now_us
    ):
        return []
    program = world.program_of(order)
    instruction = program.instruction(order.position)
    if not isinstance(instruction, Execute):
        return []
    return attach(world, order, program.job(instruction.job_name), site)


def decide_job(world: World, order: m.Order, node: Execute, site: Site) -> list[Step]:
    """Return the way to the job's agent, or there its start once it is admitted and a process free.

    A job that is not admitted on the order's day may be passed by, wherever the order stands.
    """
    program = world.program_of(order)
    job = program.job(node.job_name)
    if never_on_its_day(order, program, job):
        passed = node.label or node.job_name
        return [(order.id, e.OrderMoved(program.onward(order.position), NOT_ADMITTED, passed))]
    if site.agent is None:
        return attach(world, order, job, site)
    if not runs_here(world, order, job, site):
        return [(order.id, e.OrderDetached(site.agent))]
    if not admitted_now(order, program, job, site.now_us):
        begin_us = next_begin_us(program, job, site.now_us)
        if begin_us is not None and site.look_again:
            site.look_again(order.id, begin_us)
        return []
    return _start(order, node, job, site) if _is_free(order, node, job, site) else []


def _is_free(order: m.Order, node: Execute, job: Job, site: Site) -> bool:
    assert site.may_start  # noqa: S101  # every agent's site has it
    return site.may_start(order, node.job_name, job)


def _start(order: m.Order, node: Execute, job: Job, site: Site) -> list[Step]:
    assert site.agent  # noqa: S101  # only there jobs start
    assert site.next_attempt  # noqa: S101  # as above
    started = e.OrderProcessingStarted(
        site.agent,
        site.next_attempt(),
        node.job_name,
        node.label,
        order.position,
        site.now_us,
        None if job.criticality == "NORMAL" else job.criticality,
    )
    return [(order.id, started)]


def decide_processed(world: World, order: m.Order, site: Site) -> list[Step]:
    """Return the way on after a job or a join: onward, once more, or the failure."""
    program = world.program_of(order)
    outcome = order.outcome or m.SUCCEEDED
    if outcome.ok:
        return [(order.id, e.OrderMoved(program.onward(order.position)))]
    node = program.instruction(order.position)
    if (
        outcome.lost
        and isinstance(node, Execute)
        and not program.job(node.job_name).is_not_restartable
    ):
        return [(order.id, e.OrderMoved(order.position, REPEATED))]
    return fail(world, order, outcome, site)
