"""What a mark leads to at the next safe point: the order leaves, stands still, fails, goes on."""

from collections.abc import Callable, Mapping

from engine import position as p
from engine.order import events as e
from engine.order import model as m
from engine.order import transfer
from engine.steps.blocks import leaving
from engine.steps.child import child_failed
from engine.steps.cycle import start_now
from engine.steps.end import block_to_leave
from engine.steps.failure import fail
from engine.steps.pause import awake, enter_admitted
from engine.steps.site import Site
from engine.workflow import model as w
from engine.world import Step, World


def marked(world: World, order: m.Order, site: Site) -> list[Step] | None:
    """Return what the order's mark leads to now, None if it has to wait."""
    assert order.mark  # noqa: S101  # the caller looked
    if isinstance(order.state, m.Processing | m.Forked):
        return None
    if isinstance(order.state, m.Processed) and not _failed_join(world, order):
        return None
    if order.mark.verb == "go":
        return _go(world, order, site)
    only_fresh = order.mark.verb == "change" or order.mark.fresh_only
    if only_fresh and not isinstance(order.state, m.Fresh):
        return [(order.id, e.OrderMarked(None))]
    if site.agent:
        return [(order.id, e.OrderDetached(site.agent))]
    return _AT_CONTROLLER[order.mark.verb](world, order, site)


def _failed_join(world: World, order: m.Order) -> bool:
    """Tell whether the order stands at a join that failed: its children were cancelled with it."""
    failed = order.outcome is not None and not order.outcome.ok
    return failed and isinstance(
        world.program_of(order).instruction(order.position), w.Fork | w.ForkList
    )


def _go(world: World, order: m.Order, site: Site) -> list[Step] | None:
    """Return the way on for an order that need not wait for its moment any longer."""
    if order.suspended:
        return None
    match order.state:
        case m.Fresh():
            frozen = world.control(order.workflow).suspended
            return None if frozen else [(order.id, e.OrderStarted(site.now_us))]
        case m.DelayingRetry() | m.Sleeping():
            return awake(world, order)
        case m.WaitingForAdmission():
            return enter_admitted(world, order)
        case m.BetweenCycles():
            return start_now(world, order)
        case _:
            return None


def _cancel(world: World, order: m.Order, site: Site) -> list[Step] | None:
    frozen = order.suspended or world.control(order.workflow).suspended
    if isinstance(order.state, m.Ready) and not frozen and _at_end(world, order):
        return None  # it finishes instead
    return [
        *((order.id, event) for event in leaving(order, None, ok=False)),
        (order.id, e.OrderCancelled(site.now_us)),
        *child_failed(world, order, "cancelled"),
    ]


def _at_end(world: World, order: m.Order) -> bool:
    """Tell whether the order stands at its end: of the workflow, of its branch, of its block."""
    program = world.program_of(order)
    if block_to_leave(order, program):
        return False
    return program.instruction(order.position) is None or stands_at_stop(order)


def stands_at_stop(order: m.Order) -> bool:
    """Tell whether the order has come to a stop position of its own, or out of its block."""
    return order.position in order.stop_positions or not p.within(order.block, order.position)


def _suspend(_world: World, order: m.Order, _site: Site) -> list[Step] | None:
    assert order.mark  # noqa: S101  # dispatched by it
    state = order.state
    if isinstance(state, m.DelayingRetry) and order.mark.reset:
        back = e.OrderMoved(state.retry, "the wait was reset")
        return [(order.id, e.OrderAwoke()), (order.id, back), (order.id, e.OrderSuspended())]
    if isinstance(state, m.WAITING) and order.mark.reset:
        return [(order.id, e.OrderStateReset()), (order.id, e.OrderSuspended())]
    if isinstance(state, m.Fresh) and order.mark.change:
        changed = e.OrderChanged(order.mark.change)
        return [(order.id, changed), (order.id, e.OrderSuspended())]
    if isinstance(state, m.Fresh | m.Ready | m.ProcessingKilled):
        return [(order.id, e.OrderSuspended())]
    return None


def _fail(world: World, order: m.Order, site: Site) -> list[Step] | None:
    """Return the failure that a person wanted; nothing is left of it where nothing is consumed."""
    assert order.mark  # noqa: S101  # dispatched by it
    if not order.consumptions:
        return [(order.id, e.OrderMarked(None))]  # it has left the block meanwhile
    outcome = m.Outcome("failed", message=order.mark.reason, uncatchable=True)
    return fail(world, order, outcome, site)


def _transfer(world: World, order: m.Order, _site: Site) -> list[Step]:
    assert order.mark  # noqa: S101  # dispatched by it
    old, new = world.program_of(order), world.program(order.workflow, order.mark.version)
    if transfer.problem(order, old, new) is not None:
        return [(order.id, e.OrderMarked(None))]  # it has come to where it cannot be transferred
    return transfer.transferred(order, old, new)


def _change(_world: World, order: m.Order, _site: Site) -> list[Step]:
    assert order.mark  # noqa: S101  # dispatched by it
    assert order.mark.change  # noqa: S101  # every such mark has one
    return [(order.id, e.OrderChanged(order.mark.change))]


_AT_CONTROLLER: Mapping[str, Callable[[World, m.Order, Site], list[Step] | None]] = {
    "cancel": _cancel,
    "suspend": _suspend,
    "fail": _fail,
    "transfer": _transfer,
    "change": _change,
}
