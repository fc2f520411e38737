"""What a turn does about requests: verbs for orders one by one, transfers together, controls."""

import logging
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from engine.errors import CommandRefused, EngineError
from engine.order import model as m
from engine.order.add import add_order
from engine.order.commands import carry_out
from engine.order.control import control
from engine.order.group import state_name
from engine.order.requests import (
    AddOrders,
    Answered,
    ChangePlan,
    DeleteNotice,
    ObjectRequest,
    OrderRequest,
    PostNotice,
    TransferOrders,
)
from engine.order.together import Way, together
from engine.order.transfer import transfer
from engine.workflow.program import Program
from engine.world import Step

if TYPE_CHECKING:
    from controller.turn import Turn

log = logging.getLogger(__name__)

TRANSFERRED_AT_MOST = 5_000
OVERSIGHTS = (ArithmeticError, AssertionError, AttributeError, LookupError, TypeError)
"""Errors of the program itself. What the database refuses is none of these and goes its own way."""


def answers_of_orders(
    turn: "Turn", request: AddOrders | OrderRequest, part: slice
) -> list[Answered]:
    """Carry out a part of a request that names orders; each is answered for itself."""
    if isinstance(request, AddOrders):
        turn.preload(new.id for new in request.orders[part])
        return [
            _answered(turn, new.id, partial(add_order, turn.world, new, turn.now_us))
            for new in request.orders[part]
        ]
    turn.preload(request.orders[part])
    return [
        _answered(turn, order_id, partial(carry_out, turn.world, order_id, request))
        for order_id in request.orders[part]
    ]


def _answered(turn: "Turn", order_id: str, decide: Callable[[], list[Step]]) -> Answered:
    try:
        steps = turn.loading.until(decide)
        turn.take_all(steps)
    except (EngineError, *OVERSIGHTS) as problem:
        order = turn.world.orders.get(order_id)
        return _not_done(order_id, problem, state_name(order) if order else None)
    for concerned in dict.fromkeys([order_id, *(c for c, _ in steps)]):
        turn.advance(concerned)
    return Answered(order_id, ok=True, state=_state(turn, order_id))


def answers_about(turn: "Turn", request: ObjectRequest) -> list[Answered]:
    """Carry out a request about an object; a transfer is answered for each order."""
    name = _name(request)
    try:
        if isinstance(request, TransferOrders):
            return _transferred(turn, request)
        steps = turn.loading.until(lambda: control(request, turn.world, turn.now_us))
        turn.take_all(steps)
    except (EngineError, *OVERSIGHTS) as problem:
        return [_not_done(name, problem)]
    for concerned in dict.fromkeys(s for s, _ in steps if not s.startswith("|")):
        turn.advance(concerned)
    turn.follow()
    return [Answered(name, ok=True)]


def _name(request: ObjectRequest) -> str:
    match request:
        case PostNotice() | DeleteNotice():
            return request.board
        case ChangePlan():
            return request.plan
        case _:
            return request.workflow


def _not_done(name: str, problem: Exception, state: str | None = None) -> Answered:
    """Return why a request was not carried out; it must never end the term, over and over."""
    code, sentence = "not-applicable", str(problem)
    if isinstance(problem, CommandRefused):
        code, sentence = problem.code, problem.sentence
    elif isinstance(problem, OVERSIGHTS):
        log.error("request.not_decided", exc_info=problem, extra={"about": name})
        code, sentence = "internal", "The controller could not decide this; its log says why."
    return Answered(name, ok=False, code=code, sentence=sentence, state=state)


def _transferred(turn: "Turn", request: TransferOrders) -> list[Answered]:
    path = request.workflow
    new = turn.loading.until(lambda: turn.world.current_program(path))
    if new is None:
        raise CommandRefused("workflow-unknown", f"No workflow {path} is deployed.")
    orders = _outdated(turn, new)
    decided = {order.id: _decided(turn, order, new) for order in orders}
    ways = together(orders, decided, only_possible=request.only_possible)
    for way in ways.values():
        if not isinstance(way, EngineError):
            turn.take_all(way)
    for order_id, way in ways.items():
        if not isinstance(way, EngineError):
            turn.advance(order_id)
    answers = [_answer_of(turn, order, ways[order.id]) for order in orders]
    return answers or [Answered(path, ok=True)]


def _outdated(turn: "Turn", new: Program) -> list[m.Order]:
    """Return the orders of older versions that have not ended."""
    found: list[m.Order] = []
    after = ""
    while ids := turn.loading.until(partial(turn.world.orders_of, new.path, after)):
        turn.preload(ids)
        orders = [turn.world.orders[i] for i in ids if i in turn.world.orders]
        found += [o for o in orders if o.version != new.version and not _ended(o)]
        if len(found) > TRANSFERRED_AT_MOST:
            raise CommandRefused(
                "too-many", f"More than {TRANSFERRED_AT_MOST} orders cannot be transferred at once."
            )
        after = ids[-1]
    return found


def _ended(order: m.Order) -> bool:
    return isinstance(order.state, (*m.TERMINATED, m.FailedInFork))


def _decided(turn: "Turn", order: m.Order, new: Program) -> Way:
    try:
        return turn.loading.until(lambda: transfer(turn.world, order, new))
    except EngineError as problem:  # also: nobody knows its present version any more
        return problem


def _answer_of(turn: "Turn", order: m.Order, way: Way) -> Answered:
    if isinstance(way, EngineError):
        return _not_done(order.id, way, state_name(order))
    return Answered(order.id, ok=True, state=_state(turn, order.id))


def _state(turn: "Turn", order_id: str) -> str | None:
    order = turn.world.orders.get(order_id) or turn.world.left.get(order_id)
    return state_name(order) if order else None
