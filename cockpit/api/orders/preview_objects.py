"""What a verb on a workflow, a plan or a board would mean for the orders concerned.

Told by the engine's own rules, order by order, in the same form as for verbs on orders. Nothing is
changed.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from msgspec.structs import replace

from cockpit.access.gate import rows
from cockpit.access.policy import Account
from cockpit.api import slices
from cockpit.api.orders import answering
from cockpit.api.orders.adding import day_of
from cockpit.api.orders.preview import PREVIEW_S, TOLD, Effect, Preview, counted, effect_of
from cockpit.api.orders.world import RowsWorld, now_us
from controller.models import OrderRow, Waiter
from engine import position as p
from engine.errors import CommandRefused, EngineError
from engine.order import model as m
from engine.order import preview as engine
from engine.order.control import control
from engine.order.group import state_name
from engine.order.object_events import NoticePosted
from engine.order.preview_controls import preview_control, preview_plan
from engine.order.requests import (
    Answered,
    ChangePlan,
    ControlWorkflow,
    DeleteNotice,
    PostNotice,
    TransferOrders,
)
from engine.order.together import Way, together
from engine.order.transfer import transfer
from engine.steps.advance import decide
from engine.steps.site import Site
from engine.workflow.program import Program
from engine.world import Step
from history.models import OrderRun

MOST_TRANSFERRED = 5_000
_ENDED = ("Finished", "Cancelled", "FailedInFork")
_Tell = Callable[[RowsWorld, m.Order], engine.Preview]


def preview_of_control(account: Account, asked: ControlWorkflow) -> Preview:
    """Return what a verb on a workflow would mean for its orders.

    Raises:
        Refusal: the controller would refuse it.
    """
    would_be_taken(asked, asked.workflow)
    found = _orders_of(account, asked.workflow).exclude(state__in=_ENDED)
    ids = list(found.order_by("order_id").values_list("order_id", flat=True))
    return _told(account, ids, lambda seen, order: preview_control(seen.world, order, asked))


def preview_of_plan(account: Account, asked: ChangePlan) -> Preview:
    """Return what closing or opening a plan would mean for its orders.

    Raises:
        Refusal: the controller would refuse it.
    """
    would_be_taken(asked, asked.plan)
    here = {"controller": settings.STELLWERK_CONTROLLER_ID, "live": True}
    found = rows(OrderRun, account).filter(**here, order_date=day_of(asked.plan) or "")
    ids = list(found.order_by("order_id").values_list("order_id", flat=True))
    return _told(account, ids, lambda seen, order: preview_plan(seen.world, order, asked))


def preview_of_post(account: Account, asked: PostNotice) -> Preview:
    """Return what posting a notice would mean for the orders that expect it.

    Raises:
        Refusal: the controller would refuse it.
    """
    [(_, event)] = would_be_taken(asked, asked.board)
    assert isinstance(event, NoticePosted)  # noqa: S101  # a posting makes no other
    ids = _waiting(account, event.notice.board, event.notice.key)
    return _told(account, ids, partial(_served, asked, set()))


def preview_of_transfer(
    account: Account, asked: TransferOrders, new: Program, *, most: int = TOLD
) -> Preview:
    """Return what a transfer would do to the orders of older versions, refusals first.

    Raises:
        Refusal: they are too many.
    """
    found = outdated(account, new).order_by("order_id").values_list("order_id", flat=True)
    ids = list(found[: MOST_TRANSFERRED + 1])
    if len(ids) > MOST_TRANSFERRED:
        sentence = f"More than {MOST_TRANSFERRED} orders cannot be transferred at once."
        raise answering.refusal(Answered(new.path, ok=False, code="too-many", sentence=sentence))
    effects = _transfer_effects(account, ids, new, only_possible=asked.only_possible)
    effects.sort(key=lambda effect: (effect.ok, effect.code == "not-transferred"))
    return counted(effects, matched=len(effects), most=most)


def outdated(account: Account, new: Program) -> "QuerySet[OrderRow]":
    """Return the rows of the orders of older versions that have not ended."""
    found = _orders_of(account, new.path).exclude(version=new.version)
    return found.exclude(state__in=_ENDED)


def would_be_taken(
    asked: ControlWorkflow | PostNotice | DeleteNotice | ChangePlan, name: str
) -> list[Step]:
    """Return the events that a request about an object would lead to.

    Raises:
        Refusal: the controller would refuse it.
    """
    seen = RowsWorld()
    try:
        return seen.until(lambda: control(asked, seen.world, now_us()))
    except CommandRefused as refused:
        told = Answered(name, ok=False, code=refused.code, sentence=refused.sentence)
        raise answering.refusal(told) from None


def _waiting(account: Account, board: str, key: str) -> list[str]:
    here = {"controller": settings.STELLWERK_CONTROLLER_ID}
    waiting = rows(Waiter, account).filter(**here, kind="notice", name=board, key=key)
    found = rows(OrderRow, account).filter(**here, order_id__in=waiting.values("order_id"))
    return list(found.order_by("order_id").values_list("order_id", flat=True))


def _orders_of(account: Account, path: str) -> "QuerySet[OrderRow]":
    here = {"controller": settings.STELLWERK_CONTROLLER_ID, "workflow": path}
    return rows(OrderRow, account).filter(**here)


# -- order by order ---------------------------------------------------------------------------


def _told(account: Account, ids: Sequence[str], tell: _Tell) -> Preview:
    return counted(_effects(account, ids, tell), matched=len(ids))


def _effects(account: Account, ids: Sequence[str], tell: _Tell) -> Iterator[Effect]:
    """Yield what orders are told, as far as the time for a preview goes."""
    end = time.monotonic() + PREVIEW_S
    seen = RowsWorld()
    for part in slices.sliced(ids):
        seen.put(account, part)
        for order_id in part:
            order = seen.world.orders.get(order_id)
            if time.monotonic() > end:
                return
            if order is not None:
                yield effect_of(order_id, _of_one(seen, order, tell), order.workflow)


def _of_one(seen: RowsWorld, order: m.Order, tell: _Tell) -> engine.Preview:
    try:
        return seen.until(lambda: tell(seen, order))
    except EngineError as problem:
        return engine.Preview(str(problem), engine.When.REFUSED, "not-applicable")


def _served(asked: PostNotice, posted: set[str], seen: RowsWorld, order: m.Order) -> engine.Preview:
    """Return whether an order goes on once a notice is there: in this world it is posted."""
    if not posted:
        for subject, event in control(asked, seen.world, now_us()):
            seen.world.take(subject, event)
        posted.add(asked.key)
    state, world = state_name(order), seen.world
    if not decide(world, replace(order, mark=None, suspended=False), Site(now_us())):
        return engine.Preview("waits on: it needs more than this", engine.When.NEVER, state=state)
    if order.suspended:
        return engine.Preview("is served, and stays suspended", engine.When.LATER, state=state)
    return engine.Preview("goes on", engine.When.NOW, state=state)


# -- transfer ---------------------------------------------------------------------------------


def _transfer_effects(
    account: Account, ids: Sequence[str], new: Program, *, only_possible: bool
) -> list[Effect]:
    seen = RowsWorld()
    for part in slices.sliced(ids):
        seen.put(account, part)
    orders = [seen.world.orders[i] for i in ids if i in seen.world.orders]
    ways = {order.id: _way(seen, order, new) for order in orders}
    gone = together(orders, ways, only_possible=only_possible)
    return [_transfer_effect(seen, order, new, gone[order.id]) for order in orders]


def _way(seen: RowsWorld, order: m.Order, new: Program) -> Way:
    try:
        return seen.until(lambda: transfer(seen.world, order, new))
    except EngineError as problem:
        return problem


def _transfer_effect(seen: RowsWorld, order: m.Order, new: Program, way: Way) -> Effect:
    where: dict[str, Any] = {"position": p.to_text(p.place(order.position))}
    try:
        told = seen.until(lambda: engine.preview_transfer(seen.world, order.id, new))
    except EngineError as problem:
        refused = engine.Preview(str(problem), engine.When.REFUSED, "not-applicable")
        return replace(effect_of(order.id, refused, order.workflow), **where)
    where["new_position"] = p.to_text(p.place(told.found.position))
    where["found_by"] = told.found.by
    if isinstance(way, CommandRefused) and way.code == "not-transferred":
        left = engine.Preview(way.sentence, engine.When.REFUSED, way.code, told.state)
        return replace(effect_of(order.id, left, order.workflow), **where)
    return replace(effect_of(order.id, told, order.workflow), **where)
