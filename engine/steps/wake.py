"""Who may go on because something else has happened: a lock given back, a notice posted."""

from msgspec.structs import replace

from engine.facts import FactKey
from engine.order.object_events import NoticeReleased, subject
from engine.queue import Waiter
from engine.steps.control import thawed
from engine.steps.lock import let_in
from engine.steps.notices import waiters
from engine.world import Step, World

LOOKED_AT_ONCE = 500


def awakened(world: World, limit: int = LOOKED_AT_ONCE) -> tuple[list[str], list[Step]]:
    """Return orders to be looked at now, and the events that say how far the looking has come.

    Look at the orders first, then take the events: until then those orders see what has vanished
    meanwhile. Takes from `world.wakes`; what is too much for one time stays there, or comes back
    there by the events.

    Raises:
        NotLoaded: load what is missing and call again; nothing was taken.
    """
    found, done = _at_locks(world, limit)
    steps: list[Step] = []
    for key in world.wakes:
        if key[0] == "lock" or len(found) >= limit:
            continue
        walk = _at_notice if key[0] == "notice" else _of_workflow
        ids, told = walk(world, key, limit - len(found))
        found += ids
        steps += told
        done.append(key)
    for key in done:
        del world.wakes[key]
        if key[0] == "lock" and world.lock(key[1]).woken:
            world.set_fact(key, replace(world.lock(key[1]), woken=False))
    return list(dict.fromkeys(found)), steps


def leave_over(world: World) -> None:
    """Note in the facts which locks nobody has looked at: call it at the end of each turn.

    Raises:
        NotLoaded: load what is missing and call again.
    """
    for key in world.wakes:
        if key[0] == "lock" and not world.lock(key[1]).woken:
            world.set_fact(key, replace(world.lock(key[1]), woken=True))


def _at_locks(world: World, limit: int) -> tuple[list[str], list[FactKey]]:
    """Return those who may get in at all locks together, by their rank, and what is done with."""
    found: dict[Waiter, None] = {}
    done: list[FactKey] = []
    for key in world.wakes:
        if key[0] == "lock" and len(found) < limit:
            waiters_here, whole = let_in(world, key[1], limit - len(found))
            found.update(dict.fromkeys(waiters_here))
            if whole:
                done.append(key)
    return [order_id for _, _, order_id in sorted(found)], done


def _at_notice(world: World, key: FactKey, limit: int) -> tuple[list[str], list[Step]]:
    _, board, notice = key
    scan = world.notice(board, notice).scan
    if scan is None:
        return [], []
    ids, after = waiters(world, key, limit)
    event = NoticeReleased(board, notice, after, scan.upto_no)
    return ids, [(subject("board", board), event)]


def _of_workflow(world: World, key: FactKey, limit: int) -> tuple[list[str], list[Step]]:
    return thawed(world, key[1], limit)
