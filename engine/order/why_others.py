"""Why an order waits for others: holders of locks, posters of notices, its children."""

from collections.abc import Mapping

from engine.objects.model import ResourceLock
from engine.order import model as m
from engine.order.circle import circle, reads
from engine.order.guards import is_marked
from engine.order.why_job import Wait
from engine.world import World

_NAMED = 5
SECOND_US = 1_000_000


def for_lock(world: World, order: m.Order) -> Wait:
    """Return who holds what an order demands, and its place in the queues."""
    assert isinstance(order.state, m.WaitingForLock)  # noqa: S101  # dispatched by state
    told, holders = [], dict[str, None]()
    for path, count in order.state.demands:
        state = world.lock(path)
        holders.update(dict.fromkeys(state.holders))
        if not state.fits(_limit(world, path), count):
            held = f"held by {_named(state.holders)}" if state.holders else "which lets nobody in"
            told.append(f"lock {path}, {held}")
        elif not told:
            told.append(f"its turn for lock {path}")
    path = order.state.demands[0][0]
    ahead = _ahead(world, order, path)
    place = f" {ahead} wait before it." if ahead else " It is the next."
    return Wait("lock", f"It waits for {' and '.join(told)}.{place}", tuple(holders))


def _limit(world: World, path: str) -> int:
    found = world.object("lock", path)
    return found[1].limit if found and isinstance(found[1], ResourceLock) else 0


def _ahead(world: World, order: m.Order, path: str) -> int:
    """Return how many stand before an order in the queue of a lock."""
    assert isinstance(order.state, m.WaitingForLock)  # noqa: S101  # dispatched by state
    mine = (-order.priority, order.state.no)
    ahead = 0
    for priority, no, _ in world.queue(("lock", path, "")).behind():
        if (priority, no) >= mine:
            break
        ahead += 1
    return ahead


def for_notices(world: World, order: m.Order, posters: Mapping[str, tuple[str, ...]]) -> Wait:
    """Return which notices are missing, and who would post them or holds them."""
    assert isinstance(order.state, m.ExpectingNotices)  # noqa: S101  # dispatched by state
    told, whom = [], dict[str, None]()
    for board, key in order.state.expected:
        state = world.notice(board, key)
        present = state.present
        if present is not None and present.serves(order.workflow):
            continue
        by = posters.get(board, ())
        whom.update(dict.fromkeys(by))
        text = f"notice {key} on board {board}"
        text += _held_by(world, order, present.holders) if present is not None else ""
        if by:
            text += f", posted by {_named(by)}"
        if state.announced:
            text += f", announced by {state.announced} orders"
        told.append(text)
    missing = "; ".join(told) or "its notices to be looked at"
    sentence = f"It waits for {missing}."
    found = circle(world, order)
    if found:
        return Wait("notices-circle", f"{sentence} {_circle(order, found)}", found)
    return Wait("notices", sentence, tuple(whom))


def _held_by(world: World, order: m.Order, holders: Mapping[str, str]) -> str:
    """Return who consumes a notice that is there and cannot be had; empty where it can."""
    same = tuple(i for i, workflow in holders.items() if workflow == order.workflow)
    return f", consumed now by {_named(same)}" if same and not reads(world, order) else ""


def _circle(order: m.Order, found: tuple[str, ...]) -> str:
    """Return what an order in a circle waits for, and what leads out."""
    if found == (order.id,):
        return "It holds that itself, or only it would post it: a new posting leads on."
    line = " waits for ".join((*found[:_NAMED], *(("…",) if len(found) > _NAMED else ())))
    return f"{line} waits for {order.id}: a new posting leads on, or the end of one of them."


def held_long(world: World, order: m.Order) -> tuple[str, ...]:
    """Return a sentence for each notice that an order holds for longer than its board allows."""
    told = []
    for used in order.consumptions:
        for board, key, gen in used.notices:
            found = world.notice(board, key).instance(gen)
            if found is not None and order.id in found.held_long:
                longest_s = (found.longest_us or 0) / SECOND_US
                what = f"notice {key} of board {board}"
                told.append(f"It holds {what} for longer than {longest_s:.6g} s.")
    return tuple(told)


def for_children(world: World, order: m.Order) -> Wait:
    """Return how many children are under way, and which of them need a person."""
    assert isinstance(order.state, m.Forked)  # noqa: S101  # dispatched by state
    state = order.state
    stuck = [child for child in state.children if _needs_person(world, child)]
    sentence = f"It waits for {state.open} of {len(state.children)} children."
    if stuck:
        sentence += f" {_named(stuck)}: resume or cancel leads on."
    if state.failed:
        sentence += f" Failed: {_named(state.failed)}."
    if is_marked(order, "cancel", "suspend"):
        sentence += f" It is marked: {order.mark.verb}."  # type: ignore[union-attr]
    return Wait("children", sentence, tuple(stuck) or state.children[:_NAMED])


def _needs_person(world: World, child: str) -> bool:
    known = world.orders.get(child)  # one that is not loaded is not looked for
    return known is not None and (known.suspended or isinstance(known.state, m.RESUMABLE))


def _named(names: Mapping[str, object] | tuple[str, ...] | list[str]) -> str:
    listed = list(names)
    more = len(listed) - _NAMED
    return ", ".join(listed[:_NAMED]) + (f" and {more} more" if more > 0 else "")
