"""What an event of an order means for locks, notices and queues.

Most of it follows from comparing the order before and after: whatever it does not hold any more was
given back, by whatever event.
"""

from typing import TYPE_CHECKING

from msgspec.structs import replace

from engine import boards
from engine.facts import Control, FactKey, PlanState, Rank, Throttle
from engine.files import effects as files
from engine.order import events as e
from engine.order import object_events as o
from engine.order.model import (
    TERMINATED,
    ExpectingNotices,
    Order,
    WaitingForLock,
)

if TYPE_CHECKING:
    from engine.world import World

_IN_QUEUE = frozenset({WaitingForLock, ExpectingNotices})


def of_order(world: "World", before: Order | None, after: Order, event: e.OrderEvent) -> None:
    """Change what depends on an order that an event has changed: all of it, or nothing.

    Raises:
        NotLoaded: something is not here yet; nothing has changed.
    """
    if after.external is not None:
        world.file(after.external.source, after.external.name)
    adds = type(event) is e.OrderAdded and after.adder is not None
    posted = event.notices if type(event) is e.OrderNoticesPosted else ()
    if not (adds or posted or _holds(before) or _holds(after)):
        _queues(world, before, after)  # most events: there is nothing to compare
        files.of_order(world, before, after, event)
        return
    ok = isinstance(event, e.OrderNoticesConsumed) and event.ok
    if adds:
        world.throttle("add-order")
    for path in {path for order in (before, after) for path in _shares(order)}:
        world.lock(path)
    boards.needed(world, before, after, posted, ok=ok)
    _queues(world, before, after)
    _locks(world, before, after)
    boards.consume(world, before, after, ok=ok)
    for notice in posted:
        boards.post(world, notice, event.at_us)  # type: ignore[union-attr]
    if isinstance(event, e.OrderNoticeHeldLong):
        boards.held_long(world, after.id, event)
    boards.announce(world, before, after)
    files.of_order(world, before, after, event)
    if adds:
        _count_added(world, after.added_us)


def _holds(order: Order | None) -> bool:
    return order is not None and bool(
        order.locks or order.consumptions or order.grants or order.announces
    )


def _count_added(world: "World", at_us: int) -> None:
    """Count what instructions add, a minute at a time."""
    known = world.throttle("add-order")
    runs = at_us < known.since_us + 60_000_000
    counted = Throttle(known.since_us, known.count + 1) if runs else Throttle(at_us, 1)
    world.set_fact(("throttle", "add-order", ""), counted)


def _queues(world: "World", before: Order | None, after: Order) -> None:
    if not (_in_queue(before) or _in_queue(after)):
        return
    old, new = waits_for(before), waits_for(after)
    if old == new:
        return
    for key in old:
        world.leave_queue(key, old[key], after.id)
    for key in new:
        world.join_queue(key, new[key], after.id)
    # Whoever is in the queue of a lock stands in the way of others, or is let in by the next look.
    world.wakes.update((key, None) for key in (*old, *new) if key[0] == "lock")


def _in_queue(order: Order | None) -> bool:
    return order is not None and type(order.state) in _IN_QUEUE


def waits_for(order: Order | None) -> dict[FactKey, Rank]:
    """Return the queues in which an order stands, with its place."""
    state = order.state if order else None
    if order is None or not isinstance(state, WaitingForLock | ExpectingNotices):
        return {}
    rank = (-order.priority, state.no)
    if isinstance(state, WaitingForLock):
        return {("lock", path, ""): rank for path, _ in state.demands}
    return {("notice", board, key): rank for board, key in state.expected}


def _locks(world: "World", before: Order | None, after: Order) -> None:
    old, new = _shares(before), _shares(after)
    for path in old.keys() - new.keys():
        _hold(world, path, {i: n for i, n in world.lock(path).holders.items() if i != after.id})
        world.wakes["lock", path, ""] = None
    for path in new.keys() - old.keys():
        _hold(world, path, {**world.lock(path).holders, after.id: new[path]})


def _hold(world: "World", path: str, holders: dict[str, int | None]) -> None:
    world.set_fact(("lock", path, ""), replace(world.lock(path), holders=holders))


def _shares(order: Order | None) -> dict[str, int | None]:
    """Return what an order holds of each lock; no order holds a lock twice."""
    if order is None or isinstance(order.state, TERMINATED):
        return {}
    return {path: count for hold in order.locks for path, count in hold.demands}


def of_object(world: "World", event: o.ObjectEvent) -> None:
    """Change what an event of no order is about."""
    match event:
        case o.NoticePosted() | o.NoticeDeleted() | o.NoticeReleased():
            boards.of_object(world, event)
        case o.WorkflowControlled(path=path):
            _controlled(world, event)
        case o.WorkflowThawed(path=path, after=after_id):
            control = world.control(path)
            world.set_fact(("workflow", path, ""), replace(control, thaw_after=after_id))
            if after_id is not None:
                world.wakes["workflow", path, ""] = None
        case o.PlanChanged(plan=plan, closed=closed):
            world.set_fact(("plan", plan, ""), PlanState(closed))
        case _:
            files.of_object(world, event)


def _controlled(world: "World", event: o.WorkflowControlled) -> None:
    known = world.control(event.path)
    thaws = known.suspended and not event.suspended
    key = ("workflow", event.path, "")
    world.set_fact(
        key,
        Control(event.suspended, event.skipped, event.stops, "" if thaws else known.thaw_after),
    )
    if thaws:
        world.wakes[key] = None
