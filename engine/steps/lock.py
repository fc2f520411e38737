"""Locks: acquiring all demands at once, waiting in the queue.

A waiting order lets nobody behind it pass at a lock that it lacks. At a lock that it could have
it lets them pass while another lock keeps it waiting.
"""

from collections.abc import Iterator

from engine.effects import waits_for
from engine.errors import EngineError
from engine.facts import FactKey, LockState, Rank
from engine.objects.model import ResourceLock
from engine.order import events as e
from engine.order import model as m
from engine.queue import Waiter
from engine.steps.site import Site
from engine.workflow.model import Lock
from engine.world import Step, World

KIND = "lock"
Demands = tuple[tuple[str, int | None], ...]


class LockNotObtainable(EngineError):
    """A demand that can never be fulfilled for this order."""


def decide_lock(world: World, order: m.Order, node: Lock, site: Site) -> list[Step]:
    """Return the way into the block with all locks, or into their queues.

    Raises:
        LockNotObtainable: a demand can never be fulfilled.
    """
    if site.agent:
        return [(order.id, e.OrderDetached(site.agent))]
    demands = _demands(world, order, node)
    free = all(_fits(world, path, count) for path, count in demands)
    # Behind others it gets in line, and the next look at the queue lets in who may go first.
    if not free or any(_somebody_first(world, path, order) for path, _ in demands):
        return [(order.id, e.OrderLocksQueued(demands))]
    return [_acquired(world, order, demands)]


def decide_waiting_for_lock(world: World, order: m.Order, site: Site) -> list[Step]:
    """Return the way into the block once all demands can be fulfilled.

    An order of a frozen workflow acquires nothing. One whose demand can never be fulfilled any
    more goes back to its instruction, to fail there.
    """
    state = order.state
    assert isinstance(state, m.WaitingForLock)  # noqa: S101  # dispatched by it
    if world.control(order.workflow).suspended:
        return []
    if any(_is_impossible(world, path, count) for path, count in state.demands):
        return [(order.id, e.OrderStateReset())]
    if all(_may_enter(world, order, path, count) for path, count in state.demands):
        return [_acquired(world, order, state.demands)]
    return []


def let_in(world: World, path: str, limit: int) -> tuple[list[Waiter], bool]:
    """Return those in the queue of a lock who may get in now, and whether these are all.

    Some may turn out to lack another lock. `limit` counts those who certainly get in, or fail.

    Raises:
        NotLoaded: the queue or one of its orders is not known.
    """
    found: list[Waiter] = []
    state, most = world.lock(path), _limit(world, path)
    for waiter in world.queue((KIND, path, "")).behind():
        order = world.order(waiter[2])
        count = _demand(order, path)
        if _is_frozen(world, order):
            continue
        if _is_impossible(world, path, count):
            found.append(waiter)
            limit -= 1
        elif not state.fits(most or 0, count):
            return found, True
        else:
            found.append(waiter)
            if _wants_one(order):
                state = LockState({**state.holders, order.id: count})
                limit -= 1
        if limit <= 0:
            return found, False
    return found, True


def _acquired(world: World, order: m.Order, demands: Demands) -> Step:
    to = world.program_of(order).enter(order.position, "lock")
    return order.id, e.OrderLocksAcquired(demands, to)


def _demands(world: World, order: m.Order, node: Lock) -> Demands:
    found: dict[str, int | None] = {}
    for demand in node.demands:
        lock = world.object(KIND, demand.lock_name)
        if lock is None or not isinstance(lock[1], ResourceLock):
            raise LockNotObtainable(f"There is no lock {demand.lock_name}.")
        path, limit = lock[0], lock[1].limit
        if path in found:
            raise LockNotObtainable(f"Lock {path} is demanded twice.")
        _check(world, order, path, demand.count, limit)
        found[path] = demand.count
    return tuple(found.items())


def _check(world: World, order: m.Order, path: str, count: int | None, limit: int) -> None:
    if count is not None and 0 < limit < count:
        raise LockNotObtainable(f"Lock {path} has a limit of {limit}, {count} are demanded.")
    if any(path == held for hold in order.locks for held, _ in hold.demands):
        raise LockNotObtainable(f"Order {order.id} holds lock {path} already.")
    around = dict(_held_around(world, order, path))
    if around and not LockState(around).fits(max(limit, 1), count):
        raise LockNotObtainable(
            f"Lock {path} is held by {', '.join(around)}, which waits for this order."
        )


def _held_around(world: World, order: m.Order, path: str) -> Iterator[tuple[str, int | None]]:
    """Yield what the parents of an order hold of a lock: they give it back after the order only."""
    parent = world.find(order.parent) if order.parent else None
    while parent is not None:
        for hold in parent.locks:
            yield from ((parent.id, count) for held, count in hold.demands if held == path)
        parent = world.find(parent.parent) if parent.parent else None


def _limit(world: World, path: str) -> int | None:
    found = world.object(KIND, path)
    return found[1].limit if found and isinstance(found[1], ResourceLock) else None


def _fits(world: World, path: str, count: int | None) -> bool:
    return world.lock(path).fits(_limit(world, path) or 0, count)


def _is_impossible(world: World, path: str, count: int | None) -> bool:
    """Tell whether a lock is gone or too small for a demand. A limit of 0 only keeps waiting."""
    limit = _limit(world, path)
    return limit is None or (count is not None and 0 < limit < count)


def _somebody_first(world: World, path: str, order: m.Order) -> bool:
    """Tell whether an order that comes now would stand behind others."""
    first = next(world.queue((KIND, path, "")).behind(), None)
    return first is not None and first[0] <= -order.priority


def _may_enter(world: World, order: m.Order, path: str, count: int | None) -> bool:
    key: FactKey = (KIND, path, "")
    if not _fits(world, path, count):
        return False
    rank: Rank = waits_for(order)[key]
    for waiter in world.queue(key).behind():
        if waiter[:2] >= rank:
            return True
        if not _lets_pass(world, world.order(waiter[2]), path):
            return False
    return True


def _lets_pass(world: World, order: m.Order, path: str) -> bool:
    """Tell whether those behind a waiting order may enter: it lacks another lock than this."""
    if _is_frozen(world, order):
        return True
    return not _wants_one(order) and _fits(world, path, _demand(order, path))


def _is_frozen(world: World, order: m.Order) -> bool:
    return world.control(order.workflow).suspended


def _wants_one(order: m.Order) -> bool:
    return isinstance(order.state, m.WaitingForLock) and len(order.state.demands) == 1


def _demand(order: m.Order, path: str) -> int | None:
    assert isinstance(order.state, m.WaitingForLock)  # noqa: S101  # it stands in the queue
    return dict(order.state.demands)[path]
