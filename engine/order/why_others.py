"""Why an order waits for others: holders of locks, posters of notices, its children."""

from collections.abc import Iterator, Mapping

from engine.objects.board_expression import as_text
from engine.objects.model import ResourceLock
from engine.order import model as m
from engine.order.circle import circle, reads
from engine.order.guards import is_marked
from engine.order.missing import missing, notice_named
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
    ahead = len({i for path, _ in order.state.demands for i in _ahead(world, order, path)})
    place = f" {_counted(ahead)} before it." if ahead else " It is the next."
    return Wait("lock", f"It waits for {' and '.join(told)}.{place}", tuple(holders))


def _limit(world: World, path: str) -> int:
    found = world.object("lock", path)
    return found[1].limit if found and isinstance(found[1], ResourceLock) else 0


def _counted(ahead: int) -> str:
    return "1 order waits" if ahead == 1 else f"{ahead} orders wait"


def _ahead(world: World, order: m.Order, path: str) -> Iterator[str]:
    """Yield who stands before an order in the queue of a lock."""
    assert isinstance(order.state, m.WaitingForLock)  # noqa: S101  # dispatched by state
    mine = (-order.priority, order.state.no)
    for priority, no, order_id in world.queue(("lock", path, "")).behind():
        if (priority, no) >= mine:
            return
        yield order_id


def for_notices(world: World, order: m.Order, posters: Mapping[str, tuple[str, ...]]) -> Wait:
    """Return which notices are missing, and who would post them or holds them."""
    needed, at_of = missing(world, order)
    names = needed.names if needed else ()
    by = {name: posters.get(at_of[name][0], ()) for name in names}
    whom = dict.fromkeys(who for posting in by.values() for who in posting)
    told = "; ".join(_missing_notice(world, order, at_of[name], by[name]) for name in names)
    sentence = f"It waits for {told or 'its notices to be looked at'}."
    text = as_text(needed) if needed else ""
    if "||" in text:
        sentence += f" It needs {text}."
    found = circle(world, order)
    if found:
        return Wait("notices-circle", f"{sentence} {_circle(order, found)}", found)
    return Wait("notices", sentence, tuple(whom))


def _missing_notice(world: World, order: m.Order, at: tuple[str, str], by: tuple[str, ...]) -> str:
    """Return a missing notice in words: who has it now, who would post it, who has announced it."""
    state = world.notice(*at)
    text = f"{notice_named(world, *at)} on board {at[0]}"
    text += _held_by(world, order, state.present.holders) if state.present is not None else ""
    if by:
        text += f", posted by {_named(by)}"
    if state.announced:
        text += f", announced by {state.announced} order{'s' if state.announced > 1 else ''}"
    return text


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
                what = f"{notice_named(world, board, key)} of board {board}"
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
    under_way = tuple(child for child in state.children if not _has_ended(world, child))
    return Wait("children", sentence, tuple(stuck) or under_way[:_NAMED])


def _has_ended(world: World, child: str) -> bool:
    known = world.orders.get(child)
    return known is not None and isinstance(known.state, (*m.TERMINATED, m.FailedInFork))


def _needs_person(world: World, child: str) -> bool:
    known = world.orders.get(child)  # one that is not loaded is not looked for
    return known is not None and (known.suspended or isinstance(known.state, m.RESUMABLE))


def _named(names: Mapping[str, object] | tuple[str, ...] | list[str]) -> str:
    listed = list(names)
    more = len(listed) - _NAMED
    return ", ".join(listed[:_NAMED]) + (f" and {more} more" if more > 0 else "")
