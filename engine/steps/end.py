"""The end of an order or of a branch."""

from engine import position as p
from engine.errors import EngineError
from engine.order import events as e
from engine.order import model as m
from engine.order.resource_scope import resources_in
from engine.order.scope import evaluate
from engine.steps.blocks import leaving
from engine.steps.child import child_failed, child_succeeded
from engine.steps.cycle import end_of_cycle
from engine.steps.failure import disrupted, fail
from engine.steps.site import Site
from engine.values import normalise, to_json
from engine.workflow.model import ConsumeNotices, Cycle, Lock
from engine.workflow.program import Program
from engine.world import Step, World


def at_end(world: World, order: m.Order, program: Program, site: Site) -> list[Step]:
    """Return the end of an order, or of the block behind whose last instruction it stands."""
    around = block_to_leave(order, program)
    if around is None:
        return finish(world, order, program, site, outcome=None)
    block = program.instruction(around)
    if isinstance(block, Cycle):
        return end_of_cycle(world, order, block, around, site)
    return leave_block(order, around, program, site)


def block_to_leave(order: m.Order, program: Program) -> p.Position | None:
    """Return the Lock, ConsumeNotices or Cycle behind whose last instruction the order stands.

    None where the order is not at the end of such a block, or where its own end is.
    """
    around = p.parent(order.position)
    if around is None or program.instruction(order.position) is not None:
        return None
    leaves = isinstance(program.instruction(around), Lock | ConsumeNotices | Cycle)
    return around if leaves and p.within(order.block, around) else None


def leave_block(order: m.Order, block: p.Position, program: Program, site: Site) -> list[Step]:
    """Return the way out of a block that holds something, behind its last instruction."""
    if site.agent:
        return [(order.id, e.OrderDetached(site.agent))]
    to = program.onward(block)
    left = leaving(order, to, ok=True)
    return [*((order.id, event) for event in left), (order.id, e.OrderMoved(to))]


def finish(
    world: World, order: m.Order, program: Program, site: Site, *, outcome: m.Outcome | None
) -> list[Step]:
    """Return the end of the order; a child hands its results to its parent.

    `outcome` is set where the end counts as unsuccessful. A result expression that cannot be
    evaluated fails the child.
    """
    if site.agent:
        return [(order.id, e.OrderDetached(site.agent))]
    try:
        values = branch_results(world, order, program, site.now_us) if order.parent else {}
    except EngineError as problem:
        return fail(world, order, disrupted(str(problem)), site)
    told = (
        child_failed(world, order, outcome.message)
        if outcome
        else child_succeeded(world, order, values)
    )
    left = leaving(order, None, ok=outcome is None)
    return [
        *((order.id, event) for event in left),
        (order.id, e.OrderFinished(site.now_us, outcome)),
        *told,
    ]


def branch_results(
    world: World, order: m.Order, program: Program, now_us: int
) -> dict[str, object]:
    """Return the results that the order's branch declares, evaluated with the child's variables.

    Those of an element of a list are under the child's id, for the join makes lists of them.
    """
    scope = p.place(p.fork_scope(order.position))
    find = resources_in(world)
    values: dict[str, object] = {
        name: to_json(normalise(evaluate(text, order, program, now_us, find)))
        for name, text in program.results(scope).items()
    }
    return {order.id: values} if scope and scope[-1] == "fork" and values else values
