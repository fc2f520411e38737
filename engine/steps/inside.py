"""Blocks that change what happens in them: Options, Segment, StickySubagent; and Stop."""

from engine.order import events as e
from engine.order import model as m
from engine.steps.site import Site
from engine.workflow.model import Options, Segment, StickySubagent, Stop
from engine.world import Step, World


def decide_options(world: World, order: m.Order, node: Options | Segment, site: Site) -> list[Step]:
    """Return the way into the block."""
    branch = "options" if isinstance(node, Options) else "segment"
    return [(order.id, e.OrderMoved(world.program_of(order).enter(order.position, branch)))]


def decide_sticky(world: World, order: m.Order, node: StickySubagent, site: Site) -> list[Step]:
    """Return the way into the block, bound to no agent yet."""
    to = world.program_of(order).enter(order.position, "stickySubagent")
    unbound: list[Step] = []
    if any(bound.position == order.position for bound in order.sticky):
        unbound = [(order.id, e.OrderBoundToAgent(order.position, ""))]
    return [*unbound, (order.id, e.OrderMoved(to))]


def decide_stop(world: World, order: m.Order, node: Stop, site: Site) -> list[Step]:
    """Return the stop; a resumed order goes on behind it."""
    if order.resumed:
        return [(order.id, e.OrderMoved(world.program_of(order).onward(order.position)))]
    if site.agent:
        return [(order.id, e.OrderDetached(site.agent))]
    outcome = m.Outcome("failed", message="the workflow asked to stop")
    return [(order.id, e.OrderStopped(outcome, site.now_us))]
