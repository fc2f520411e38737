"""Where a failure goes: into the nearest catch, out to the join, or to a person.

The order of the search is that of JS7: blocks outward to a Try, a fork's branch is a boundary.
"""

from engine import position as p
from engine.order import events as e
from engine.order import model as m
from engine.order.guards import is_marked
from engine.steps.blocks import leaving
from engine.steps.child import child_failed
from engine.steps.site import Site
from engine.workflow.model import Fork, ForkList, Options, Retry, Try
from engine.workflow.program import Program
from engine.world import Step, World


def disrupted(message: str) -> m.Outcome:
    """Return the outcome of something that could not be evaluated."""
    return m.Outcome("disrupted", message=message)


def fail(world: World, order: m.Order, outcome: m.Outcome, site: Site) -> list[Step]:
    """Return what follows from a failure at the order's position.

    Where it is not caught, the order stands at the outermost lock or consuming block it was in.
    """
    program = world.program_of(order)
    if stops_on_failure(program, order) and not is_marked(order, "fail"):
        if site.agent:
            return [(order.id, e.OrderDetached(site.agent))]
        return [(order.id, e.OrderStopped(outcome, site.now_us))]
    caught = None if outcome.uncatchable or _by_command(outcome) else catching(program, order)
    to = program.enter(caught[0], f"catch+{caught[1]}") if caught else None
    left = leaving(order, to, ok=False)
    if site.agent and (left or to is None):
        return [(order.id, e.OrderDetached(site.agent))]
    steps: list[Step] = [(order.id, event) for event in left]
    if to is not None:
        return [*steps, (order.id, e.OrderCaught(to, outcome))]
    if order.parent and joins_failures(program, order.position):
        failed = e.OrderFailedInFork(outcome, site.now_us)
        return [*steps, (order.id, failed), *child_failed(world, order, outcome.message)]
    return [*steps, (order.id, e.OrderFailed(outcome, site.now_us))]


def stops_on_failure(program: Program, order: m.Order) -> bool:
    """Tell whether the nearest Options block around an order wants failures to stop it."""
    for around in p.ancestors(order.position):
        block = program.instruction(around)
        if isinstance(block, Fork | ForkList) or len(around) < len(order.block or ()):
            return False
        if isinstance(block, Options):
            return block.stop_on_failure
    return False


def _by_command(outcome: m.Outcome) -> bool:
    return outcome.kind == "killed"


def catching(program: Program, order: m.Order) -> tuple[p.Position, int] | None:
    """Return the Try around an order that catches its failure, with the number of its try.

    A catch that begins with an exhausted Retry does not catch: the failure keeps its position.
    """
    position = order.position
    for around in p.ancestors(position):
        branch = position[len(around)]
        block = program.instruction(around)
        if isinstance(block, Fork | ForkList) or len(around) < len(order.block or ()):
            return None
        if isinstance(block, Try) and isinstance(branch, str) and p.branch_place(branch) == "try":
            number = p.try_number(branch)
            if not (_begins_with_retry(program, around) and exhausted(block, number)):
                return around, number
    return None


def exhausted(block: Try, number: int) -> bool:
    """Tell whether a Retry in the catch of this try has no try left."""
    return block.max_tries is not None and number + 1 >= block.max_tries


def _begins_with_retry(program: Program, around: p.Position) -> bool:
    catch = program.block((*p.place(around), "catch"))
    return bool(catch) and isinstance(catch[0], Retry)


def joins_failures(program: Program, position: p.Position) -> bool:
    """Tell whether the fork around a position takes failures of its children into the join."""
    scope = p.fork_scope(position)
    if not scope:
        return False
    block = program.instruction(scope[:-1])
    return isinstance(block, Fork | ForkList) and block.join_if_failed
