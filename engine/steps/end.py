"""The end of an order or of a branch."""

from engine import position as p
from engine.errors import EngineError
from engine.order import events as e
from engine.order import model as m
from engine.order.scope import evaluate
from engine.steps.child import child_failed, child_succeeded
from engine.steps.failure import disrupted, fail
from engine.steps.site import Site
from engine.values import normalise, to_json
from engine.workflow.program import Program
from engine.world import Step, World


def at_end(world: World, order: m.Order, program: Program, site: Site) -> list[Step]:
    """Return the end of an order that stands behind its last instruction or at a stop position."""
    return finish(world, order, program, site, outcome=None)


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
        values = branch_results(order, program, site.now_us) if order.parent else {}
    except EngineError as problem:
        return fail(world, order, disrupted(str(problem)), site)
    told = (
        child_failed(world, order, outcome.message)
        if outcome
        else child_succeeded(world, order, values)
    )
    return [(order.id, e.OrderFinished(site.now_us, outcome)), *told]


def branch_results(order: m.Order, program: Program, now_us: int) -> dict[str, object]:
    """Return the results that the order's branch declares, evaluated with the child's variables."""
    scope = p.place(p.fork_scope(order.position))
    return {
        name: to_json(normalise(evaluate(text, order, program, now_us)))
        for name, text in program.results(scope).items()
    }
