"""AddOrder: another order, and a throttle against avalanches.

The throttle lets 10,000 orders a minute be added by instructions, as JS7 does; the order that would
add one more sleeps until the minute is over. An order that adds others as soon as it is added
itself lets everybody else pass before: orders that add each other must not fill a turn.
"""

from typing import Any

from engine.errors import CommandRefused
from engine.order import events as e
from engine.order import model as m
from engine.order.add import add_order
from engine.order.requests import NewOrder
from engine.order.resource_scope import resources_in
from engine.order.scope import evaluate
from engine.position import to_text
from engine.steps.failure import disrupted, fail
from engine.steps.site import Site
from engine.values import normalise, to_json
from engine.workflow.model import AddOrder
from engine.world import Step, World

ADDED_A_MINUTE = 10_000
MINUTE_US = 60_000_000
THROTTLE = "add-order"


def decide_add_order(world: World, order: m.Order, node: AddOrder, site: Site) -> list[Step]:
    """Return the new order and the way on, or the pause of the throttle."""
    if site.agent:
        return [(order.id, e.OrderDetached(site.agent))]
    throttle = world.throttle(THROTTLE)
    over_us = throttle.since_us + MINUTE_US
    if throttle.count >= ADDED_A_MINUTE and site.now_us < over_us:
        return [(order.id, e.OrderSleeping(over_us, "throttle"))]
    if _is_new(order, site):
        return [(order.id, e.OrderSleeping(site.now_us + 1, "throttle"))]
    try:
        added = add_order(world, _new_order(world, order, node, site), site.now_us)
    except CommandRefused as refused:
        return fail(world, order, disrupted(f"AddOrder: {refused.sentence}"), site)
    to = world.program_of(order).onward(order.position)
    return [*added, (order.id, e.OrderMoved(to))]


def _is_new(order: m.Order, site: Site) -> bool:
    """Tell whether an instruction has added the order at this very moment."""
    return order.adder is not None and order.added_us == site.now_us


def _new_order(world: World, order: m.Order, node: AddOrder, site: Site) -> NewOrder:
    return NewOrder(
        id=f"#{order.order_date}#D{world.no + 1:010d}-{node.label or node.workflow_name}",
        workflow=node.workflow_name,
        arguments=_arguments(world, order, node, site),
        priority=node.priority,
        order_date=order.order_date,
        plan=order.plan,
        start_position=_place(node.start_position),
        stop_positions=tuple(_place(found) or "" for found in node.end_positions),
        block_position=_place(node.block_position),
        force_admission=node.force_job_admission,
        remain=node.remain_when_terminated,
        tags=node.tags,
        adder=order.id,
    )


def _arguments(world: World, order: m.Order, node: AddOrder, site: Site) -> dict[str, Any]:
    program, find = world.program_of(order), resources_in(world)
    return {
        name: to_json(normalise(evaluate(given, order, program, site.now_us, find)))
        for name, given in node.arguments.items()
    }


def _place(given: str | tuple[Any, ...] | None) -> str | None:
    return to_text(given) if isinstance(given, tuple) else given
