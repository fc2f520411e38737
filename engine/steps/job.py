"""Jobs: from waiting for the start to the end of the process."""

from engine.order import events as e
from engine.order import model as m
from engine.steps.failure import fail
from engine.steps.site import Site
from engine.workflow.model import Execute
from engine.world import Step, World


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
    instruction = world.program_of(order).instruction(order.position)
    return _attach(world, order, instruction) if isinstance(instruction, Execute) else []


def decide_job(world: World, order: m.Order, node: Execute, site: Site) -> list[Step]:
    """Return the way to the job's agent, or there its start once a process is free."""
    job = world.program_of(order).job(node.job_name)
    if site.agent is None:
        return _attach(world, order, node)
    if job.agent_name != site.agent:
        return [(order.id, e.OrderDetached(site.agent))]
    assert site.may_start  # noqa: S101  # every agent's site has it
    assert site.next_attempt  # noqa: S101  # as above
    if not site.may_start(order, node.job_name, job):
        return []
    started = e.OrderProcessingStarted(
        site.agent, site.next_attempt(), node.job_name, node.label, order.position, site.now_us
    )
    return [(order.id, started)]


def _attach(world: World, order: m.Order, node: Execute) -> list[Step]:
    agent = world.program_of(order).job(node.job_name).agent_name
    return [(order.id, e.OrderAttachable(agent, order.own_no + 1))]


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
        return [
            (order.id, e.OrderMoved(order.position, "the process was lost, the job is repeated"))
        ]
    return fail(world, order, outcome, site)
