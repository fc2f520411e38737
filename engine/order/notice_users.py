"""Who consumes a notice now, and how a person lets them fail. Knows no page and no account."""

import msgspec

from engine.errors import CommandRefused
from engine.facts import Instance, NoticeState
from engine.order import model as m
from engine.order.guards import is_marked, refusal
from engine.order.notice_key import board_named, in_words, is_plannable, planned_key
from engine.order.requests import CancelOrders, DeleteNotice
from engine.order.verbs.leave import cancel
from engine.order.verbs.mark import marked
from engine.world import Step, World


class Hit(msgspec.Struct, frozen=True):
    """What deleting by force does to an order that consumes the notice: a sentence without subject.

    `code` is `accepted`, or why this order stays as it is.
    """

    order_id: str
    workflow: str
    effect: str
    code: str = "accepted"


def used(state: NoticeState) -> Instance | None:
    """Return the instance whose users fail when a notice is deleted by force: the newest one."""
    return state.instances[-1] if state.instances else None


def fail_users(world: World, request: DeleteNotice) -> list[Step]:
    """Return the marks that let the orders fail which consume a notice now, jobs are ended.

    Raises:
        CommandRefused: `users-changed`, somebody uses it of whom the person did not know.
        NotLoaded: load what is missing and ask again.
    """
    holders = _holders(world, request)
    strangers = [i for i in holders if request.users is not None and i not in request.users]
    if strangers:
        told = ", ".join(sorted(strangers)[:5])
        raise CommandRefused(
            "users-changed", f"Others use the notice by now: {told}. Look at the effect again."
        )
    steps: list[Step] = []
    for order_id in holders:
        steps += _failing(world, world.order(order_id), _reason(request))
    return steps


def hits(world: World, request: DeleteNotice) -> list[Hit]:
    """Return what deleting by force would do to each order that consumes the notice now.

    Raises:
        EngineError: there is no such board.
        NotLoaded: load what is missing and ask again.
    """
    return [_hit(world.order(order_id)) for order_id in _holders(world, request)]


def _holders(world: World, request: DeleteNotice) -> tuple[str, ...]:
    path, board = board_named(world, request.board)
    plan, key = request.plan, request.key
    kept = planned_key(plan, key) if plan and is_plannable(board) else key
    found = used(world.notice(path, kept))
    return tuple(found.holders) if found else ()


def _reason(request: DeleteNotice) -> str:
    what = in_words(request.key, request.plan)
    return f"{what[0].upper()}{what[1:]} of board {request.board} was deleted by force."


def _failing(world: World, order: m.Order, reason: str) -> list[Step]:
    """Return the mark of an order that is to fail; its children are cancelled first."""
    if isinstance(order.state, m.Broken):
        return []
    leaves = is_marked(order, "cancel")
    wanted = m.Mark("cancel" if leaves else "fail", kill=True, reason="" if leaves else reason)
    steps = marked(order, wanted)
    if isinstance(order.state, m.Forked):
        for child_id in order.state.children:
            child = world.find(child_id)
            if child is not None and refusal(child, "cancel") is None:
                verb = CancelOrders((child_id,), kill=True, deep=True)
                steps += cancel(world, child, verb)
    return steps


def _hit(order: m.Order) -> Hit:
    if isinstance(order.state, m.Broken):
        effect = "stays as it is: it is broken, and gives the notice back when it is cancelled"
        return Hit(order.id, order.workflow, effect, "not-applicable")
    what = "is cancelled" if is_marked(order, "cancel") else "fails"
    return Hit(order.id, order.workflow, f"{what} {_when(order)}")


def _when(order: m.Order) -> str:
    if isinstance(order.state, m.Processing):
        return "when its job has been ended"
    if isinstance(order.state, m.Forked):
        return f"when its {order.state.open} children, cancelled as well, have ended"
    return "at once" if order.held is None else f"as soon as agent {order.held.agent} gives it back"
