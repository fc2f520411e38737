"""At which agent a job runs: a named one, one of a cluster, or the one a block is bound to."""

from engine import position as p
from engine.order import events as e
from engine.order import model as m
from engine.order.resource_scope import resources_in
from engine.order.scope import evaluate
from engine.steps.site import Site
from engine.values import normalise, text_of
from engine.workflow.model import Job, StickySubagent
from engine.workflow.program import Program
from engine.world import Step, World

LOOK_AGAIN_US = 15_000_000


def place_of(world: World, order: m.Order, job: Job, site: Site) -> str:
    """Return the name of the agent or of the cluster that a job asks for.

    Raises:
        EngineError: the expression that names it cannot be evaluated.
    """
    if job.subagent_cluster_id_expr is not None:
        program, find = world.program_of(order), resources_in(world)
        text = job.subagent_cluster_id_expr
        return text_of(normalise(evaluate(text, order, program, site.now_us, find)))
    return job.subagent_cluster_id or job.agent_name


def runs_here(world: World, order: m.Order, job: Job, site: Site) -> bool:
    """Tell whether the agent that has the order is the one for the job at which it stands."""
    if order.sticky:
        bound = bound_to(order, sticky_block(world.program_of(order), order))
        if bound:
            return bound == site.agent
    if job.subagent_cluster_id is None and job.subagent_cluster_id_expr is None:
        return job.agent_name == site.agent or order.chosen == order.position
    return order.chosen == order.position


def attach(world: World, order: m.Order, job: Job, site: Site) -> list[Step]:
    """Return the way to the agent of the job; a pause while the cluster has none to offer."""
    block = sticky_block(world.program_of(order), order)
    bound = bound_to(order, block)
    agent = bound or _chosen(place_of(world, order, job, site), site)
    if agent is None:
        pause = e.OrderSleeping(site.now_us + LOOK_AGAIN_US, "agent")
        return [(order.id, pause)] if isinstance(order.state, m.Ready) else []
    steps: list[Step] = []
    if block is not None and not bound:
        steps = [(order.id, e.OrderBoundToAgent(block, agent))]
    return [*steps, (order.id, e.OrderAttachable(agent, order.own_no + 1))]


def _chosen(place: str, site: Site) -> str | None:
    """Return the agent of a place; one that is no cluster is an agent."""
    if site.members is None or site.members(place) is None:
        return place
    return site.pick(place) if site.pick else None


def sticky_block(program: Program, order: m.Order) -> p.Position | None:
    """Return the StickySubagent block around an order."""
    for around in p.ancestors(order.position):
        if isinstance(program.instruction(around), StickySubagent):
            return around
    return None


def bound_to(order: m.Order, block: p.Position | None) -> str | None:
    """Return the agent that a block is bound to for this order."""
    return next((s.agent for s in order.sticky if s.position == block), None)
