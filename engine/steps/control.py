"""What people have done to a workflow as a whole: breakpoints, skipped labels, the thaw."""

from engine import position as p
from engine.order import events as e
from engine.order import model as m
from engine.order.object_events import WorkflowThawed, subject
from engine.steps.site import Site
from engine.workflow.instruction import Execute, Instruction
from engine.world import Step, World

SKIPPED = "skipped: by its label"


def held_up(world: World, order: m.Order, instruction: Instruction, site: Site) -> list[Step]:
    """Return the suspension before a breakpoint, or the way past a skipped label; else nothing.

    A breakpoint does not stop an order again that was resumed there and has done nothing since.
    """
    control = world.control(order.workflow)
    if control.stops and not order.resumed and p.place(order.position) in control.stops:
        if site.agent:
            return [(order.id, e.OrderDetached(site.agent))]
        return [(order.id, e.OrderSuspended())]
    if instruction.label is not None and instruction.label in control.skipped:
        to = world.program_of(order).onward(order.position)
        job = instruction.label if isinstance(instruction, Execute) else None
        return [(order.id, e.OrderMoved(to, SKIPPED, job))]
    return []


def thawed(world: World, path: str, limit: int) -> tuple[list[str], list[Step]]:
    """Return orders of a workflow that goes on, to be looked at now, and how far this has come.

    Nothing where the workflow's orders were all looked at.

    Raises:
        NotLoaded: load what is missing and call again.
    """
    after = world.control(path).thaw_after
    if after is None:
        return [], []
    ids = list(world.orders_of(path, after)[:limit])
    return ids, [(subject("workflow", path), WorkflowThawed(path, ids[-1] if ids else None))]
