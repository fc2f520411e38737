"""Fork and join. Both happen on the controller, since children may run at different agents."""

from engine.order import events as e
from engine.order import model as m
from engine.steps.failure import fail
from engine.steps.site import Site
from engine.workflow.model import Fork, ForkList
from engine.world import Step, World

NAMED_AT_MOST = 20


def decide_fork(world: World, order: m.Order, fork: Fork, site: Site) -> list[Step]:
    """Return the children of a fork; one without branches is passed by."""
    if site.agent:
        return [(order.id, e.OrderDetached(site.agent))]
    if not fork.branches:
        to = world.program_of(order).onward(order.position)
        return [(order.id, e.OrderMoved(to))]
    children = tuple((f"{order.id}|{b.id}", f"{b.id}") for b in fork.branches)
    for child, _ in children:
        if world.find(child) is not None:
            return fail(
                world, order, m.Outcome("failed", message=f"order {child} exists already"), site
            )
    return [(order.id, e.OrderForked(children))]


def decide_forked(world: World, order: m.Order, site: Site) -> list[Step]:
    """Return the join once all children have ended."""
    state = order.state
    assert isinstance(state, m.Forked)  # noqa: S101  # dispatched by state
    if state.open or site.agent:
        return []
    if state.failed:
        outcome = m.Outcome("failed", message=_why(state.failed))
        return [(order.id, e.OrderJoined(outcome, None))]
    instruction = world.program_of(order).instruction(order.position)
    label = instruction.label if instruction else None
    values = _lists(state) if isinstance(instruction, ForkList) else state.values
    result = m.Result(order.position, label, None, values) if values else None
    return [(order.id, e.OrderJoined(m.SUCCEEDED, result))]


def _lists(state: m.Forked) -> dict[str, object]:
    """Return the results of a list's children as lists, in the order of the elements."""
    found: dict[str, list[object]] = {}
    for child in state.children:
        for name, value in state.values.get(child, {}).items():
            found.setdefault(name, []).append(value)
    return dict(found)


def _why(failed: dict[str, str]) -> str:
    told = [f"{child}: {message}" if message else child for child, message in failed.items()]
    more = len(told) - NAMED_AT_MOST
    return ", ".join(told[:NAMED_AT_MOST]) + (f" and {more} more" if more > 0 else "")
